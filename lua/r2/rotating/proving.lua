-- Looks from time to time whether the new parent is known, in nobody's way: in a timer of nginx's;
-- elsewhere as a task that goes a step further with each call.

local fail = require "r2.failure"
local strand = require "r2.task.strand"

local proving = {}

local INTERVAL = 5 -- seconds between two looks, at least

--- @tparam function prove function(bucket) -> true, false, or nil, message, err; may wait
-- @tparam boolean in_request whether it must be called while nginx handles a request
-- @treturn table with proven_at once it is known, and failure, { message, err }
function proving.of(prove, in_request)
  return { prove = prove, in_request = in_request }
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

local function settle(self, now, ok, known, message, err)
  if not ok then
    note(self, select(2, fail("bad_response", "prove", "raised: " .. tostring(known))))
  elseif known == true then
    self.proven_at, self.failure = now, nil
  elseif known == nil and type(message) == "string" then
    note(self, message, err)
  elseif known ~= false then
    note(self, select(2, fail("bad_response", "prove", "must return true, false, or nil, message")))
  end
end

-- Runs it to its end.
local function run(self, now, bucket)
  settle(self, now(), strand.protected(self.prove, bucket))
  self.under_way = nil
end

-- Whether nginx does it, or will never.
local function is_deferred(self, now, bucket)
  local ngx = rawget(_G, "ngx")
  if type(ngx) ~= "table" or not ngx.timer or self.in_request then
    return false
  end
  local ok, made = pcall(ngx.timer.at, 0, function(premature)
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

--- Begins to look where it is time, and goes on with what was begun.
-- @tparam table self
-- @tparam function now
-- @param bucket that somebody asks for now
function proving.go_on(self, now, bucket)
  local time = now()
  local is_due = not self.begun_at or time >= self.begun_at + INTERVAL or time < self.begun_at
  if not self.under_way and is_due and type(bucket) == "string" then
    self.begun_at = time
    begin(self, now, bucket)
  end
  step(self, time)
end

return proving
