-- The progress of something that goes in several pieces at once: the sum of theirs.

local fail = require "r2.failure"

local tally = {}

local Tally = {}
Tally.__index = Tally

--- @param progress function(done, total), or nil
-- @tparam number total bytes
-- @return nil, message, err with err.kind invalid_request
function tally.of(progress, total)
  if progress ~= nil and type(progress) ~= "function" then
    return fail("invalid_request", "progress", "must be a function")
  end
  return setmetatable({ progress = progress, total = total, finished = 0, current = {} }, Tally)
end

--- Counts a piece that is whole.
function Tally:finish(number, bytes)
  self.current[number] = nil
  self.finished = self.finished + bytes
end

local function done(self)
  local sum = self.finished
  for _, bytes in next, self.current do
    sum = sum + bytes
  end
  return math.min(sum, self.total)
end

--- What a piece's own progress is to be told.
-- @tparam number number of the piece
-- @tparam ?function stopped whether it is to end
-- @treturn function function(done)
function Tally:listener(number, stopped)
  return function(bytes)
    self.current[number] = bytes
    if stopped and stopped() then
      return false
    elseif self.progress then
      return self.progress(done(self), self.total)
    end
  end
end

return tally
