-- What comes with a request beside its body, each piece read or the request refused.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local conditions = require "sandbox.s3.conditions"
local metadata = require "sandbox.s3.metadata"
local percent = require "sandbox.s3.percent"

local given = {}

local MAX_PART_NUMBER = 10000

--- Its conditions.
-- @tparam table request
-- @tparam[opt] string prefix of the headers' names
function given.conditions(request, prefix)
  local found = conditions.read(request.headers, prefix)
  if not found then
    return answer.refuse("InvalidArgument", "a condition is no list of ETags")
  end
  return found
end

--- Its metadata.
function given.metadata(request)
  local found = metadata.collect(request.headers)
  if not found then
    return answer.refuse("MetadataTooLarge")
  end
  return found
end

--- The number of a part.
function given.part_number(request)
  local number = tonumber(request.parameters.partNumber)
  if not number or number % 1 ~= 0 or number < 1 or number > MAX_PART_NUMBER then
    return answer.refuse("InvalidArgument",
      "Part number must be an integer between 1 and 10000, inclusive.")
  end
  return number
end

--- The source of a copy, whose header is encoded, and may begin with a slash.
-- @treturn table `bucket` and `key`
function given.source(request)
  local header = percent.decode(request.headers["x-amz-copy-source"])
  local bucket, key = header:match("^/?([^/]*)/(.+)$")
  if not bucket or bucket == "" then
    return answer.refuse("InvalidArgument", "copy source bucket name")
  end
  return { bucket = bucket, key = key }
end

--- What a list is asked to encode its keys with: a function of a text.
function given.encoding(request)
  local encoding = request.parameters["encoding-type"]
  if encoding == nil then
    return function(text) return text end
  elseif encoding == "url" then
    return percent.encode
  end
  return answer.refuse("NotImplemented",
    ('Unrecognized encoding-type "%s" not implemented'):format(encoding))
end

--- How many entries a list is asked for.
-- @tparam table request
-- @tparam string name of the parameter
-- @tparam number default
function given.limit(request, name, default)
  local limit = tonumber(request.parameters[name] or default)
  if not limit or limit ~= limit or limit < 0 or limit == math.huge then
    return answer.refuse("InvalidMaxKeys")
  end
  return math.floor(limit)
end

return given
