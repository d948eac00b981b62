-- Many objects moved, several at a time, behind one bar.

local bar = require "r2.command.bar"
local each = require "r2.command.many.each"
local sum = require "r2.command.many.sum"

--- @tparam table given parallel, see r2.command.objects
-- @tparam table over the transport
-- @tparam string title of the bar
-- @tparam table items a list of { name, key }, with bytes, of all
-- @tparam function tell function(key, object) -> what is printed of it
-- @tparam function move function(item, progress) -> the object, or true where nothing is printed;
--   or nil, message, err
-- @treturn string what is printed, in the order of the items
-- @return nil, message, err
return function(given, over, title, items, tell, move)
  local lines = {}
  local done, message, err = bar.around(title, function(progress)
    local listener = sum.of(progress, items.bytes)
    return each(over, given.parallel, items, function(item, number)
      local object, text, failure = move(item, listener())
      lines[number] = type(object) == "table" and tell(item.key, object) or ""
      return object and true, text, failure
    end)
  end)
  return done and table.concat(lines), message, err
end
