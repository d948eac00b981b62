-- A turn to renew: in the way of whoever has it; inside nginx, where that waits for the network, in
-- a timer, so that a visitor who leaves takes nothing along.

local kept = require "r2.provider.kept"
local shared = require "r2.provider.shared"
local strand = require "r2.task.strand"
local turn = require "r2.provider.turn"

local renewing = {}

-- What raised is tried again as what may heal is, so that not each caller tries.
local RAISED = { retryable = true }

local function fetch(self, origin, now, early)
  if self.shared and not origin.signs() then
    return shared.fetch(self.shared, origin, now, function(credentials, made_at)
      return kept.is_fresh(self, credentials, made_at, self.origin.now())
    end, early)
  end
  local made, message, err = origin.create()
  return made, made and now or message, err
end

local function drop(self, own)
  own.over = true
  if self.turn == own then
    self.turn = nil
  end
end

-- What a turn came to. One that was late changes nothing that a later one has brought.
local function settle(self, own, ok, made, made_at, err)
  local now = self.origin.now()
  if ok and made and (own.number >= self.taken or kept.left(self, now) <= 0) then
    self.taken = math.max(own.number, self.taken)
    local taken, _, problem = kept.take(self, made, made_at, now)
    made, err = taken, problem
  end
  if not ok then
    own.raised = made
    kept.fail(self, RAISED, now)
  elseif not made and not err then
    kept.leave(self, now)
  elseif not made then
    own.err = err
    if err.kind ~= "cancelled" then
      kept.fail(self, err, now)
    end
  end
  drop(self, own)
end

local function run(self, own, now, early)
  settle(self, own, strand.protected(function()
    turn.enter(own)
    return fetch(self, self.origin.chosen(), now, early)
  end))
end

-- In a timer of nginx's. Whether there is to be one; nginx has none for a worker that is to end.
local function is_deferred(self, own, now, early)
  local ngx = rawget(_G, "ngx")
  if type(ngx) ~= "table" or not ngx.timer or self.origin.in_request
    or self.origin.chosen().signs() then
    return false
  end
  return ngx.timer.at(0, function(premature)
    if premature then -- the worker ends
      drop(self, own)
    else
      run(self, own, now, early)
      if own.raised then -- nobody may be there to see it
        ngx.log(ngx.ERR, "r2.provider: ", tostring(own.raised))
      end
    end
  end)
end

--- Takes the turn. It may be under way when this returns.
-- @tparam table self what a provider consists of
-- @tparam number now Unix seconds
-- @tparam boolean early whether the credential that is there will do
-- @treturn table the turn
-- @raise in a phase of nginx that has no timers
function renewing.begin(self, now, early)
  local own = turn.begin(now, self.origin.seconds)
  self.number = self.number + 1
  own.number = self.number
  self.turn = own
  local ok, deferred = pcall(is_deferred, self, own, now, early)
  if not ok then
    drop(self, own)
    error(deferred, 0)
  elseif not deferred then
    run(self, own, now, early)
  end
  return own
end

return renewing
