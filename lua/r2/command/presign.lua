-- r2creds presign: a URL that opens one object. A presigned URL carries its session token, and the
-- secret is that token's hash: whoever has the URL has the whole credential. So each is signed with
-- a credential of its own, which allows what the URL does and nothing else.

local fail = require "r2.failure"
local json = require "r2.json"
local keys = require "r2.command.keys"
local text = require "r2.command.text"

local ACTIONS = {
  GET = "GetObject", HEAD = "HeadObject", PUT = "PutObject", DELETE = "DeleteObject",
}
local READS = { GET = true, HEAD = true }
local SECONDS = 900

-- The narrowest request that the issuer can make of it.
local function request_for(issuer, arguments)
  local request = {
    bucket = arguments.of_bucket,
    objects = { arguments.of_key },
    ttl_seconds = arguments.expires or SECONDS,
  }
  if issuer:signs(request) then
    request.actions = { ACTIONS[arguments.method] }
  elseif READS[arguments.method] then
    request.permission = "object-read-only"
  else
    return fail("unsupported", nil, ("presign %s needs the parent's secret: the API makes no "
      .. "credential that could do only this"):format(arguments.method))
  end
  return request
end

local NAMES = {
  bucket = "BUCKET", objects = "KEY", ttl_seconds = "--expires", ca_file = "--ca-file",
}

local function create(issuer, arguments)
  local request, message, err = request_for(issuer, arguments)
  if not request then
    return nil, message, err
  end
  local credentials
  credentials, message, err = text.renamed(NAMES, issuer:create(request))
  if not credentials then
    message = text.about_given(message):gsub("^KEY%[1%]", "KEY")
  end
  return credentials, message, err
end

local function presign(arguments, credentials, now)
  local sigv4 = require "r2.sigv4"
  local url, message, err =
    sigv4.url(credentials.endpoint, arguments.of_bucket, arguments.of_key)
  if not url then
    return nil, message, err
  end
  -- The API counts from its own clock: the credential may end a little sooner than was asked.
  return sigv4.presign({ method = arguments.method, url = url }, credentials, {
    expires_seconds = credentials.expires_at - now, now = now,
  })
end

return function(arguments)
  local now = os.time()
  local issuer, message, err = keys.issuer(arguments, function() return now end)
  if not issuer then
    return nil, message, err
  end
  local credentials
  credentials, message, err = create(issuer, arguments)
  issuer:close()
  if not credentials then
    return nil, message, err
  end
  local url
  url, message, err = presign(arguments, credentials, now)
  if not url then
    return nil, message, err
  elseif not arguments.json then
    return url .. "\n"
  end
  return json.object {
    { "method", arguments.method },
    { "url", url },
    { "expires_at", credentials.expires_at },
  } .. "\n"
end
