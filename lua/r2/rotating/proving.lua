-- Looks from time to time whether the new parent is known, in nobody's way: in a timer of nginx's;
-- elsewhere as a task that goes a step further with each call.

local fail = require "r2.failure"
local strand = require "r2.task.strand"

local proving = {}

local INTERVAL = 5 -- seconds between two looks, at least
local LOST = 60 -- seconds until a caller that was looking is taken for gone

--- @tparam function prove function(bucket) -> true, false, or nil, message, err; may wait
-- @tparam boolean in_request whether it must be called while nginx handles a request
-- @tparam boolean steps whether it goes a step further with each call, and never waits in one
-- @treturn table with proven_at once it is known, and failure, { message, err }
function proving.of(prove, in_request, steps)
  return { prove = prove, in_request = in_request, steps = steps }
end

-- nginx's, or nil.
local function timers()
  local ngx = rawget(_G, "ngx")
  return type(ngx) == "table" and ngx.timer or nil
end

--- Whether a call that makes nothing may take it along: it waits for nothing.
function proving.is_free(self)
  return not self.in_request and (self.steps or timers() ~= nil)
end

local function log(failure)
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.log then
    ngx.log(ngx.ERR, "r2.rotating: ", failure.message)
  end
end

-- Once for each that is another one than the last.
local function note(self, message, err)
  local before = self.failure
  self.failure = { message = message, err = err }
  if not before or before.message ~= message then
    log(self.failure)
  end
end

-- What a look came to; it has been known since then, not since the look began.
local function settle(self, now, ok, known, message, err)
  if not ok then
    note(self, select(2, fail("bad_response", "prove", "raised: " .. tostring(known))))
  elseif known == true then
    self.proven_at, self.failure = now(), nil
  elseif known == nil and type(message) == "string" then
    note(self, message, err)
  elseif known ~= false then
    note(self, select(2, fail("bad_response", "prove", "must return true, false, or nil, message")))
  end
end

-- Runs it to its end.
local function run(self, now, bucket)
  settle(self, now, strand.protected(self.prove, bucket))
  self.under_way = nil
end

-- Whether nginx does it, or will never.
local function is_deferred(self, now, bucket)
  local timer = not self.in_request and timers()
  if not timer then
    return false
  end
  local ok, made = pcall(timer.at, 0, function(premature)
    if premature then
      self.under_way = nil
    else
      run(self, now, bucket)
    end
  end)
  self.under_way = ok and made and "timer" or nil
  return true
end

local function begin(self, now, bucket)
  if is_deferred(self, now, bucket) then
    return
  elseif self.in_request then
    self.under_way = "call"
    return run(self, now, bucket)
  end
  self.under_way = strand.new(strand.protected, self.prove, bucket)
end

local function step(self, now)
  local own = self.under_way
  if type(own) == "table" and own:step() then
    self.under_way = nil
    settle(self, now, own:outcome())
  end
end

-- Whether one is under way. A call's may have gone with a handler that nginx killed.
local function is_busy(self, time)
  local is_lost = self.under_way == "call"
    and (time < self.begun_at or time >= self.begun_at + LOST)
  return self.under_way ~= nil and not is_lost
end

local function is_due(self, time)
  return not self.begun_at or time >= self.begun_at + INTERVAL or time < self.begun_at
end

--- Begins to look where it is time, and goes on with what was begun. Nothing once it is known.
-- @tparam table self
-- @tparam function now
-- @param bucket that somebody asks for now
function proving.go_on(self, now, bucket)
  if self.proven_at then
    return
  end
  local time = now()
  if not is_busy(self, time) and is_due(self, time) and type(bucket) == "string" then
    self.begun_at = time
    begin(self, now, bucket)
  end
  step(self, now)
end

--- Looks, and waits for what it comes to, unless it is known, or somebody is at it or was a moment
-- ago. What went on in steps is begun anew.
-- @tparam table self
-- @tparam function now
-- @tparam string bucket
function proving.look(self, now, bucket)
  local time, own = now(), self.under_way
  if self.proven_at then
    return
  elseif type(own) == "table" then
    own:drop()
  elseif is_busy(self, time) or not is_due(self, time) then
    return
  end
  self.begun_at, self.under_way = time, "call"
  run(self, now, bucket)
end

return proving
