-- What is copied: an object that is already there.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local store = require "sandbox.s3.store"

local source = {}

--- The object that a request names as its source, or the request refused.
function source.find(request)
  local bucket = store.bucket(request.source.bucket)
  local object = bucket and bucket.objects[request.source.key]
  if not object then
    return answer.refuse(bucket and "NoSuchKey" or "NoSuchBucket")
  end
  return object
end

return source
