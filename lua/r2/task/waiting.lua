-- How an operation waits: in the way of its transport, which blocks, or yields to an event loop of
-- its own; inside a task by yielding to whoever polls that.

local clock = require "r2.clock"
local fail = require "r2.failure"
local strand = require "r2.task.strand"

local waiting = {}

--- Sends one request, and waits for what comes of it.
-- @return as from a transport's perform
function waiting.perform(transport, request)
  local current = strand.current()
  if not current then
    return transport.perform(request)
  elseif not transport.start then
    return fail("unsupported", "transport",
      "must have a function start inside a task: this one can only perform")
  elseif current:is_stopped() then
    return current:await(nil, transport.now, true)
  end
  local attempt, message, err = transport.start(request)
  if not attempt then
    return nil, message, err
  end
  return current:await(attempt, transport.now, true)
end

-- ---- pauses ----

local Pause = {}
Pause.__index = Pause

-- A clock that is set back makes no pause longer than it was to be.
function Pause:left()
  local now = self.now()
  self.wake = math.min(self.wake, now + self.seconds)
  return self.wake - now
end

function Pause:poll()
  return self:left() <= 0
end

function Pause:wait(seconds)
  local left = self:left()
  if left > 0 then
    self.sleep(math.min(left, seconds or left))
  end
  return self:left() <= 0
end

function Pause.cancel()
end

--- Waits so long.
function waiting.sleep(transport, seconds)
  local current = strand.current()
  if not current then
    return transport.sleep(seconds)
  end
  local now = transport.now or clock.now
  current:await(setmetatable({
    now = now, sleep = transport.sleep, seconds = seconds, wake = now() + seconds,
  }, Pause), now)
end

-- ---- turns ----

--- Lets others go on, in the middle of work that waits for nothing.
function waiting.give_way(transport)
  local current = strand.current()
  if current then
    current:give_way()
  elseif not transport.start then -- it yields to an event loop
    transport.sleep(0)
  end
end

return waiting
