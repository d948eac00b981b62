-- Objects as programs hold them: tables without fields. What one consists of is kept where a script
-- that is handed it does not come: an API token may be in it.

local hidden = {}

-- A table from objects to what they consist of would keep for ever what refers back to its object,
-- as a transport may: 5.1 and LuaJIT have no ephemerons. So a closure in the object's own metatable
-- has it, and gives it to whoever has this key.
local KEY = {}
local classes = setmetatable({}, { __mode = "k" })

--- Makes an object.
-- @tparam table state what it consists of
-- @tparam table class what its metatable has beside that: __index and others
function hidden.new(state, class)
  local metatable = {
    __metatable = false, -- out of a script's reach: what it changed there, all objects would do
    __call = function(_, key)
      return key == KEY and state or error("r2: this is no function", 2)
    end,
  }
  for name, value in next, class do
    metatable[name] = value
  end
  local object = setmetatable({}, metatable)
  classes[object] = class
  return object
end

--- What an object of that class consists of; false for all else.
function hidden.state(object, class)
  return classes[object] == class and object(KEY)
end

return hidden
