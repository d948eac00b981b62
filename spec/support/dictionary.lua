-- A dictionary as nginx's workers share them (ngx.shared.NAME), whose time is told by a clock.
--   values: name -> { value, ends }; room: false, and nothing more is kept
local Dictionary = {}
Dictionary.__index = Dictionary

function Dictionary:get(name)
  local found = self.values[name]
  if found and found.ends > self.clock() then
    return found.value
  end
end

function Dictionary:safe_set(name, value, seconds)
  if not self.room then
    return nil, "no memory"
  end
  self.values[name] = { value = value, ends = self.clock() + seconds }
  return true
end

function Dictionary:safe_add(name, value, seconds)
  if self:get(name) ~= nil then
    return false, "exists"
  end
  return self:safe_set(name, value, seconds)
end

function Dictionary:delete(name)
  self.values[name] = nil
end

return function(clock)
  return setmetatable({ values = {}, clock = clock, room = true }, Dictionary)
end
