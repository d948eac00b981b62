-- What `VERBOSE=1 make demo` shows first: credentials that are signed, with demonstration keys,
-- with a user's own, and with an environment that is half set.

local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local names = require "spec.support.names"
local sha256 = require "spec.support.sha256"
local demo = require "spec.project.demo"
local support = require "spec.project.support"

-- Runs the part that signs. options: of Lua.
local function run(environment, before, options)
  return demo.run_in(environment, before,
    "lua5.4 " .. (options or "") .. " examples/demo/signed.lua")
end

local function instead_of_openssl(program)
  return demo.instead_of("openssl", program)
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

describe("the demo", function()
  teardown(support.remove_folders)

  describe("with demonstration keys", function()
    local output, status, uses, started, ended

    local tokens

    setup(function()
      local folder = support.folder()
      started = os.time()
      output, status = run({}, ("TOKENS=%s/tokens; export TOKENS;"):format(folder),
        "-e " .. support.quote(demo.NOTE_TOKENS))
      ended = os.time()
      uses = demo.shown(output)
      tokens = support.lines(support.read(folder .. "/tokens"))
    end)

    it("succeeds, and says at once that the keys open nothing", function()
      assert.equal(0, status, output)
      assert.matches("^[^\n]*DEMONSTRATION KEYS that open nothing", output)
    end)

    it("shows what each credential allows, and until when", function()
      assert.equal(#EXPECTED, #uses, output)
      for i, expected in ipairs(EXPECTED) do
        demo.assert_limits(expected, uses[i], started, ended)
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
        local token = demo.parts_of(tokens[i])
        assert.is_truthy(token.payload:find(expected.claims .. ',"sub"', 1, true))
      end
    end)

    it("shows the first credential whole", function()
      local use, token = uses[1], demo.parts_of(tokens[1])
      assert.equal(tokens[1], (use.session_token:gsub("\n", "")))
      assert.equal(token.secret, use.secret_access_key)
      assert.equal(token.signature, use.signature)
      assert.equal(token.secret, use.secret)
    end)

    it("shows the others in a few lines", function()
      for i = 2, #EXPECTED do
        assert.equal(("%s... (%d characters)"):format(tokens[i]:sub(1, 12), #tokens[i]),
          uses[i].session_token)
        assert.equal(demo.parts_of(tokens[i]).secret:sub(1, 12) .. "... (64 characters)",
          uses[i].secret_access_key)
      end
      assert.is_true(#support.lines(output) < 110, #support.lines(output))
    end)

    it("has openssl say the same of each signature and secret", function()
      local parent_secret = output:match("parent secret +(%x+)")
      local _, same = output:gsub("by openssl  +[^\n]*the same\n", "")
      assert.equal(2 + #EXPECTED - 1, same)
      local token = demo.parts_of(tokens[1])
      assert.equal(token.signature,
        base64.encode_url(sha256.hmac(parent_secret, token.signing_input)))
    end)

    it("fits a hundred columns, without colours", function()
      demo.assert_plain(output)
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
      output, status = run(demo.OWN, before, "-e " .. support.quote(demo.NOTE_TOKENS))
      ended = os.time()
      tokens = support.lines(support.read(folder .. "/tokens"))
    end)

    it("succeeds, and shows what each credential allows", function()
      assert.equal(0, status, output)
      local uses = demo.shown(output)
      assert.equal(#EXPECTED, #uses, output)
      for i, expected in ipairs(EXPECTED) do
        demo.assert_limits(expected, uses[i], started, ended)
        assert.equal(keys.another_parent_access_key_id, uses[i].access_key_id)
        assert.is_truthy(uses[i].endpoint:find(keys.another_account_id, 1, true))
      end
    end)

    it("makes them with these keys", function()
      assert.equal(#EXPECTED, #tokens)
      for _, token in ipairs(tokens) do
        local parts = demo.parts_of(token)
        assert.equal(parts.signature,
          base64.encode_url(sha256.hmac(demo.OWN.R2_SECRET_ACCESS_KEY, parts.signing_input)))
      end
    end)

    it("shows neither the parent's secret nor any that it makes", function()
      local secrets = { demo.OWN.R2_SECRET_ACCESS_KEY }
      for _, token in ipairs(tokens) do
        secrets[#secrets + 1] = token
        secrets[#secrets + 1] = demo.parts_of(token).secret
        secrets[#secrets + 1] = demo.parts_of(token).signature
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
        { CLOUDFLARE_ACCOUNT_ID = demo.OWN.CLOUDFLARE_ACCOUNT_ID }, "R2_SECRET_ACCESS_KEY",
      },
      ["an account and an API token"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = demo.OWN.CLOUDFLARE_ACCOUNT_ID,
          CLOUDFLARE_API_TOKEN = demo.API_TOKEN,
        },
        "R2_SECRET_ACCESS_KEY",
      },
      ["no secret"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = demo.OWN.CLOUDFLARE_ACCOUNT_ID,
          R2_ACCESS_KEY_ID = demo.OWN.R2_ACCESS_KEY_ID,
        },
        "R2_SECRET_ACCESS_KEY",
      },
      ["no account"] = {
        {
          R2_ACCESS_KEY_ID = demo.OWN.R2_ACCESS_KEY_ID,
          R2_SECRET_ACCESS_KEY = demo.OWN.R2_SECRET_ACCESS_KEY,
        },
        "CLOUDFLARE_ACCOUNT_ID",
      },
      ["no access key id, an empty one"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = demo.OWN.CLOUDFLARE_ACCOUNT_ID, R2_ACCESS_KEY_ID = "",
          R2_SECRET_ACCESS_KEY = demo.OWN.R2_SECRET_ACCESS_KEY,
        },
        "R2_ACCESS_KEY_ID",
      },
      ["an API token in place of the secret"] = {
        {
          CLOUDFLARE_ACCOUNT_ID = demo.OWN.CLOUDFLARE_ACCOUNT_ID,
          R2_ACCESS_KEY_ID = demo.OWN.R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY = demo.API_TOKEN,
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
        leaks.assert_none({ demo.OWN.R2_SECRET_ACCESS_KEY, demo.API_TOKEN }, output)
      end)
    end

    it("takes empty variables for none", function()
      local output, status = run { CLOUDFLARE_ACCOUNT_ID = "", R2_SECRET_ACCESS_KEY = "" }
      assert.equal(0, status, output)
      assert.matches("DEMONSTRATION KEYS", output)
    end)
  end)
end)
