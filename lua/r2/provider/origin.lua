-- Where a provider's credentials come from: an issuer and a request, and what else of the issuer a
-- provider needs to know. Anything with the methods `create` and `signs` of an issuer will do. One
-- of two parents, of r2.rotating, is two origins, of which one is in use.

local clock = require "r2.clock"
local class = require "r2.issuer.object".class
local copied = require "r2.issuer.copied"
local default_transport = require "r2.transport.default"
local fail = require "r2.failure"
local has_method = require "r2.has_method"
local hidden = require "r2.hidden"
local mint = require "r2.issuer.mint"
local rotating_object = require "r2.rotating.object"

local origin = {}

local STEP = 0.01 -- seconds between two looks at whether another caller is done
local MARGIN = 5 -- seconds beyond what an issuer takes at most
local TIMEOUT = 30 -- seconds, of an issuer that does not say

-- How to pause in the way of the issuer's transport, which may yield to an event loop.
local function pauser(state)
  local transport
  return function()
    if not transport then
      local made, message
      if state then
        made, message = mint.transport_of(state)
      else
        made, message = default_transport()
      end
      transport = made or error(message, 0)
    end
    transport.sleep(STEP)
  end
end

-- Of an issuer that may be none of ours.
local function create(issuer, request, tell)
  local credentials, message, err = issuer:create(copied(request))
  if type(credentials) ~= "table" then
    if type(err) == "table" then
      return nil, message, err
    end
    return fail("bad_response", nil, "the issuer gave neither a credential nor an error")
  elseif tell then
    tell(credentials)
  end
  return credentials
end

-- What belongs to the API: of an issuer that asks it.
local function add_api(made, state, checked, request)
  made.text = checked.url .. "\n" .. checked.body
  function made.mac(text)
    return state.client and state.client:_mac(text)
  end
  function made.read(body, made_at)
    return state.client:response(200, nil, body, made_at, request)
  end
end

local function of_one(issuer, request, given)
  local state = hidden.state(issuer, class)
  if not state and not (has_method(issuer, "create") and has_method(issuer, "signs")) then
    return fail("invalid_config", "issuer", "must be an issuer")
  elseif state and not state.client then
    return fail("invalid_config", "issuer", "is closed")
  end
  local own = copied(request)
  local checked, message, err
  if state then
    checked, message, err = mint.check(state, own)
    if not checked then
      return nil, message, err
    end
  end
  local made = {
    now = given.clock or state and state.clock or clock.now,
    pause = pauser(state),
    seconds = (state and state.timeout_seconds or TIMEOUT) + MARGIN,
    in_request = state and state.transport and state.transport.in_request == true or false,
  }
  function made.create()
    return create(issuer, own, given.made)
  end
  function made.signs()
    return issuer:signs(own)
  end
  if state and not mint.signs(state, own) then
    add_api(made, state, checked, own)
  end
  return made
end

-- Of two parents. Which one is in use is asked once for a credential.
local function of_two(rotating, request, given)
  local origins = {}
  for i, issuer in ipairs { rotating.old, rotating.new } do
    local made, message, err = of_one(issuer, request, given)
    if not made then
      return nil, message, err
    end
    origins[i], origins[issuer] = made, made
  end
  local bucket = rawget(request, "bucket")
  return {
    all = { origins[1], origins[2] },
    now = given.clock or rotating.now,
    pause = origins[2].pause,
    seconds = math.max(origins[1].seconds, origins[2].seconds),
    in_request = origins[1].in_request or origins[2].in_request,
    chosen = function()
      return origins[rotating_object.chosen(rotating, bucket)]
    end,
    go_on = function()
      rotating_object.go_on(rotating, bucket)
    end,
  }
end

--- @tparam issuer issuer
-- @tparam table request
-- @tparam table given clock, made: see r2.provider
-- @treturn table chosen() -> the one in use of `all`, a list of origins: create() -> credentials;
--   signs() whether that takes no time; text, what the request comes to for the API, mac(text)
--   under its token, and read(body, time), as an answer of the API is read: nil where it is not
--   asked; go_on(), where there are two, for each call that has what it wants; and of all of them
--   now() Unix seconds, as the clock tells it; pause(); seconds, that a create takes at most;
--   in_request, whether it must be called while nginx handles a request
-- @return nil, message, err with err.kind invalid_request, invalid_config, unsupported
function origin.of(issuer, request, given)
  local rotating = rotating_object.peek(issuer)
  if rotating then
    return of_two(rotating, request, given)
  end
  local made, message, err = of_one(issuer, request, given)
  if not made then
    return nil, message, err
  end
  made.all = { made }
  function made.chosen()
    return made
  end
  return made
end

return origin
