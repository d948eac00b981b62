-- Asks what there is of an object.

local arguments = require "r2.bucket.arguments"
local headers = require "r2.bucket.headers"

local read_options = arguments.object_reader(headers.CONDITION_NAMES)

local function read_answer(answer)
  local found = headers.read_object(answer.headers)
  found.size = headers.read_length(answer.headers["content-length"])
  return found
end

--- @tparam string key
-- @tparam ?table options conditions
-- @return what is asked, for r2.bucket.request; or nil, message, err
return function(key, options)
  local given, written, message, err
  given, message, err = read_options(key, options)
  if not given then
    return nil, message, err
  end
  written, message, err = headers.write_conditions(given, {})
  if not written then
    return nil, message, err
  end
  return { operation = "HeadObject", method = "HEAD", key = key, headers = written,
    read = read_answer }
end
