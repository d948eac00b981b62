-- What is kept of an object beside its bytes: headers that come with it and go out with it.

local metadata = {}

local SYSTEM = {
  "content-type", "cache-control", "content-disposition", "content-encoding", "content-language",
  "expires",
}
local MAX_BYTES = 8192 -- of names and values that are the user's own

local USER = "x-amz-meta-"

--- Collects it from a request's headers.
-- @treturn table name -> value, names in lower case; nil where it is too much
function metadata.collect(headers)
  local found, bytes = {}, 0
  for _, name in ipairs(SYSTEM) do
    found[name] = headers[name]
  end
  for name, value in pairs(headers) do
    if name:sub(1, #USER) == USER then
      found[name] = value
      bytes = bytes + #name - #USER + #value
    end
  end
  return bytes <= MAX_BYTES and found or nil
end

--- What there was, and over it what is new.
function metadata.merge(old, new)
  local merged = {}
  for _, part in ipairs { old, new } do
    for name, value in pairs(part) do
      merged[name] = value
    end
  end
  return merged
end

return metadata
