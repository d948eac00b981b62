-- Finalizers that run at any allocation while an exchange is begun, driven and ended, and close,
-- cancel or poll what is at work.
local collector = require "spec.support.collector"
local faulty = require "spec.support.faulty"
local http = require "r2.http"

local server

setup(function()
  server = faulty.start()
end)

teardown(function()
  server:stop()
end)

local function request(fault, run)
  return { method = "GET", url = server:url(fault, run), headers = { ["x-a"] = "1" } }
end

-- Calls h[method] with a finalizer that closes h within it. Returns h, whether it was closed, and
-- what pcall of the call does.
local function closed_within(method, run)
  local h, closed = assert(http.new()), false
  local asked = request("good", run)
  return h, function()
    return closed
  end, collector.interrupt(function()
    h:close()
    closed = true
  end, h[method], h, asked)
end

describe("an http object that a finalizer closes", function()
  it("while an exchange is begun sends nothing: the exchange is cancelled", function()
    for _ = 1, 5 do
      local run = server:new_run()
      local h, closed, ok, x = closed_within("start", run)
      assert.is_true(closed())
      assert.is_true(ok)
      local response, _, err = x:wait()
      assert.is_nil(response)
      assert.equal("cancelled", err.kind)
      assert.equal(0, #server:seen(run).requests)
      h:close()
    end
  end)

  it("while it performs sends nothing or all, and no more after that", function()
    for _ = 1, 5 do
      local run = server:new_run()
      local h, closed, ok, response, _, err = closed_within("perform", run)
      assert.is_true(closed())
      assert.is_true(ok)
      assert.is_true(response and response.status == 200 or err.kind == "cancelled")
      assert.has_error(function() h:start(request("good", run)) end)
      assert.equal(response and 1 or 0, #server:seen(run).requests)
    end
  end)

  it("while another of its exchanges is begun ends that one too", function()
    local run = server:new_run()
    local h = assert(http.new())
    local held = assert(h:start(request("held", run)))
    server:wait_until(run, function(seen)
      held:poll()
      return #seen.requests == 1
    end)
    local ok, x = collector.interrupt(function() h:close() end, h.start, h,
      request("good", run))
    assert.is_true(ok)
    for _, exchange in ipairs { held, x } do
      assert.equal("cancelled", select(3, exchange:poll()).kind)
      assert.equal(0, exchange:timeout())
    end
    assert.equal(1, #server:seen(run).requests)
  end)
end)

describe("an exchange that a finalizer comes upon", function()
  -- It does this at the first allocation of that method.
  for name, act in pairs {
    close = function(h) h:close() end,
    cancel = function(_, x) x:cancel() end,
    poll = function(_, x) x:poll() end,
    wait = function(_, x) x:wait() end,
    perform = function(h, _, run) assert(h:perform(request("good", run))) end,
  } do
    for _, method in ipairs { "poll", "wait", "timeout", "cancel" } do
      it(("bears a %s at the first allocation of %s"):format(name, method), function()
        local run = server:new_run()
        local h = assert(http.new())
        local x = assert(h:start(request("headers", run)))
        assert.is_true((collector.interrupt(function() act(h, x, run) end, x[method], x)))
        local response, _, err = x:wait()
        assert.is_true(response and response.body == "ok" or err.kind == "cancelled")
        h:close()
        assert.is_true(select("#", x:poll()) == (response and 1 or 3))
      end)
    end
  end
end)
