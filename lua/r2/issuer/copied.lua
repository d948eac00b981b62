-- A request of one's own, whatever becomes of the caller's table.

--- @tparam table request
-- @treturn table with copies of its lists
return function(request)
  local copy = {}
  for name, value in next, request do
    if type(value) == "table" then
      local list = {}
      for index, item in next, value do
        list[index] = item
      end
      value = list
    end
    copy[name] = value
  end
  return copy
end
