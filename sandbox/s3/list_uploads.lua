-- What is still coming: the uploads of a bucket, and the parts of an upload.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local dates = require "sandbox.s3.dates"
local given = require "sandbox.s3.given"
local paging = require "sandbox.s3.paging"
local uploading = require "sandbox.s3.uploading"
local xml = require "sandbox.s3.xml"

local list_uploads = {}

local MOST = 1000 -- parts, uploads and prefixes on a page

-- ---- parts ----

-- The numbers of the parts behind a marker.
local function numbers_after(parts, marker)
  local numbers = {}
  for number in pairs(parts) do
    if number > marker then
      numbers[#numbers + 1] = number
    end
  end
  table.sort(numbers)
  return numbers
end

local function part_of(number, part)
  return xml.element("Part", {
    xml.text("PartNumber", number), xml.text("LastModified", dates.iso(part.modified)),
    xml.text("ETag", ('"%s"'):format(part.etag)), xml.text("Size", ("%.0f"):format(part.size)),
  })
end

function list_uploads.ListParts(request)
  local limit = given.limit(request, "max-parts", MOST)
  local upload = limit and uploading.find(request)
  if not upload then
    return
  end
  local marker = tonumber(request.parameters["part-number-marker"]) or 0
  local numbers, shown = numbers_after(upload.parts, marker), math.min(limit, MOST)
  local truncated = #numbers > shown
  local parts = {
    xml.text("Bucket", request.bucket), xml.text("Key", request.key),
    xml.text("UploadId", upload.id), xml.text("PartNumberMarker", marker),
    xml.text("MaxParts", limit), xml.text("IsTruncated", truncated),
  }
  if truncated and shown > 0 then
    parts[#parts + 1] = xml.text("NextPartNumberMarker", numbers[shown])
  end
  for i = 1, math.min(#numbers, shown) do
    parts[#parts + 1] = part_of(numbers[i], upload.parts[numbers[i]])
  end
  answer.document("ListPartsResult", parts)
end

-- ---- uploads ----

-- Whether an upload comes behind the markers. The second one is of the first one's key.
local function is_behind(upload, key_marker, id_marker)
  return upload.key > key_marker
    or id_marker ~= nil and upload.key == key_marker and upload.id > id_marker
end

local function sorted(all, parameters)
  local prefix, marker = parameters.prefix or "", parameters["key-marker"] or ""
  local found = {}
  for _, upload in pairs(all) do
    if not upload.ended and upload.key:sub(1, #prefix) == prefix
      and is_behind(upload, marker, parameters["upload-id-marker"]) then
      found[#found + 1] = upload
    end
  end
  table.sort(found, function(a, b)
    return a.key < b.key or a.key == b.key and a.id < b.id
  end)
  return found
end

-- The entries of a page: uploads, and prefixes, each of which stands for what follows under it.
local function page_of(found, asked)
  local page = {}
  for _, upload in ipairs(found) do
    local common = paging.common_prefix(upload.key, asked.prefix, asked.delimiter)
    if not (common and page[#page] and page[#page].prefix == common) then
      if #page == asked.limit then
        page.truncated = true
        break
      end
      page[#page + 1] = common and { prefix = common } or { upload = upload }
    end
    page.last = upload
  end
  return page
end

local function entry_of(entry, encode)
  if entry.prefix then
    return xml.element("CommonPrefixes", { xml.text("Prefix", encode(entry.prefix)) })
  end
  return xml.element("Upload", {
    xml.text("Key", encode(entry.upload.key)), xml.text("UploadId", entry.upload.id),
    xml.text("Initiated", dates.iso(entry.upload.begun)),
    xml.text("StorageClass", "STANDARD"),
  })
end

-- What was asked, said again.
local function head_of(request, asked, encode)
  local parameters = request.parameters
  local parts = {
    xml.text("Bucket", request.bucket), xml.text("Prefix", encode(asked.prefix)),
    xml.text("KeyMarker", encode(parameters["key-marker"] or "")),
    xml.text("UploadIdMarker", parameters["upload-id-marker"] or ""),
    xml.text("MaxUploads", asked.limit),
  }
  if asked.delimiter then
    parts[#parts + 1] = xml.text("Delimiter", encode(asked.delimiter))
  end
  if parameters["encoding-type"] then
    parts[#parts + 1] = xml.text("EncodingType", "url")
  end
  return parts
end

function list_uploads.ListMultipartUploads(request)
  local encode = given.encoding(request)
  local limit = encode and given.limit(request, "max-uploads", MOST)
  if not limit then
    return
  end
  local asked = {
    prefix = request.parameters.prefix or "", delimiter = request.parameters.delimiter,
    limit = math.min(limit, MOST),
  }
  local page = page_of(sorted(request.store.uploads, request.parameters), asked)
  local parts = head_of(request, asked, encode)
  parts[#parts + 1] = xml.text("IsTruncated", page.truncated or false)
  if page.truncated and page.last then
    parts[#parts + 1] = xml.text("NextKeyMarker", encode(page.last.key))
    parts[#parts + 1] = xml.text("NextUploadIdMarker", page.last.id)
  end
  for _, entry in ipairs(page) do
    parts[#parts + 1] = entry_of(entry, encode)
  end
  answer.document("ListMultipartUploadsResult", parts)
end

return list_uploads
