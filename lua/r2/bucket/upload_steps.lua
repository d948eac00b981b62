-- What is asked in the steps of an upload in parts, but for its end (r2.bucket.complete_step): for
-- r2.bucket.request.

local arguments = require "r2.bucket.arguments"
local bodies = require "r2.bucket.body"
local content_type = require "r2.bucket.content_type"
local documents = require "r2.bucket.documents"
local errors = require "r2.bucket.errors"
local etags = require "r2.bucket.etags"
local fail = require "r2.failure"
local headers = require "r2.bucket.headers"
local xml = require "r2.bucket.xml"

local steps = {}

local PARTS_MAX = 10000

-- ---- begun ----

local read_create = arguments.object_reader(headers.KEPT_NAMES)

--- Begins one: its id.
function steps.create(key, options)
  local given, written, message, err
  given, message, err = read_create(key, options)
  if not given then
    return nil, message, err
  end
  written, message, err = headers.write_kept(given, {})
  if not written then
    return nil, message, err
  end
  written["content-type"] = written["content-type"] or content_type(key)
  return documents.expect({ operation = "CreateMultipartUpload", method = "POST", key = key,
    query = { uploads = "" }, headers = written }, "InitiateMultipartUploadResult",
    function(element, answer)
      local id = xml.value(element, "UploadId")
      if not id or id == "" then
        return errors.bad(answer, "without the upload's id")
      end
      return id
    end)
end

-- ---- parts ----

local read_part = arguments.reader { "progress", "content_length" }

-- A part's ETag may be anything: it is held against the MD5 only where it has the form of one.
local function part_reader(number, body)
  return function(answer)
    local etag, md5 = headers.read_etag(answer.headers.etag), body:md5()
    if not etag then
      return errors.bad(answer, "without an ETag")
    elseif etags.is_md5(etag) and etag:lower() ~= md5 then
      return errors.bad(answer, "its ETag is not the MD5 of what was sent")
    end
    return { number = number, etag = etag, size = body.length, md5 = md5 }
  end
end

local function check_number(number)
  if number == nil then
    return fail("invalid_request", "number", "must be a whole number from 1 to 10000")
  end
  return arguments.check_whole("number", number, 1, PARTS_MAX)
end

--- Sends a part: what upload_part returns.
function steps.part(key, upload_id, number, value, options)
  local good, given, body, message, err
  good, message, err = arguments.check_upload(key, upload_id)
  if good then
    good, message, err = check_number(number)
  end
  if not good then
    return nil, message, err
  end
  given, message, err = read_part(options)
  if not given then
    return nil, message, err
  end
  body, message, err = bodies.of(value, given.content_length)
  if not body then
    return nil, message, err
  end
  return arguments.add_progress({ operation = "UploadPart", method = "PUT", key = key,
    query = { partNumber = number, uploadId = upload_id }, body = body,
    read = part_reader(number, body) }, given, "up")
end

-- ---- given up ----

local function read_nothing(answer)
  if answer.status == 204 or answer.status == 200 then
    return true
  end
  return errors.bad(answer, "that is not how it says that an upload is gone")
end

--- Gives one up.
function steps.abort(key, upload_id)
  local good, message, err = arguments.check_upload(key, upload_id)
  if not good then
    return nil, message, err
  end
  return { operation = "AbortMultipartUpload", method = "DELETE", key = key,
    query = { uploadId = upload_id }, read = read_nothing }
end

return steps
