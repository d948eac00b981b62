-- Uploads in parts that have begun and not ended, and the parts that one has, listed.

local arguments = require "r2.bucket.arguments"
local dates = require "r2.bucket.dates"
local documents = require "r2.bucket.documents"
local fail = require "r2.failure"
local headers = require "r2.bucket.headers"
local object = require "r2.bucket.object"
local pages = require "r2.bucket.pages"
local request = require "r2.bucket.request"
local xml = require "r2.bucket.xml"

local uploads = {}

local PARTS_MAX = 10000

-- ---- parts ----

local read_options = arguments.reader { "limit", "next" }

local function read_part(element)
  local number = headers.read_length(xml.value(element, "PartNumber"))
  local etag = headers.read_etag(xml.value(element, "ETag"))
  return number and etag and {
    number = number,
    etag = etag,
    size = headers.read_length(xml.value(element, "Size")),
    last_modified = dates.read_iso(xml.value(element, "LastModified") or ""),
  }
end

local function parts_reader(marker)
  return function(element, answer)
    local following = headers.read_length(xml.value(element, "NextPartNumberMarker"))
    local goes_on = following and following > (marker or 0)
    return pages.finish(pages.entries(element, "Part", read_part), element, answer,
      goes_on and following or nil)
  end
end

local function ask_parts(key, upload_id, options)
  local given, good, message, err
  good, message, err = arguments.check_upload(key, upload_id)
  if not good then
    return nil, message, err
  end
  given, message, err = read_options(options)
  if not given then
    return nil, message, err
  end
  good, message, err = arguments.check_whole("limit", given.limit, 1, pages.ENTRIES_MAX)
  if good then
    good, message, err = arguments.check_whole("next", given.next, 0, PARTS_MAX)
  end
  if not good then
    return nil, message, err
  end
  return documents.expect({ operation = "ListParts", method = "GET", key = key, query = {
    uploadId = upload_id, ["max-parts"] = given.limit, ["part-number-marker"] = given.next,
  } }, "ListPartsResult", parts_reader(given.next))
end

--- Lists a page of the parts that an upload has.
-- @tparam string key
-- @tparam string upload_id
-- @tparam ?table options limit 1 to 1000; next as the page before has it
-- @treturn table a list of { number, etag, size, last_modified }; next where it goes on
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function uploads:list_parts(key, upload_id, options)
  local bucket = object.open(self)
  object.check_options(options, 3, "list_parts")
  return request.call(bucket, ask_parts(key, upload_id, options))
end

-- ---- uploads ----

local read_uploads = arguments.reader { "prefix", "delimiter", "limit", "next" }

local function read_upload(element, read_name)
  local key, id = read_name(xml.value(element, "Key")), xml.value(element, "UploadId")
  return key and id and {
    key = key,
    upload_id = id,
    initiated = dates.read_iso(xml.value(element, "Initiated") or ""),
  }
end

-- Where the list goes on is two names, which are handed out as one text.
local function write_next(element, read_name)
  local key = read_name(xml.value(element, "NextKeyMarker"))
  local id = xml.value(element, "NextUploadIdMarker")
  return key and id and ("%d:%s%s"):format(#key, key, id)
end

local function read_next(token)
  local length, rest = token:match("^(%d+):(.*)$")
  length = tonumber(length)
  if not length or length > #rest then
    return nil
  end
  return rest:sub(1, length), rest:sub(length + 1)
end

local function uploads_reader(token)
  return function(element, answer)
    local read_name = pages.name_reader(element)
    local begun = pages.entries(element, "Upload", read_upload, read_name)
    local prefixes = pages.prefixes(element, read_name)
    return pages.finish(begun and prefixes and pages.merge(begun, prefixes), element, answer,
      write_next(element, read_name), token)
  end
end

local function ask_uploads(options)
  local given, good, key, id, message, err
  given, message, err = read_uploads(options)
  if not given then
    return nil, message, err
  end
  good, message, err = pages.check(given, pages.ENTRIES_MAX)
  if not good then
    return nil, message, err
  end
  if given.next ~= nil then
    key, id = read_next(given.next)
    if not key then
      return fail("invalid_request", "next", "must be as the page before has it")
    end
  end
  return documents.expect({ operation = "ListMultipartUploads", method = "GET", query = {
    uploads = "", ["encoding-type"] = "url", prefix = given.prefix, delimiter = given.delimiter,
    ["max-uploads"] = given.limit, ["key-marker"] = key, ["upload-id-marker"] = id,
  } }, "ListMultipartUploadsResult", uploads_reader(given.next))
end

--- Lists a page of the uploads that have begun and not ended.
-- @tparam ?table options prefix, delimiter, limit (1 to 1000), next as for bucket:list_page
-- @treturn table a list of { key, upload_id, initiated (Unix seconds) } and of { prefix }; next
--   where it goes on
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function uploads:list_uploads(options)
  local bucket = object.open(self)
  object.check_options(options, 1, "list_uploads")
  return request.call(bucket, ask_uploads(options))
end

return uploads
