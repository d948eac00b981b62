-- r2creds presign: a URL that opens one object. A presigned URL carries its session token, and the
-- secret is that token's hash: whoever has the URL has the whole credential. So each is signed with
-- a credential of its own, which allows what the URL does and nothing else.

local fail = require "r2.failure"
local json = require "r2.json"
local keys = require "r2.command.keys"
local options = require "r2.command.options"

local ACTIONS = {
  GET = "GetObject", HEAD = "HeadObject", PUT = "PutObject", DELETE = "DeleteObject",
}
local READS = { GET = true, HEAD = true }
local SECONDS = 900

-- The narrowest request that the issuer can make of it.
local function request_for(issuer, given)
  local request = {
    bucket = given.bucket,
    objects = { given.key },
    ttl_seconds = given.ttl_seconds or SECONDS,
  }
  if issuer:signs(request) then
    request.actions = { ACTIONS[given.method] }
  elseif READS[given.method] then
    request.permission = "object-read-only"
  else
    return fail("unsupported", nil, ("presign %s needs the parent's secret: the API makes no "
      .. "credential that could do only this"):format(given.method))
  end
  return request
end

local function create(given, now)
  local issuer, message, err = keys.issuer(given, function() return now end)
  if not issuer then
    return nil, message, err
  end
  local request, credentials
  request, message, err = request_for(issuer, given)
  if request then
    credentials, message, err = issuer:create(request)
  end
  issuer:close()
  return credentials, message, err
end

local function presign(given, credentials, now)
  local sigv4 = require "r2.sigv4"
  local url, message, err = sigv4.url(credentials.endpoint, given.bucket, given.key)
  if not url then
    return nil, message, err
  end
  -- The API counts from its own clock: the credential may end a little sooner than was asked.
  return sigv4.presign({ method = given.method, url = url }, credentials, {
    expires_seconds = credentials.expires_at - now, now = now,
  })
end

local function run(given)
  local now = os.time()
  local credentials, url, message, err
  credentials, message, err = create(given, now)
  if not credentials then
    return nil, message, err
  end
  url, message, err = presign(given, credentials, now)
  if not url then
    return nil, message, err
  elseif not given.json then
    return url .. "\n"
  end
  return json.object {
    { "method", given.method },
    { "url", url },
    { "expires_at", credentials.expires_at },
  } .. "\n"
end

return {
  name = "presign",
  summary = "Make a URL that opens one object.",
  description = "Makes a presigned URL, for curl or a browser: whoever has it may do this with "
    .. "this object. It is signed with a credential of its own, which allows nothing else.",
  arguments = {
    {
      name = "method", field = "method", choices = { "GET", "HEAD", "PUT", "DELETE" },
      about = "GET, HEAD, PUT or DELETE.",
    },
    { name = "bucket", field = "bucket", about = "The bucket." },
    { name = "key", field = "objects", about = "The object." },
  },
  options = options.all({
    options.lifetime("--expires", "How long: 900, 15m, 12h, 7d; 15 minutes by default."),
    {
      name = "--json", field = "json", about = "Print JSON, with the time at which it ends.",
    },
  }, options.ISSUER),
  help = [[
Only GET and HEAD without the parent's secret: the API makes no credential narrow enough for others,
and a presigned URL gives away the credential that signed it.

]] .. options.KEYS_HELP .. [[


Examples:
    r2creds presign GET my-bucket reports/2026.pdf
    r2creds presign PUT my-bucket incoming/photo.jpg --expires 1h]],
  run = run,
}
