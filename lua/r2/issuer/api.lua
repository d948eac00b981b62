-- One exchange with Cloudflare's API: attempts inside one deadline. What to do after each attempt
-- is decided in one place; who waits, and how, is up to `api.ask` (blocks, or yields inside its
-- transport) and to `r2.issuer.pending` (never waits).

local fail = require "r2.failure"

local api = {}

-- Exponential backoff with full jitter: somewhere between 0 and FIRST_WAIT * 2^(attempt - 1).
local FIRST_WAIT = 0.5 -- seconds
local LONGEST_WAIT = 8

local function is_status(value)
  return type(value) == "number" and value >= 100 and value <= 599 and value % 1 == 0
end

-- A transport, a clock may be anybody's: what they return is tested before it is used.
local function is_response(response)
  return type(response) == "table" and is_status(response.status)
    and (response.headers == nil or type(response.headers) == "table")
    and (response.body == nil or type(response.body) == "string")
end

local function is_error(message, err)
  return type(message) == "string" and type(err) == "table" and type(err.kind) == "string"
end

local LATEST = 253402300799 -- the end of the year 9999

local function is_unix_time(value)
  return type(value) == "number" and value >= 0 and value <= LATEST -- NaN is not
end

-- The answer is read against what was asked, whatever becomes of the caller's table meanwhile.
local function copy_of(request)
  local copy = {}
  for name, value in next, request do
    if type(value) == "table" then
      local list = {}
      for index, item in next, value do
        list[index] = item
      end
      value = list
    end
    copy[name] = value
  end
  return copy
end

local function was_closed()
  return fail("cancelled", nil, "the issuer was closed meanwhile")
end

--- Begins an exchange.
-- @tparam table issuer client, clock, timeout_seconds, max_attempts, random
-- @tparam table transport see docs/transports.md
-- @tparam table request the issuer's request; it is encoded here, once
-- @treturn table the exchange
-- @return nil, message, err as from client:request
function api.begin(issuer, transport, request)
  local http_request, message, err = issuer.client:request(request)
  if not http_request then
    return nil, message, err
  end
  http_request.compressed = true
  local now = transport.now or os.time
  return {
    issuer = issuer,
    request = copy_of(request),
    http_request = http_request,
    now = now,
    deadline = now() + issuer.timeout_seconds,
    left = issuer.timeout_seconds,
    attempts = 0,
  }
end

-- Seconds until the deadline. They never become more: a transport's clock may be the machine's, and
-- somebody may set it back.
local function time_left(exchange)
  local left = exchange.deadline - exchange.now()
  if left < exchange.left then -- NaN is not
    exchange.left = left
  end
  return exchange.left
end

--- Takes the next attempt's HTTP request. An attempt gets half of what remains of the time, the
-- last one all of it.
-- @return nil, message, err when the issuer was closed, or its clock is wrong; the last attempt's
--   error when the time is over, because nobody polled for so long
function api.next_attempt(exchange)
  local issuer = exchange.issuer
  if not issuer.client then
    return was_closed()
  end
  exchange.started_at = (issuer.clock or os.time)()
  if not is_unix_time(exchange.started_at) then
    return fail("invalid_request", "clock",
      "must be Unix seconds: a number from 0 to 253402300799")
  end
  local left = time_left(exchange)
  if left <= 0 and exchange.err then
    return nil, exchange.err.message, exchange.err
  end
  left = math.max(left, 0.001)
  exchange.attempts = exchange.attempts + 1
  exchange.http_request.timeout_seconds =
    exchange.attempts < issuer.max_attempts and left / 2 or left
  return exchange.http_request
end

-- What an attempt came to: credentials, or nil, message, err.
local function outcome(exchange, response, message, err)
  if not exchange.issuer.client then
    return was_closed()
  elseif response == nil and is_error(message, err) then
    return nil, message, err
  elseif not is_response(response) then
    return fail("bad_response", nil, "the transport returned neither a response nor an error")
  end
  return exchange.issuer.client:response(response.status, response.headers, response.body,
    exchange.started_at, exchange.request)
end

-- From 0 to 1. Before 5.4 math.random goes the same way in every process that did not seed it, and
-- all of them would ask again at the same moment. To seed it is up to the program; here the times
-- are mixed in, whose microseconds no two processes share.
local function draw(exchange)
  if not exchange.issuer.random then
    local microseconds = exchange.now() % 1000 * 1e6 + os.clock() * 1e6
    return (math.random() + microseconds * 0.618033988749895) % 1
  end
  local drawn = exchange.issuer.random()
  local good = type(drawn) == "number" and drawn >= 0 and drawn <= 1
  return good and drawn or 1 -- the longest wait is always right
end

-- Seconds to wait before the next attempt, nil when there is to be none.
local function wait_after(exchange, err)
  local issuer = exchange.issuer
  if not err.retryable or exchange.attempts >= issuer.max_attempts then
    return nil
  end
  local longest = math.min(FIRST_WAIT * 2 ^ (exchange.attempts - 1), LONGEST_WAIT)
  local wait = draw(exchange) * longest
  if type(err.retry_after) == "number" and err.retry_after > wait then -- NaN is not
    wait = err.retry_after
  end
  if wait >= time_left(exchange) then
    return nil
  end
  return wait
end

--- Judges what the transport returned for an attempt.
-- @treturn ?number seconds to wait before the next attempt; nil: the exchange has ended
-- @return credentials, or nil, message, err; err.attempts tells how often the service was asked
function api.judge(exchange, response, message, err)
  local credentials
  credentials, message, err = outcome(exchange, response, message, err)
  if credentials then
    return nil, credentials
  end
  err.attempts = exchange.attempts
  exchange.err = err
  return wait_after(exchange, err), nil, message, err
end

--- Asks, and waits for the answer in the transport's own way.
-- @return credentials, or nil, message, err
function api.ask(issuer, transport, request)
  local exchange, message, err = api.begin(issuer, transport, request)
  if not exchange then
    return nil, message, err
  end
  while true do
    local http_request
    http_request, message, err = api.next_attempt(exchange)
    if not http_request then
      return nil, message, err
    end
    local wait, credentials
    wait, credentials, message, err = api.judge(exchange, transport.perform(http_request))
    if credentials then
      return credentials
    elseif not wait then
      return nil, message, err
    end
    transport.sleep(wait)
  end
end

return api
