-- Asks for an object, or a part of it.

local arguments = require "r2.bucket.arguments"
local errors = require "r2.bucket.errors"
local headers = require "r2.bucket.headers"
local outputs = require "r2.bucket.output"
local ranges = require "r2.bucket.range"

local read_options =
  arguments.object_reader(headers.CONDITION_NAMES, { "range", "output", "progress" })

-- What is wrong with an answer that is to bring a part, or nil; the part's place is added to
-- `found`.
local function part_fault(answer, asked, received, found)
  local first, last, size = ranges.read(answer.headers["content-range"])
  if answer.status ~= 206 or not first then
    return "it is not the range that was asked for"
  elseif not ranges.is_right(asked, first, last, size) then
    return "it is another range than was asked for"
  elseif received ~= last - first + 1 then
    return "its body is not as long as its range"
  end
  found.size, found.content_range = size, { first, last }
end

-- The same of one that is to bring the whole. Its ETag is the MD5 of its bytes, unless it was put
-- in parts.
local function whole_fault(answer, output, found)
  local etag = found.etag
  if answer.status ~= 200 then
    return "it is not the whole object"
  elseif etag and #etag == 32 and not etag:find("%X") and etag:lower() ~= output:md5() then
    return "its ETag is not the MD5 of its body"
  end
  found.size = output.received
end

local function get_reader(range, output)
  return function(answer)
    local found = headers.read_object(answer.headers)
    local length = headers.read_length(answer.headers["content-length"])
    local fault = length ~= output.received and "its body is not as long as it says"
      or range and part_fault(answer, range, output.received, found)
      or not range and whole_fault(answer, output, found)
    if fault then
      return errors.bad(answer, fault)
    end
    local finished, message, err = output:finish()
    if not finished then
      return nil, message, err
    end
    found.body = output:text()
    return found
  end
end

local function write_get(given)
  local written, message, err = headers.write_conditions(given, {})
  if written and given.range ~= nil then
    written.range, message, err = ranges.write(given.range)
    if not written.range then
      return nil, message, err
    end
  end
  return written, message, err
end

--- @tparam string key
-- @tparam ?table options as for bucket:get
-- @return what is asked, for r2.bucket.request; or nil, message, err
return function(key, options)
  local given, written, output, message, err
  given, message, err = read_options(key, options)
  if not given then
    return nil, message, err
  end
  written, message, err = write_get(given)
  if not written then
    return nil, message, err
  end
  output, message, err = outputs.of(given.output, given.range == nil)
  if not output then
    return nil, message, err
  end
  local range = given.range and { given.range[1], given.range[2] }
  return arguments.add_progress({ operation = "GetObject", method = "GET", key = key,
    headers = written, output = output, read = get_reader(range, output) }, given, "down")
end
