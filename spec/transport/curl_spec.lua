-- The transport over libcurl, as an issuer uses it. What r2.http itself does is in spec/http.
local faulty = require "spec.support.faulty"
local make = require "spec.support.make"
local r2 = require "r2"
local curl = require "r2.transport.curl"

local server

setup(function()
  server = faulty.start()
end)

teardown(function()
  server:stop()
end)

local function assert_cancelled(result, _, err)
  assert.is_nil(result)
  assert.equal("cancelled", err.kind)
end

-- A held exchange that the server has seen.
local function hold(transport, run)
  local exchange = assert(transport.start { method = "GET", url = server:url("held", run) })
  server:wait_until(run, function(seen)
    exchange:poll()
    return #seen.requests > 0
  end)
  return exchange
end

describe("a closed transport", function()
  for name, prepare in pairs {
    ["that was used"] = function() end,
    ["whose connections were discarded"] = function(transport) transport.discard() end,
  } do
    it("sends nothing, and raises nothing, " .. name, function()
      local transport, run = assert(curl.new {}), server:new_run()
      local request = { method = "GET", url = server:url("good", run) }
      assert(transport.perform(request))
      prepare(transport)
      transport.close()
      transport.close()
      assert_cancelled(transport.perform(request))
      assert_cancelled(transport.start(request))
      assert.equal(1, #server:seen(run).requests)
    end)
  end

  it("ends what is under way, over connections that were discarded too", function()
    local transport = assert(curl.new {})
    local run, other = server:new_run(), server:new_run()
    local first = hold(transport, run)
    transport.discard()
    local second = hold(transport, other)
    transport.close()
    assert_cancelled(first:poll())
    assert_cancelled(second:poll())
    for _, name in ipairs { run, other } do
      server:wait_until(name, function(seen) return seen.gone == 1 end)
    end
  end)
end)

describe("an issuer that its own clock closes", function()
  for _, method in ipairs { "create", "start" } do
    it("sends nothing: " .. method, function()
      local run = server:new_run()
      local issuer
      issuer = assert(r2.new(make.api_config {
        mode = "api", api_base_url = server:url("good", run),
        clock = function()
          issuer:close()
          return make.NOW
        end,
      }))
      local result, message, err = issuer[method](issuer, make.request())
      if method == "start" then
        result, message, err = result:wait()
      end
      assert_cancelled(result, message, err)
      assert.equal(0, #server:seen(run).requests)
    end)
  end
end)
