-- Time, in Unix seconds.

local tc = require "r2.temp_credentials"
local fail = require "r2.failure"

local clock = {
  now = tc._time, -- the machine's; not Lua's own, because a host may have taken `os` away
  LAST_SECOND = 253402300799, -- of the year 9999: no time is later
}

local function is_time(value)
  return type(value) == "number" and value >= 0 and value < clock.LAST_SECOND + 1 -- NaN is not
end

--- The time that somebody's clock tells. One that tells none is refused, not replaced by the
-- machine's.
-- @tparam function tell
-- @treturn number from 0 to the last second of 9999; a fraction of it counts for nothing
-- @return nil, message, err with err.kind invalid_request
function clock.read(tell)
  local now = tell()
  if is_time(now) then
    return now
  end
  return fail("invalid_request", "clock",
    ("must return Unix seconds: a number from 0 to %d"):format(clock.LAST_SECOND))
end

return clock
