-- Providers by what they are for, so many at most: the one that was not used for longest goes.

local cache = {}

local Cache = {}
Cache.__index = Cache

--- @tparam number most
function cache.new(most)
  return setmetatable({ most = most, count = 0, time = 0, entries = {} }, Cache)
end

local function forget_oldest(self)
  local oldest
  for name, entry in next, self.entries do
    if not oldest or entry.used < self.entries[oldest].used then
      oldest = name
    end
  end
  self.entries[oldest], self.count = nil, self.count - 1
end

--- What has that name, or what `make` makes.
-- @tparam string name
-- @tparam function make
-- @return nil, message, err as from make
function Cache:get(name, make)
  self.time = self.time + 1
  local entry = self.entries[name]
  if not entry then
    local value, message, err = make()
    if not value then
      return nil, message, err
    end
    if self.count >= self.most then
      forget_oldest(self)
    end
    entry = { value = value }
    self.entries[name], self.count = entry, self.count + 1
  end
  entry.used = self.time
  return entry.value
end

return cache
