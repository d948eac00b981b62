-- The single steps of an upload in parts, but for its end (r2.bucket.completing).

local object = require "r2.bucket.object"
local request = require "r2.bucket.request"
local steps = require "r2.bucket.upload_steps"

local multipart = {}

--- Begins an upload in parts. R2 ends one by itself after seven days.
-- @tparam string key
-- @tparam ?table options content_type, cache_control, content_disposition, content_encoding,
--   content_language, expires, metadata as for bucket:put
-- @treturn string the upload's id
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function multipart:create_upload(key, options)
  local bucket = object.open(self)
  object.check_options(options, 2, "create_upload")
  return request.call(bucket, steps.create(key, options))
end

--- Sends a part. All but the last have the same size, of 5 MiB at least. A part of the same number
-- is replaced.
-- @tparam string key
-- @tparam string upload_id
-- @tparam number number 1 to 10000
-- @param body as for bucket:put
-- @tparam ?table options content_length, progress as for bucket:put
-- @treturn table number, etag, size, md5: for complete_upload
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function multipart:upload_part(key, upload_id, number, body, options)
  local bucket = object.open(self)
  object.check_options(options, 5, "upload_part")
  return request.call(bucket, steps.part(key, upload_id, number, body, options))
end

--- Gives an upload up; its parts are gone. One that has been given up before counts as gone.
-- @tparam string key
-- @tparam string upload_id
-- @treturn boolean true
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function multipart:abort_upload(key, upload_id)
  local bucket = object.open(self)
  local gone, message, err = request.call(bucket, steps.abort(key, upload_id))
  if not gone and err.code == "NoSuchUpload" then
    return true
  end
  return gone, message, err
end

return multipart
