-- A task as programs hold it.

local hidden = require "r2.hidden"
local strand = require "r2.task.strand"

local Task = {}
local class = { __index = Task }

local function strand_of(task)
  return hidden.state(task, class)
    or error("r2: no task; call its methods as task:method(...)", 3)
end

--- Goes on as far as it can without waiting.
-- @return false while it is under way; then, at this call and all later ones, what the function
--   returned. A function's own `false` looks the same: `done` tells them apart
-- @raise what the function raised
function Task:poll()
  local own = strand_of(self)
  if not own:step() then
    return false
  end
  return own:outcome()
end

--- Whether the function has ended. Nothing is driven.
-- @treturn boolean
function Task:done()
  return strand_of(self).done == true
end

local function is_seconds(value)
  return type(value) == "number" and value == value
end

-- For one that waits for another: over when that is done, and when the time is.
local function wait_for(other, left)
  return {
    poll = function()
      return other:step() or left() <= 0
    end,
    wait = function(_, seconds)
      return other:step(math.min(seconds or math.huge, left())) or left() <= 0
    end,
    cancel = function() end,
  }
end

-- Steps it as often as it takes, or until the time is over.
local function finish(own, seconds)
  local current = strand.current()
  own:step()
  local now = own:clock()
  local ends = now() + seconds
  local function left()
    return math.max(ends - now(), 0)
  end
  while not own:step() do
    local goes_on, message, err = true, nil, nil
    if left() == 0 then
      return false
    elseif current then
      goes_on, message, err = current:await(wait_for(own, left))
    else
      own:step(left())
    end
    if not goes_on then
      return nil, message, err
    end
  end
  return own:outcome()
end

--- Waits for it: blocks the whole process, or, in another task, yields as all that waits does.
-- @tparam ?number seconds at most; default until the function has ended
-- @return as from poll
-- @raise as from poll
function Task:wait(seconds)
  local own = strand_of(self)
  if seconds ~= nil and not is_seconds(seconds) then
    error("bad argument #1 to 'wait' (seconds expected)", 2)
  end
  return finish(own, seconds or math.huge)
end

--- Gives it up. What the function waits for returns nil, message, err with err.kind "cancelled",
-- and so does all that it would wait for later; what is to be undone is: an upload is aborted, a
-- temporary file removed. Until then poll is false, for 10 seconds at most. A second cancel ends
-- the function where it is. A task that has ended stays as it is.
function Task:cancel()
  strand_of(self):cancel()
end

function class:__tostring()
  local own = strand_of(self)
  if not own.done then
    return "r2 task (under way)"
  end
  local is_error = own.failed or own.results[1] == nil and own.results.n > 1
  return is_error and "r2 task (failed)" or "r2 task (done)"
end

local object = {}

--- A task whose strand this is.
function object.of(own)
  return hidden.new(own, class)
end

--- A task that has begun: what it asks first has gone out.
-- @tparam function f
-- @param ... its arguments
function object.begun(f, ...)
  local own = strand.new(f, ...)
  own:step()
  return object.of(own)
end

return object
