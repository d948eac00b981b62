-- A task that is given up: what it waits for ends, what it has to undo is undone, for 10 seconds at
-- most.
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local strand = require "r2.task.strand"
local waiting = require "r2.task.waiting"
local r2 = require "r2"

-- A transport whose answers each take so many seconds.
local function transport_with(seconds)
  return scripted.transport { { takes = seconds, scripted.status(200) } }
end

local function cancelled(task)
  return refused({ kind = "cancelled" }, function()
    return task:poll()
  end)
end

describe("a task that is cancelled", function()
  it("never begins when it has not", function()
    local begun = false
    local task = r2.task(function() begun = true end)
    task:cancel()
    cancelled(task)
    assert.is_false(begun)
  end)

  it("gets nil and the reason for what it waits for, and for all that follows", function()
    local transport, log = transport_with(5)
    local kinds = {}
    local task = r2.task(function()
      for i = 1, 3 do
        kinds[i] = select(3, waiting.perform(transport, {})).kind
      end
      return "its own result"
    end)
    task:poll()
    task:cancel()
    assert.equal(1, log.cancelled)
    repeat
      local result = task:poll()
    until result
    assert.same({ "cancelled", "cancelled", "cancelled" }, kinds)
    assert.equal(1, #log.asked)
    assert.equal("its own result", task:poll())
  end)

  it("keeps its poller for no longer than a turn, even if it asks for ever", function()
    local transport = transport_with(5)
    local task = r2.task(function()
      while true do
        waiting.perform(transport, {})
      end
    end)
    task:poll()
    task:cancel()
    for _ = 1, 10 do
      assert.equal(false, (task:poll()))
    end
    task:cancel()
    cancelled(task)
  end)

  it("wakes from a pause", function()
    local transport, log = transport_with(5)
    local task = r2.task(function()
      waiting.sleep(transport, 1000)
      return log.now
    end)
    task:poll()
    task:cancel()
    assert.equal(1000, task:poll())
  end)

  it("may wait for what it undoes", function()
    local transport, log = transport_with(5)
    local undone
    local task = r2.task(function()
      local _, message, err = waiting.perform(transport, {})
      strand.undo(function()
        undone = waiting.perform(transport, {})
      end)
      return nil, message, err
    end)
    task:poll()
    task:cancel()
    assert.equal(false, (task:poll()))
    assert.equal(2, #log.asked)
    log.now = log.now + 5
    cancelled(task)
    assert.equal(200, undone.status)
  end)

  it("has ten seconds for that", function()
    local transport, log = transport_with(1000)
    local task = r2.task(function()
      waiting.perform(transport, {})
      strand.undo(waiting.perform, transport, {})
    end)
    task:poll()
    task:cancel()
    task:poll()
    log.now = log.now + 10
    assert.equal(false, (task:poll()))
    log.now = log.now + 0.1
    cancelled(task)
    assert.equal(2, log.cancelled)
  end)

  it("stays what it was when it had ended", function()
    local task = r2.task(function() return "result" end)
    task:poll()
    task:cancel()
    assert.equal("result", task:poll())
  end)

  it("may be the one that does it", function()
    local transport, log = transport_with(0)
    local task
    task = r2.task(function()
      task:cancel()
      return waiting.perform(transport, {})
    end)
    cancelled(task)
    assert.equal(0, #log.asked)
  end)
end)

describe("a protected call", function()
  it("hands on what waits inside of it, and what is raised there", function()
    local transport, log = transport_with(5)
    local task = r2.task(function()
      local ok, status = strand.protected(function()
        return waiting.perform(transport, {}).status
      end)
      local raised, problem = strand.protected(function()
        waiting.perform(transport, {})
        error("raised", 0)
      end)
      return ok, status, raised, problem
    end)
    assert.equal(false, (task:poll()))
    log.now = log.now + 5
    assert.equal(false, (task:poll()))
    log.now = log.now + 5
    assert.same({ true, 200, false, "raised" }, { task:poll() })
  end)

  it("blocks outside of a task", function()
    local transport = transport_with(5)
    assert.same({ true, { status = 200, headers = {}, body = "" } },
      { strand.protected(waiting.perform, transport, {}) })
    assert.same({ false, "raised" }, { strand.protected(error, "raised", 0) })
  end)
end)
