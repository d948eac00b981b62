-- What a request asks for, read from its target as it came: nginx' own idea of a path has no `//`
-- and no `..`, and both belong to keys.

local percent = require "sandbox.s3.percent"

local target = {}

-- In a query `+` is a space, as in R2, which reads it by the URL standard of browsers.
local function decode(text)
  return percent.decode((text:gsub("%+", " ")))
end

-- The query in its order, and for each name its first value.
local function read_query(query)
  local list, values = {}, {}
  for part in query:gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=?(.*)$")
    name, value = decode(name), decode(value)
    list[#list + 1] = { name, value }
    values[name] = values[name] or value
  end
  return list, values
end

--- Reads a request's target.
-- @tparam string uri path and query, as they came
-- @treturn table `path`, decoded; `bucket` and `key`, nil where there is none; `query`, a list of
--   names and values in their order; `parameters`, for each name its first value
function target.read(uri)
  local path, query = uri:match("^([^?]*)%??(.*)$")
  path = percent.decode(path)
  local bucket, key = path:match("^/([^/]*)/?(.*)$")
  local list, values = read_query(query)
  return {
    path = path,
    bucket = bucket ~= "" and bucket or nil,
    key = key ~= "" and key or nil,
    query = list,
    parameters = values,
  }
end

return target
