-- How objects of r2.http end: collected, closed, finalized while something is under way.
local collector = require "spec.support.collector"
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local http = require "r2.http"
local request, get, assert_works, pieces = over.request, over.get, over.assert_works, over.pieces

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

describe("an exchange that nobody holds", function()
  it("is ended when it is collected", function()
    local asked, run = request "held"
    local x = assert(over.h:start(asked))
    over.server:wait_until(run, function(seen)
      x:poll()
      return #seen.requests == 1
    end)
    x = nil -- luacheck: ignore
    collector.collect()
    over.server:wait_until(run, function(seen) return seen.gone == 1 end)
  end)

  it("is not missed when it has ended", function()
    for _ = 1, 50 do
      assert(assert(over.h:start((request "good"))):wait())
    end
    collectgarbage()
    assert_works()
  end)

  it("keeps its http object alive", function()
    local x
    do
      local own = assert(http.new())
      x = assert(own:start((request "good")))
    end
    collector.collect()
    assert.equal(200, assert(x:wait()).status)
  end)

  it("may go before its http object, after it, or with it", function()
    for order = 1, 200 do
      local own = assert(http.new())
      local all = {}
      for i = 1, 3 do
        local asked = request("held", { output = function() return all end })
        all[i] = assert(own:start(asked))
        if (order + i) % 2 == 0 then
          all[i]:poll()
        end
      end
      if order % 3 == 0 then
        all = nil -- luacheck: ignore
        collectgarbage()
      elseif order % 3 == 1 then
        own = nil -- luacheck: ignore
        collectgarbage()
      end
    end
    collector.collect()
    assert_works()
  end)
end)

describe("closing", function()
  for name, changes in pairs {
    ["ends what is under way, and says so"] = {},
    ["tells no progress any more"] = { progress = function() end },
  } do it(name, function()
    local asked, run = request("held", changes)
    local x = assert(over.h:start(asked))
    over.server:wait_until(run, function(seen)
      x:poll()
      return #seen.requests == 1
    end)
    over.h:close()
    refused({ kind = "cancelled" }, function() return x:poll() end)
    assert.equal("cancelled", select(3, x:wait()).kind)
    assert.equal(0, x:timeout())
    x:cancel()
    over.server:wait_until(run, function(seen) return seen.gone == 1 end)
  end) end

  it("leaves answers that are there", function()
    local x = assert(over.h:start((request "good")))
    local response = assert(x:wait())
    over.h:close()
    assert.equal(response, (x:poll()))
  end)

  it("twice is fine; anything else raises", function()
    over.h:close()
    over.h:close()
    local closed = "r2.http: this object is closed"
    assert.has_error(function() over.h:perform((request "good")) end, closed)
    assert.has_error(function() over.h:start((request "good")) end, closed)
  end)
end)

describe("a finalizer that runs while an answer is handed out", function()
  -- Waits for it, with finalizers running `act` all the time. Waiting allocates nothing on most
  -- Luas, so they run when the result is made.
  local function provoke(act)
    local x = assert(over.h:start((request "headers")))
    local armed = true
    local function arm()
      collector.on_collect(function()
        if armed then
          pcall(act, x)
          arm()
        end
      end)
    end
    local results
    collector.hostile(function()
      collectgarbage()
      arm()
      results = { x:wait() }
    end)
    armed = false
    return results
  end

  it("may poll the same exchange", function()
    for _ = 1, 20 do
      local results = provoke(function(x) x:poll() end)
      assert.equal("ok", assert(results[1], results[2]).body)
      assert.equal("one, two", results[1].headers["x-twice"])
    end
  end)

  it("may cancel it", function()
    for _ = 1, 20 do
      local results = provoke(function(x) x:cancel() end)
      assert.is_true(results[1] and results[1].body == "ok" or results[3].kind == "cancelled")
    end
  end)

  it("may close the http object", function()
    for _ = 1, 20 do
      local results = provoke(function() over.h:close() end)
      assert.is_true(results[1] and results[1].body == "ok" or results[3].kind == "cancelled")
      over.h = assert(http.new())
    end
  end)

  it("may make other requests", function()
    for _ = 1, 5 do
      local inner = 0
      local results = provoke(function()
        if inner < 3 then
          inner = inner + 1
          assert(over.h:perform((request "good")))
        end
      end)
      assert.equal("ok", assert(results[1], results[2]).body)
    end
  end)
end)

describe("a hostile collector", function()
  it("does no harm", function()
    collector.hostile(function()
      for _ = 1, 3 do
        local got = {}
        local response = get("big", {
          method = "PUT", body = pieces { "a", "b", "c" }, headers = { ["x-a"] = "1" },
          output = function(piece) got[#got + 1] = piece end, progress = function() end,
        }, "/100000")
        assert.equal(200, response.status)
        assert.equal(100000, #table.concat(got))
      end
    end)
  end)
end)

describe("a finalizer called by hand", function()
  it("takes its own objects only", function()
    local x = assert(over.h:start((request "held")))
    for _, class in ipairs { over.h, x } do
      local gc = debug.getmetatable(class).__gc
      for _, wrong in ipairs { class == over.h and x or over.h, io.stdout, {}, 5 } do
        assert.has_error(function() gc(wrong) end)
      end
      assert.has_error(function() gc() end)
    end
    debug.getmetatable(x).__gc(x)
    assert.equal("cancelled", select(3, x:poll()).kind)
    debug.getmetatable(over.h).__gc(over.h)
    debug.getmetatable(over.h).__gc(over.h)
    assert.has_error(function() over.h:perform((request "good")) end)
  end)

  it("does not close what libcurl is at work with", function()
    local closed
    local response = assert(over.h:perform((request("good", { output = function()
      closed = pcall(debug.getmetatable(over.h).__gc, over.h)
    end }))))
    assert.equal(200, response.status)
    assert.is_false(closed)
  end)
end)
