-- r2creds mint, run as a user runs it.

local cjson = require "cjson"
local r2 = require "r2"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local values = require "spec.support.values"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local output_of, KEYS = r2creds.output_of, r2creds.KEYS

teardown(support.remove_folders)

local function json_of(words, variables)
  return cjson.decode((output_of("r2creds mint --format json " .. words, variables)))
end

local function claims_of(words, variables)
  return token.read(json_of(words, variables).session_token).claims
end

describe("r2creds mint", function()
  local function merged(base, changes)
    return make.changed(base, changes)
  end

  local BASE = { bucket = "my-bucket", scope = "object-read-only" }
  local WRITE_ONLY = r2.actions().WRITE_ONLY
  -- words -> claims beside those of every token, and how long it lives.
  for words, case in values.sorted {
    ["--bucket my-bucket --permission object-read-only --ttl 900"] = { BASE, 900 },
    ["--bucket=my-bucket --permission=object-read-only --ttl=900s"] = { BASE, 900 },
    ["--permission admin-read-write --ttl 15m --bucket my-bucket"] = {
      merged(BASE, { scope = "admin-read-write" }), 900,
    },
    ["--bucket my-bucket --permission object-read-only --ttl 7d"] = { BASE, 604800 },
    ["--bucket my-bucket --permission object-write-only --ttl 1h"] = {
      { bucket = "my-bucket", actions = WRITE_ONLY }, 3600,
    },
    ["--bucket my-bucket --action GetObject --action HeadObject --ttl 1h"] = {
      { bucket = "my-bucket", actions = { "GetObject", "HeadObject" } }, 3600,
    },
    ["--bucket my-bucket --permission object-read-only --ttl 1h --prefix a/ --prefix 'b c'"] = {
      merged(BASE, { paths = { prefixPaths = { "a/", "b c" }, objectPaths = {} } }), 3600,
    },
    ["--bucket my-bucket --permission object-read-only --ttl 1h --object=-a --prefix=--b/"] = {
      merged(BASE, { paths = { prefixPaths = { "--b/" }, objectPaths = { "-a" } } }), 3600,
    },
    ["--bucket my-bucket --permission object-read-only --ttl 1h --parent-access-key-id "
      .. keys.parent_access_key_id] = { BASE, 3600 },
    ["upload my-bucket"] = { { bucket = "my-bucket", actions = WRITE_ONLY }, 3600 },
    ["upload my-bucket --prefix a/ --object b --ttl 60"] = {
      {
        bucket = "my-bucket", actions = WRITE_ONLY,
        paths = { prefixPaths = { "a/" }, objectPaths = { "b" } },
      }, 60,
    },
    ["--prefix a/ upload --prefix b/ my-bucket"] = {
      {
        bucket = "my-bucket", actions = WRITE_ONLY,
        paths = { prefixPaths = { "a/", "b/" }, objectPaths = {} },
      }, 3600,
    },
    ["--ttl 60 upload my-bucket"] = { { bucket = "my-bucket", actions = WRITE_ONLY }, 60 },
    ["client-upload user-42 my-bucket"] = {
      {
        bucket = "my-bucket", actions = WRITE_ONLY,
        paths = { prefixPaths = { "uploads/user-42/" }, objectPaths = {} },
      }, 900,
    },
    ["download my-bucket a 'b c' -- -d"] = {
      merged(BASE, { paths = { prefixPaths = {}, objectPaths = { "a", "b c", "-d" } } }),
      3600,
    },
    ["service my-bucket backups/db/ --ttl 2h"] = {
      {
        bucket = "my-bucket", scope = "object-read-write",
        paths = { prefixPaths = { "backups/db/" }, objectPaths = {} },
      }, 7200,
    },
  } do
    it(words, function()
      local before = os.time()
      local credentials = json_of(words)
      local parts = token.read(credentials.session_token)
      local claims = parts.claims
      assert.equal(case[2], claims.exp - claims.iat)
      assert.is_true(before <= claims.iat and claims.iat <= os.time())
      assert.equal(claims.exp, credentials.expires_at)
      assert.equal(sha256.hex(parts.jwt), credentials.secret_access_key)
      assert.equal(keys.parent_access_key_id, credentials.access_key_id)
      assert.equal("my-bucket", credentials.bucket)
      for _, name in ipairs { "iat", "exp", "iss", "sub", "aud" } do
        claims[name] = nil
      end
      assert.same(case[1], claims)
      assert(make.client():verify(credentials.session_token))
    end)
  end

  it("prints each format, env by default, with a line end", function()
    local default = output_of("r2creds mint upload my-bucket")
    assert.matches("^export AWS_ACCESS_KEY_ID=", default)
    local credentials = make.issuer():upload_credentials("my-bucket")
    for _, format in ipairs(r2.export.formats()) do
      local begin = r2.export[format.name](credentials):match("^[^=:]+[=:]")
      local output = output_of("r2creds mint upload my-bucket --format " .. format.name)
      assert.equal(begin, output:sub(1, #begin))
      assert.matches("[^\n]\n$", output)
    end
  end)

  it("obeys R2_JURISDICTION and R2_ENDPOINT", function()
    assert.equal(keys.account_id .. ".eu.r2.cloudflarestorage.com",
      claims_of("upload my-bucket", make.changed(KEYS, { R2_JURISDICTION = "eu" })).aud)
    assert.equal("http://127.0.0.1:9", json_of("upload my-bucket",
      make.changed(KEYS, { R2_ENDPOINT = "http://127.0.0.1:9" })).endpoint)
  end)
end)
