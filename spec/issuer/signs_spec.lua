-- issuer:signs says what issuer:create will do.
local r2 = require "r2"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local scripted = require "spec.support.scripted"

local OWN, OTHER = keys.parent_access_key_id, keys.another_parent_access_key_id

describe("issuer:signs", function()
  it("says for each mode, set of keys and parent what issuer:create does", function()
    for _, mode in ipairs { "auto", "local", "api" } do
      for _, secret in ipairs { keys.parent_secret_access_key, make.ABSENT } do
        for _, api_token in ipairs { keys.api_token, make.ABSENT } do
          local transport, log = scripted.transport { scripted.good() }
          local issuer = r2.new(make.config {
            mode = mode, parent_secret_access_key = secret, api_token = api_token,
            transport = transport,
          })
          for _, parent in ipairs(issuer and { make.ABSENT, OWN, OTHER } or {}) do
            local request = make.request { parent_access_key_id = parent }
            local signs = issuer:signs(request)
            assert.equal("boolean", type(signs))
            log.asked = {}
            local credentials = issuer:create(request)
            assert.equal(signs and 0 or 1, #log.asked)
            assert.equal(credentials ~= nil, not signs or parent ~= OTHER)
          end
        end
      end
    end
  end)

  it("takes a request that is not complete", function()
    assert.is_true(make.issuer():signs {})
    local issuer = assert(r2.new(make.api_config { transport = scripted.transport {} }))
    assert.is_false(issuer:signs {})
  end)

  it("raises as issuer:create does", function()
    local issuer = make.issuer()
    assert.error_matches(function() issuer:signs() end, "bad argument #1 to 'signs'")
    assert.error_matches(function() issuer.signs({}) end, "no issuer")
    issuer:close()
    assert.error_matches(function() issuer:signs {} end, "closed")
  end)
end)
