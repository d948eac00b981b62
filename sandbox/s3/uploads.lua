-- Objects that come in parts: begun, given their parts, given up. sandbox/s3/complete.lua ends them
-- well.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local body = require "sandbox.s3.body"
local dates = require "sandbox.s3.dates"
local given = require "sandbox.s3.given"
local range = require "sandbox.s3.range"
local source = require "sandbox.s3.source"
local store = require "sandbox.s3.store"
local uploading = require "sandbox.s3.uploading"
local work = require "sandbox.s3.work"
local xml = require "sandbox.s3.xml"

local uploads = {}

-- ---- begun ----

function uploads.CreateMultipartUpload(request)
  local metadata = given.metadata(request)
  if not metadata then
    return
  end
  local id = uploading.random_name()
  request.store.uploads[id] = {
    id = id, key = request.key, metadata = metadata, parts = {}, begun = ngx.now(),
  }
  answer.document("InitiateMultipartUploadResult", {
    xml.text("Bucket", request.bucket), xml.text("Key", request.key), xml.text("UploadId", id),
  })
end

-- ---- parts ----

function uploads.UploadPart(request)
  local number = given.part_number(request)
  local upload = number and uploading.find(request)
  local received = upload and body.receive(request)
  if not received then
    return
  end
  local part = uploading.keep(upload, number, {
    data = store.adopt(received.path), size = received.size, md5 = received.md5,
  })
  if part then
    answer.empty(200, { etag = ('"%s"'):format(part.etag) })
  end
end

-- What is copied of the source, or the request refused. R2 wants both ends of a range.
local function read_source_range(header, size)
  if not header then
    return { first = 0, last = size - 1 }
  end
  local asked = header:find("^bytes=%d+%-%d+$") and range.read(header)
  if not asked then
    return answer.refuse("InvalidArgument", "Invalid x-amz-copy-source-range: " .. header)
  end
  local part = range.within(asked, size)
  if not part then
    return answer.refuse("InvalidRange")
  end
  return part
end

-- Copies bytes, which others may remove meanwhile.
local function cut(original, part)
  local path, size = store.new_path(), part.last - part.first + 1
  local held = store.hold(original.data)
  local md5 = work.run("cut", size, path, held.path, part.first, part.last)
  store.release(held)
  return { data = store.hold { path = path, holders = 0 }, size = size, md5 = md5 }
end

function uploads.UploadPartCopy(request)
  local number = given.part_number(request)
  local original = number and source.find(request)
  local part = original
    and read_source_range(request.headers["x-amz-copy-source-range"], original.size)
  local upload = part and uploading.find(request)
  if not upload then
    return
  end
  part = uploading.keep(upload, number, cut(original, part))
  if part then
    answer.document("CopyPartResult", {
      xml.text("ETag", ('"%s"'):format(part.etag)),
      xml.text("LastModified", dates.iso(part.modified)),
    })
  end
end

-- ---- ended ----

--- To give up what has ended is to have nothing to do.
function uploads.AbortMultipartUpload(request)
  local upload = request.store.uploads[request.parameters.uploadId]
  if not upload or upload.key ~= request.key then
    return answer.refuse("NoSuchUpload")
  elseif not upload.ended then
    uploading.finish(upload)
  end
  answer.empty(204)
end

return uploads
