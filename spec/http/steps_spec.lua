-- Exchanges of r2.http that go step by step: polled, waited for, cancelled, and used by their own
-- functions.
local collector = require "spec.support.collector"
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local http = require "r2.http"
local request, assert_works = over.request, over.assert_works

local SECRET = "Bearer demonstration-token-that-opens-nothing-2"

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

describe("an exchange", function()
  it("is false at each poll while the server is silent, and then the answer", function()
    local asked, run = request "held"
    local x = assert(over.h:start(asked))
    over.server:wait_until(run, function(seen)
      assert.equal(false, (x:poll()))
      return #seen.requests == 1
    end)
    for _ = 1, 1000 do
      assert.equal(false, (x:poll()))
      assert.equal(1, select("#", x:poll()))
    end
    assert.equal(false, (x:wait(0)))
    assert.equal(false, (x:wait(-1)))
    assert.equal(false, (x:wait(0.001)))
    over.server:release(run)
    local response = assert(x:wait())
    assert.equal("released", response.body)
    assert.equal(response, (x:poll()))
    assert.equal(response, (x:wait(0)))
  end)

  it("is false while half of a body is there", function()
    local got = {}
    local asked, run = request("halved", { output = function(piece) got[#got + 1] = piece end })
    local x = assert(over.h:start(asked))
    repeat
      assert.equal(false, (x:poll()))
    until #got > 0
    for _ = 1, 100 do
      assert.equal(false, (x:poll()))
    end
    assert.equal("01234", table.concat(got))
    over.server:release(run)
    assert.equal(200, assert(x:wait()).status)
    assert.equal("0123456789", table.concat(got))
  end)

  it("goes beside others, and ends in its own time", function()
    local runs, all = {}, {}
    for i = 1, 20 do
      local asked
      asked, runs[i] = request "held"
      all[i] = assert(over.h:start(asked))
    end
    for i = 20, 1, -1 do
      over.server:release(runs[i])
      assert.equal("released", assert(all[i]:wait()).body)
      if i > 1 then
        assert.equal(false, (all[i - 1]:poll()))
      end
    end
  end)

  it("is driven by whichever is polled", function()
    local asked, run = request "held"
    local first, second = assert(over.h:start(asked)), assert(over.h:start((request "good")))
    assert.equal(200, assert(second:wait()).status)
    over.server:release(run)
    assert.equal("released", assert(first:wait()).body)
  end)

  it("may be polled from another coroutine than the one that began it", function()
    local x = coroutine.wrap(function()
      return assert(over.h:start((request("good", { output = function() end }))))
    end)()
    collectgarbage()
    for _ = 1, 2 do
      assert.equal(200, coroutine.wrap(function() return x:wait() end)().status)
    end
  end)

  it("says how long it can be left alone", function()
    local asked, run = request("held", { timeout_seconds = 60 })
    local x = assert(over.h:start(asked))
    for _ = 1, 10 do
      x:poll()
      local seconds = x:timeout()
      assert.is_true(seconds >= 0 and seconds <= 1)
    end
    over.server:release(run)
    assert(x:wait())
    assert.equal(0, x:timeout())
  end)

  it("ends when its time is over", function()
    for _, time in ipairs { { timeout_seconds = 0.05 }, { timeout_seconds = 1e-9 } } do
      local asked = request("held", time)
      local err = refused({ kind = "timeout" }, function() return over.h:perform(asked) end)
      assert.is_true(err.retryable)
    end
    local x = assert(over.h:start((request("held", { timeout_seconds = 0.05 }))))
    local _, _, err = x:wait(20)
    assert.equal("timeout", err.kind)
    assert_works()
  end)

  it("has the http object's time when it is given none", function()
    over.h:close()
    over.h = assert(http.new { timeout_seconds = 0.05 })
    local asked = request "held"
    refused({ kind = "timeout" }, function() return over.h:perform(asked) end)
  end)

  it("raises for arguments that make no sense", function()
    local x = assert(over.h:start((request "good")))
    assert.has_error(function() x:wait("long") end)
    assert.has_error(function() x.poll(over.h) end)
    assert.has_error(function() x.poll({}) end)
    assert.has_error(function() x.poll() end)
    assert.has_error(function() x.cancel(io.stdout) end)
    assert.has_error(function() over.h.perform(x, (request "good")) end)
    assert.has_error(function() over.h.start({}, (request "good")) end)
    assert.has_error(function() over.h.close() end)
    assert(x:wait())
  end)
end)

describe("cancelling", function()
  it("ends an exchange and its connection", function()
    local asked, run = request("held", { headers = { authorization = SECRET } })
    local x = assert(over.h:start(asked))
    over.server:wait_until(run, function(seen)
      x:poll()
      return #seen.requests == 1
    end)
    x:cancel()
    for _ = 1, 2 do
      local err = refused({ kind = "cancelled", hides = { SECRET } }, function()
        return x:poll()
      end)
      assert.is_falsy(err.retryable)
    end
    x:cancel()
    assert.equal("cancelled", select(3, x:wait()).kind)
    assert.equal(0, x:timeout())
    over.server:wait_until(run, function(seen) return seen.gone == 1 end)
    assert_works()
  end)

  it("before anything was sent sends nothing", function()
    local asked, run = request "good"
    local x = assert(over.h:start(asked))
    x:cancel()
    assert.equal("cancelled", select(3, x:poll()).kind)
    assert_works()
    assert.equal(0, #over.server:seen(run).requests)
  end)

  it("leaves what has ended", function()
    local x = assert(over.h:start((request "good")))
    local response = assert(x:wait())
    x:cancel()
    assert.equal(response, (x:poll()))
  end)

  it("leaves the others", function()
    local asked, run = request "held"
    local first, second = assert(over.h:start(asked)), assert(over.h:start((request "held")))
    first:poll()
    second:cancel()
    over.server:release(run)
    assert.equal("released", assert(first:wait()).body)
  end)
end)

describe("a function of an exchange", function()
  -- Performs a large GET whose output does that at its first piece.
  local function with_output(act)
    local x, result
    local called = false
    x = assert(over.h:start((request("big", { output = function()
      if not called then
        called = true
        result = act(x)
      end
    end }, "/3000000"))))
    return x, function() return result end
  end

  it("may cancel its own exchange", function()
    local x = with_output(function(x) x:cancel() end)
    refused({ kind = "cancelled" }, function() return x:wait() end)
    assert_works()
  end)

  it("may cancel another", function()
    local asked, run = request "held"
    local other = assert(over.h:start(asked))
    local x = with_output(function() other:cancel() end)
    assert.equal(200, assert(x:wait()).status)
    refused({ kind = "cancelled" }, function() return other:poll() end)
    over.server:release(run)
  end)

  it("may drop and collect its own exchange", function()
    local calls, x = 0, nil -- luacheck: ignore
    local asked, run = request("big", { output = function()
      calls = calls + 1
      if calls == 1 then
        x = nil -- luacheck: ignore
        collector.collect()
      end
    end }, "/100000000")
    x = assert(over.h:start(asked)) -- luacheck: ignore
    local other = assert(over.h:start((request "held")))
    over.server:wait_until(run, function(seen)
      other:poll() -- drives them both
      collectgarbage()
      return seen.gone == 1
    end)
    assert.is_true(calls > 0)
    other:cancel()
    assert_works()
  end)

  it("may drop and collect another", function()
    local asked, run = request "held"
    local other = assert(over.h:start(asked))
    over.server:wait_until(run, function(seen)
      other:poll()
      return #seen.requests == 1
    end)
    local x = with_output(function()
      other = nil
      collector.collect()
    end)
    assert.equal(200, assert(x:wait()).status)
    assert.is_nil(other)
    over.server:wait_until(run, function(seen) return seen.gone == 1 end)
  end)

  for name, act in pairs {
    poll = function(x) return x:poll() end,
    wait = function(x) return x:wait() end,
    timeout = function(x) return x:timeout() end,
    perform = function() return over.h:perform((request "good")) end,
    start = function() return over.h:start((request "good")) end,
    close = function() return over.h:close() end,
  } do
    it("cannot call " .. name .. ": that raises, and the exchange goes on", function()
      local x, result = with_output(function(x)
        local ok, message = pcall(act, x)
        return { ok, message }
      end)
      assert.equal(200, assert(x:wait()).status)
      assert.is_false(result()[1])
      assert.is_truthy(result()[2]:find("inside", 1, true))
      assert_works()
    end)
  end

  it("may use another http object", function()
    local another = assert(http.new())
    local x, result = with_output(function()
      return another:perform((request "good"))
    end)
    assert.equal(200, assert(x:wait()).status)
    assert.equal(200, result().status)
    another:close()
  end)

  it("may be a method of the exchange's own world, which is collected with it", function()
    local weak = setmetatable({}, { __mode = "v" })
    do
      local x
      local asked = request("held", { output = function() return x end })
      x = assert(over.h:start(asked))
      weak.exchange = x
    end
    collector.collect()
    assert.is_nil(weak.exchange)
    assert_works()
  end)
end)
