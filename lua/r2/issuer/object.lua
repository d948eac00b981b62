-- An issuer as programs hold it. The checks here raise, and blame the caller of the method that
-- makes them.

local hidden = require "r2.hidden"

local object = {}

-- The class; r2.issuer fills it.
object.class = {}

--- Makes an issuer of what it consists of.
function object.new(state)
  return hidden.new(state, object.class)
end

--- What an issuer consists of. One that is closed has no `client`.
function object.state(issuer, level)
  return hidden.state(issuer, object.class)
    or error("r2: no issuer; call its methods as issuer:method(...)", level or 3)
end

--- The same, of an issuer that is not closed.
function object.open(issuer)
  local state = object.state(issuer, 4)
  if not state.client then
    error("r2: this issuer is closed", 3)
  end
  return state
end

--- Checks an argument that must be a table.
function object.check_table(value, position, name)
  if type(value) ~= "table" then
    error(("bad argument #%d to '%s' (table expected, got %s)"):format(
      position, name, type(value)), 3)
  end
end

--- Checks an argument that must be a table or nil.
function object.check_options(value, position, name)
  if value ~= nil and type(value) ~= "table" then
    error(("bad argument #%d to '%s' (table or nil expected, got %s)"):format(
      position, name, type(value)), 3)
  end
end

return object
