-- A file that came down, held against its object's ETag by reading it again.

local etags = require "r2.bucket.etags"
local fail = require "r2.failure"
local kept_parts = require "r2.bucket.kept_parts"
local parts = require "r2.bucket.parts"

local verifying = {}

-- Whether the file, cut into parts of this size, has that ETag.
local function has_etag(transport, file, size, etag, part_bytes)
  local list = {}
  for number = 1, parts.count(size, part_bytes) do
    local first, length = parts.place(size, part_bytes, number)
    local md5, message, err = kept_parts.md5(transport, file, first, length)
    if not md5 then
      return nil, message, err
    end
    list[number] = { md5 = md5 }
  end
  return etags.of_parts(list) == etag
end

local function of_parts(transport, file, size, etag, part_bytes)
  local count = tonumber(etag:match("^%x+%-(%d+)$"))
  if not count or not etags.is_md5(etag:sub(1, 32)) then
    return false
  end
  for _, bytes in ipairs(parts.likely_sizes(size, count, part_bytes)) do
    local same, message, err = has_etag(transport, file, size, etag:lower(), bytes)
    if same or same == nil then
      return same, message, err
    end
  end
  return false
end

--- Whether a file is known to be the object: by an ETag that is an MD5, or one of parts, of a size
-- that is likely.
-- @treturn boolean false: it cannot be told
-- @return nil, message, err with err.kind bad_response: it is not
function verifying.file(transport, file, size, etag, part_bytes)
  if not etag then
    return false
  elseif not etags.is_md5(etag) then
    return of_parts(transport, file, size, etag, part_bytes)
  end
  local md5, message, err = kept_parts.md5(transport, file, 0, size)
  if not md5 then
    return nil, message, err
  elseif md5 ~= etag:lower() then
    return fail("bad_response", nil, "the object's ETag is not the MD5 of what came")
  end
  return true
end

return verifying
