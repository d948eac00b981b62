-- Something done with many things, several at a time. The first that fails ends it, and says how
-- far it came; what is under way then undoes what it has begun.

local operation = require "r2.task.operation"
local text = require "r2.command.text"
local together = require "r2.task.together"

local function nothing()
end

-- What failed, where it was one of many. No argument of the command is to blame by itself.
local function told(item, done, count, err)
  err.field, err.item = nil, nil
  err.message = ("%s: %s (%.0f of %.0f done)"):format(text.plain(item.name), err.message, done,
    count)
  return nil, err.message, err
end

--- @tparam table transport
-- @tparam number parallel
-- @tparam table items a list of tables with a name
-- @tparam function use function(item, its number) -> true; or nil, message, err
-- @treturn boolean true
-- @return nil, message, err
return function(transport, parallel, items, use)
  local begun, done = 0, 0

  local function worker()
    while begun < #items do
      begun = begun + 1
      local item = items[begun]
      local good, _, err = use(item, begun)
      if not good then
        return told(item, done, #items, err)
      end
      done = done + 1
    end
    return true
  end

  if #items == 0 then
    return true
  end
  return operation(transport, function()
    return together.run(transport, math.min(parallel or 4, #items), worker)
  end, nothing)
end
