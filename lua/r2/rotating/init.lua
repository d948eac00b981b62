--- A parent's key replaced by another one without a gap: an issuer of two parents.
-- @module r2.rotating

local clock = require "r2.clock"
local fail = require "r2.failure"
local fields = require "r2.fields"
local has_method = require "r2.has_method"
local hidden = require "r2.hidden"
local issuers = require "r2.issuer.object".class
local mint = require "r2.issuer.mint"
local object = require "r2.rotating.object"
local proof = require "r2.rotating.proof"
local proving = require "r2.rotating.proving"

local Rotating = {}

local function bucket_of(request)
  return type(request) == "table" and rawget(request, "bucket") or nil
end

-- The methods of an issuer that make something, each with the bucket that it is for.
local MADE_FOR = {
  create = bucket_of,
  start = bucket_of,
  signs = bucket_of,
  presign = function(_, bucket) return bucket end,
  upload_credentials = function(bucket) return bucket end,
  client_upload_credentials = function(_, bucket) return bucket end,
  download_credentials = function(bucket) return bucket end,
  service_credentials = function(bucket) return bucket end,
}

for name, made_for in next, MADE_FOR do
  Rotating[name] = function(self, ...)
    local chosen = object.chosen(object.state(self), made_for(...))
    return chosen[name](chosen, ...)
  end
end

--- Checks a session token that one of the two parents has signed.
-- @tparam string session_token
-- @treturn table claims, as from issuer:verify
-- @return nil, message, err with err.kind invalid_token or expired
-- @raise as issuer:verify
function Rotating:verify(session_token)
  local own = object.state(self)
  local claims, message, err = own.new:verify(session_token)
  if claims or err.kind == "expired" then
    return claims, message, err
  end
  return own.old:verify(session_token)
end

--- Where it stands. Asks nobody.
-- @treturn string "old": the old parent signs, the new one is not known yet; "proven": it is, and
--   the minute is not over; "new": the new one signs, and the old one's key can go as soon as all
--   that it has signed is over
-- @treturn ?string what the last proof failed with, where that is more than "not yet"
-- @treturn ?table err
function Rotating:progress()
  local own = object.state(self)
  local failure = own.proving.failure or {}
  return object.progress(own, own.now()), failure.message, failure.err
end

--- Looks now whether the new parent is known, and waits for the answer as issuer:create does, 10
-- seconds at most, unless that was looked at in the last 5. For programs outside nginx that make
-- credentials rarely: a proof goes a step further with each call, and too few are none.
-- @tparam string bucket as for a request
-- @treturn string "old", "proven", "new", as from progress
-- @treturn ?string what the last proof failed with
-- @treturn ?table err
-- @return nil, message, err with err.kind invalid_request: the bucket is no string
function Rotating:prove(bucket)
  local own = object.state(self)
  if type(bucket) ~= "string" then
    return fail("invalid_request", "bucket", "must be a string")
  end
  proving.look(own.proving, own.now, bucket)
  return self:progress()
end

--- Closes both issuers.
function Rotating:close()
  local own = object.state(self)
  own.old:close()
  own.new:close()
end

object.class.__index, object.class.__close = Rotating, Rotating.close

function object.class:__tostring()
  local own = object.state(self)
  return "r2 rotation (" .. object.progress(own, own.now()) .. ")"
end

local read = fields.reader("invalid_config", "configuration", { "old", "new", "prove" })

local function check_issuers(given)
  for _, name in ipairs { "old", "new" } do
    local state = hidden.state(given[name], issuers)
    if not state then
      return fail("invalid_config", name, "must be an issuer, as from r2.new")
    elseif not state.client then
      return fail("invalid_config", name, "is closed")
    end
  end
  if given.old == given.new then
    return fail("invalid_config", "new", "must be another issuer than old")
  elseif hidden.state(given.old, issuers).account_id
    ~= hidden.state(given.new, issuers).account_id then
    return fail("invalid_config", "new", "must be of the same account as old")
  end
  return true
end

local function check_prove(given, state)
  if given.prove ~= nil and type(given.prove) ~= "function" then
    return fail("invalid_config", "prove", "must be a function")
  elseif given.prove == nil and not mint.signs(state, {}) then
    return fail("invalid_config", "prove", "is required where the new issuer does not sign")
  end
  return true
end

--- Makes an issuer of two parents, with an issuer's methods. The old one is in use until R2 knows
-- the new one, and for a minute more. To know it, a credential of the new parent lists a prefix in
-- the bucket of a call, at most once in 5 seconds: in nginx in a timer; elsewhere a step with each
-- call, which waits for nothing unless the transport can only perform.
-- @function rotating
-- @tparam table configuration
--   old, new: issuers of one account;
--   prove: in place of that, a function of the call's bucket that returns true: the new parent is
--   known, false: not yet, or nil, message, err; required where the new issuer asks the API
-- @treturn rotating with create, start, signs, presign, the patterns, verify, close; and progress,
--   prove
-- @return nil, message, err with err.kind invalid_config
-- @raise when the configuration is no table
return function(configuration)
  if type(configuration) ~= "table" then
    error(("bad argument #1 to 'rotating' (table expected, got %s)"):format(type(configuration)), 2)
  end
  local given, good, message, err
  given, message, err = read(configuration)
  if given then
    good, message, err = check_issuers(given)
  end
  local state = good and hidden.state(given.new, issuers)
  if good then
    good, message, err = check_prove(given, state)
  end
  if not good then
    return nil, message, err
  end
  local prove = given.prove or function(bucket)
    return proof(state, bucket)
  end
  local in_request = state.transport and state.transport.in_request == true or false
  return object.new {
    old = given.old, new = given.new, now = state.clock or clock.now,
    proving = proving.of(prove, in_request and not given.prove,
      not given.prove and (not state.transport or has_method(state.transport, "start"))),
  }
end
