-- What passes for an open file: whatever has the methods of Lua's own.

local function method_of(value, name)
  return value[name]
end

--- Whether a value is no string and has that method.
return function(value, name)
  if type(value) ~= "userdata" and type(value) ~= "table" then
    return false
  end
  local can_be_asked, method = pcall(method_of, value, name) -- a light userdata cannot
  return can_be_asked and type(method) == "function"
end
