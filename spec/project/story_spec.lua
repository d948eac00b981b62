-- examples/demo/run, as `make demo` runs it: a short story on the sandbox; with VERBOSE=1 after
-- what is signed and what the API is asked for; and on R2 itself, which another sandbox plays here.

local r2 = require "r2"
local base64 = require "spec.support.base64"
local demo = require "spec.project.demo"
local leaks = require "spec.support.leaks"
local names = require "spec.support.names"
local sandbox_keys = require "sandbox.keys"
local server = require "spec.support.server"
local session = require "spec.support.session"
local sha256 = require "spec.support.sha256"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local BUILD = os.getenv("BUILD") or "build"
local SIGNED = 5 -- uses that come before
local READ = table.concat(names.actions.READ, " ")

local function run_all(environment, before)
  return demo.run_in(environment, before, demo.COMMAND)
end

-- With what is signed, and what the API is asked for.
local function run_verbose(environment, before)
  environment.VERBOSE = "1"
  return run_all(environment, before)
end

-- What each step of the story says.
local STEPS = {
  "signed here +write%-only, for uploads/r2%-demo%-%x+/",
  "put a photo +100000 bytes, etag %x+",
  "get it +refused: 403 AccessDenied",
  "put a neighbour's +refused: 403 AccessDenied",
  "put once it is over +refused: 403 expired",
  "{DOWNLOAD} +read%-only, for this object",
  "get it +100000 bytes, the same",
  "put it +refused: 403 AccessDenied",
  "a URL, in curl +the same bytes",
  "deleted +with a credential",
}

-- In this order.
local function assert_told(output, download)
  local from = 1
  for _, step in ipairs(STEPS) do
    local _, last = output:find("\n   " .. step:gsub("{DOWNLOAD}", download), from)
    assert.is_truthy(last, step .. " is not told in: " .. output)
    from = last
  end
end

