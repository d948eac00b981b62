-- The end of an upload in parts: an object is made of them.

local ask = require "r2.bucket.complete_step"
local object = require "r2.bucket.object"
local request = require "r2.bucket.request"

local completing = {}

--- Makes an object of the parts. Its ETag is held against the parts' MD5s where those are known.
-- @tparam string key
-- @tparam string upload_id
-- @tparam table parts a list of what upload_part returned, or list_parts: number, etag, and md5
--   where it is known
-- @treturn table etag
-- @return nil, message, err as from bucket:put; err.outcome is "unknown" where an answer was lost,
--   and looking at the object could not tell
-- @raise as bucket:put
function completing:complete_upload(key, upload_id, parts)
  local bucket = object.open(self)
  return request.call(bucket, ask(key, upload_id, parts))
end

return completing
