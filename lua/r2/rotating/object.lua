-- A rotation as programs hold it, and which of its two issuers is in use.

local hidden = require "r2.hidden"
local proving = require "r2.rotating.proving"

local object = {}

-- Seconds from the first proof until the new parent is used: it may be known in one place of
-- Cloudflare's and not yet in another for as long (developers.cloudflare.com/r2/api/tokens/).
local SETTLING = 60

--- The class; r2.rotating fills it.
object.class = {}

--- @tparam table state old, new: issuers; now, a function; proving, see r2.rotating.proving
function object.new(state)
  return hidden.new(state, object.class)
end

--- What one consists of; false for all else.
function object.peek(rotating)
  return hidden.state(rotating, object.class)
end

--- The same; raises where it is none.
function object.state(rotating, level)
  return object.peek(rotating)
    or error("r2: no rotation; call its methods as rotating:method(...)", level or 3)
end

--- Where it stands: "old", "proven" or "new". What is new stays so, whatever the clock does.
function object.progress(self, now)
  local proven_at = self.proving.proven_at
  if not self.switched and proven_at then
    if now < proven_at then -- the clock was set back: the minute begins again
      self.proving.proven_at = now
    end
    self.switched = now >= proven_at + SETTLING
  end
  return self.switched and "new" or proven_at and "proven" or "old"
end

--- Goes on with proving the new parent, where that waits for nothing.
-- @tparam table self
-- @param bucket that somebody has a credential for
function object.go_on(self, bucket)
  if proving.is_free(self.proving) then
    proving.go_on(self.proving, self.now, bucket)
  end
end

--- The issuer in use. Goes on with proving the new one where it is not yet.
-- @tparam table self
-- @param bucket that somebody asks for now
-- @treturn issuer
function object.chosen(self, bucket)
  local progress = object.progress(self, self.now())
  proving.go_on(self.proving, self.now, bucket)
  return progress == "new" and self.new or self.old
end

return object
