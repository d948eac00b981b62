-- An issuer's clock is held to one rule, whether the issuer signs or asks.
local r2 = require "r2"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local values = require "spec.support.values"

local issuers = {
  ["one that signs"] = function(clock)
    return make.issuer { clock = clock }
  end,
  ["one that asks"] = function(clock)
    local transport = scripted.transport { scripted.good() }
    return assert(r2.new(make.api_config { transport = transport, clock = clock }))
  end,
}

for name, issuer_with in values.sorted(issuers) do
  describe("The clock of an issuer, " .. name .. ",", function()
    for time_name, time in values.sorted {
      ["not a number"] = 0 / 0, ["infinite"] = 1 / 0, ["minus infinity"] = -1 / 0,
      ["a string"] = "1700000000", ["before 1970"] = -1, ["hardly before 1970"] = -1e-9,
      ["false"] = false, ["a table"] = {}, ["the year 10000"] = 253402300800,
    } do
      it("is refused when it tells a time that is " .. time_name, function()
        local err = refused({ kind = "invalid_request", field = "clock" }, function()
          return issuer_with(function() return time end):create(make.request())
        end)
        assert.equal("clock must return Unix seconds: a number from 0 to 253402300799",
          err.message)
      end)
    end

    it("is refused when it tells none", function()
      refused({ kind = "invalid_request", field = "clock" }, function()
        return issuer_with(function() end):create(make.request())
      end)
    end)

    it("is believed to the end of its last second, and fractions count for nothing", function()
      for _, time in ipairs { 0, 0.5, 1700000000.999, 253402300799, 253402300799.5 } do
        local issuer = issuer_with(function() return time end)
        local credentials = assert(issuer:create(make.request { ttl_seconds = 60 }))
        assert.equal(math.floor(time) + 60, credentials.expires_at)
      end
    end)
  end)
end
