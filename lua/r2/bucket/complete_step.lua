-- What is asked at the end of an upload in parts: an object is made of them.

local arguments = require "r2.bucket.arguments"
local documents = require "r2.bucket.documents"
local errors = require "r2.bucket.errors"
local etags = require "r2.bucket.etags"
local fail = require "r2.failure"
local headers = require "r2.bucket.headers"
local look = require "r2.bucket.look"
local request = require "r2.bucket.request"
local xml = require "r2.bucket.xml"

local PARTS_MAX = 10000

local function is_part(part)
  return type(part) == "table" and type(part.number) == "number" and part.number % 1 == 0
    and part.number >= 1 and part.number <= PARTS_MAX and headers.read_etag(part.etag) ~= nil
    and (part.md5 == nil or etags.is_md5(part.md5))
end

-- A copy of the parts, in the order of their numbers.
local function copy_of(parts)
  local copy, count = {}, 0
  for index in next, type(parts) == "table" and parts or {} do
    count = type(index) == "number" and count + 1 or math.huge
  end
  if count == 0 or count > PARTS_MAX then
    return fail("invalid_request", "parts", "must be a list of 1 to 10000 parts")
  end
  for i = 1, count do
    local part = parts[i]
    if not is_part(part) then
      return fail("invalid_request", "parts", "must have a number and an etag, as upload_part "
        .. "returns them", i)
    end
    copy[i] = { number = part.number, etag = headers.read_etag(part.etag), md5 = part.md5 }
  end
  table.sort(copy, function(a, b) return a.number < b.number end)
  return copy
end

local function write_parts(parts)
  local children = {}
  for i, part in ipairs(parts) do
    children[i] = xml.element("Part", {
      xml.text("PartNumber", ("%d"):format(part.number)),
      xml.text("ETag", headers.quoted(part.etag)),
    })
  end
  return xml.document("CompleteMultipartUpload", children)
end

local function complete_reader(expected)
  return function(element, answer)
    local etag = headers.read_etag(xml.value(element, "ETag"))
    if not etag then
      return errors.bad(answer, "without an ETag")
    elseif expected and etag ~= expected then
      return errors.bad(answer, "its ETag is not that of the parts")
    end
    return { etag = etag }
  end
end

-- An upload that is not there may have become an object by a request whose answer was lost.
local function complete_finder(key, expected)
  return function(call)
    local found, _, err = request.send(call, look(key))
    if found and expected and found.etag == expected then
      return { etag = found.etag }
    end
    return nil, expected ~= nil and (found ~= nil or err.status == 404)
  end
end

--- @tparam string key
-- @tparam string upload_id
-- @param given a list of parts
-- @return what is asked, for r2.bucket.request; or nil, message, err
return function(key, upload_id, given)
  local good, parts, message, err
  good, message, err = arguments.check_upload(key, upload_id)
  if not good then
    return nil, message, err
  end
  parts, message, err = copy_of(given)
  if not parts then
    return nil, message, err
  end
  local expected = etags.of_parts(parts)
  return documents.expect({
    operation = "CompleteMultipartUpload", method = "POST", key = key,
    query = { uploadId = upload_id }, headers = { ["content-type"] = "application/xml" },
    body = write_parts(parts),
    once = true, refusal = { status = 404, code = "NoSuchUpload" },
    read_back = complete_finder(key, expected),
  }, "CompleteMultipartUploadResult", complete_reader(expected))
end
