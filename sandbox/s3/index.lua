-- The keys of a bucket in the order of their bytes, which is R2's. Thousands of them, not millions.

local index = {}
index.__index = index

--- An empty one; its keys are its list.
function index.new()
  return setmetatable({}, index)
end

--- The position of the first key that is not below a text.
function index:from(text)
  local low, high = 1, #self + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if self[middle] < text then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

--- The position of the first key that is above a text.
function index:after(text)
  local at = self:from(text)
  return self[at] == text and at + 1 or at
end

--- The position of the first key that neither is below a text nor begins with it. No UTF-8 has that
-- byte.
function index:past(prefix)
  return self:from(prefix .. "\255")
end

--- Adds a key that is not in it.
function index:add(key)
  table.insert(self, self:from(key), key)
end

--- Removes a key that is in it.
function index:remove(key)
  table.remove(self, self:from(key))
end

return index