-- No piece of it is as long as a secret.
local function assert_short(output)
  for piece in output:gmatch("[%w%+/=_%.%-]+") do
    assert.is_true(#piece < 64, "a whole token or secret")
  end
end

describe("the whole demo", function()
  teardown(support.remove_folders)
  teardown(server.stop_all)

  local ASKED = "6%. The same, asked of Cloudflare's API"
  local SKIPPED = "\nCredentials in use are skipped: ([^\n]+)%.\n$"

  if not server.has_nginx() then
    pending("nginx with its Lua module is not installed")
    return
  end

  describe("of the sandbox", function()
    local output, status, good, bad, started, ended, folder, notes, session_token

    setup(function()
      folder, notes = support.folder(), support.folder()
      started = os.time()
      output, status = run_verbose { TMPDIR = folder, TOKENS = notes .. "/tokens",
        LUA_INIT_5_4 = demo.NOTE_TOKENS }
      ended = os.time()
      local uses = demo.shown(output)
      good, bad = uses[SIGNED + 1], uses[SIGNED + 2]
      local tokens = support.lines(support.read(notes .. "/tokens"))
      session_token = tokens[#tokens]
    end)

    it("succeeds, after all that is signed", function()
      assert.equal(0, status, output)
      assert.matches("openssl makes the same.*\n" .. ASKED, output)
      demo.assert_plain(output)
    end)

    it("shows what the credential allows, and that its token is verified", function()
      demo.assert_limits({
        title = "The same, asked of Cloudflare's API", allows = READ, seconds = 900,
        lasts = "15 minutes",
        on = "every object below reports/2026/\nthe object reports/index.html",
      }, good, started, ended)
      assert.matches("^signature", good.verified)
    end)

    it("shows the credential that the sandbox made for it", function()
      local token = demo.parts_of(session_token)
      assert.equal(token.signature, base64.encode_url(
        sha256.hmac(sandbox_keys.parent_secret_access_key, token.signing_input)))
      assert.matches(session_token:sub(1, 12) .. "... (", good.session_token, 1, true)
      assert.matches(token.secret:sub(1, 12) .. "... (", good.secret_access_key, 1, true)
      assert.is_truthy(token.payload:find('"scope":"object-read-only","paths":'
        .. '{"prefixPaths":["reports/2026/"],"objectPaths":["reports/index.html"]}', 1,
        true))
      assert.is_truthy(token.payload:find(sandbox_keys.parent_access_key_id, 1, true))
    end)

    it("shows what comes of a wrong token", function()
      assert.equal("Asked with a wrong token", bad.title)
      assert.equal("api", bad["err.kind"])
      assert.equal("403", bad["err.status"])
      assert.equal("9109", bad["err.code"])
      assert.equal("false", bad["err.retryable"])
      assert.matches("9109 Invalid access token", bad.message, 1, true)
      assert.is_nil(output:find("a-token-that-nobody-has-made", 1, true))
    end)

    it("shows each credential in use, whole", function()
      local used = output:match("\nCredentials in use(.*)$")
      assert_told(used, "asked of the API")
      for _, label in ipairs { "secret_access_key", "session_token" } do
        local _, count = used:gsub("\n   " .. label .. " +%w", "")
        assert.equal(2, count)
      end
    end)

    it("ends the sandbox", function()
      assert.equal("", support.run("ls " .. folder))
      local port = tonumber(output:match("at\nhttp://127.0.0.1:(%d+)/"))
      local http = assert(require("r2.http").new())
      local _, _, err = http:perform { method = "GET",
        url = ("http://127.0.0.1:%d/"):format(port) }
      http:close()
      assert.equal("network", err.kind)
    end)
  end)

  it("asks nobody but the sandbox, whatever keys a user has", function()
    local own = { R2_JURISDICTION = "eu", CLOUDFLARE_API_TOKEN = demo.API_TOKEN }
    for name, value in pairs(demo.OWN) do
      own[name] = value
    end
    local output, status = run_verbose(own)
    assert.equal(0, status, output)
    local asked = demo.shown(output)[SIGNED + 1]
    assert.matches("signature, parent key, account", asked.verified)
    leaks.assert_none({ demo.OWN.R2_SECRET_ACCESS_KEY, demo.API_TOKEN }, output)
  end)

  it("is skipped in one line where nginx has no Lua module", function()
    local output, status = run_all({},
      demo.instead_of("nginx", "#!/bin/sh\necho 'configure arguments:' >&2\n"))
    assert.equal(0, status, output)
    assert.matches("libnginx-mod-http-lua", output:match(SKIPPED), 1, true)
    assert.is_nil(output:find(ASKED))
  end)

  it("is skipped in one line where nothing is built for nginx", function()
    local folder = support.folder()
    local build = support.lines(support.run("cd " .. support.quote(BUILD) .. " && pwd"))[1]
    support.run(("ln -s %s/lua5.4 %s/lua5.4"):format(build, folder))
    local output, status = demo.run_in({}, nil, "BUILD=" .. folder .. " examples/demo/run")
    assert.equal(0, status, output)
    assert.matches("liblua5.1-0-dev", output:match(SKIPPED), 1, true)
  end)

  it("fails when the sandbox does not start, and leaves nothing behind", function()
    local folder = support.folder()
    local output, status = run_all({ TMPDIR = folder }, demo.instead_of("nginx",
      "#!/bin/sh\necho 'built with ngx_lua' >&2\n[ \"$1\" = -V ]\n"))
    assert.equal(1, status, output)
    assert.matches("sandbox: nginx ended with status 1\n$", output)
    assert.equal("", support.run("ls " .. folder))
  end)

  it("is not begun when what is signed fails", function()
    local output, status = run_verbose({ CLOUDFLARE_ACCOUNT_ID = demo.OWN.CLOUDFLARE_ACCOUNT_ID })
    assert.equal(1, status)
    assert.is_nil(output:find(ASKED))
  end)

  -- Stands still in the second part, while the sandbox runs.
  local STOP = [[
          if arg and arg[0]:find("story", 1, true) then
              print("it stands still")
              io.stdout:flush()
              io.open(os.getenv("NOTHING_COMES"))
          end
      ]]
  for signal, to_all in pairs { TERM = false, INT = true } do
    it("leaves nothing behind after " .. signal, function()
      local fifo = support.folder() .. "/fifo"
      support.run("mkfifo " .. fifo)
      local command = ("NOTHING_COMES=%s LUA_INIT_5_4=%s %s"):format(fifo,
        support.quote(STOP), demo.COMMAND)
      local left, status = session.left_after(command, "it stands still", signal, to_all)
      assert.equal("", left)
      assert.not_equal("0\n", status)
    end)
  end

  it("tells the story in short, a line a step, and no secret", function()
    local output, status = run_all {}
    assert.equal(0, status, output)
    assert.matches("^Credentials in use, on a sandbox", output)
    assert_told(output, "asked of the API")
    assert.is_true(#support.lines(output) < 20, output)
    assert_short(output)
    demo.assert_plain(output)
  end)

  describe("with keys and a bucket of one's own", function()
    local sandbox, settings

    -- Another R2 than the demo's own sandbox, whose keys it takes for a user's.
    local function own(changes)
      local environment = r2creds.sandbox_variables(sandbox, changes)
      environment.R2_BUCKET = "my-bucket"
      return environment
    end

    setup(function()
      sandbox = r2creds.sandbox()
      local environment = own()
      settings = {
        account_id = environment.CLOUDFLARE_ACCOUNT_ID, endpoint = sandbox.url,
        parent_access_key_id = environment.R2_ACCESS_KEY_ID,
        parent_secret_access_key = environment.R2_SECRET_ACCESS_KEY,
      }
    end)

    local function keys_there()
      local issuer = assert(r2.new(settings))
      local bucket = assert(r2.bucket { credentials = assert(issuer:create {
        bucket = "my-bucket", permission = r2.permission.OBJECT_READ_ONLY, ttl_seconds = 60,
      }) })
      local keys = {}
      for _, entry in ipairs(assert(bucket:list_page {})) do
        keys[#keys + 1] = entry.key
      end
      bucket:close()
      issuer:close()
      return keys
    end

    it("does the same there, and takes away what it put", function()
      local output, status = run_all(own())
      assert.equal(0, status, output)
      assert.matches("^Credentials in use, on R2 ITSELF, WITH YOUR KEYS, bucket my%-bucket", output)
      assert_told(output, "asked of the API")
      assert_short(output)
      assert.same({}, keys_there())
    end)

    it("signs both where there is no API token", function()
      local output, status = run_all(own { CLOUDFLARE_API_TOKEN = "" })
      assert.equal(0, status, output)
      assert_told(output, "signed here")
    end)

    it("shows no secret of theirs, whatever is asked for", function()
      local output, status = run_verbose(own())
      assert.equal(0, status, output)
      assert_short(output)
      assert.matches("secret_access_key +%(64 characters, not shown%)", output)
    end)

    it("takes away what it put when a step fails", function()
      local output, status = run_all(own(), demo.instead_of("curl", "#!/bin/sh\nexit 1\n"))
      assert.equal(1, status, output)
      assert.matches("deleted +with a credential[^\n]*\ndemo: curl brought other bytes\n$", output)
      assert.same({}, keys_there())
    end)

    it("says in one line which key is missing", function()
      local output, status = run_all(own { R2_SECRET_ACCESS_KEY = "" })
      assert.equal(1, status)
      assert.matches("^demo: [^\n]*R2_SECRET_ACCESS_KEY[^\n]*\n$", output)
    end)
  end)
end)
