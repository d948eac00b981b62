-- What R2 bills of a bucket's requests (developers.cloudflare.com/r2/pricing/), and their bytes.

local usage = {}

-- What is in neither class is free.
local CLASS = {}
for class, names in pairs {
  class_a = [[
    PutObject CopyObject ListObjectsV2 CreateMultipartUpload UploadPart CompleteMultipartUpload
    ListParts ListMultipartUploads PutBucketCors PutBucketLifecycleConfiguration
  ]],
  class_b = "GetObject HeadObject GetBucketCors GetBucketLifecycleConfiguration",
} do
  for name in names:gmatch("%S+") do
    CLASS[name] = class
  end
end

--- Nothing yet.
function usage.new()
  return { class_a = 0, class_b = 0, sent = 0, received = 0 }
end

local function add(counts, operation, count)
  local class = CLASS[operation]
  if class then
    counts[class] = counts[class] + count
  end
end

--- A request that goes out.
function usage.count(counts, operation)
  add(counts, operation, 1)
end

--- Requests of whom it does not know R2 does not bill.
function usage.refund(counts, operation, status)
  if status == 401 then
    add(counts, operation, -1)
  end
end

return usage
