-- Which of S3's operations a request is: by its method, by whether it names a key, and by the names
-- of its parameters.

local route = {}

-- Parameter -> method -> operation.
local OF_BUCKETS = {
  location = { GET = "GetBucketLocation" },
  uploads = { GET = "ListMultipartUploads" },
  cors = { GET = "GetBucketCors", PUT = "PutBucketCors", DELETE = "DeleteBucketCors" },
  lifecycle = {
    GET = "GetBucketLifecycleConfiguration", PUT = "PutBucketLifecycleConfiguration",
    DELETE = "DeleteBucketLifecycle",
  },
  delete = { POST = "DeleteObjects" },
}
local BARE_OF_BUCKETS = { HEAD = "HeadBucket", PUT = "CreateBucket", DELETE = "DeleteBucket" }

-- Other parts of a bucket, or of an object, that S3 has and R2, or this sandbox, has not.
local function set(names)
  local result = {}
  for name in names:gmatch("%S+") do
    result[name] = true
  end
  return result
end
local NOT_OF_BUCKETS = set [[
  accelerate acl analytics encryption intelligent-tiering inventory logging metrics notification
  object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment
  tagging versioning versions website
]]
local NOT_OF_OBJECTS = set "acl attributes legal-hold retention tagging torrent"

local LISTED_V1 = set "prefix delimiter marker max-keys encoding-type"
local LISTED_V2 = set
  "list-type prefix delimiter continuation-token start-after max-keys encoding-type fetch-owner"

-- Names that are about the request and not about what it asks for.
local function is_aside(name)
  return name:find("^X%-Amz%-") ~= nil or name == "x-id"
end

local function not_implemented(what)
  return nil, "NotImplemented", what .. " not implemented"
end

-- ---- buckets ----

local function find_list(parameters)
  local version = parameters["list-type"]
  if version and version ~= "2" then
    return not_implemented("ListObjectsV" .. version)
  elseif not version and parameters["continuation-token"] then
    return nil, "InvalidArgument", "continuation-token not supported in ListObjects"
  end
  for name in pairs(parameters) do
    if not (version and LISTED_V2 or LISTED_V1)[name] and not is_aside(name) then
      return not_implemented("search parameter " .. name)
    end
  end
  return version and "ListObjectsV2" or "ListObjects"
end

-- An operation that takes no parameters, or one; to make or remove a bucket by a request that meant
-- something else would be too much.
local function check_alone(operation, parameters, own)
  for name in pairs(parameters) do
    if name ~= own and not is_aside(name) then
      return nil, "InvalidArgument",
        ('Unsupported search param(s) "%s" for %s'):format(name, operation)
    end
  end
  return operation
end

local function find_for_bucket(method, parameters)
  if method == "HEAD" then
    return "HeadBucket"
  end
  for name in pairs(parameters) do
    local operation = OF_BUCKETS[name] and OF_BUCKETS[name][method]
    if operation == "GetBucketLocation" then
      return check_alone(operation, parameters, name)
    elseif operation then
      return operation
    elseif NOT_OF_BUCKETS[name] and method ~= "POST" then
      return not_implemented(name)
    end
  end
  if method == "GET" then
    return find_list(parameters)
  elseif method == "POST" then
    return not_implemented("POST of a form")
  elseif BARE_OF_BUCKETS[method] then
    return check_alone(BARE_OF_BUCKETS[method], parameters)
  end
  return nil, "RouteNotFound"
end

-- ---- objects ----

local function find_for_upload(method, parameters, is_copy)
  local number = parameters.partNumber
  if number and not number:find("^ *%-?%d*$") then
    return nil, "RouteNotFound"
  end
  local operation = ({
    GET = "ListParts", POST = "CompleteMultipartUpload", DELETE = "AbortMultipartUpload",
    HEAD = "HeadObject", PUT = is_copy and "UploadPartCopy" or "UploadPart",
  })[method]
  return operation, "RouteNotFound"
end

local function find_for_object(method, parameters, is_copy)
  for name in pairs(parameters) do
    if NOT_OF_OBJECTS[name] and (method == "GET" or method == "PUT") then
      return not_implemented(name)
    end
  end
  if parameters.uploads and (method == "POST" or method == "GET") then
    return method == "POST" and "CreateMultipartUpload" or nil, "NotImplemented"
  elseif parameters.partNumber and (method == "GET" or method == "HEAD") then
    return not_implemented("partNumber")
  end
  local operation = ({
    GET = "GetObject", HEAD = "HeadObject", DELETE = "DeleteObject", POST = "PutObject",
    PUT = is_copy and "CopyObject" or "PutObject",
  })[method]
  return operation, "RouteNotFound"
end

--- Finds the operation.
-- @tparam table request `method`, `key`, `parameters`, `headers`
-- @treturn string its name, as S3 spells it
-- @return nil, then code and message of the error
function route.find(request)
  local method, parameters = request.method, request.parameters
  local is_copy = request.headers["x-amz-copy-source"] ~= nil
  if not request.bucket then
    return not_implemented("ListBuckets")
  elseif not request.key then
    return find_for_bucket(method, parameters)
  elseif parameters.uploadId then
    return find_for_upload(method, parameters, is_copy)
  end
  return find_for_object(method, parameters, is_copy)
end

return route
