-- An upload while it lasts: `id`, `key`, `metadata`, `begun`, and `parts` by number, each with
-- `data`, `size`, `md5`, `etag`, `modified`. One that has `ended` only says that it was.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local store = require "sandbox.s3.store"

local uploading = {}

--- A name that nobody guesses, safe in a URL. R2's ETags of parts are no digests either: the same
-- bytes sent again have another one.
function uploading.random_name()
  local random = assert(io.open("/dev/urandom", "rb"))
  local bytes = random:read(96)
  random:close()
  return (ngx.encode_base64(bytes):gsub("[+/]", { ["+"] = "-", ["/"] = "_" }))
end

--- The upload that a request is about, or the request refused.
-- @treturn table upload that is neither complete nor given up
function uploading.find(request)
  local upload = request.store.uploads[request.parameters.uploadId]
  if not upload or upload.key ~= request.key or upload.ended then
    return answer.refuse("NoSuchUpload")
  end
  return upload
end

--- Keeps a part, in place of one of that number, unless the upload has ended meanwhile.
function uploading.keep(upload, number, part)
  if upload.ended then
    store.release(part.data)
    return answer.refuse("NoSuchUpload")
  end
  local old = upload.parts[number]
  if old then
    store.release(old.data)
  end
  part.etag, part.modified = uploading.random_name(), ngx.now()
  upload.parts[number] = part
  return part
end

--- Ends an upload: its parts are gone, and its id says no more than that it was.
function uploading.finish(upload)
  for _, part in pairs(upload.parts) do
    store.release(part.data)
  end
  upload.parts, upload.ended = {}, true
end

return uploading
