-- Ranges of bytes: { first, last }, both included and counted from 0; { first } to the end; { -n }
-- the last n.

local fail = require "r2.failure"

local range = {}

local MOST = 2 ^ 53

local function is_whole(value)
  return type(value) == "number" and value >= -MOST and value <= MOST and value % 1 == 0
end

local function check(given)
  if type(given) ~= "table" or getmetatable(given) ~= nil then
    return false
  end
  for index in next, given do
    if index ~= 1 and index ~= 2 then
      return false
    end
  end
  local first, last = given[1], given[2]
  return is_whole(first) and (last == nil or is_whole(last) and first >= 0 and last >= first)
end

--- Reads the option `range`.
-- @treturn string the value of a header
-- @return nil, message, err with err.kind invalid_request
function range.write(given)
  if not check(given) then
    return fail("invalid_request", "range", "must be { first, last }, bytes from 0 and both "
      .. "included, { first } to the end, or { -n } for the last n")
  elseif given[1] < 0 then
    return ("bytes=-%d"):format(-given[1])
  end
  return ("bytes=%d-%s"):format(given[1], given[2] and ("%d"):format(given[2]) or "")
end

--- Reads the header Content-Range.
-- @treturn ?number first
-- @treturn number last
-- @treturn number size of the whole
function range.read(header)
  local first, last, size = (header or ""):match("^bytes (%d+)%-(%d+)/(%d+)$")
  if not size or #size > 15 then
    return nil
  end
  first, last, size = tonumber(first), tonumber(last), tonumber(size)
  if first <= last and last < size then
    return first, last, size
  end
end

--- Whether bytes first to last of size are what was asked for.
function range.is_right(asked, first, last, size)
  if asked[1] < 0 then
    return first == math.max(size + asked[1], 0) and last == size - 1
  end
  return first == asked[1] and last == math.min(asked[2] or size - 1, size - 1)
end

return range
