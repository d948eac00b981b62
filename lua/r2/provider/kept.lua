-- What a provider has: a credential, when it was made, and when it is to be renewed; and what its
-- last attempts came to.

local fail = require "r2.failure"
local windows = require "r2.provider.windows"

local kept = {}

local BACKOFF_MAX = 60 -- seconds between two early attempts that fail
local ASKED_MAX = 60 -- seconds of those that an answer asks for, at most
local LEFT = 0.5 -- seconds until the next look at what another worker does
local REMEMBERED = 1 -- seconds that an error which cannot heal is answered with

--- Seconds that the credential has left; below 0 where there is none.
function kept.left(self, now)
  if not self.current then
    return -1
  end
  local left = self.current.expires_at - now
  if now < self.made_at - 1 then -- the clock was set back: when it ends is not known any more
    return math.min(left, self.advisory)
  end
  return left
end

--- Whether a credential lives for longer than the window in which it would be renewed.
function kept.is_fresh(self, credentials, made_at, now)
  return credentials.session_token ~= self.over
    and credentials.expires_at - now
      > windows.of(credentials.expires_at - made_at, self.given, 0)
end

--- Whether a credential is valid, and ends later than the one that is there.
function kept.is_better(self, credentials, now)
  return credentials.session_token ~= self.over and credentials.expires_at > now
    and not (self.current and self.current.expires_at >= credentials.expires_at)
end

--- Takes a credential.
-- @tparam table self
-- @tparam table credentials
-- @tparam number made_at
-- @tparam number now
-- @treturn boolean true
-- @return nil, message, err with err.kind bad_response: it is over already
function kept.take(self, credentials, made_at, now)
  if type(credentials.expires_at) ~= "number" or credentials.expires_at <= now then
    return fail("bad_response", nil, "the credential was over when it came")
  end
  self.current, self.made_at = credentials, math.min(made_at, now) -- the clock may be set back
  self.advisory, self.mandatory =
    windows.of(credentials.expires_at - self.made_at, self.given, self.random())
  self.failures, self.retry_at, self.failure = 0, nil, nil
  return true
end

-- For how long an error is answered with. Who asks again before a limit is over makes it last, and
-- a fleet would do so with each of its callers.
local function remembered_for(err)
  local asked = err.kind == "rate_limited" and err.retry_after
  if type(asked) == "number" and asked > 0 then -- NaN is not
    return math.min(asked, ASKED_MAX)
  end
  return not err.retryable and REMEMBERED or 0
end

--- Notes that an attempt failed.
function kept.fail(self, err, now)
  self.failures = self.failures + 1
  local wait = math.min(2 ^ math.min(self.failures - 1, 6), BACKOFF_MAX)
  local left = kept.left(self, now)
  if left > 0 then -- so that there are some before it ends
    wait = math.min(wait, left / 4)
  end
  self.failed_at = now
  self.retry_at = now + wait * (1 - self.random() / 2)
  self.failure = err
end

--- Notes that another worker is at it: for a moment nobody else tries.
function kept.leave(self, now)
  self.failed_at, self.retry_at, self.failure = now, now + LEFT, nil
end

--- The error that cannot heal, for a second; that of a limit, for as long as it asks.
function kept.remembered(self, now)
  local is_new = self.failure and now >= self.failed_at
    and now < self.failed_at + remembered_for(self.failure)
  return is_new and self.failure or nil
end

--- Whether the last attempt failed so lately that no early one is made.
function kept.is_to_wait(self, now)
  return kept.remembered(self, now) ~= nil
    or self.retry_at ~= nil and now < self.retry_at and now >= self.failed_at
end

--- Forgets a credential that is over, as somebody says.
function kept.drop(self, session_token)
  if self.current and self.current.session_token == session_token then
    self.over, self.current, self.retry_at = session_token, nil, nil
  end
end

return kept
