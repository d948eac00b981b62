-- The exchange with Cloudflare's API that brings one credential: what goes out, and how the answer
-- is read. How often, how long and when is r2.attempts' affair.

local attempts = require "r2.attempts"
local clock = require "r2.clock"
local copied = require "r2.issuer.copied"
local fail = require "r2.failure"

local api = {}

local Exchange = {}
Exchange.__index = Exchange

local function was_closed()
  return fail("cancelled", nil, "the issuer was closed meanwhile")
end

function Exchange:encode()
  local issuer = self.issuer
  if not issuer.client then
    return was_closed()
  end
  local message, err
  self.started_at, message, err = clock.read(issuer.clock or clock.now)
  if not self.started_at then
    return nil, message, err
  end
  return self.http_request
end

function Exchange:decode(response)
  local client = self.issuer.client
  if not client then
    return was_closed()
  end
  return client:response(response.status, response.headers, response.body, self.started_at,
    self.request)
end

--- Begins to ask. Nothing is sent yet.
-- @tparam table issuer what an issuer consists of
-- @tparam table transport see docs/transports.md
-- @tparam table request the issuer's request; it is encoded here, once
-- @tparam ?boolean nfc refuse paths that are not in Unicode's NFC
-- @treturn table a run of r2.attempts
-- @return nil, message, err as from client:request
function api.begin(issuer, transport, request, nfc)
  local http_request, message, err = issuer.client:request(request, nfc)
  if not http_request then
    return nil, message, err
  end
  http_request.compressed = true
  local exchange = setmetatable({
    issuer = issuer,
    request = copied(request), -- the answer is read against what was asked
    http_request = http_request,
  }, Exchange)
  return attempts.begin(exchange, transport, {
    seconds = issuer.timeout_seconds,
    count = issuer.max_attempts,
    random = issuer.random,
  })
end

return api
