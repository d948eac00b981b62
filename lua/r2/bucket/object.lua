-- A bucket as programs hold it. The checks here raise, and blame the caller of the method that
-- makes them.

local hidden = require "r2.hidden"

local object = {}

-- The class; r2.bucket fills it.
object.class = {}

--- Makes a bucket of what it consists of.
function object.new(state)
  return hidden.new(state, object.class)
end

--- What a bucket consists of.
function object.state(bucket, level)
  return hidden.state(bucket, object.class)
    or error("r2: no bucket; call its methods as bucket:method(...)", level or 3)
end

--- The same, of a bucket that is not closed.
function object.open(bucket)
  local state = object.state(bucket, 4)
  if state.closed then
    error("r2: this bucket is closed", 3)
  end
  return state
end

--- Checks an argument that must be a table or nil.
function object.check_options(value, position, name)
  if value ~= nil and type(value) ~= "table" then
    error(("bad argument #%d to '%s' (table or nil expected, got %s)"):format(
      position, name, type(value)), 3)
  end
end

return object
