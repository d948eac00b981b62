-- What the specs of an exchange with the API share: an issuer whose transport follows a script, in
-- a time that is made up. Nothing is sent and nothing waits.
local assert = require "luassert"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local r2 = require "r2"

local unpack = table.unpack or unpack -- luacheck: compat

local asking = {}

local function never_random()
  return 0
end

-- An issuer that asks by the script; what was asked; and the transport.
function asking.issuer_with(script, changes)
  local transport, log = scripted.transport(script)
  local settings = make.api_config {
    mode = "api", transport = transport, random = never_random, timeout_seconds = 1000,
    clock = function() return make.NOW end,
  }
  return assert(r2.new(make.changed(settings, changes))), log, transport
end

-- Asks once, and expects an error of the kind after so many attempts.
function asking.expect(kind, attempts, issuer, log, request)
  local results = { n = 3, issuer:create(request or make.request()) }
  local err = refused({ kind = kind }, function()
    return unpack(results, 1, results.n)
  end)
  assert.equal(attempts, #log.asked, err.message)
  assert.equal(attempts, err.attempts)
  return err
end

return asking
