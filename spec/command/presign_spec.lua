-- r2creds presign, run as a user runs it.

local cjson = require "cjson"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local token = require "spec.support.token"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local fails, output_of, KEYS = r2creds.fails, r2creds.output_of, r2creds.KEYS

teardown(support.remove_folders)

describe("r2creds presign", function()
  local function parts(url)
    local base, query = url:match("^([^?]+)%?(.*)\n$")
    local named = {}
    for name, value in query:gmatch("([^&=]+)=([^&]*)") do
      named[name] = value:gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
      end)
    end
    return base, named
  end

  for method, action in pairs {
    GET = "GetObject", HEAD = "HeadObject", PUT = "PutObject", DELETE = "DeleteObject",
  } do
    it("signs " .. method .. " with a credential that allows nothing else", function()
      local base, query = parts(output_of(
        ("r2creds presign %s my-bucket 'a b/ü' --expires 10m"):format(method)))
      assert.equal("https://" .. keys.account_id
        .. ".r2.cloudflarestorage.com/my-bucket/a%20b/%C3%BC", base)
      assert.equal("600", query["X-Amz-Expires"])
      local claims = token.read(query["X-Amz-Security-Token"]).claims
      assert.same({ action }, claims.actions)
      assert.same({ prefixPaths = {}, objectPaths = { "a b/ü" } }, claims.paths)
      assert.equal(600, claims.exp - claims.iat)
    end)
  end

  it("tells in JSON when it ends, 15 minutes by default", function()
    local before = os.time()
    local shown = cjson.decode((output_of("r2creds presign GET my-bucket a --json")))
    assert.equal("GET", shown.method)
    assert.is_true(shown.expires_at >= before + 900 and shown.expires_at <= os.time() + 900)
    assert.matches("^https://", shown.url)
  end)

  it("refuses PUT and DELETE without the secret: no credential would be narrow enough", function()
    local variables = make.changed(KEYS, {
      R2_SECRET_ACCESS_KEY = make.ABSENT, CLOUDFLARE_API_TOKEN = keys.api_token,
    })
    for _, method in ipairs { "PUT", "DELETE" } do
      fails(2, { "secret" }, "r2creds presign " .. method .. " my-bucket a", variables)
      fails(2, { "secret" }, "r2creds presign --mode api " .. method .. " my-bucket a",
        make.changed(variables, KEYS))
    end
  end)
end)
