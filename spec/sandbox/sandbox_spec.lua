-- The sandbox: the API's side as Cloudflare publishes it, what very many exchanges with it cost,
-- and how it starts and ends.
-- From the environment: R2_MANY=1000 is how many credentials are made in a row.

local cjson = require "cjson"
local http = require "r2.http"
local r2 = require "r2"
local keys = require "sandbox.keys"
local base64 = require "spec.support.base64"
local collector = require "spec.support.collector"
local log = require "spec.support.log"
local make = require "spec.support.make"
local server = require "spec.support.server"
local session = require "spec.support.session"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local values = require "spec.support.values"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

local MANY = tonumber(os.getenv("R2_MANY")) or 100000

local READY = "Ctrl-C ends it"
local function start_sandbox()
  return server.command { command = "env PORT=@port@ sandbox/run", ready = READY }
end

-- What a sandbox has printed since it was ready, once that are so many lines. Each is printed after
-- the answer has gone out.
local function log_of(sandbox, count)
  local output = { read = function(_, name)
    return sandbox.read(name):match("\nCtrl%-C ends it[^\n]*\n(.*)$") or ""
  end }
  return log(output, "output", count)
end

local PATH = "/client/v4/accounts/" .. keys.account_id .. "/r2/temp-access-credentials"

-- A body as the API wants it, with the changes that a case asks for.
local function body_of(changes)
  return make.changed({
    bucket = "my-bucket",
    parentAccessKeyId = keys.parent_access_key_id,
    permission = "object-read-only",
    ttlSeconds = 3600,
  }, changes)
end

