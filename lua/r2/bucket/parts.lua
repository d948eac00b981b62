-- Into which parts an object is cut: equal ones, but for the last (developers.cloudflare.com/r2/
-- objects/multipart-objects/), of 5 MiB to 5 GiB less 5 MiB, 10,000 at most.

local fail = require "r2.failure"

local parts = {}

local MIB = 2 ^ 20

parts.SMALLEST, parts.LARGEST = 5 * MIB, 5 * 2 ^ 30 - 5 * MIB
local MOST = 10000
local ONE_REQUEST = 64 * MIB -- what is smaller goes in one, unless the program says else
local USUAL = 16 * MIB

--- How many parts of this size an object has.
function parts.count(size, part_bytes)
  return math.max(math.ceil(size / part_bytes), 1)
end

-- Whole mebibytes, so that another program finds the size again by the number of parts.
local function least_for(size)
  return math.ceil(size / MOST / MIB) * MIB
end

--- The size of the parts, or nil where one request is to do.
-- @tparam number size bytes of the object
-- @tparam ?number part_bytes as the program wants it; the file may need larger ones
-- @return nil, message, err with err.kind invalid_request: the object would be too large
function parts.size(size, part_bytes)
  if size > MOST * parts.LARGEST then
    return fail("invalid_request", "path", "is longer than 10,000 parts of 5 GiB")
  elseif size < (part_bytes or ONE_REQUEST) or size == part_bytes then
    return nil
  end
  return math.max(part_bytes or USUAL, least_for(size))
end

--- Where a part is.
-- @tparam number number from 1
-- @treturn number offset
-- @treturn number length
function parts.place(size, part_bytes, number)
  local first = (number - 1) * part_bytes
  return first, math.min(part_bytes, size - first)
end

--- Sizes of parts with which objects of that size and number of parts are usually made: this
-- library's own, and those of well-known programs.
-- @treturn table a list
function parts.likely_sizes(size, count, part_bytes)
  local found, seen = {}, {}
  local function consider(bytes)
    if bytes and not seen[bytes] and bytes > 0 and parts.count(size, bytes) == count then
      seen[bytes] = true
      found[#found + 1] = bytes
    end
  end
  consider(part_bytes)
  consider(math.max(USUAL, least_for(size)))
  for _, mib in ipairs { 5, 8, 10, 15, 16, 25, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1024 } do
    consider(mib * MIB)
  end
  consider(least_for(size))
  if count == 1 then
    consider(size)
  end
  return found
end

return parts
