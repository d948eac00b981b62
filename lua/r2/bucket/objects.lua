-- Objects put, got and looked at.

local arguments = require "r2.bucket.arguments"
local ask_get = require "r2.bucket.get_step"
local bodies = require "r2.bucket.body"
local content_type = require "r2.bucket.content_type"
local errors = require "r2.bucket.errors"
local headers = require "r2.bucket.headers"
local look = require "r2.bucket.look"
local object = require "r2.bucket.object"
local request = require "r2.bucket.request"

local objects = {}

local CONDITIONS = headers.CONDITION_NAMES

-- ---- looked at ----

--- Looks at an object. The answer to a refusal has no body, so no err.code either: err.status is
-- 404 where there is none.
-- @tparam string key
-- @tparam ?table options if_match, if_none_match ETags; if_modified_since, if_unmodified_since Unix
--   seconds. What a condition refuses is an error of status 304 or 412
-- @treturn table size, etag, last_modified (Unix seconds), content_type, cache_control,
--   content_disposition, content_encoding, content_language, expires, metadata
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function objects:head(key, options)
  local bucket = object.open(self)
  object.check_options(options, 2, "head")
  return request.call(bucket, look(key, options))
end

-- ---- put ----

local read_put = arguments.object_reader(headers.KEPT_NAMES, CONDITIONS,
  { "progress", "content_length" })

-- The ETag of what was put in one request is the MD5 of its bytes.
local function put_reader(body)
  return function(answer)
    local etag = headers.read_etag(answer.headers.etag)
    if not etag then
      return errors.bad(answer, "without an ETag")
    elseif etag ~= body:md5() then
      return errors.bad(answer, "its ETag is not the MD5 of what was sent")
    end
    return { etag = etag, size = body.length }
  end
end

-- What a condition refuses may be there already: this put's own bytes, whose answer was lost.
local function put_finder(key, body)
  return function(call)
    local found, _, err = request.send(call, look(key))
    if found and found.etag == body:md5() then
      return { etag = found.etag, size = body.length }
    end
    return nil, found ~= nil or err.status == 404
  end
end

local function write_put(key, given)
  local written, message, err = headers.write_kept(given, {})
  if not written then
    return nil, message, err
  end
  written["content-type"] = written["content-type"] or content_type(key)
  return headers.write_conditions(given, written)
end

local function ask_put(key, value, options)
  local given, written, body, message, err
  given, message, err = read_put(key, options)
  if not given then
    return nil, message, err
  end
  written, message, err = write_put(key, given)
  if not written then
    return nil, message, err
  end
  body, message, err = bodies.of(value, given.content_length)
  if not body then
    return nil, message, err
  end
  return arguments.add_progress({ operation = "PutObject", method = "PUT", key = key,
    headers = written, body = body, read = put_reader(body),
    once = headers.has_condition(given), refusal = { status = 412 },
    read_back = put_finder(key, body) }, given, "up")
end

--- Puts an object in one request.
-- @tparam string key 1 to 1024 bytes of UTF-8
-- @param body a string; an open file, from where it is; or a function(room) that returns the next
--   piece and nil at the end, with content_length
-- @tparam ?table options
--   content_type default by the key's ending; cache_control, content_disposition,
--   content_encoding, content_language, expires (Unix seconds); metadata a table of strings;
--   if_match an ETag; if_none_match "*": only where there is no object of that key;
--   if_modified_since, if_unmodified_since Unix seconds;
--   content_length bytes of what is no string; progress a function(done, total)
-- @treturn table etag, the MD5 of the body, held against what R2 says; size
-- @return nil, message, err with err.kind invalid_request, invalid_config, expired, network, tls,
--   timeout, rate_limited, api, bad_response, cancelled, unsupported, file; err.outcome is
--   "unknown" where a condition was given and an answer was lost
-- @raise when the options are no table, or the bucket is closed
function objects:put(key, body, options)
  local bucket = object.open(self)
  object.check_options(options, 3, "put")
  return request.call(bucket, ask_put(key, body, options))
end

-- ---- got ----

--- Gets an object, or a part of it. Its body is held against the ETag where that is an MD5: of a
-- whole object that was put in one request.
-- @tparam string key
-- @tparam ?table options
--   range { first, last } (bytes from 0, both included), { first } to the end, { -n } the last n;
--   if_match, if_none_match ETags; if_modified_since, if_unmodified_since Unix seconds;
--   output a function(piece) or an open file for the body, which is else a string in the result;
--   what was handed on to it before an error is not the object;
--   progress a function(done, total), total 0 = not known
-- @treturn table as from bucket:head, and body; size is the whole object's; content_range
--   { first, last } of a part
-- @return nil, message, err as from bucket:put; what a condition refuses is an error of status 304
--   or 412
-- @raise as bucket:put
function objects:get(key, options)
  local bucket = object.open(self)
  object.check_options(options, 2, "get")
  return request.call(bucket, ask_get(key, options))
end

return objects
