-- Several workers at once over one transport.
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local fail = require "r2.failure"
local together = require "r2.task.together"
local waiting = require "r2.task.waiting"
local r2 = require "r2"

local function transport_with(seconds)
  return scripted.transport { { takes = seconds, scripted.status(200) } }
end

-- Has so many workers ask, each so often.
local function ask(transport, count, times)
  return together.run(transport, count, function()
    for _ = 1, times do
      local answer, message, err = waiting.perform(transport, {})
      if not answer then
        return nil, message, err
      end
    end
    return true
  end)
end

describe("workers", function()
  it("ask at the same time", function()
    local transport, log = transport_with(5)
    assert.is_true(ask(transport, 4, 2))
    assert.equal(8, #log.asked)
    assert.equal(1010, log.now)
  end)

  it("ask one after the other where the transport can only perform", function()
    local transport, log = transport_with(5)
    transport.start = nil
    assert.is_true(ask(transport, 4, 2))
    assert.equal(2, #log.asked)
  end)

  it("wait with the transport where that can wait for all", function()
    local transport, log = transport_with(5)
    local waits = 0
    function transport.wait(seconds)
      waits = waits + 1
      log.now = log.now + math.min(seconds or 5, 5)
    end
    assert.is_true(ask(transport, 3, 1))
    assert.equal(1, waits)
    assert.same({}, log.waited)
  end)

  it("ask in a task without waiting", function()
    local transport, log = transport_with(5)
    local task = r2.task(ask, transport, 3, 1)
    assert.equal(false, (task:poll()))
    assert.equal(3, #log.asked)
    assert.equal(false, (task:poll()))
    log.now = log.now + 5
    while not task:done() do
      task:poll()
    end
    assert.is_true(task:poll())
    assert.equal(1005, log.now)
  end)

  it("end with the first that fails, which cancels the others", function()
    local transport, log = transport_with(5)
    local kinds = {}
    local result, message = together.run(transport, 3, function(number)
      if number == 2 then
        return fail("api", nil, "the second has failed")
      end
      local answer, message, err = waiting.perform(transport, {})
      kinds[number] = err and err.kind
      return answer, message, err
    end)
    assert.is_nil(result)
    assert.equal("the second has failed", message)
    assert.same({ [1] = "cancelled", [3] = "cancelled" }, kinds)
    assert.equal(2, log.cancelled)
  end)

  it("raise what one of them raised", function()
    local transport, log = transport_with(5)
    assert.has_error(function()
      together.run(transport, 2, function(number)
        if number == 1 then
          error("raised by the first", 0)
        end
        return waiting.perform(transport, {})
      end)
    end, "raised by the first")
    assert.equal(1, log.cancelled)
  end)

  it("end with the task that they work for", function()
    local transport, log = transport_with(5)
    local task = r2.task(ask, transport, 3, 1)
    task:poll()
    task:cancel()
    repeat
      local result = task:poll()
    until result ~= false
    refused({ kind = "cancelled" }, function()
      return task:poll()
    end)
    assert.equal(3, log.cancelled)
  end)
end)
