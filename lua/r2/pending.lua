-- A credential that is on its way: polled from a frame loop, or waited for.

local api = require "r2.api"
local fail = require "r2.failure"

local Pending = {}
Pending.__index = Pending

local function settle(pending, ...)
  pending.result = { n = select("#", ...), ... }
  pending.attempt, pending.exchange = nil, nil
end

local unpack = table.unpack or unpack -- luacheck: compat

local function result(pending)
  return unpack(pending.result, 1, pending.result.n)
end

local function judge(pending, response, message, err)
  if response == false then
    return
  end
  pending.attempt = nil
  local wait, credentials
  wait, credentials, message, err = api.judge(pending.exchange, response, message, err)
  if wait then
    pending.wake = pending.exchange.now() + wait
  elseif credentials then
    settle(pending, credentials)
  else
    settle(pending, nil, message, err)
  end
end

-- Starts the next attempt, unless it is to wait longer.
local function start(pending)
  local exchange = pending.exchange
  if pending.wake and exchange.now() < pending.wake then
    return
  end
  pending.wake = nil
  local http_request, message, err = api.next_attempt(exchange)
  if not http_request then
    return settle(pending, nil, message, err)
  end
  local attempt
  attempt, message, err = pending.transport.start(http_request)
  if attempt then
    pending.attempt = attempt
  else
    judge(pending, nil, message, err)
  end
end

--- Goes on as far as it can without waiting.
-- @return false while the credential is on its way; then, at this call and all later ones, what
--   issuer:create returns
function Pending:poll()
  if not self.result and not self.attempt then
    start(self)
  end
  if self.attempt then
    judge(self, self.attempt:poll())
  end
  if self.result then
    return result(self)
  end
  return false
end

--- Waits, and blocks the whole process while it does.
-- @tparam ?number seconds at most; default until the credential is there, or an error
-- @return as from poll
function Pending:wait(seconds)
  local done = self:poll() ~= false
  local now = not done and self.exchange.now
  local deadline = now and now() + (seconds or math.huge)
  while not done do
    local left = deadline - now()
    if left <= 0 then
      return false
    elseif self.attempt then
      judge(self, self.attempt:wait(left < math.huge and left or nil))
    else
      self.transport.sleep(math.max(math.min(left, self.wake - now()), 0))
    end
    done = self:poll() ~= false
  end
  return result(self)
end

--- Gives it up: the result becomes nil, message, err with err.kind "cancelled". A credential that
-- is there stays.
function Pending:cancel()
  if self.attempt then
    self.attempt:cancel()
  end
  if not self.result then
    settle(self, fail("cancelled", nil, "the request was cancelled"))
  end
end

local pending = {}

--- A pending credential that is ready, of what issuer:create returned.
-- @return pending, or nil, message, err
function pending.ready(credentials, message, err)
  if not credentials then
    return nil, message, err
  end
  local self = setmetatable({}, Pending)
  settle(self, credentials)
  return self
end

--- Begins to ask.
-- @return pending, or nil, message, err as from client:request
function pending.ask(issuer, transport, request)
  local exchange, message, err = api.begin(issuer, transport, request)
  if not exchange then
    return nil, message, err
  end
  local self = setmetatable({ exchange = exchange, transport = transport }, Pending)
  start(self)
  return self
end

return pending
