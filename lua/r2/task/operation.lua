-- An operation that has something to undo when it is interrupted: an upload, a temporary file. It
-- runs in a strand, whoever waits for it: in a task's own; where nothing else is there, in one that
-- is stepped here. So Ctrl-C, which raises in the program's main coroutine, does not end it in the
-- middle: it is cancelled, undoes what it has to, and what was raised goes on.

local strand = require "r2.task.strand"

local SLICE = 0.25 -- seconds until Ctrl-C is noticed

local function finish(own)
  while not own:step(SLICE) do -- luacheck: ignore 542
  end
end

local function block(f)
  local own = strand.new(f)
  local ended, problem = pcall(finish, own)
  if ended then
    return own:outcome()
  end
  own:interrupt()
  finish(own)
  error(problem, 0)
end

local function is_nginx()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and ngx.thread ~= nil
end

local function done(undo, ok, ...)
  if not ok or (...) == nil then
    strand.undo(undo, ...)
  end
  if not ok then
    error((...), 0)
  end
  return ...
end

--- Runs a function, and undoes what it leaves when it fails.
-- @tparam table transport
-- @tparam function f returns a result, or nil, message, err
-- @tparam function undo gets what f returned, or what it raised
-- @return as f
-- @raise what f raised
return function(transport, f, undo)
  local function both()
    return done(undo, strand.protected(f))
  end
  if strand.current() or is_nginx() or not transport.start then
    return both()
  end
  return block(both)
end
