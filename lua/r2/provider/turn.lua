-- One caller's turn to renew a credential. Others wait until it is over; and whoever has it may be
-- gone in the middle: a task that was dropped, a handler that nginx killed with its visitor. So a
-- turn is over too when its task is, and when it has taken longer than it can.

local strand = require "r2.task.strand"

local turn = {}

--- Begins one.
-- @tparam number now Unix seconds
-- @tparam number seconds that it may take
function turn.begin(now, seconds)
  local own = strand.current()
  local of = setmetatable({ task = own }, { __mode = "v" }) -- which may be collected
  return { began = now, seconds = seconds, in_task = own ~= nil, of = of }
end

--- Says in which coroutine it is done.
function turn.enter(self)
  self.of.thread = coroutine.running()
  self.in_thread = self.of.thread ~= nil
end

--- Whether this is called by what is done in it.
function turn.is_inside(self)
  local thread = coroutine.running()
  return thread ~= nil and self.of.thread == thread
end

--- Whether others need not wait for it any longer.
function turn.is_over(self, now)
  local own = self.of.task
  return self.over
    or self.in_task and (own == nil or own.done == true)
    or self.in_thread and self.of.thread == nil -- collected, as of a handler that was killed
    or now < self.began or now >= self.began + self.seconds -- the clock was set back, or it hangs
end

--- Waits until another caller's turn is over.
-- @tparam table self
-- @tparam table origin see r2.provider.origin
-- @treturn boolean true
-- @return nil, message, err with err.kind cancelled: the task that waits was
function turn.wait(self, origin)
  local function is_over()
    return turn.is_over(self, origin.now())
  end
  local current = strand.current()
  if not current then
    repeat
      origin.pause()
    until is_over()
    return true
  end
  return current:await {
    poll = is_over,
    wait = function()
      origin.pause()
      return is_over()
    end,
    cancel = function() end,
  }
end

return turn
