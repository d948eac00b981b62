-- The names that buckets and keys can have. R2 keeps keys in Unicode's NFC, and makes it of what is
-- not; there is nothing here that could do that, so what is not in NFC is refused.
-- luacheck: std ngx_lua

local parent = require "sandbox.parent"

local names = {}

local NOT_NFC = "R2 would store this key in Unicode's NFC, which this sandbox cannot make of it"

-- The library knows what a key is, and what NFC is, where it signs for one.
local function signs(key, nfc)
  return parent.client():sign({
    bucket = "any-bucket", permission = "object-read-only", ttl_seconds = 1, objects = { key },
  }, nil, nfc) ~= nil
end

--- What is wrong with a bucket's name: the code of an error, or nil.
function names.bucket_fault(name)
  if #name < 3 or #name > 63 or not name:find("^[a-z0-9][a-z0-9-]*[a-z0-9]$") then
    return "InvalidBucketName"
  end
end

--- What is wrong with a key: code and message of an error, or nil.
function names.fault(key)
  if not signs(key) then
    return "InvalidObjectName"
  elseif not signs(key, true) then
    return "NotImplemented", NOT_NFC
  end
end

return names
