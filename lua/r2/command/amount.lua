-- Bytes as a person reads them: 1.25 MB.

local UNITS = { "B", "kB", "MB", "GB", "TB" }

--- @tparam number bytes
-- @treturn string
return function(bytes)
  local unit = 1
  while bytes >= 999.5 and unit < #UNITS do
    bytes, unit = bytes / 1000, unit + 1
  end
  return (unit == 1 and "%.0f %s" or "%.3g %s"):format(bytes, UNITS[unit])
end
