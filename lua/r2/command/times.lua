-- Times and durations, as people read and write them.

local times = {}

local UNITS = { s = 1, m = 60, h = 3600, d = 86400, [""] = 1 }

--- Seconds of 90, 90s, 15m, 12h or 7d; nil of anything else. What is too long the library refuses.
function times.seconds_of(duration)
  local count, unit = duration:match("^(%d+)([smhd]?)$")
  if count and #count <= 9 then
    return tonumber(count) * UNITS[unit]
  end
end

--- The same, and parts of a second: 0.5.
function times.timeout_of(duration)
  return times.seconds_of(duration) or duration:find("^%d+%.%d+$") and tonumber(duration) or nil
end

local function counted(count, unit)
  return ("%d %s%s"):format(count, unit, count == 1 and "" or "s")
end

--- "2 days and 3 hours": the two largest units.
-- @tparam number seconds whole, not negative
function times.duration(seconds)
  local units = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } }
  for i, unit in ipairs(units) do
    local count = math.floor(seconds / unit[1])
    if count > 0 or unit[1] == 1 then
      local next_unit = units[i + 1]
      local rest = next_unit and math.floor(seconds % unit[1] / next_unit[1]) or 0
      return counted(count, unit[2]) .. (rest > 0 and " and " .. counted(rest, next_unit[2]) or "")
    end
  end
end

--- A time in UTC.
function times.moment(seconds)
  return os.date("!%Y-%m-%d %H:%M:%S UTC", seconds)
end

return times
