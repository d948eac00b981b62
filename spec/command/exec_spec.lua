-- r2creds exec: a program with a credential in its environment.
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"
local token = require "spec.support.token"

local KEYS = r2creds.KEYS
local OLD = make.changed(KEYS, {
  AWS_PROFILE = "old", AWS_SECURITY_TOKEN = "old", AWS_CREDENTIAL_EXPIRATION = "2000-01-01",
  CLOUDFLARE_API_TOKEN = keys.api_token, AWS_ENDPOINT_URL_S3 = "https://elsewhere.example",
})

teardown(support.remove_folders)

-- The variables that the program has which these words start.
local function environment_of(words, variables)
  local found = {}
  local output = r2creds.output_of("r2creds exec " .. words .. " -- env", variables)
  for name, value in output:gmatch("([%w_]+)=([^\n]*)\n") do
    found[name] = value
  end
  return found
end

describe("r2creds exec", function()
  it("gives the program what `mint --format env` sets, and unsets, and no parent's key", function()
    local found = environment_of("download my-bucket a --mode local", OLD)
    local exported = r2creds.output_of([[
      unset R2_SECRET_ACCESS_KEY
      eval "$(R2_SECRET_ACCESS_KEY=]] .. keys.parent_secret_access_key
      .. [[ r2creds mint download my-bucket a --mode local)" && unset CLOUDFLARE_API_TOKEN && env]],
      OLD)
    for name in exported:gmatch("([%w_]+)=[^\n]*\n") do
      assert.is_string(name == "_" and "" or name == "PWD" and "" or found[name], name)
    end
    for _, name in ipairs { "R2_SECRET_ACCESS_KEY", "CLOUDFLARE_API_TOKEN", "AWS_PROFILE",
      "AWS_SECURITY_TOKEN" } do
      assert.is_nil(found[name])
    end
    assert.equal(keys.parent_access_key_id, found.AWS_ACCESS_KEY_ID)
    assert.matches("^https://", found.AWS_ENDPOINT_URL_S3)
    assert.is_nil(found.AWS_ENDPOINT_URL_S3:find("elsewhere", 1, true))
    assert.is_true(found.AWS_CREDENTIAL_EXPIRATION > "2001")
    local claims = token.read(found.AWS_SESSION_TOKEN).claims
    assert.same({ "a" }, claims.paths.objectPaths)
    leaks.assert_none({ keys.parent_secret_access_key, keys.api_token }, found)
  end)

  it("takes the fields of a request, and each pattern", function()
    for words, scope in pairs {
      ["--bucket my-bucket --permission admin-read-only --ttl 60"] = "admin-read-only",
      ["service my-bucket backups/"] = "object-read-write",
    } do
      assert.equal(scope, token.read(environment_of(words).AWS_SESSION_TOKEN).claims.scope)
    end
    for _, words in ipairs { "upload my-bucket", "client-upload user-42 my-bucket" } do
      assert.is_table(token.read(environment_of(words).AWS_SESSION_TOKEN).claims.actions)
    end
  end)

  it("hands on words as they are, input, output, and the exit code", function()
    local output, errors, status = r2creds.run(
      [[printf in | r2creds exec upload my-bucket -- sh -c 'cat; printf "[%s]" "$@"; exit 7' \
        sh 'a b' '$HOME' -- --bucket '' "it's"]])
    assert.equal("in[a b][$HOME][--][--bucket][][it's]", output)
    assert.equal("", errors)
    assert.equal(7, status)
    local _, _, by_signal = r2creds.run("r2creds exec upload my-bucket -- sh -c 'kill -TERM $$'")
    assert.equal(143, by_signal)
    -- LuaSocket and libcurl ignore SIGPIPE; the program does not.
    assert.equal(0, select(3, r2creds.run("r2creds exec upload my-bucket -- yes | head -1")))
  end)

  it("says as a shell what cannot be run", function()
    r2creds.fails(127, { "no-such-program cannot be run: No such file" },
      "r2creds exec upload my-bucket -- no-such-program")
    r2creds.fails(126, { "/dev/null cannot be run: Permission denied" },
      "r2creds exec upload my-bucket -- /dev/null")
    for _, words in ipairs { "", " --", " upload my-bucket", " upload my-bucket --" } do
      r2creds.fails(2, {}, "r2creds exec" .. words)
    end
    r2creds.fails(2, { "-- and a program with its words must stand behind",
      "r2creds exec --help" }, "r2creds exec upload my-bucket")
    r2creds.fails(2, { "bucket" }, "r2creds exec upload B -- true")
  end)

  it("shows no secret in the words of any process", function()
    local output = r2creds.output_of([[
      r2creds exec upload my-bucket -- sh -c 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\0" " "
        echo; env' ]])
    local words, environment = output:match("^(.-)\n(.*)$")
    assert.matches("sh %-c", words)
    local secret = environment:match("AWS_SECRET_ACCESS_KEY=(%x+)")
    local session_token = environment:match("AWS_SESSION_TOKEN=([^\n]+)")
    leaks.assert_none({ secret, session_token }, words)
  end)
end)

describe("r2creds mint --format dotenv", function()
  it("prints what a program reads that takes no quotes off", function()
    local output = r2creds.output_of("r2creds mint upload my-bucket --format dotenv")
    for line in output:gmatch("[^\n]+") do
      assert.matches("^AWS_[%u%d_]+=[^'\"%s$#\\]+$", line)
    end
    local again = r2creds.output_of("env -i $(r2creds mint upload my-bucket --format dotenv) env")
    assert.matches("AWS_SESSION_TOKEN=and0L", again)
  end)
end)

describe("r2creds mint --json", function()
  it("is --format json", function()
    assert.matches('^{"access_key_id":', r2creds.output_of("r2creds mint upload my-bucket --json"))
    assert.matches('^{"access_key_id":',
      r2creds.output_of("r2creds mint upload my-bucket --json --format json"))
    r2creds.fails(2, { "--json is --format json" },
      "r2creds mint upload my-bucket --json --format env")
  end)
end)
