-- Attempts at one exchange inside one deadline: how long each may take, whether another is worth
-- it, and when. What is sent, and what an answer means, is the exchange's own affair. Who waits,
-- and how, is r2.waiting's.
--
-- An exchange is a table with two methods:
--   encode()          the HTTP request of the next attempt; or nil, message, err, which is the end
--   decode(response)  what the answer brings; or nil, message, err, where err.retryable and
--                     err.retry_after (seconds) tell whether and when to ask again
-- and two that it may have:
--   lost(err)   what an attempt without an answer comes to, as decode says it
--   renew(err)  whether to ask again at once, with something new; it says so once at most

local clock = require "r2.clock"
local fail = require "r2.failure"
local waiting = require "r2.task.waiting"

local attempts = {}

-- Exponential backoff with full jitter: somewhere between 0 and FIRST_WAIT * 2^(attempt - 1).
local FIRST_WAIT = 0.5 -- seconds
local LONGEST_WAIT = 8

-- Whether it has the form of a status: three digits.
local function is_status(value)
  return type(value) == "number" and value >= 0 and value <= 999 and value % 1 == 0
end

-- A transport may be anybody's: what it returns is tested before it is used.
local function is_response(response)
  return type(response) == "table" and is_status(response.status)
    and (response.headers == nil or type(response.headers) == "table")
    and (response.body == nil or type(response.body) == "string")
end

local function is_error(message, err)
  return type(message) == "string" and type(err) == "table" and type(err.kind) == "string"
end

local LONGEST = 604800 -- seconds of an attempt that nothing else bounds: a week

--- Begins. Nothing is sent yet.
-- @tparam table exchange
-- @tparam table transport see docs/transports.md
-- @tparam table limits seconds, for all attempts together, or nil; count, of attempts at most;
--   silence_seconds, where an attempt may take all the time that is left unless its peer is silent
--   for so long, and no wait between two is longer; random, a function that returns a number from 0
--   to 1, or nil
-- @treturn table the run, for attempts.ask
function attempts.begin(exchange, transport, limits)
  local now = transport.now or clock.now
  local seconds = limits.seconds or math.huge
  return {
    exchange = exchange,
    transport = transport,
    limits = limits,
    now = now,
    deadline = now() + seconds,
    left = seconds,
    made = 0,
  }
end

-- Seconds until the deadline. They never become more: a transport's clock may be the machine's, and
-- somebody may set it back.
local function time_left(run)
  local left = run.deadline - run.now()
  if left < run.left then -- NaN is not
    run.left = left
  end
  return run.left
end

-- Seconds for the next attempt: half of what remains, the last one all of it. Where silence ends an
-- attempt, each of them.
local function share(run, left)
  left = math.max(math.min(left, LONGEST), 0.001)
  local is_last = run.limits.silence_seconds or run.made >= run.limits.count
  return is_last and left or left / 2
end

-- The next attempt's HTTP request; or nil, message, err when there is to be none: the error of the
-- last one when the time is over, because nobody polled for so long.
local function next_request(run)
  local request, message, err = run.exchange:encode()
  if not request then
    return nil, message, err
  end
  local left = time_left(run)
  if left <= 0 and run.err then
    return nil, run.err.message, run.err
  end
  run.made = run.made + 1
  request.timeout_seconds = share(run, left)
  request.silence_seconds = run.limits.silence_seconds
  return request
end

-- HTTP has the statuses 100 to 599 (RFC 9110, 15).
local function is_known(status)
  return status >= 100 and status <= 599
end

local function unknown_status(status)
  local _, message, err = fail("bad_response", nil,
    ("the server answered with status %d, which HTTP does not have"):format(status))
  err.status = status
  return nil, message, err
end

-- The response, if it is one; or nil, message, err.
local function received(response, message, err)
  if response == nil and is_error(message, err) then
    return nil, message, err
  elseif not is_response(response) then
    return fail("bad_response", nil, "the transport returned neither a response nor an error")
  elseif not is_known(response.status) then
    return unknown_status(response.status)
  end
  return response
end

-- What an attempt came to: a result, or nil, message, err.
local function outcome(run, response, message, err)
  response, message, err = received(response, message, err)
  if response then
    return run.exchange:decode(response)
  elseif run.exchange.lost then
    return run.exchange:lost(err)
  end
  return nil, message, err
end

-- From 0 to 1. Before 5.4 math.random goes the same way in every process that did not seed it, and
-- all of them would ask again at the same moment. To seed it is up to the program; here the times
-- are mixed in, whose microseconds no two processes share.
local function draw(run)
  local random = run.limits.random
  if not random then
    local microseconds = run.now() % 1000 * 1e6 + (os and os.clock() or 0) * 1e6
    return (math.random() + microseconds * 0.618033988749895) % 1
  end
  local drawn = random()
  local good = type(drawn) == "number" and drawn >= 0 and drawn <= 1
  return good and drawn or 1 -- the longest wait is always right
end

-- Seconds to wait before the next attempt, nil when there is to be none.
local function wait_after(run, err)
  if not err.retryable or run.made >= run.limits.count then
    return nil
  end
  local wait = draw(run) * math.min(FIRST_WAIT * 2 ^ (run.made - 1), LONGEST_WAIT)
  if type(err.retry_after) == "number" and err.retry_after > wait then -- NaN is not
    wait = err.retry_after
  end
  if wait >= time_left(run) or wait > (run.limits.silence_seconds or wait) then
    return nil
  end
  return wait
end

-- Judges what the transport returned for an attempt: seconds to wait before the next one, nil where
-- this was the last; and the result, or nil, message, err. err.attempts tells how often the service
-- was asked.
local function judge(run, response, message, err)
  local result
  result, message, err = outcome(run, response, message, err)
  if result then
    return nil, result
  end
  if err.kind == "bad_response" and run.transport.discard then
    run.transport.discard() -- what follows on that connection may be another request's
  end
  err.attempts = run.made
  run.err = err
  if run.exchange.renew and run.exchange:renew(err) then
    return 0, nil, message, err
  end
  return wait_after(run, err), nil, message, err
end

--- Asks until there is a result, or an error that stays.
-- @return the result, or nil, message, err
function attempts.ask(run)
  while true do
    local request, message, err = next_request(run)
    if not request then
      return nil, message, err
    end
    local wait, result
    wait, result, message, err = judge(run, waiting.perform(run.transport, request))
    if result then
      return result
    elseif not wait then
      return nil, message, err
    end
    waiting.sleep(run.transport, wait)
  end
end

return attempts
