--- One credential that is always fresh, for programs that run for months.
-- @module r2.provider

local clock = require "r2.clock"
local config = require "r2.provider.config"
local fail = require "r2.failure"
local hidden = require "r2.hidden"
local kept = require "r2.provider.kept"
local origin = require "r2.provider.origin"
local renewing = require "r2.provider.renewing"
local shared = require "r2.provider.shared"
local turn = require "r2.provider.turn"

local Provider = {}
local class = { __index = Provider }

local function state_of(provider)
  return hidden.state(provider, class)
    or error("r2: no provider; call its methods as provider:method(...)", 3)
end

-- An error for one of several callers, who may tell it in other terms.
local function copy_of(err)
  local copy = {}
  for name, value in next, err do
    copy[name] = value
  end
  return nil, copy.message, copy
end

-- ---- get ----

-- What there is, where that will do.
local function at_hand(self, now)
  local left = kept.left(self, now)
  if left > self.advisory or left > 0 and kept.is_to_wait(self, now) then
    return self.current
  elseif left > self.mandatory and self.turn and not turn.is_over(self.turn, now) then
    return self.current
  end
  return nil, left
end

-- What another worker has left, where it will do for longer than what there is.
local function adopt(self, now)
  local found, made_at
  if self.shared then
    found, made_at = shared.find(self.shared)
  end
  return found and kept.is_better(self, found, now) and kept.take(self, found, made_at, now)
end

-- What a turn came to, for whoever had it or has waited for it; nil alone where it is to be tried
-- once more.
local function outcome(self, own, is_mine)
  if own.raised then
    error(own.raised, 0)
  elseif kept.left(self, self.origin.now()) > 0 then
    return self.current
  elseif own.err and (is_mine or own.err.kind ~= "cancelled") then
    return copy_of(own.err)
  end
end

-- nginx's timers and other coroutines go on while this waits; nothing would where it is called by
-- what it waits for.
local function wait_for(self, own)
  if turn.is_inside(own) then
    return fail("unsupported", nil, "the provider was called by what makes its credentials")
  end
  return turn.wait(own, self.origin)
end

local function renew(self, now, left)
  local early = left > self.mandatory
  local own, is_mine = self.turn, false
  if not own or turn.is_over(own, now) then
    own, is_mine = renewing.begin(self, now, early), true
  end
  if not own.over and not early then
    local good, message, err = wait_for(self, own)
    if not good then
      return nil, message, err
    end
  end
  return outcome(self, own, is_mine)
end

--- A valid credential: the one that is there, or, towards its end, another one. In the last quarter
-- of its life, 10 minutes at most, one caller renews it while all others have the old one; should
-- that fail, so has this one, until it is really over. Only in the last twentieth, 5 to 60 seconds,
-- do callers wait for the one that renews. Waits as issuer:create does: it blocks, or yields in a
-- task, or in nginx.
-- @treturn table credentials, as from issuer:create; all callers have the same table: it is not to
--   be changed
-- @return nil, message, err as from issuer:create, when none is left that is valid; an error that
--   cannot heal is answered for a second without asking again, and rate_limited for as long as it
--   says (err.retry_after), a minute at most; err.kind bad_response also where a new credential is
--   over already
-- @raise when the issuer is closed
function Provider:get()
  local own = state_of(self)
  while true do
    local now, message, err = clock.read(own.origin.now)
    if not now then
      return nil, message, err
    end
    local current, left = at_hand(own, now)
    if current then
      if own.origin.go_on then
        own.origin.go_on()
      end
      return current
    end
    if not adopt(own, now) then
      local failure = kept.remembered(own, now)
      if failure then
        return copy_of(failure)
      end
      current, message, err = renew(own, now, left)
      if current or err then
        return current, message, err
      end
    end
  end
end

-- ---- the rest ----

--- Says that a credential is over, as when R2 refuses it: the next get brings another one. Another
-- credential than the one that is there, by its session token, changes nothing: all of a parent's
-- have the parent's key id.
-- @tparam table credentials
function Provider:invalidate(credentials)
  local own = state_of(self)
  local token = type(credentials) == "table" and rawget(credentials, "session_token")
  if type(token) ~= "string" then
    return
  end
  kept.drop(own, token)
  if own.shared then
    shared.remove(own.shared, token)
  end
end

function class:__tostring()
  local own = state_of(self)
  return "r2 provider" .. (own.current and (" (until %.0f)"):format(own.current.expires_at) or "")
end

--- Makes a provider. Nothing is opened or sent: the first get does.
-- @function provider
-- @tparam issuer issuer what makes credentials; a table with the methods create and signs will do
-- @tparam table request as for issuer:create; it is copied
-- @tparam ?table options
--   advisory_seconds, mandatory_seconds: before a credential's end, in place of the shares of its
--   life; nine tenths of it at most;
--   made: a function that gets each credential that this provider has made; what it raises, get
--   raises;
--   shared: a dictionary of nginx's, ngx.shared.NAME, for one credential of all workers, where the
--   API makes it;
--   clock a function that returns Unix seconds, default the issuer's; random a function that
--   returns a number from 0 to 1
-- @treturn provider with get and invalidate; r2.bucket takes it as its credentials
-- @return nil, message, err with err.kind invalid_request, invalid_config, unsupported
-- @raise when the request is no table
return function(issuer, request, options)
  if type(request) ~= "table" then
    error(("bad argument #2 to 'provider' (table expected, got %s)"):format(type(request)), 2)
  end
  local given, from, message, err
  given, message, err = config.read(options)
  if given then
    from, message, err = origin.of(issuer, request, given)
  end
  if not from then
    return nil, message, err
  end
  return hidden.new({
    origin = from, given = given, random = given.random or math.random,
    shared = given.shared and shared.of(given.shared, from),
    number = 0, taken = 0, failures = 0, advisory = 0, mandatory = 0,
  }, class)
end
