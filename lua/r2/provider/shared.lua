-- One credential for all workers of an nginx, in a dictionary that they share (lua_shared_dict):
-- the one that has the lock asks the API, and leaves what came for the others.

local entry = require "r2.provider.entry"
local has_method = require "r2.has_method"
local strand = require "r2.task.strand"

local shared = {}

local METHODS = { "get", "safe_add", "safe_set", "delete" }

local count = 0

-- A name that no other turn has.
local function new_owner()
  count = count + 1
  return ("%s %d"):format(tostring({}), count)
end

local function is_dictionary(value)
  for _, name in ipairs(METHODS) do
    if not has_method(value, name) then
      return false
    end
  end
  return true
end

--- The setting that has one; see r2.settings.
shared.setting = {
  "shared", "must be a dictionary of nginx's, as ngx.shared.NAME", is_dictionary,
}

--- @tparam table dictionary
-- @tparam table origin see r2.provider.origin
-- @treturn table for the functions below
function shared.of(dictionary, origin)
  local name = entry.name(origin)
  return { dictionary = dictionary, origin = origin, name = name, lock = name .. " lock" }
end

--- What the dictionary has now.
-- @treturn ?table credentials
-- @treturn ?number when they were made, Unix seconds
function shared.find(self)
  return entry.decode(self.origin, self.name, self.dictionary:get(self.name))
end

local function release(self, owner)
  if self.dictionary:get(self.lock) == owner then -- it may have ended, and be another worker's
    self.dictionary:delete(self.lock)
  end
end

-- Without room each worker keeps its own.
local function keep(self, made, made_at)
  local left = made.expires_at - self.origin.now()
  if left > 0 then
    self.dictionary:safe_set(self.name, entry.encode(self.origin, self.name, made, made_at), left)
  end
end

-- For whoever has the lock.
local function find_or_make(self, is_good)
  local found, made_at = shared.find(self) -- of whoever had it before
  if found and is_good(found, made_at) then
    return found, made_at
  end
  made_at = self.origin.now()
  local made, message, err = self.origin.create()
  if not made then
    return nil, message, err
  end
  keep(self, made, made_at)
  return made, made_at
end

-- Raises what was raised, with the lock left to others.
local function released(self, owner, ok, ...)
  release(self, owner)
  if not ok then
    error((...), 0)
  end
  return ...
end

--- Makes a credential, or takes one that another worker has made meanwhile.
-- @tparam table self
-- @tparam number now Unix seconds
-- @tparam function is_good function(credentials, made_at) whether one will do
-- @tparam boolean early whether nobody has to wait: another worker will do it
-- @treturn ?table credentials; nil alone where another worker is at it, and nobody has to wait
-- @treturn number when they were made
-- @return nil, message, err
function shared.fetch(self, now, is_good, early)
  local ends = now + self.origin.seconds
  local owner = new_owner()
  while true do
    local found, made_at = shared.find(self)
    if found and is_good(found, made_at) then
      return found, made_at
    end
    local locked, problem = self.dictionary:safe_add(self.lock, owner, self.origin.seconds)
    local time = self.origin.now()
    if locked or problem ~= "exists" or time > ends or time < now then
      break
    elseif early then
      return nil
    end
    self.origin.pause()
  end
  return released(self, owner, strand.protected(find_or_make, self, is_good))
end

--- Removes an entry, if it is still this credential's.
function shared.remove(self, session_token)
  local found = shared.find(self)
  if found and found.session_token == session_token then
    self.dictionary:delete(self.name)
  end
end

return shared
