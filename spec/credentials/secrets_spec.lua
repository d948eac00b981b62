-- Secrets: made from an API token by R2's own rule, and never shown by anything.
local cjson = require "cjson"
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local sha256 = require "spec.support.sha256"
local values = require "spec.support.values"

local ALL_KEYS = { keys.parent_secret_access_key, keys.api_token }

describe("secret_from_api_token", function()
  it("is the lower-case hex SHA-256 of the token", function()
    assert.equal(keys.parent_secret_access_key, r2.secret_from_api_token(keys.api_token))
    assert.equal(keys.parent_secret_access_key, tc.secret_from_api_token(keys.api_token))
  end)

  it("takes every visible ASCII character", function()
    local visible = {}
    for byte = 33, 126 do
      visible[#visible + 1] = string.char(byte)
    end
    local token = table.concat(visible)
    assert.equal(sha256.hex(token), r2.secret_from_api_token(token))
  end)

  local wrong = make.changed(values.not_a_string(), {
    ["an empty string"] = "",
    ["a token with a final line break"] = keys.api_token .. "\n",
    ["a token with a space before it"] = " " .. keys.api_token,
    ["a token with a space inside"] = "demonstration token",
    ["a token with a tab"] = "demonstration\ttoken",
    ["a token with a NUL"] = keys.api_token .. "\0",
    ["a token with DEL"] = keys.api_token .. "\127",
    ["a token that is not ASCII"] = keys.api_token .. "\195\169",
    ["513 characters"] = ("t"):rep(513),
  })
  for name, token in values.sorted(wrong) do
    it("refuses " .. name, function()
      for _, module in ipairs { r2, tc } do
        refused({ kind = "invalid_config", field = "api_token", says = { "512" } },
          function()
            return module.secret_from_api_token(token)
          end)
      end
    end)
  end

  it("refuses 100 MB", function()
    refused({ kind = "invalid_config", field = "api_token" }, function()
      return r2.secret_from_api_token(values.hundred_megabytes())
    end)
  end)

  it("refuses no token at all", function()
    refused({ kind = "invalid_config", field = "api_token" }, function()
      return r2.secret_from_api_token(nil)
    end)
  end)
end)

describe("No secret is shown by", function()
  it("a client, open or closed", function()
    local client = make.client { api_token = keys.api_token }
    leaks.assert_none(ALL_KEYS, client)
    leaks.assert_none(ALL_KEYS, debug.getmetatable(client))
    client:close()
    leaks.assert_none(ALL_KEYS, client)
  end)

  it("an issuer, open or closed", function()
    local issuer = make.issuer { api_token = keys.api_token }
    leaks.assert_none(ALL_KEYS, tostring(issuer))
    issuer:close()
    leaks.assert_none(ALL_KEYS, tostring(issuer))
  end)

  it("a credential's tostring", function()
    local credentials = assert(make.issuer():create(make.request()))
    leaks.assert_none({
      credentials.secret_access_key, credentials.session_token, keys.parent_secret_access_key,
    }, tostring(credentials))
    leaks.assert_none({ credentials.secret_access_key, credentials.session_token },
      ("%s"):format(tostring(credentials)))
  end)

  it("the error of a closed client or issuer", function()
    local client, issuer = make.client { api_token = keys.api_token }, make.issuer()
    client:close()
    issuer:close()
    for _, call in ipairs {
      function() return client:sign(make.request()) end,
      function() return client:request(make.request()) end,
      function() return issuer:create(make.request()) end,
      function() return tc.new(keys.parent_secret_access_key) end,
      function() return make.client():sign(keys.parent_secret_access_key) end,
      function() return make.issuer():create(keys.parent_secret_access_key) end,
    } do
      local ok, trace = xpcall(call, debug.traceback)
      assert.is_false(ok)
      leaks.assert_none(ALL_KEYS, trace)
    end
  end)

  it("the error about a key in the wrong field", function()
    for _, key in ipairs(ALL_KEYS) do
      for _, field in ipairs {
        "account_id", "parent_access_key_id", "endpoint", "api_base_url", "mode", "clock",
      } do
        refused({ kind = "invalid_config", field = field }, function()
          return r2.new(make.config { [field] = key })
        end)
      end
      for _, field in ipairs {
        "permission", "ttl_seconds", "prefixes", "parent_access_key_id",
      } do
        refused({ kind = "invalid_request", field = field }, function()
          return make.issuer():create(make.request { [field] = key })
        end)
      end
    end
  end)
end)

describe("A request for the API", function()
  it("holds the token in its authorization and nowhere else", function()
    local request = assert(make.api_client():request(make.request()))
    leaks.assert_none({ keys.api_token }, { request.url, request.method, request.body })
    local holders = {}
    for name, value in pairs(request.headers) do
      if value:find(keys.api_token, 1, true) then
        holders[#holders + 1] = name:lower()
      end
    end
    assert.same({ "authorization" }, holders)
  end)

  it("never holds the parent's secret", function()
    local client = make.client { api_token = keys.api_token }
    local request = assert(client:request(make.request()))
    leaks.assert_none({ keys.parent_secret_access_key }, request)
    leaks.assert_none({ keys.parent_secret_access_key }, cjson.decode(request.body))
  end)
end)
