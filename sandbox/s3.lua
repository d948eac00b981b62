-- The S3 side of the sandbox: R2's, as far as single requests go, path style. What R2 answers is
-- taken from Cloudflare's documentation, and where that is silent from Cloudflare's own simulator;
-- where nobody says what R2 does, it refuses. Of a request the target is read as it came, the
-- signature is verified, then the credential's rights, and only then is anything done or received.
-- luacheck: std ngx_lua

local access = require "sandbox.s3.access"
local answer = require "sandbox.s3.answer"
local body = require "sandbox.s3.body"
local cors = require "sandbox.s3.cors"
local given = require "sandbox.s3.given"
local names = require "sandbox.s3.names"
local route = require "sandbox.s3.route"
local screening = require "sandbox.s3.screening"
local signature = require "sandbox.s3.signature"
local store = require "sandbox.s3.store"
local target = require "sandbox.s3.target"

local s3 = {}

-- Operation -> what does it.
local OPERATIONS = {}
for _, name in ipairs {
  "objects", "copy", "list", "uploads", "complete", "list_uploads", "settings",
} do
  for operation, run in pairs(require("sandbox.s3." .. name)) do
    OPERATIONS[operation] = run
  end
end

-- Operations whose body is theirs to read.
local WITH_BODY = {
  PutObject = true, UploadPart = true, CompleteMultipartUpload = true, DeleteObjects = true,
  PutBucketCors = true, PutBucketLifecycleConfiguration = true,
}

-- Names in lower case; what was sent more than once is joined, as it is signed.
local function read_headers()
  local headers = {}
  for name, value in pairs(ngx.req.get_headers(0)) do
    headers[name] = type(value) == "table" and table.concat(value, ",") or value
  end
  return headers
end

-- Headers that nginx would act on by itself, and otherwise than R2: it compares with an ETag of its
-- own, and sends "100 Continue" (developers.cloudflare.com/r2/api/s3/extensions/: R2 does not).
local NOT_FOR_NGINX = {
  "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range",
  "Expect",
}

local function read_request()
  local request = target.read(ngx.var.request_uri)
  request.method, request.headers = ngx.req.get_method(), read_headers()
  for _, name in ipairs(NOT_FOR_NGINX) do
    ngx.req.clear_header(name)
  end
  return request
end

-- Names the operation, or refuses the request.
local function find_operation(request)
  local operation, code, message = route.find(request)
  if not operation then
    return answer.refuse(code, message)
  end
  request.operation, ngx.var.operation = operation, operation
  return screening.check(request)
end

local function check_names(request)
  local code, message = names.bucket_fault(request.bucket), nil
  if not code and request.key then
    code, message = names.fault(request.key)
  end
  if code then
    return answer.refuse(code, message)
  end
  return true
end

-- Reads what a copy is made of, whose rights count too.
local function find_source(request)
  if request.operation == "CopyObject" or request.operation == "UploadPartCopy" then
    request.source = given.source(request)
    return request.source ~= nil
  end
  return true
end

local function authorize(request)
  if not access.allows(request, request.claims) then
    return answer.refuse("AccessDenied")
  end
  request.store = store.bucket(request.bucket)
  if not request.store then
    return answer.refuse("NoSuchBucket")
  end
  return true
end

--- Answers a request.
function s3.answer()
  local request = read_request()
  if request.method == "OPTIONS" then
    return cors.answer_preflight(request)
  end
  cors.apply(request)
  if signature.verify(request) and find_operation(request) and check_names(request)
    and find_source(request) and authorize(request)
    and (WITH_BODY[request.operation] or body.check_none(request)) then
    return OPERATIONS[request.operation](request)
  end
end

--- Answers for nginx, which could not read a request, or failed.
function s3.answer_error()
  if ngx.status >= 500 then
    return answer.refuse("InternalError")
  end
  return answer.refuse_with(ngx.status, "InvalidRequest", "The request cannot be read")
end

return s3
