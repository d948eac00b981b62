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
-- @tparam table from see r2.provider.origin
-- @treturn ?table for the functions below; nil where the API is never asked
function shared.of(dictionary, from)
  local is_of_use = false
  for _, origin in ipairs(from.all) do
    if origin.mac then
      origin.name = entry.name(origin)
      is_of_use = true
    end
  end
  return is_of_use and { dictionary = dictionary, from = from } or nil
end

local function find(self, origin)
  if origin.mac then
    return entry.decode(origin, origin.name, self.dictionary:get(origin.name))
  end
end

--- What the dictionary has now, of the origin in use.
-- @treturn ?table credentials
-- @treturn ?number when they were made, Unix seconds
function shared.find(self)
  return find(self, self.from.chosen())
end

local function lock_of(origin)
  return origin.name .. " lock"
end

local function release(self, origin, owner)
  local lock = lock_of(origin)
  if self.dictionary:get(lock) == owner then -- it may have ended, and be another worker's
    self.dictionary:delete(lock)
  end
end

-- Without room each worker keeps its own.
local function keep(self, origin, made, made_at)
  local left = made.expires_at - self.from.now()
  if left > 0 then
    self.dictionary:safe_set(origin.name, entry.encode(origin, origin.name, made, made_at), left)
  end
end

-- For whoever has the lock.
local function find_or_make(self, origin, is_good)
  local found, made_at = find(self, origin) -- of whoever had it before
  if found and is_good(found, made_at) then
    return found, made_at
  end
  made_at = self.from.now()
  local made, message, err = origin.create()
  if not made then
    return nil, message, err
  end
  keep(self, origin, made, made_at)
  return made, made_at
end

-- Raises what was raised, with the lock left to others.
local function released(self, origin, owner, ok, ...)
  release(self, origin, owner)
  if not ok then
    error((...), 0)
  end
  return ...
end

--- Makes a credential, or takes one that another worker has made meanwhile.
-- @tparam table self
-- @tparam table origin that asks the API
-- @tparam number now Unix seconds
-- @tparam function is_good function(credentials, made_at) whether one will do
-- @tparam boolean early whether nobody has to wait: another worker will do it
-- @treturn ?table credentials; nil alone where another worker is at it, and nobody has to wait
-- @treturn number when they were made
-- @return nil, message, err
function shared.fetch(self, origin, now, is_good, early)
  local from, owner = self.from, new_owner()
  local ends = now + from.seconds
  while true do
    local found, made_at = find(self, origin)
    if found and is_good(found, made_at) then
      return found, made_at
    end
    local locked, problem = self.dictionary:safe_add(lock_of(origin), owner, from.seconds)
    local time = from.now()
    if locked or problem ~= "exists" or time > ends or time < now then
      break
    elseif early then
      return nil
    end
    from.pause()
  end
  return released(self, origin, owner, strand.protected(find_or_make, self, origin, is_good))
end

--- Removes an entry, if it is still this credential's.
function shared.remove(self, session_token)
  for _, origin in ipairs(self.from.all) do
    local found = find(self, origin)
    if found and found.session_token == session_token then
      self.dictionary:delete(origin.name)
    end
  end
end

return shared
