-- Lists of objects, in both versions.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local dates = require "sandbox.s3.dates"
local given = require "sandbox.s3.given"
local paging = require "sandbox.s3.paging"
local xml = require "sandbox.s3.xml"

local list = {}

local MOST = 1000 -- keys and prefixes on a page

-- Above every key.
local END = "\255"

-- A token is the last key of the page before it; a text that is none leads behind all keys.
local function read_token(token)
  return ngx.decode_base64(token) or END
end

-- ---- the answer ----

local function entry_of(object, key, encode)
  return xml.element("Contents", {
    xml.text("Key", encode(key)),
    xml.text("Size", ("%.0f"):format(object.size)),
    xml.text("LastModified", dates.iso(object.modified)),
    xml.text("ETag", ('"%s"'):format(object.etag)),
    xml.text("StorageClass", "STANDARD"),
  })
end

-- Objects first, then prefixes.
local function entries_of(page, objects, encode)
  local parts, prefixes = {}, {}
  for _, entry in ipairs(page) do
    if entry.key then
      parts[#parts + 1] = entry_of(objects[entry.key], entry.key, encode)
    else
      prefixes[#prefixes + 1] = xml.element("CommonPrefixes",
        { xml.text("Prefix", encode(entry.prefix)) })
    end
  end
  return table.concat(parts) .. table.concat(prefixes)
end

-- Adds what a request gave and R2 says again, encoded or as it is.
local function repeated(parameters, parts, encode)
  if parameters.delimiter then
    parts[#parts + 1] = xml.text("Delimiter", encode(parameters.delimiter))
  end
  if parameters["encoding-type"] then
    parts[#parts + 1] = xml.text("EncodingType", "url")
  end
end

local function send(request, asked, page, encode, parts)
  table.insert(parts, 1, table.concat {
    xml.text("Name", request.bucket), entries_of(page, request.store.objects, encode),
    xml.text("IsTruncated", page.truncated or false), xml.text("Prefix", encode(asked.prefix)),
    xml.text("MaxKeys", ("%.0f"):format(asked.max_keys)),
  })
  repeated(request.parameters, parts, encode)
  answer.document("ListBucketResult", parts)
end

-- What both versions ask for, or nothing.
local function read(request)
  local parameters = request.parameters
  local encode = given.encoding(request)
  local limit = encode and given.limit(request, "max-keys", MOST)
  if limit then
    return encode, {
      prefix = parameters.prefix or "", delimiter = parameters.delimiter, after = "",
      limit = math.min(limit, MOST), max_keys = limit,
    }
  end
end

-- A page of no keys is truncated when there is one, and says nothing about where to go on.
local function page_of(request, asked)
  local page = paging.page(request.store.keys, asked)
  if asked.limit == 0 then
    page.last = nil
  end
  return page
end

function list.ListObjectsV2(request)
  local encode, asked = read(request)
  if not asked then
    return
  end
  local token = request.parameters["continuation-token"]
  asked.after = request.parameters["start-after"] or ""
  if token and read_token(token) > asked.after then
    asked.after = read_token(token)
  end
  local page = page_of(request, asked)
  local parts = { xml.text("KeyCount", #page) }
  if request.parameters["start-after"] then
    parts[#parts + 1] = xml.text("StartAfter", encode(request.parameters["start-after"]))
  end
  if token then
    parts[#parts + 1] = xml.text("ContinuationToken", token)
  end
  if page.last then
    parts[#parts + 1] = xml.text("NextContinuationToken", ngx.encode_base64(page.last))
  end
  send(request, asked, page, encode, parts)
end

-- A marker may be a prefix that stood at the end of the page before: what it stands for is over.
local function read_marker(marker, asked)
  if paging.common_prefix(marker, asked.prefix, asked.delimiter) == marker then
    return marker .. END
  end
  return marker
end

--- The first version goes on behind the last name that it has listed.
function list.ListObjects(request)
  local encode, asked = read(request)
  if not asked then
    return
  end
  local marker = request.parameters.marker or ""
  asked.after = read_marker(marker, asked)
  local page = page_of(request, asked)
  local parts, last = { xml.text("Marker", encode(marker)) }, page[#page]
  if page.truncated and last then
    parts[#parts + 1] = xml.text("NextMarker", encode(last.key or last.prefix))
  end
  send(request, asked, page, encode, parts)
end

return list
