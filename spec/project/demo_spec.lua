-- examples/demo, run as `make demo` runs it: what is signed, with demonstration keys, with a user's
-- own, and with an environment that is half set; then what the sandbox's API is asked for.

local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local names = require "spec.support.names"
local sandbox_keys = require "sandbox.keys"
local server = require "spec.support.server"
local session = require "spec.support.session"
local sha256 = require "spec.support.sha256"
local support = require "spec.project.support"

local BUILD = os.getenv("BUILD") or "build"

local OWN = {
  CLOUDFLARE_ACCOUNT_ID = keys.another_account_id,
  R2_ACCESS_KEY_ID = keys.another_parent_access_key_id,
  R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
}

local API_TOKEN = ("0f3a-T0k"):rep(5) -- of the right form

-- Writes each session token that the demo makes to a file.
local NOTE_TOKENS = [[
local tc = require "r2.temp_credentials"
local inspect = tc.inspect
function tc.inspect(token)
    local file = assert(io.open(os.getenv("TOKENS"), "a"))
    file:write(token, "\n")
    file:close()
    return inspect(token)
end
]]

-- Runs a command with these variables and no others that the demo knows. before: shell commands
-- that come first. Returns what it printed, to standard error too, and its exit status.
local function run_in(environment, before, command)
  local words = {
    before or "", "env", "-u PORT", "-u CLOUDFLARE_ACCOUNT_ID", "-u CLOUDFLARE_API_TOKEN",
    "-u R2_ACCESS_KEY_ID", "-u R2_SECRET_ACCESS_KEY", "-u R2_JURISDICTION", "-u R2_ENDPOINT",
    "-u CLOUDFLARE_BASE_URL",
    "LUA_PATH_5_4='lua/?.lua;lua/?/init.lua;;'",
    "LUA_CPATH_5_4=" .. support.quote(BUILD .. "/lua5.4/?.so;;"),
  }
  for name, value in pairs(environment) do
    words[#words + 1] = name .. "=" .. support.quote(value)
  end
  words[#words + 1] = command
  return support.try(table.concat(words, " "))
end

-- Runs the part that signs. options: of Lua.
local function run(environment, before, options)
  return run_in(environment, before,
    "lua5.4 " .. (options or "") .. " examples/demo/signed.lua")
end

local DEMO = "BUILD=" .. support.quote(BUILD) .. " examples/demo/run"

local function run_all(environment, before)
  return run_in(environment, before, DEMO)
end

-- A command that puts a program in the place of another.
local function instead_of(name, program)
  local folder = support.folder()
  support.write(folder .. "/" .. name, program)
  support.run(("chmod +x %s/%s"):format(folder, name))
  return ("PATH=%s:$PATH; export PATH;"):format(folder)
end

local function instead_of_openssl(program)
  return instead_of("openssl", program)
end

-- The credentials that a run shows, in their order: what stands behind each label.
local function shown(output)
  local all, current, label = {}, nil, nil
  for line in output:gmatch("[^\n]*") do
    local title = line:match("^%d%. (.*)$")
    local name, value = line:match("^   (%l[%l_. ]-)%s%s+(%S.*)$")
    if title then
      current, label = { title = title }, nil
      all[#all + 1] = current
    elseif current and name then
      label = name
      current[label] = value
    elseif current and label and line:find("^            +%S") then
      current[label] = current[label] .. "\n" .. line:match("%S.*")
    else
      label = nil
    end
  end
  return all
end

local READ = table.concat(names.actions.READ, " ")
local READ_WRITE = table.concat(names.actions.ALL, " ")
local WRITE_ONLY = table.concat(names.actions.WRITE_ONLY, " ")

-- What R2 is told by each: the claims beside bucket and identity.
local EXPECTED = {
  {
    title = "Browser upload", allows = WRITE_ONLY, seconds = 900, lasts = "15 minutes",
    on = "every object below uploads/user-123/",
    claims = '"actions":["' .. WRITE_ONLY:gsub(" ", '","') .. '"],'
      .. '"paths":{"prefixPaths":["uploads/user-123/"],"objectPaths":[]}',
  },
  {
    title = "File download", allows = READ, seconds = 3600, lasts = "1 hour",
    on = "the object reports/2026/summary.pdf\nthe object reports/2026/figures.csv",
    claims = '"scope":"object-read-only","paths":{"prefixPaths":[],'
      .. '"objectPaths":["reports/2026/summary.pdf","reports/2026/figures.csv"]}',
  },
  {
    title = "Backup service", allows = READ_WRITE, seconds = 43200, lasts = "12 hours",
    on = "every object below backups/database/",
    claims = '"scope":"object-read-write",'
      .. '"paths":{"prefixPaths":["backups/database/"],"objectPaths":[]}',
  },
  {
    title = "Analytics", allows = READ, seconds = 21600, lasts = "6 hours",
    on = "every object below events/2026/\nevery object below customers/",
    claims = '"scope":"object-read-only",'
      .. '"paths":{"prefixPaths":["events/2026/","customers/"],"objectPaths":[]}',
  },
  {
    title = "Migration", allows = READ_WRITE, seconds = 7200, lasts = "2 hours",
    on = "every object", claims = '"scope":"object-read-write"',
  },
}

local function utc(seconds)
  return os.date("!%Y-%m-%d %H:%M:%S UTC", seconds)
end

-- What the demo says a credential allows.
local function assert_limits(expected, use, started, ended)
  assert.equal(expected.title, use.title)
  assert.equal(expected.allows, (use.allows:gsub("%s+", " ")))
  assert.equal("my-bucket", use["in bucket"])
  assert.equal(expected.on, use.on)
  local moment, lasts = use["until"]:match("^(.*), (.*) from now$")
  assert.equal(expected.lasts, lasts)
  assert.is_true(moment >= utc(started + expected.seconds)
    and moment <= utc(ended + expected.seconds), moment)
end

local function parts_of(session_token)
  local jwt = assert(base64.decode(session_token):match("^jwt/(.*)$"))
  local signing_input, payload, signature = jwt:match("^([^.]*%.([^.]*))%.(.*)$")
  return {
    secret = sha256.hex(jwt), signing_input = signing_input, signature = signature,
    payload = base64.decode_url(payload),
  }
end

-- Every line of it can be read on a plain terminal.
local function assert_plain(output)
  assert.is_nil(output:find("\27", 1, true))
  for line in output:gmatch("[^\n]+") do
    assert.is_true(#line <= 100, line)
  end
end

describe("the demo", function()
  teardown(support.remove_folders)
  teardown(server.stop_all)

  describe("with demonstration keys", function()
    local output, status, uses, started, ended

    local tokens

    setup(function()
      local folder = support.folder()
      started = os.time()
      output, status = run({}, ("TOKENS=%s/tokens; export TOKENS;"):format(folder),
        "-e " .. support.quote(NOTE_TOKENS))
      ended = os.time()
      uses = shown(output)
      tokens = support.lines(support.read(folder .. "/tokens"))
    end)

    it("succeeds, and says at once that the keys open nothing", function()
      assert.equal(0, status, output)
      assert.matches("^[^\n]*DEMONSTRATION KEYS that open nothing", output)
    end)

    it("shows what each credential allows, and until when", function()
      assert.equal(#EXPECTED, #uses, output)
      for i, expected in ipairs(EXPECTED) do
        assert_limits(expected, uses[i], started, ended)
      end
    end)

    it("shows the request that was made", function()
      for _, request in ipairs {
        'issuer:client_upload_credentials("user-123", "my-bucket")',
        'issuer:download_credentials("my-bucket", {',
        'issuer:service_credentials("my-bucket", "backups/database/")',
        "permission = r2.permission.OBJECT_READ_ONLY,",
        "permission = r2.permission.OBJECT_READ_WRITE,",
      } do
        assert.is_truthy(output:find(request, 1, true), request)
      end
    end)

    it("makes credentials that say what it says", function()
      for i, expected in ipairs(EXPECTED) do
        local token = parts_of(tokens[i])
        assert.is_truthy(token.payload:find(expected.claims .. ',"sub"', 1, true))
      end
    end)

    it("shows the first credential whole", function()
      local use, token = uses[1], parts_of(tokens[1])
      assert.equal(tokens[1], (use.session_token:gsub("\n", "")))
      assert.equal(token.secret, use.secret_access_key)
      assert.equal(token.signature, use.signature)
      assert.equal(token.secret, use.secret)
    end)

    it("shows the others in a few lines", function()
      for i = 2, #EXPECTED do
        assert.equal(("%s... (%d characters)"):format(tokens[i]:sub(1, 12), #tokens[i]),
          uses[i].session_token)
        assert.equal(parts_of(tokens[i]).secret:sub(1, 12) .. "... (64 characters)",
          uses[i].secret_access_key)
      end
      assert.is_true(#support.lines(output) < 110, #support.lines(output))
    end)

    it("has openssl say the same of each signature and secret", function()
      local parent_secret = output:match("parent secret +(%x+)")
      local _, same = output:gsub("by openssl  +[^\n]*the same\n", "")
      assert.equal(2 + #EXPECTED - 1, same)
      local token = parts_of(tokens[1])
      assert.equal(token.signature,
        base64.encode_url(sha256.hmac(parent_secret, token.signing_input)))
    end)

    it("fits a hundred columns, without colours", function()
      assert_plain(output)
    end)

    for what, liar in pairs {
      ["a signature"] = "case $* in *-hmac*) echo wrong;; *) exec %s \"$@\";; esac",
      ["a secret"] = "case $* in 'dgst -sha256') echo 0f;; *) exec %s \"$@\";; esac",
    } do
      it("fails when openssl makes " .. what .. " that is another", function()
        local real = support.lines(support.run("command -v openssl"))[1]
        local lie = "#!/bin/sh\n" .. liar:format(real) .. "\n"
        local text, result = run({}, instead_of_openssl(lie))
        assert.equal(1, result, text)
        assert.matches("DIFFERENT", text)
        assert.matches("demo: openssl makes something else", text)
      end)
    end

    it("fails in one line when there is no openssl to ask", function()
      local text, result = run({}, instead_of_openssl("#!/bin/sh\nexit 127\n"))
      assert.equal(1, result)
      assert.matches("\ndemo: [^\n]*openssl[^\n]*\n$", text)
    end)
  end)

  describe("with a user's own keys", function()
    local output, status, tokens, notes, started, ended

    setup(function()
      local folder = support.folder()
      notes = folder .. "/calls"
      local fake = ("#!/bin/sh\necho \"$@\" >>%s\n"):format(notes)
      local before = instead_of_openssl(fake) .. (" TOKENS=%s/tokens; export TOKENS;")
        :format(folder)
      started = os.time()
      output, status = run(OWN, before, "-e " .. support.quote(NOTE_TOKENS))
      ended = os.time()
      tokens = support.lines(support.read(folder .. "/tokens"))
    end)

    it("succeeds, and shows what each credential allows", function()
      assert.equal(0, status, output)
      local uses = shown(output)
      assert.equal(#EXPECTED, #uses, output)
      for i, expected in ipairs(EXPECTED) do
        assert_limits(expected, uses[i], started, ended)
        assert.equal(keys.another_parent_access_key_id, uses[i].access_key_id)
        assert.is_truthy(uses[i].endpoint:find(keys.another_account_id, 1, true))
      end
    end)

    it("makes them with these keys", function()
      assert.equal(#EXPECTED, #tokens)
      for _, token in ipairs(tokens) do
        local parts = parts_of(token)
        assert.equal(parts.signature,
          base64.encode_url(sha256.hmac(OWN.R2_SECRET_ACCESS_KEY, parts.signing_input)))
      end
    end)

    it("shows neither the parent's secret nor any that it makes", function()
      local secrets = { OWN.R2_SECRET_ACCESS_KEY }
      for _, token in ipairs(tokens) do
        secrets[#secrets + 1] = token
        secrets[#secrets + 1] = parts_of(token).secret
        secrets[#secrets + 1] = parts_of(token).signature
      end
      leaks.assert_none(secrets, output)
    end)

    it("leaves openssl out", function()
      assert.is_nil(io.open(notes))
      assert.is_nil(output:find("openssl", 1, true))
      assert.is_nil(output:find("DEMONSTRATION", 1, true))
    end)
  end)

  describe("with an environment that is half set", function()
    -- name -> what is set, and the variable that the message has to name.
    local cases = {
      ["an account alone"] = {
        { CLOUDFLARE_ACCOUNT_ID = OWN.CLOUDFLARE_ACCOUNT_ID }, "R2_SECRET_ACCESS_KEY",
      },
      ["an account and an API token"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = OWN.CLOUDFLARE_ACCOUNT_ID,
          CLOUDFLARE_API_TOKEN = API_TOKEN,
        },
        "R2_SECRET_ACCESS_KEY",
      },
      ["no secret"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = OWN.CLOUDFLARE_ACCOUNT_ID,
          R2_ACCESS_KEY_ID = OWN.R2_ACCESS_KEY_ID,
        },
        "R2_SECRET_ACCESS_KEY",
      },
      ["no account"] = {
        {
          R2_ACCESS_KEY_ID = OWN.R2_ACCESS_KEY_ID,
          R2_SECRET_ACCESS_KEY = OWN.R2_SECRET_ACCESS_KEY,
        },
        "CLOUDFLARE_ACCOUNT_ID",
      },
      ["no access key id, an empty one"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = OWN.CLOUDFLARE_ACCOUNT_ID, R2_ACCESS_KEY_ID = "",
          R2_SECRET_ACCESS_KEY = OWN.R2_SECRET_ACCESS_KEY,
        },
        "R2_ACCESS_KEY_ID",
      },
      ["an API token in place of the secret"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = OWN.CLOUDFLARE_ACCOUNT_ID,
          R2_ACCESS_KEY_ID = OWN.R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY = API_TOKEN,
        },
        "r2.secret_from_api_token",
      },
    }
    for name, case in pairs(cases) do
      it("says in one line what is wrong: " .. name, function()
        local output, status = run(case[1])
        assert.equal(1, status, output)
        assert.matches("^demo: [^\n]+\n$", output)
        assert.is_truthy(output:find(case[2], 1, true), output)
        leaks.assert_none({ OWN.R2_SECRET_ACCESS_KEY, API_TOKEN }, output)
      end)
    end

    it("takes empty variables for none", function()
      local output, status = run { CLOUDFLARE_ACCOUNT_ID = "", R2_SECRET_ACCESS_KEY = "" }
      assert.equal(0, status, output)
      assert.matches("DEMONSTRATION KEYS", output)
    end)
  end)

  describe("through the API", function()
    local ASKED = "6%. The same, asked of Cloudflare's API"
    local SKIPPED = "\nThe API mode is skipped: ([^\n]+)%.\n$"

    if not server.has_nginx() then
      pending("nginx with its Lua module is not installed")
      return
    end

    describe("of the sandbox", function()
      local output, status, good, bad, started, ended, folder, notes, session_token

      setup(function()
        folder, notes = support.folder(), support.folder()
        started = os.time()
        output, status = run_all { TMPDIR = folder, TOKENS = notes .. "/tokens",
          LUA_INIT_5_4 = NOTE_TOKENS }
        ended = os.time()
        local uses = shown(output)
        good, bad = uses[#EXPECTED + 1], uses[#EXPECTED + 2]
        local tokens = support.lines(support.read(notes .. "/tokens"))
        session_token = tokens[#tokens]
      end)

      it("succeeds, after all that is signed", function()
        assert.equal(0, status, output)
        assert.matches("openssl makes the same.*\n" .. ASKED, output)
        assert_plain(output)
      end)

      it("shows what the credential allows, and that its token is verified", function()
        assert_limits({
          title = "The same, asked of Cloudflare's API", allows = READ, seconds = 900,
          lasts = "15 minutes",
          on = "every object below reports/2026/\nthe object reports/index.html",
        }, good, started, ended)
        assert.matches("^signature", good.verified)
      end)

      it("shows the credential that the sandbox made for it", function()
        local token = parts_of(session_token)
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

      it("puts a file, has the rest refused, and brings the file back", function()
        local used = output:match("\n8%. Credentials in use\n(.*)$")
        for _, line in ipairs {
          "put a photo +100000 bytes, etag %x+",
          "get it +refused: 403 AccessDenied",
          "put a neighbour's +refused: 403 AccessDenied",
          "put once it is over +refused: 403, expired",
          "get it +100000 bytes, the same",
          "put it +refused: 403 AccessDenied",
          "a URL, in curl +the same bytes",
          "deleted +with a credential",
        } do
          assert.matches("\n   " .. line, used)
        end
        for token in used:gmatch("[%w%+/=_%.%-]+") do
          assert.is_true(#token < 64, "a whole token or secret")
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
      local own = { R2_JURISDICTION = "eu", CLOUDFLARE_API_TOKEN = API_TOKEN }
      for name, value in pairs(OWN) do
        own[name] = value
      end
      local output, status = run_all(own)
      assert.equal(0, status, output)
      local asked = shown(output)[#EXPECTED + 1]
      assert.matches("signature, parent key, account", asked.verified)
      leaks.assert_none({ OWN.R2_SECRET_ACCESS_KEY, API_TOKEN }, output)
    end)

    it("is skipped in one line where nginx has no Lua module", function()
      local output, status = run_all({},
        instead_of("nginx", "#!/bin/sh\necho 'configure arguments:' >&2\n"))
      assert.equal(0, status, output)
      assert.matches("libnginx-mod-http-lua", output:match(SKIPPED), 1, true)
      assert.is_nil(output:find(ASKED))
    end)

    it("is skipped in one line where nothing is built for nginx", function()
      local folder = support.folder()
      local build = support.lines(support.run("cd " .. support.quote(BUILD) .. " && pwd"))[1]
      support.run(("ln -s %s/lua5.4 %s/lua5.4"):format(build, folder))
      local output, status = run_in({}, nil, "BUILD=" .. folder .. " examples/demo/run")
      assert.equal(0, status, output)
      assert.matches("liblua5.1-0-dev", output:match(SKIPPED), 1, true)
    end)

    it("fails when the sandbox does not start, and leaves nothing behind", function()
      local folder = support.folder()
      local output, status = run_all({ TMPDIR = folder }, instead_of("nginx",
        "#!/bin/sh\necho 'built with ngx_lua' >&2\n[ \"$1\" = -V ]\n"))
      assert.equal(1, status, output)
      assert.matches("sandbox: nginx ended with status 1\n$", output)
      assert.equal("", support.run("ls " .. folder))
    end)

    it("is not begun when what is signed fails", function()
      local output, status = run_all({ CLOUDFLARE_ACCOUNT_ID = OWN.CLOUDFLARE_ACCOUNT_ID })
      assert.equal(1, status)
      assert.is_nil(output:find(ASKED))
    end)

    -- Stands still in the second part, while the sandbox runs.
    local STOP = [[
            if arg and arg[0]:find("used", 1, true) then
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
          support.quote(STOP), DEMO)
        local left, status = session.left_after(command, "it stands still", signal, to_all)
        assert.equal("", left)
        assert.not_equal("0\n", status)
      end)
    end
  end)
end)
