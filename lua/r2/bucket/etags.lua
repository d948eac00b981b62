-- ETags that are digests: the MD5 of what was put in one request, and for what was put in parts the
-- MD5 of the parts' MD5s, and their number.

local files = require "r2.files"

local etags = {}

--- Whether it has the form of an MD5.
function etags.is_md5(text)
  return type(text) == "string" and #text == 32 and not text:find("%X")
end

local function bytes_of(hex)
  return (hex:gsub("%x%x", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

--- The ETag of an object of these parts, in the order of their numbers; nil where the MD5 of one is
-- not known: its ETag need not be that.
function etags.of_parts(parts)
  local digest = files.digest("md5")
  for _, part in ipairs(parts) do
    local md5 = part.md5 or etags.is_md5(part.etag) and part.etag
    if not md5 then
      return nil
    end
    digest:update(bytes_of(md5))
  end
  return ("%s-%d"):format(digest:hex("md5"), #parts)
end

return etags
