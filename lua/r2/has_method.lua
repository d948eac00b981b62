-- Whether what somebody else has made can be called so.

local function method_of(value, name)
  return value[name]
end

--- Whether a value is no string and has that method.
-- @param value
-- @tparam string name
-- @treturn boolean
return function(value, name)
  if type(value) ~= "userdata" and type(value) ~= "table" then
    return false
  end
  local can_be_asked, method = pcall(method_of, value, name) -- a light userdata cannot
  return can_be_asked and type(method) == "function"
end
