--- Tasks: a function that runs while its program does other things, a frame loop say. Whatever of
-- this library would wait in it yields to whoever polls the task.
-- @module r2.task

local fail = require "r2.failure"
local object = require "r2.task.object"
local strand = require "r2.task.strand"

--- Runs a function in a coroutine in which everything of this library that would wait yields
-- instead. It begins with the first poll. What waits must be called in that coroutine, not in one
-- that the function makes; the function may yield by itself, which lasts until the next poll.
-- @function task
-- @tparam function f
-- @param ... its arguments
-- @treturn task with poll, done, wait, cancel
-- @return nil, message, err with err.kind unsupported: inside nginx, where ngx.thread.spawn does it
-- @raise when there is no function
return function(f, ...)
  if type(f) ~= "function" then
    error(("bad argument #1 to 'task' (function expected, got %s)"):format(type(f)), 2)
  end
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.thread then
    return fail("unsupported", nil, "a task cannot run inside nginx: use ngx.thread.spawn there")
  end
  return object.of(strand.new(f, ...))
end
