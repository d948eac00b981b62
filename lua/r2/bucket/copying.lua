-- Objects copied inside of R2.

local arguments = require "r2.bucket.arguments"
local content_type = require "r2.bucket.content_type"
local dates = require "r2.bucket.dates"
local documents = require "r2.bucket.documents"
local errors = require "r2.bucket.errors"
local fail = require "r2.failure"
local fields = require "r2.fields"
local headers = require "r2.bucket.headers"
local object = require "r2.bucket.object"
local request = require "r2.bucket.request"
local xml = require "r2.bucket.xml"

local copying = {}

-- What stands before the names of conditions: those about the target, and those about the source.
local OF_TARGET, OF_SOURCE = "cf-copy-destination-", "x-amz-copy-source-"

local function source_conditions()
  local names = {}
  for i, name in ipairs(headers.CONDITION_NAMES) do
    names[i] = "source_" .. name
  end
  return names
end

local read_options = arguments.object_reader(headers.KEPT_NAMES, headers.CONDITION_NAMES,
  source_conditions(), { "merge" })
local read_source = fields.reader("invalid_request", "from", { "bucket", "key" })

-- A key of the same bucket, or { bucket = , key = }.
local function source_of(from)
  local source = { key = from }
  if type(from) == "table" then
    local message, err
    source, message, err = read_source(from)
    if not source then
      return nil, message, err
    end
  end
  local named = source.bucket == nil or type(source.bucket) == "string"
  if type(source.key) == "string" and named then
    return source
  end
  return fail("invalid_request", "from", "must be a key, or a table with bucket and key")
end

local function has_kept(given)
  for _, name in ipairs(headers.KEPT_NAMES) do
    if given[name] ~= nil then
      return true
    end
  end
  return false
end

-- The metadata of the copy: the source's, or in their place what is given; with merge, beside.
local function write_kept(key, given)
  local merge = given.merge
  if merge ~= nil and type(merge) ~= "boolean" then
    return fail("invalid_request", "merge", "must be true or false")
  elseif not has_kept(given) then
    return {}
  end
  local written, message, err = headers.write_kept(given, {})
  if not written then
    return nil, message, err
  end
  written["x-amz-metadata-directive"] = merge and "MERGE" or "REPLACE"
  if not merge then
    written["content-type"] = written["content-type"] or content_type(key)
  end
  return written
end

local function write(key, given)
  local written, message, err = write_kept(key, given)
  if not written then
    return nil, message, err
  end
  written, message, err = headers.write_conditions(given, written, "", OF_TARGET)
  if not written then
    return nil, message, err
  end
  return headers.write_conditions(given, written, "source_", OF_SOURCE)
end

local function read_result(element, answer)
  local etag = headers.read_etag(xml.value(element, "ETag"))
  if not etag then
    return errors.bad(answer, "without an ETag")
  end
  return { etag = etag, last_modified = dates.read_iso(xml.value(element, "LastModified") or "") }
end

local function ask(from, key, options)
  local given, written, source, message, err
  given, message, err = read_options(key, options)
  if not given then
    return nil, message, err
  end
  written, message, err = write(key, given)
  if not written then
    return nil, message, err
  end
  source, message, err = source_of(from)
  if not source then
    return nil, message, err
  end
  return documents.expect({ operation = "CopyObject", method = "PUT", key = key, headers = written,
    source = source, once = headers.has_condition(given), refusal = { status = 412 } },
    "CopyObjectResult", read_result)
end

--- Copies an object of this bucket, or of another one that the credential may read. Nothing of it
-- passes through here.
-- @param from a key; or a table with bucket and key
-- @tparam string to a key of this bucket
-- @tparam ?table options
--   content_type, cache_control, content_disposition, content_encoding, content_language, expires,
--   metadata as for bucket:put: any of these takes the place of all that the source has; with
--   merge = true it stands beside it;
--   if_match, if_none_match, if_modified_since, if_unmodified_since about what is there in place of
--   the copy; source_if_match and so on about the source
-- @treturn table etag, last_modified
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function copying:copy(from, to, options)
  local bucket = object.open(self)
  object.check_options(options, 3, "copy")
  return request.call(bucket, ask(from, to, options))
end

return copying
