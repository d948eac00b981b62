-- The forms that times have in S3. Here they are Unix seconds, with a fraction where there is one.
-- luacheck: std ngx_lua

local dates = {}

local MONTHS = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
}

--- Reads the form of x-amz-date, 20260102T030405Z; nil where it is none.
function dates.read_basic(text)
  local year, month, day, time = text:match("^(%d%d%d%d)(%d%d)(%d%d)T(%d%d%d%d%d%d)Z$")
  local name = MONTHS[tonumber(month)]
  if not name then
    return nil
  end
  -- nginx does not look at the day of the week.
  return ngx.parse_http_time(("Thu, %s %s %s %s GMT"):format(day, name, year,
    (time:gsub("(%d%d)(%d%d)(%d%d)", "%1:%2:%3"))))
end

--- Reads the forms of HTTP (RFC 9110, section 5.6.7); nil where it is none.
function dates.read_http(text)
  return ngx.parse_http_time(text)
end

--- Writes the form of HTTP.
function dates.http(seconds)
  return ngx.http_time(math.floor(seconds))
end

--- Writes the form of S3's XML, with milliseconds.
function dates.iso(seconds)
  local whole = math.floor(seconds)
  return ("%s.%03dZ"):format(os.date("!%Y-%m-%dT%H:%M:%S", whole),
    math.floor((seconds - whole) * 1000))
end

return dates
