-- When a credential is followed by the next one: shares of its life, with bounds. A window that is
-- the same for all, as the 15 minutes of some SDKs, would renew a short credential at each call.

local windows = {}

local ADVISORY, ADVISORY_MAX = 0.25, 600 -- share; seconds
local MANDATORY, MANDATORY_MIN, MANDATORY_MAX = 0.05, 5, 60
local MOST = 0.9 -- of a life, in which a credential may be renewed
local JITTER = 0.2 -- so that those that began together do not renew together

--- @tparam number life seconds of a credential
-- @tparam table given advisory_seconds and mandatory_seconds, in place of the shares; or nil
-- @tparam number drawn from 0 to 1
-- @treturn number seconds before its end from which on one caller renews it
-- @treturn number seconds before its end from which on all callers wait for that, at most as many;
--   half as many where they are not given
function windows.of(life, given, drawn)
  local advisory = given.advisory_seconds or math.min(life * ADVISORY, ADVISORY_MAX)
  advisory = math.min(advisory, life * MOST)
  local mandatory = given.mandatory_seconds and math.min(given.mandatory_seconds, advisory)
  advisory = math.max(advisory * (1 - JITTER * drawn), mandatory or 0)
  if not mandatory then
    mandatory = math.min(math.max(life * MANDATORY, MANDATORY_MIN), MANDATORY_MAX, advisory / 2)
  end
  return advisory, mandatory
end

return windows
