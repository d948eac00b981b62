-- An issuer as programs hold it: a table without fields. What it consists of is kept aside, where a
-- script that is handed an issuer does not come: its transport is given the API token. The checks
-- here raise, and blame the caller of the method that makes them.

local object = {}

local states = setmetatable({}, { __mode = "k" })

--- Makes an issuer of what it consists of, and of the class's metatable.
function object.new(state, metatable)
  local issuer = setmetatable({}, metatable)
  states[issuer] = state
  return issuer
end

--- What an issuer consists of. One that is closed has no `client`.
function object.state(issuer, level)
  return states[issuer]
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
