-- URLs that open one object, each signed with a credential of its own. A presigned URL carries its
-- session token, and the secret is that token's hash: whoever has the URL has the whole credential.
-- So it allows what the URL does and nothing else, and ends when the URL does.

local arguments = require "r2.bucket.arguments"
local clock = require "r2.clock"
local fail = require "r2.failure"
local mint = require "r2.issuer.mint"
local targets = require "r2.bucket.target"

local presigned = {}

local SECONDS, SECONDS_MAX = 900, 604800

-- Written out here, and not read from what a script can change: see r2.issuer.patterns.
local ACTIONS = {
  GET = "GetObject", HEAD = "HeadObject", PUT = "PutObject", DELETE = "DeleteObject",
}
local READS = { GET = true, HEAD = true }

-- What the request for the credential calls otherwise.
local TOLD = { objects = "key", ttl_seconds = "expires_seconds" }

local read_options = arguments.object_reader(targets.OPTIONS)

-- What is to be signed, and for how long.
local function read(method, key, options)
  if not ACTIONS[method] then
    return fail("invalid_request", "method", "must be GET, HEAD, PUT or DELETE")
  end
  local given, message, err = read_options(key, options)
  if not given then
    return nil, message, err
  end
  local good, target
  good, message, err =
    arguments.check_whole("expires_seconds", given.expires_seconds, 1, SECONDS_MAX)
  if good then
    target, message, err = targets.read(method, key, given)
  end
  given.expires_seconds = given.expires_seconds or SECONDS
  return target and given, message, err, target
end

-- The narrowest request that the issuer can make of it.
local function request_for(issuer, bucket, target, given)
  local request = {
    bucket = bucket,
    objects = { target.key },
    ttl_seconds = given.expires_seconds,
  }
  if mint.signs(issuer, request) then
    request.actions = { given.upload_id and "UploadPart" or ACTIONS[target.method] }
  elseif READS[target.method] then
    request.permission = "object-read-only"
  else
    return fail("unsupported", nil, ("to presign %s takes the parent's secret: the API makes no "
      .. "credential that could do only this"):format(target.method))
  end
  return request
end

local function create(issuer, bucket, target, given)
  local request, message, err = request_for(issuer, bucket, target, given)
  local credentials
  if request then
    credentials, message, err = mint.create(issuer, request, true)
  end
  if not credentials and TOLD[err.field] then
    return fail.renamed(err, TOLD[err.field])
  end
  return credentials, message, err
end

-- The URL ends with what was asked for or, where the API ends it sooner, with the credential.
local function sign(credentials, target, now, expires_seconds)
  local sigv4 = require "r2.sigv4"
  local url, message, err =
    sigv4.url(credentials.endpoint, credentials.bucket, target.key, target.query)
  if not url then
    return nil, message, err
  end
  local ends_at = math.min(now + expires_seconds, credentials.expires_at)
  url, message, err = sigv4.presign(
    { method = target.method, url = url, headers = target.headers }, credentials,
    { expires_seconds = math.max(ends_at - now, 1), now = now })
  return url, url and ends_at or message, err
end

--- Makes one.
-- @tparam table issuer what an issuer consists of
-- @param ... as of issuer:presign
-- @treturn string the URL, a secret
-- @treturn number when it ends, in Unix seconds
-- @return nil, message, err
function presigned.make(issuer, method, bucket, key, options)
  local given, message, err, target = read(method, key, options)
  if not given then
    return nil, message, err
  end
  -- Read before the credential is made, so that the URL has no second less than was asked for.
  local now
  now, message, err = clock.read(issuer.clock or clock.now)
  if not now then
    return nil, message, err
  end
  local credentials
  credentials, message, err = create(issuer, bucket, target, given)
  if not credentials then
    return nil, message, err
  end
  return sign(credentials, target, math.floor(now), given.expires_seconds)
end

return presigned
