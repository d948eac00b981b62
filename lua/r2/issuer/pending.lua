-- A credential that is on its way: polled from a frame loop, or waited for.

local api = require "r2.issuer.api"
local attempts = require "r2.attempts"
local fail = require "r2.failure"
local hidden = require "r2.hidden"

local Pending = {}
local class = { __index = Pending }

-- What a pending credential consists of: a run of attempts and the one that is under way, or a
-- result. The request holds the API token.
local function state_of(pending)
  return hidden.state(pending, class)
    or error("r2: no pending credential; call its methods as pending:method(...)", 3)
end

local function settle(state, ...)
  state.result = { n = select("#", ...), ... }
  state.attempt, state.run = nil, nil
end

local unpack = table.unpack or unpack -- luacheck: compat

local function result(state)
  return unpack(state.result, 1, state.result.n)
end

local function judge(state, response, message, err)
  if response == false or state.result then -- under way; or given up by the transport's own code
    return
  end
  state.attempt = nil
  local wait, credentials
  wait, credentials, message, err = attempts.judge(state.run, response, message, err)
  if wait then
    state.pause, state.wake = wait, state.run.now() + wait
  elseif credentials then
    settle(state, credentials)
  else
    settle(state, nil, message, err)
  end
end

-- A clock that is set back makes no wait longer than it was to be.
local function is_waiting(state, now)
  state.wake = math.min(state.wake, now + state.pause)
  return now < state.wake
end

-- Starts the next attempt, unless it is to wait longer.
local function start(state)
  local run = state.run
  if state.wake and is_waiting(state, run.now()) then
    return
  end
  state.wake = nil
  local http_request, message, err = attempts.next(run)
  if not http_request then
    return settle(state, nil, message, err)
  end
  local attempt
  attempt, message, err = run.transport.start(http_request)
  if attempt then
    state.attempt = attempt
  else
    judge(state, nil, message, err)
  end
end

--- Goes on as far as it can without waiting.
-- @return false while the credential is on its way; then, at this call and all later ones, what
--   issuer:create returns
function Pending:poll()
  local state = state_of(self)
  if not state.result and not state.attempt then
    start(state)
  end
  if state.attempt then
    judge(state, state.attempt:poll())
  end
  if state.result then
    return result(state)
  end
  return false
end

--- Waits, and blocks the whole process while it does.
-- @tparam ?number seconds at most; default until the credential is there, or an error
-- @return as from poll
function Pending:wait(seconds)
  local state = state_of(self)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    error("bad argument #1 to 'wait' (seconds expected)", 2)
  end
  local done = Pending.poll(self) ~= false
  local run = state.run
  local now = not done and run.now
  local deadline = now and now() + (seconds or math.huge)
  while not done do
    local left = deadline - now()
    if left <= 0 then
      return false
    elseif state.attempt then
      judge(state, state.attempt:wait(left < math.huge and left or nil))
    else
      run.transport.sleep(math.max(math.min(left, state.wake - now()), 0))
    end
    done = Pending.poll(self) ~= false
  end
  return result(state)
end

--- Gives it up: the result becomes nil, message, err with err.kind "cancelled". A credential that
-- is there stays.
function Pending:cancel()
  local state = state_of(self)
  if state.attempt then
    state.attempt:cancel()
  end
  if not state.result then
    settle(state, fail("cancelled", nil, "the request was cancelled"))
  end
end

function class:__tostring()
  local state = state_of(self)
  local progress = not state.result and "under way" or state.result[1] and "ready" or "failed"
  return "r2 pending credential (" .. progress .. ")"
end

local pending = {}

--- A pending credential that is ready, of what issuer:create returned.
-- @return pending, or nil, message, err
function pending.ready(credentials, message, err)
  if not credentials then
    return nil, message, err
  end
  local state = {}
  settle(state, credentials)
  return hidden.new(state, class)
end

--- Begins to ask.
-- @return pending, or nil, message, err as from client:request
function pending.ask(issuer, transport, request)
  local run, message, err = api.begin(issuer, transport, request)
  if not run then
    return nil, message, err
  end
  local state = { run = run }
  start(state)
  return hidden.new(state, class)
end

return pending
