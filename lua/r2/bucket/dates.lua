-- Times as S3 writes them, and Unix seconds.

local tc = require "r2.temp_credentials"

local dates = {}

--- Unix seconds of a date in a header, or nil.
dates.read_http = tc._http_date

local DAY = 86400
local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
}

-- Days from 1970-01-01 to a date. A year is taken to begin in March, which puts the leap day at its
-- end.
local function days_to(year, month, day)
  local shifted = month > 2 and month - 3 or month + 9
  year = month > 2 and year or year - 1
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
    + math.floor((153 * shifted + 2) / 5) + day - 719469
end

--- Unix seconds, whole, of a time as lists have it, "2026-01-02T03:04:05.678Z"; or nil.
function dates.read_iso(text)
  local year, month, day, hour, minute, second =
    text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)%.?%d*Z$")
  if not year then
    return nil
  end
  local seconds = days_to(tonumber(year), tonumber(month), tonumber(day)) * DAY
    + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
  return seconds >= 0 and seconds or nil
end

-- The date of that day after 1970-01-01.
local function date_of(days)
  local year = 1970 + math.floor(days / 366)
  while days_to(year + 1, 1, 1) <= days do
    year = year + 1
  end
  local month = 12
  while days_to(year, month, 1) > days do
    month = month - 1
  end
  return year, month, days - days_to(year, month, 1) + 1
end

--- Unix seconds as a header has them (RFC 9110, 5.6.7). os.date would use the locale's names.
function dates.write_http(seconds)
  local days, rest = math.floor(seconds / DAY), seconds % DAY
  local year, month, day = date_of(days)
  return ("%s, %02d %s %04d %02d:%02d:%02d GMT"):format(DAYS[(days + 4) % 7 + 1], day,
    MONTHS[month], year, math.floor(rest / 3600), math.floor(rest / 60) % 60, math.floor(rest % 60))
end

--- Unix seconds as documents have them.
function dates.write_iso(seconds)
  local days, rest = math.floor(seconds / DAY), seconds % DAY
  local year, month, day = date_of(days)
  return ("%04d-%02d-%02dT%02d:%02d:%02dZ"):format(year, month, day, math.floor(rest / 3600),
    math.floor(rest / 60) % 60, math.floor(rest % 60))
end

return dates