describe("the sandbox's API", function()
  local sandbox, sender

  setup(function()
    sandbox = start_sandbox()
    sender = assert(http.new())
  end)

  teardown(function()
    sender:close()
  end)

  -- Sends what a case says in place of a request that is in order. Returns the response, and its
  -- body decoded.
  local function ask(case)
    local headers = make.changed({
      authorization = "Bearer " .. keys.api_token,
      ["content-type"] = "application/json",
    }, case.headers)
    local response = assert(sender:perform {
      method = case.method or "POST",
      url = sandbox.url .. (case.path or PATH),
      headers = headers,
      body = case.text or case.method ~= "GET" and cjson.encode(body_of(case.body)) or nil,
    })
    return response, cjson.decode(response.body)
  end

  local function assert_envelope(response, envelope)
    local names = {}
    for name in pairs(envelope) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "errors", "messages", "result", "success" }, names)
    assert.matches('"messages":[]', response.body, 1, true)
    assert.equal("application/json", response.headers["content-type"])
    assert.matches("^" .. ("%x"):rep(16) .. "%-SBX$", response.headers["cf-ray"])
  end

  describe("makes a credential", function()
    for name, case in values.sorted {
      ["for a whole bucket"] = {},
      ["for a prefix"] = { prefixes = { "users/123/" } },
      ["for objects"] = { objects = { "a", "b/c" } },
      ["for prefixes and objects"] = { prefixes = { "a/", "b/" }, objects = { "c" } },
      ["for a key in another script"] = { objects = { "Überblick/報告.pdf" } },
      ["for a key with quotes and backslashes"] = { objects = { [["\]] } },
      ["that may do all with objects"] = { permission = "object-read-write" },
      ["that may read a bucket's configuration"] = { permission = "admin-read-only" },
      ["that may do all"] = { permission = "admin-read-write" },
      ["for one second"] = { ttlSeconds = 1 },
      ["for seven days"] = { ttlSeconds = 604800 },
    } do
      it(name .. ", of R2's form", function()
        local before = os.time()
        local response, envelope = ask { body = case }
        local after = os.time()

        assert.equal(200, response.status)
        assert_envelope(response, envelope)
        assert.is_true(envelope.success)
        assert.matches('"errors":[]', response.body, 1, true)

        local asked, made = body_of(case), envelope.result
        local parts = token.read(made.sessionToken)
        local signing_input, signature = parts.jwt:match("^(.*)%.([^.]*)$")
        assert.equal(token.HEADER, parts.header)
        assert.equal(base64.encode_url(sha256.hmac(keys.parent_secret_access_key,
          signing_input)), signature)
        assert.equal(sha256.hex(parts.jwt), made.secretAccessKey)
        assert.equal(keys.parent_access_key_id, made.accessKeyId)

        local issued_at = parts.claims.iat
        assert.is_true(before <= issued_at and issued_at <= after)
        local restricted = asked.prefixes or asked.objects
        assert.same({
          bucket = asked.bucket,
          scope = asked.permission,
          paths = restricted and {
            prefixPaths = asked.prefixes or {}, objectPaths = asked.objects or {},
          } or nil,
          sub = keys.account_id,
          iss = keys.parent_access_key_id,
          aud = "127.0.0.1:" .. sandbox.port,
          iat = issued_at,
          exp = issued_at + asked.ttlSeconds,
        }, parts.claims)
      end)
    end
  end)

  local HEX = ("abcd"):rep(8)
  for what, case in values.sorted {
    ["no authorization"] = { headers = { authorization = make.ABSENT }, 403, 10000 },
    ["another scheme"] = { headers = { authorization = "Basic YTpi" }, 403, 10000 },
    ["an empty token"] = { headers = { authorization = "Bearer" }, 403, 10000 },
    ["a token that is not known"] = { headers = { authorization = "Bearer x" }, 403, 9109 },
    ["a token with more behind it"] = {
      headers = { authorization = "Bearer " .. keys.api_token .. "x" }, 403, 9109,
    },
    ["another account"] = {
      path = "/client/v4/accounts/" .. HEX .. "/r2/temp-access-credentials", 403, 10000,
    },

    ["another path"] = { path = "/client/v4/accounts/" .. keys.account_id .. "/r2", 404, 7003 },
    ["a path with more behind it"] = { path = PATH .. "/x", 404, 7003 },
    ["the root"] = { path = "/client/v4/", 404, 7003 },
    ["GET"] = { method = "GET", 405, 10405 },
    ["PUT"] = { method = "PUT", 405, 10405 },

    ["another content type"] = { headers = { ["content-type"] = "text/plain" }, 400, 10040 },
    ["no content type"] = { headers = { ["content-type"] = make.ABSENT }, 400, 10040 },
    ["an empty body"] = { text = "", 400, 10040 },
    ["a body that is cut off"] = { text = '{"bucket":"my-bucket"', 400, 10040 },
    ["a body that is a list"] = { text = "[]", 400, 10040 },
    ["a body that is a string"] = { text = '"bucket"', 400, 10040 },
    ["a number that JSON has not"] = {
      text = cjson.encode(body_of()):gsub("3600", "0xE10"), 400, 10040,
    },
    ["a deep body"] = { text = ("["):rep(100000), 400, 10040 },
    ["a body that is too long"] = { text = (" "):rep(1024 * 1024 + 1), 413, 10040 },

    ["no bucket"] = { body = { bucket = make.ABSENT }, 400, 10040 },
    ["a bucket that is a number"] = { body = { bucket = 12345 }, 400, 10040 },
    ["a bucket that is null"] = { body = { bucket = cjson.null }, 400, 10040 },
    ["a name that no bucket has"] = { body = { bucket = "My_Bucket" }, 400, 10005 },
    ["a bucket of two characters"] = { body = { bucket = "ab" }, 400, 10005 },
    ["a bucket that is not there"] = { body = { bucket = keys.missing_bucket }, 404, 10006 },

    ["no parent key"] = { body = { parentAccessKeyId = make.ABSENT }, 400, 10040 },
    ["a parent key that is a number"] = { body = { parentAccessKeyId = 1 }, 400, 10040 },
    ["a parent key that is not known"] = { body = { parentAccessKeyId = HEX }, 401, 10002 },

    ["no permission"] = { body = { permission = make.ABSENT }, 400, 10040 },
    ["object-write-only, which is not published"] = {
      body = { permission = "object-write-only" }, 400, 10040,
    },
    ["a permission in capitals"] = { body = { permission = "ADMIN-READ-ONLY" }, 400, 10040 },
    ["a list of permissions"] = { body = { permission = { "admin-read-only" } }, 400, 10040 },

    ["no lifetime"] = { body = { ttlSeconds = make.ABSENT }, 400, 10040 },
    ["a lifetime in a string"] = { body = { ttlSeconds = "3600" }, 400, 10040 },
    ["a lifetime that is too long"] = { body = { ttlSeconds = 604801 }, 400, 10040 },
    ["a lifetime of no time"] = { body = { ttlSeconds = 0 }, 400, 10040 },
    ["a lifetime below none"] = { body = { ttlSeconds = -1 }, 400, 10040 },
    ["a lifetime with a fraction"] = { body = { ttlSeconds = 0.5 }, 400, 10040 },

    ["prefixes that are a string"] = { body = { prefixes = "a/" }, 400, 10040 },
    ["prefixes that are null"] = { body = { prefixes = cjson.null }, 400, 10040 },
    ["prefixes that are an object"] = { body = { prefixes = { a = "a/" } }, 400, 10040 },
    ["no prefix in prefixes"] = { body = { prefixes = {} }, 400, 10040 },
    ["an empty prefix"] = { body = { prefixes = { "" } }, 400, 10040 },
    ["a number among the prefixes"] = { body = { prefixes = { "a/", 1 } }, 400, 10040 },
    ["null among the prefixes"] = { body = { prefixes = { "a/", cjson.null } }, 400, 10040 },
    ["objects that are a string"] = { body = { objects = "a" }, 400, 10040 },
    ["no object in objects"] = { body = { objects = {} }, 400, 10040 },
    ["a number among the objects"] = { body = { objects = { 1 } }, 400, 10040 },
    ["a field that is not known"] = { body = { prefix = "a/" }, 400, 10040 },
    ["actions, which the API has not"] = { body = { actions = { "GetObject" } }, 400, 10040 },
  } do
    it(("refuses %s: %d, %d"):format(what, case[1], case[2]), function()
      local response, envelope = ask(case)
      assert.equal(case[1], response.status)
      assert_envelope(response, envelope)
      assert.is_false(envelope.success)
      assert.equal(cjson.null, envelope.result)
      assert.equal(1, #envelope.errors)
      assert.equal(case[2], envelope.errors[1].code)
      assert.matches("%w", envelope.errors[1].message)
    end)
  end

  it("names the method that it takes", function()
    assert.equal("POST", (ask { method = "DELETE" }).headers["allow"])
  end)

  it("names the field that is wrong as the API spells it", function()
    local _, envelope = ask { body = { ttlSeconds = 604801 } }
    assert.matches("^ttlSeconds must", envelope.errors[1].message)
    _, envelope = ask { body = { parentAccessKeyId = make.ABSENT } }
    assert.matches("^parentAccessKeyId is", envelope.errors[1].message)
  end)

  it("has another ray for each answer", function()
    assert.not_equal((ask {}).headers["cf-ray"], (ask {}).headers["cf-ray"])
  end)

  it("puts a request that is no HTTP into the envelope too", function()
    local answer = support.run(("printf 'POST %s HTTP/1.1\\r\\nHost: a b\\r\\n\\r\\n'"
      .. " | curl -s --max-time 10 telnet://127.0.0.1:%d"):format(PATH, sandbox.port))
    assert.matches("^HTTP/1.1 400 ", answer)
    local envelope = cjson.decode((answer:match("\r\n\r\n(.*)$"):match("{.*}")))
    assert.is_false(envelope.success)
    assert.equal(10040, envelope.errors[1].code)
  end)

  it("serves an issuer, and says in its errors what the service said", function()
    local issuer = assert(r2.new {
      account_id = keys.account_id, api_token = keys.api_token,
      parent_access_key_id = keys.parent_access_key_id,
      api_base_url = sandbox.url .. "/client/v4", endpoint = sandbox.url,
    })
    local credentials = assert(issuer:download_credentials("my-bucket", { "a" }))
    assert.equal(sandbox.url, credentials.endpoint)
    assert.equal(keys.parent_access_key_id, credentials.access_key_id)
    local verifier = assert(r2.temp_credentials.new {
      account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
      parent_secret_access_key = keys.parent_secret_access_key, endpoint = sandbox.url,
    })
    assert(verifier:verify(credentials.session_token))

    local _, message, err = issuer:upload_credentials("my-bucket")
    assert.equal("api", err.kind)
    assert.equal(400, err.status)
    assert.equal(10040, err.code)
    assert.matches("^%x+%-SBX$", err.ray_id)
    assert.matches("object-write-only", message, 1, true)

    _, _, err = issuer:download_credentials(keys.missing_bucket, { "a" })
    assert.equal(404, err.status)
    assert.equal(10006, err.code)
    issuer:close()
  end)

  it("prints what it is asked, and no key of it", function()
    ask { path = "/client/v4/printed" }
    ask { body = { bucket = "B" } }
    -- The line is printed after the answer has gone out: one more request, on the same
    -- connection, comes after it.
    ask {}
    local asked = sandbox.read("output"):match("\nCtrl%-C ends it(.*)$")
    assert.matches("POST /client/v4/printed 404 7003 ", asked, 1, true)
    assert.matches("POST " .. PATH .. " 400 10005 bucket must", asked, 1, true)
    assert.is_nil(asked:find(keys.api_token, 1, true))
    assert.is_nil(asked:find("and0", 1, true))
  end)

  it("listens on this machine alone", function()
    local listening, wanted = 0, (":%04X"):format(sandbox.port)
    for _, file in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
      for address, port, state in support.read(file):gmatch("%d+: (%x+)(:%x+) %S+ (%x%x)") do
        if port == wanted and state == "0A" then
          listening = listening + 1
          assert.equal("0100007F", address)
        end
      end
    end
    assert.equal(1, listening)
  end)
end)

describe(("%d credentials in a row"):format(MANY), function()
  it("take no memory and no descriptors", function()
    local sandbox = start_sandbox()
    local issuer = assert(r2.new(make.api_config {
      account_id = keys.account_id, api_token = keys.api_token,
      parent_access_key_id = keys.parent_access_key_id,
      mode = "api", api_base_url = sandbox.url .. "/client/v4",
    }))
    local request, made = make.request(), 0
    local function create(count)
      for _ = 1, count do
        assert(issuer:create(request))
        made = made + 1
      end
      return collector.bytes_in_use(), collector.resident_bytes()
    end
    create(2000)
    local open = support.descriptors()
    support.assert_no_growth(function() return create(math.ceil(MANY / 5)) end)
    assert.equal(open, support.descriptors())
    assert.is_true(made >= MANY)
    assert.equal(made, #log_of(sandbox, made))
    issuer:close()
    sandbox.stop()
  end)
end)

describe("sandbox/run", function()
  local sandbox

  after_each(function()
    if sandbox then
      sandbox.stop()
      sandbox = nil
    end
  end)

  -- Runs in the shell what the sandbox has printed, with what it says to export.
  local function follow(printed, commands)
    local exports = {}
    for line in printed:match("In another terminal:\n(.-)\nand there"):gmatch("[^\n]+") do
      exports[#exports + 1] = line
    end
    assert.equal(6, #exports)
    return support.run(table.concat(exports, "\n") .. "\n" .. commands)
  end

  it("prints how to use it, and all of that works", function()
    sandbox = start_sandbox()
    local printed = sandbox.read("output")
    assert.matches("a development tool", printed, 1, true)
    assert.matches("demonstration keys", printed, 1, true)

    local curl = printed:match("or with curl:\n\n(.-)\n\n")
    assert.is_true(cjson.decode(follow(printed, curl .. " --silent")).success)

    local lua = printed:match("and there, in Lua:\n\n(.-)\n\n")
    local script = support.folder() .. "/script.lua"
    support.write(script, lua .. "\nprint(credentials.endpoint, credentials.access_key_id)\n")
    local made = "^r2 credentials of key " .. keys.parent_access_key_id .. " until [^\n]+\n"
      .. sandbox.url:gsub("%p", "%%%0") .. "\t" .. keys.parent_access_key_id .. "\n$"
    -- "Where the library is not installed": in the project's folder, with these paths.
    local paths = printed:match("(LUA_PATH='[^']*' LUA_CPATH='[^']*') before its name")
    local run = paths:gsub("'build/", "'" .. (os.getenv("BUILD") or "build") .. "/")
      .. " lua5.4 " .. script
    assert.matches(made, follow(printed, run))
    local lines = log_of(sandbox, 2)
    assert.equal(2, #lines)
    for _, line in ipairs(lines) do
      assert.matches("POST " .. PATH .. " 200", line, 1, true)
    end

    -- Signed with the same parent key, nobody being asked.
    local secret = printed:match("without asking anybody:\n\n(.-)\n\n")
    assert.matches(made, follow(printed, secret .. "\n" .. run))
    assert.equal(2, #log_of(sandbox, 2))
  end)

  for signal, how in values.sorted { TERM = "kill", HUP = "a closed terminal" } do
    it("leaves nothing behind after " .. how, function()
      local left, status = session.left_after("PORT=@port@ sandbox/run", READY, signal)
      assert.equal("", left)
      assert.equal("0\n", status)
    end)
  end

  it("takes nothing of the user's Lua for nginx's", function()
    local output, status = support.try("LUA_PATH='/nowhere/?.lua' LUA_CPATH='/nowhere/?.so' "
      .. "LUA_INIT='error()' sandbox/run sh -c 'echo \"$LUA_CPATH\"'")
    assert.equal(0, status, output)
    assert.equal("/nowhere/?.so\n", output)
  end)

  it("leaves nothing behind when it is make that is killed", function()
    local command = "make BUILD=" .. support.quote(os.getenv("BUILD") or "build")
      .. " PORT=@port@ sandbox"
    assert.equal("", (session.left_after(command, READY, "TERM")))
  end)

  it("leaves nothing behind after Ctrl-C", function()
    assert.equal("", (session.left_after("PORT=@port@ sandbox/run", READY, "INT", true)))
  end)

  it("says so when the port is taken, and leaves nothing behind", function()
    sandbox = start_sandbox()
    local folder = support.folder()
    local output, status = support.try(("TMPDIR=%s PORT=%d sandbox/run"):format(folder,
      sandbox.port))
    assert.equal(1, status)
    assert.equal(("sandbox: port %d is in use; choose another one: PORT=%d make sandbox\n")
      :format(sandbox.port, sandbox.port + 1), output)
    assert.equal("", support.run("ls " .. folder))
  end)

  for what, port in values.sorted {
    ["a word"] = "http", ["nothing but zero"] = "0", ["too large"] = "65536", ["code"] = "1;x",
  } do
    it("refuses a port that is " .. what, function()
      local output, status = support.try("PORT=" .. support.quote(port) .. " sandbox/run")
      assert.equal(2, status)
      assert.matches("PORT must be a number", output, 1, true)
    end)
  end

  describe("with a command", function()
    local VARIABLES = "CLOUDFLARE_ACCOUNT_ID CLOUDFLARE_API_TOKEN CLOUDFLARE_BASE_URL "
      .. "R2_ACCESS_KEY_ID R2_BUCKET R2_ENDPOINT R2_JURISDICTION R2_SECRET_ACCESS_KEY"

    it("tells it the address and the keys, and keeps the user's own away", function()
      local script = ([[for name in %s; do eval echo "\${$name-none}"; done]])
        :format(VARIABLES)
      local output = support.run("R2_SECRET_ACCESS_KEY=own R2_JURISDICTION=eu "
        .. "CLOUDFLARE_API_TOKEN=own sandbox/run sh -c " .. support.quote(script))
      local lines = support.lines(output)
      local url = lines[6]
      assert.matches("^http://127.0.0.1:%d+$", url)
      assert.same({
        keys.account_id, keys.api_token, url .. "/client/v4", keys.parent_access_key_id,
        "my-bucket", url, "none", keys.parent_secret_access_key,
      }, lines)
    end)

    it("answers it, hands it its input, prints nothing besides, and leaves nothing behind",
      function()
        local folder = support.folder()
        local curl = "curl -s -o /dev/null -w '%{http_code} ' $CLOUDFLARE_BASE_URL; cat"
        local command = ("echo -n input | TMPDIR=%s sandbox/run sh -c %s"):format(folder,
          support.quote(curl))
        assert.equal("404 input", support.run(command))
        assert.equal("", support.run("ls " .. folder))
      end)

    it("listens where it is told", function()
      sandbox = start_sandbox()
      local port = server.free_port()
      assert.equal(("http://127.0.0.1:%d\n"):format(port),
        support.run(("PORT=%d sandbox/run sh -c 'echo $R2_ENDPOINT'"):format(port)))
      local output, status = support.try(
        ("PORT=%d sandbox/run echo ran"):format(sandbox.port))
      assert.equal(1, status)
      assert.matches("^sandbox: port %d+ is in use[^\n]*\n$", output)
    end)

    for what, case in values.sorted {
      ["that fails"] = { "sh -c 'exit 3'", 3 },
      ["that is not there"] = { "no-such-command", 127 },
    } do
      it("ends as a command " .. what, function()
        local folder = support.folder()
        local _, status = support.try(("TMPDIR=%s sandbox/run %s"):format(folder, case[1]))
        assert.equal(case[2], status)
        assert.equal("", support.run("ls " .. folder))
      end)
    end

    for signal, to_all in values.sorted { TERM = false, INT = true } do
      it("leaves nothing behind after " .. signal, function()
        local left, status = session.left_after(
          "sandbox/run sh -c 'echo it runs; exec sleep 1000'", "it runs", signal, to_all)
        assert.equal("", left)
        assert.not_equal("0\n", status)
      end)
    end
  end)

  it("says what to install when there is no nginx", function()
    local folder = support.folder()
    for name in ("sh env dirname tr sed id"):gmatch("%S+") do
      support.run(("ln -s $(command -v %s) %s/%s"):format(name, folder, name))
    end
    support.write(folder .. "/nginx", "#!/bin/sh\necho 'configure arguments:' >&2\n")
    support.run(("chmod +x %s/nginx"):format(folder))
    local output, status = support.try(("PATH=%s sandbox/run"):format(folder))
    assert.equal(1, status)
    assert.matches("libnginx-mod-http-lua", output, 1, true)
  end)
end)
