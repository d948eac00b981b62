-- The names of a table's fields, in their order.

--- @tparam table values whose names are strings
-- @treturn table list
return function(values)
  local names = {}
  for name in next, values do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end
