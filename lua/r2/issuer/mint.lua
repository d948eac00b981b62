-- One credential, signed or asked for: which of the two, and over which transport. An issuer here
-- is what it consists of, not what programs hold.

local attempts = require "r2.attempts"
local api = require "r2.issuer.api"
local clock = require "r2.clock"
local default_transport = require "r2.transport.default"
local fail = require "r2.failure"
local tasks = require "r2.task.object"

local mint = {}

--- Whether a request is signed here. It is when it can be: with a parent secret, and for its own
-- parent key. Without an API token there is nothing to fall back on, so the client gets to say what
-- is wrong.
function mint.signs(issuer, request)
  if issuer.mode ~= "auto" then
    return issuer.mode == "local"
  end
  local parent = rawget(request, "parent_access_key_id")
  return issuer.can_sign and
    (parent == nil or parent == issuer.parent_access_key_id or not issuer.can_ask)
end

local function sign(issuer, request, nfc)
  if not issuer.clock then
    return issuer.client:sign(request, nil, nfc)
  end
  local now, message, err = clock.read(issuer.clock)
  if not now then
    return nil, message, err
  end
  return issuer.client:sign(request, now, nfc)
end

-- ---- transports ----

--- The issuer's transport; the default is made when it is first needed.
-- @return nil, message, err with err.kind invalid_config
function mint.transport_of(issuer)
  if not issuer.transport then
    local transport, message, err = default_transport(issuer.ca_file)
    if not transport then
      return nil, message, err
    end
    issuer.transport, issuer.own_transport = transport, transport
  end
  return issuer.transport
end

-- ---- one credential ----

--- Whether a request is one that can be made a credential of. Nothing is sent.
-- @return what is not nil; or nil, message, err
function mint.check(issuer, request)
  if mint.signs(issuer, request) then
    return sign(issuer, request)
  end
  return issuer.client:request(request)
end

--- Makes it, in the time that this takes. With `nfc`, paths that are not in Unicode's NFC are
-- refused.
function mint.create(issuer, request, nfc)
  if mint.signs(issuer, request) then
    return sign(issuer, request, nfc)
  end
  local transport, message, err = mint.transport_of(issuer)
  if not transport then
    return nil, message, err
  end
  local run
  run, message, err = api.begin(issuer, transport, request, nfc)
  if not run then
    return nil, message, err
  end
  return attempts.ask(run)
end

local function same(credentials)
  return credentials
end

--- Begins to make it: a task.
function mint.start(issuer, request)
  if mint.signs(issuer, request) then
    local credentials, message, err = sign(issuer, request)
    if not credentials then
      return nil, message, err
    end
    return tasks.begun(same, credentials)
  end
  local transport, message, err = mint.transport_of(issuer)
  if not transport then
    return nil, message, err
  elseif not transport.start then
    return fail("unsupported", "transport", "must have a function start: this one can only perform")
  end
  local run
  run, message, err = api.begin(issuer, transport, request)
  if not run then
    return nil, message, err
  end
  return tasks.begun(attempts.ask, run)
end

return mint
