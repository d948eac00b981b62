-- Headers that ask for what R2 does not do: it refuses them, rather than pass them over, and so
-- does the sandbox (developers.cloudflare.com/r2/api/s3/api/, and Cloudflare's simulator).
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"

local screening = {}

local OWNER = { "x-amz-expected-bucket-owner" }
local SOURCE_OWNER = { "x-amz-source-expected-bucket-owner" }
local LOCKS = { "x-amz-mfa", "x-amz-bypass-governance-retention" }
local WRITES = {
  "x-amz-tagging", "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp",
  "x-amz-grant-write", "x-amz-grant-write-acp", "x-amz-website-redirect-location",
  "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold",
  "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-context",
  "x-amz-server-side-encryption-bucket-key-enabled",
}
-- R2 does this; the sandbox, which would have to keep the keys, does not.
local CUSTOMER_KEYS = {
  "x-amz-server-side-encryption-customer-algorithm",
  "x-amz-server-side-encryption-customer-key",
  "x-amz-copy-source-server-side-encryption-customer-algorithm",
  "x-amz-copy-source-server-side-encryption-customer-key",
}
local COPY_CONDITIONS = {
  "x-amz-copy-source-if-match", "x-amz-copy-source-if-none-match",
  "x-amz-copy-source-if-modified-since", "x-amz-copy-source-if-unmodified-since",
}
local COPY = { "x-amz-tagging-directive", "x-amz-checksum-algorithm" }

-- Operation -> the headers that it is refused with. Operations that are not here look at none.
local UNSUPPORTED = {
  GetObject = { OWNER, CUSTOMER_KEYS },
  HeadObject = { OWNER, CUSTOMER_KEYS },
  PutObject = { OWNER, CUSTOMER_KEYS, WRITES },
  CopyObject = { OWNER, SOURCE_OWNER, CUSTOMER_KEYS, WRITES, COPY },
  DeleteObject = { OWNER, LOCKS },
  DeleteObjects = { OWNER, LOCKS },
  CreateMultipartUpload = { OWNER, CUSTOMER_KEYS, WRITES },
  UploadPart = { OWNER, CUSTOMER_KEYS, { "x-amz-server-side-encryption" } },
  UploadPartCopy = { OWNER, SOURCE_OWNER, CUSTOMER_KEYS, COPY_CONDITIONS },
  CompleteMultipartUpload = { OWNER },
  HeadBucket = { OWNER },
  GetBucketLocation = { OWNER },
  ListObjects = { OWNER },
  ListObjectsV2 = { OWNER },
  GetBucketCors = { OWNER },
  PutBucketCors = { OWNER },
  DeleteBucketCors = { OWNER },
  GetBucketLifecycleConfiguration = { OWNER },
  PutBucketLifecycleConfiguration = { OWNER },
}

local WRITTEN = { PutObject = true, CopyObject = true, CreateMultipartUpload = true }
local ACLS = {
  ["private"] = true, ["public-read"] = true, ["public-read-write"] = true,
  ["authenticated-read"] = true, ["aws-exec-read"] = true, ["bucket-owner-read"] = true,
  ["bucket-owner-full-control"] = true,
}

local function refuse(name, value)
  return answer.refuse("NotImplemented",
    ("Header '%s' with value '%s' not implemented"):format(name, value))
end

-- Headers that are taken with some values: they mean what R2 does anyhow.
local function screen_values(headers)
  local encryption, acl = headers["x-amz-server-side-encryption"], headers["x-amz-acl"]
  local class = headers["x-amz-storage-class"] or "STANDARD"
  if encryption and encryption ~= "AES256" then
    return refuse("x-amz-server-side-encryption", encryption)
  elseif acl and not ACLS[acl] then
    return refuse("x-amz-acl", acl)
  elseif class == "STANDARD_IA" then
    return refuse("x-amz-storage-class", class)
  elseif class ~= "STANDARD" then
    return answer.refuse("InvalidStorageClass")
  end
  return true
end

--- Whether a request's headers can be done justice; else it is refused.
function screening.check(request)
  for _, group in ipairs(UNSUPPORTED[request.operation] or {}) do
    for _, name in ipairs(group) do
      if request.headers[name] then
        return refuse(name, request.headers[name])
      end
    end
  end
  return not WRITTEN[request.operation] or screen_values(request.headers)
end

return screening
