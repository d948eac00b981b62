-- What a presigned URL is for: an object, or a part of one that is uploaded.

local arguments = require "r2.bucket.arguments"
local fail = require "r2.failure"

local target = {}

local PARTS_MAX = 10000

--- Names of the options.
target.OPTIONS = { "expires_seconds", "headers", "query", "upload_id", "part_number" }

-- The query that names a part.
local function part_of(method, key, given)
  local good, message, err = arguments.check_upload(key, given.upload_id)
  if good then
    good, message, err = arguments.check_whole("part_number", given.part_number, 1, PARTS_MAX)
  end
  if not good then
    return nil, message, err
  elseif method ~= "PUT" or given.part_number == nil then
    return fail("invalid_request", "upload_id", "goes with PUT and a part_number")
  elseif given.query ~= nil then
    return fail("invalid_request", "query", "must not be given beside upload_id")
  end
  return { uploadId = given.upload_id, partNumber = given.part_number }
end

--- @tparam string method
-- @tparam string key
-- @tparam table given options
-- @treturn table method, key, query, headers
-- @return nil, message, err with err.kind invalid_request
function target.read(method, key, given)
  local query = given.query
  if given.upload_id ~= nil or given.part_number ~= nil then
    local message, err
    query, message, err = part_of(method, key, given)
    if not query then
      return nil, message, err
    end
  end
  return { method = method, key = key, query = query, headers = given.headers }
end

return target
