-- An upload made an object of: the parts that are named, in the order of their numbers.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local body = require "sandbox.s3.body"
local files = require "r2.files"
local percent = require "sandbox.s3.percent"
local store = require "sandbox.s3.store"
local uploading = require "sandbox.s3.uploading"
local work = require "sandbox.s3.work"
local xml = require "sandbox.s3.xml"

local complete = {}

local MAX_PARTS = 10000
local MIN_PART = 5 * 1024 ^ 2 -- bytes, of all parts but the last
local MAX_BYTES = 5 * 1024 ^ 4 - 5 * 1024 ^ 3 -- of an object

local UNEQUAL = "All non-trailing parts must have the same size."
local TWICE = "There was a problem with the multipart upload."

-- The parts that a document names, by number; or the request refused.
local function read_parts(document)
  local named, seen = {}, {}
  for i, part in ipairs(xml.all(document, "Part")) do
    local number = tonumber(xml.value(part, "PartNumber"))
    local etag = xml.value(part, "ETag")
    if not etag or not number or number % 1 ~= 0 then
      return answer.refuse("MalformedXML")
    elseif number < 1 or number > MAX_PARTS then
      return answer.refuse("InvalidPart")
    elseif seen[number] then
      return answer.refuse("InvalidPart", TWICE)
    end
    seen[number] = true
    named[i] = { number = number, etag = etag:gsub('^"', ""):gsub('"$', "") }
  end
  if #named == 0 then
    return answer.refuse("MalformedXML")
  end
  return named
end

-- What an upload has of them, in their order; or the request refused.
local function choose(upload, named)
  table.sort(named, function(a, b) return a.number < b.number end)
  local chosen = {}
  for i, part in ipairs(named) do
    chosen[i] = upload.parts[part.number]
    if not chosen[i] or chosen[i].etag ~= part.etag then
      return answer.refuse("InvalidPart")
    end
  end
  return chosen
end

local function check_sizes(parts)
  local total = 0
  for i, part in ipairs(parts) do
    total = total + part.size
    if i < #parts and part.size < MIN_PART then
      return answer.refuse("EntityTooSmall")
    elseif i < #parts and part.size ~= parts[1].size or part.size > parts[1].size then
      return answer.refuse("InvalidPart", UNEQUAL)
    end
  end
  if total > MAX_BYTES then
    return answer.refuse("EntityTooLarge")
  end
  return total
end

-- Not a digest of the bytes, but of the parts' digests.
local function etag_of(parts)
  local digest = files.digest("md5")
  for _, part in ipairs(parts) do
    digest:update((part.md5:gsub("%x%x", function(digits)
      return string.char(tonumber(digits, 16))
    end)))
  end
  return ("%s-%d"):format(digest:hex("md5"), #parts)
end

-- One part alone is the object as it is.
local function join(parts, total)
  if #parts == 1 then
    return store.hold(parts[1].data)
  end
  local path, sources = store.new_path(), {}
  for i, part in ipairs(parts) do
    sources[i] = { path = part.data.path, size = part.size }
  end
  work.run("join", total, path, sources)
  return store.hold { path = path, holders = 0 }
end

-- Nobody can end the upload, or change it, while its parts are joined.
local function make(request, upload, parts, total)
  upload.ended = true
  local done, data = pcall(join, parts, total)
  if not done then
    upload.ended = false
    error(data)
  end
  local etag = etag_of(parts)
  store.put(request.store, request.key, {
    data = data, size = total, etag = etag, metadata = upload.metadata,
  })
  uploading.finish(upload)
  answer.document("CompleteMultipartUploadResult", {
    xml.text("Bucket", request.bucket), xml.text("Key", request.key),
    xml.text("ETag", ('"%s"'):format(etag)),
    xml.text("Location", ("http://%s/%s/%s"):format(request.headers.host or "",
      request.bucket, percent.encode_path(request.key))),
  })
end

function complete.CompleteMultipartUpload(request)
  local document = body.receive_document(request, "CompleteMultipartUpload")
  local named = document and read_parts(document)
  local upload = named and uploading.find(request)
  local parts = upload and choose(upload, named)
  local total = parts and check_sizes(parts)
  if total then
    make(request, upload, parts, total)
  end
end

return complete
