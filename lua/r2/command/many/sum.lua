-- How far many transfers have come, told as that of one.

local sum = {}

--- @tparam ?function progress function(done, total), or nil where nobody is to be told
-- @tparam number total bytes of all
-- @treturn function makes what one transfer's progress is told to; nil for none
function sum.of(progress, total)
  if not progress then
    return function() end
  end
  local all = 0
  return function()
    local before = 0
    return function(done)
      all, before = all + done - before, done
      progress(all, math.max(total, all))
    end
  end
end

return sum
