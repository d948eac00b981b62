-- The class of issuers: what makes credentials, signed or from Cloudflare's API.

local clock = require "r2.clock"
local mint = require "r2.issuer.mint"
local object = require "r2.issuer.object"
local patterns = require "r2.issuer.patterns"
local presigned = require "r2.issuer.presigned"

local Issuer = {}

for name, method in next, patterns do
  Issuer[name] = method
end

--- Makes one credential: signs it, or asks Cloudflare's API, by the issuer's mode.
-- @tparam table request see `client:sign` in the C module; besides, `parent_access_key_id` names
--   another parent of the account for this one request, which goes through the API
-- @treturn table credentials: access_key_id, secret_access_key, session_token, expires_at (Unix
--   seconds, whole), bucket, endpoint
-- @return nil, message, err with err.kind invalid_request, unsupported; from the API also
--   invalid_config, network, tls, timeout, rate_limited, api, bad_response, cancelled, and
--   err.attempts
-- @raise when the request is no table, or the issuer is closed
function Issuer:create(request)
  local issuer = object.open(self)
  object.check_table(request, 1, "create")
  return mint.create(issuer, request)
end

--- Begins to make one credential and returns at once. Signed ones are ready at once.
-- @tparam table request as for issuer:create
-- @treturn task that returns what issuer:create does; see r2.task: poll, wait, cancel, done
-- @return nil, message, err with err.kind invalid_request, invalid_config, or unsupported: the
--   transport can only perform
-- @raise as issuer:create
function Issuer:start(request)
  local issuer = object.open(self)
  object.check_table(request, 1, "start")
  return mint.start(issuer, request)
end

--- Whether issuer:create would sign this request, with the parent's secret; else it asks the API,
-- which takes no actions. The request need not be complete: of its fields only parent_access_key_id
-- matters.
-- @tparam table request as for issuer:create
-- @treturn boolean
-- @raise as issuer:create
function Issuer:signs(request)
  local issuer = object.open(self)
  object.check_table(request, 1, "signs")
  return mint.signs(issuer, request)
end

--- Makes a presigned URL, which any HTTP client can send, signed with a credential of its own: for
-- this one action on this one object, until the URL ends. Whoever has the URL can do that, and no
-- more. The API makes such credentials for GET and HEAD alone, and each of them for both; for PUT
-- and DELETE the parent's secret is needed. A URL cannot be called back
-- (developers.cloudflare.com/r2/api/s3/presigned-urls/).
-- @tparam string method GET, HEAD, PUT or DELETE
-- @tparam string bucket
-- @tparam string key 1 to 1024 bytes of UTF-8 in Unicode's NFC
-- @tparam ?table options
--   expires_seconds 1 to 604800, default 900;
--   headers a table of names and values that have to be sent as they are here, such as
--   content-type, content-length, or if-none-match = "*", which keeps an object from being
--   overwritten;
--   query a table of names and values, such as response-content-disposition;
--   upload_id and part_number (1 to 10000): a PUT of one part
-- @treturn string the URL, a secret
-- @return nil, message, err with err.kind invalid_request, unsupported: PUT and DELETE without the
--   parent's secret; from the API as issuer:create
-- @raise when the options are no table, or the issuer is closed
function Issuer:presign(method, bucket, key, options)
  local issuer = object.open(self)
  object.check_options(options, 4, "presign")
  local url, ends_at, err = presigned.make(issuer, method, bucket, key, options)
  if url then
    return url -- alone, so that it can stand in a call's arguments
  end
  return nil, ends_at, err
end

--- Checks a session token that the parent has signed: form, signature, times, account, audience.
-- For tokens of this issuer, whose parent's secret is here.
-- @tparam string session_token
-- @treturn table the claims; see `client:verify` in the C module
-- @return nil, message, err with err.kind invalid_token, expired, or unsupported: there is no
--   parent secret
-- @raise when the token is no string, or the issuer is closed
function Issuer:verify(session_token)
  local issuer = object.open(self)
  if not issuer.clock then
    return issuer.client:verify(session_token)
  end
  local now, message, err = clock.read(issuer.clock)
  if not now then
    return nil, message, err
  end
  return issuer.client:verify(session_token, now)
end

--- Wipes the keys. Every other method raises afterwards; closing twice is fine.
function Issuer:close()
  local issuer = object.state(self)
  if issuer.client then
    issuer.client:close()
    issuer.client = nil
    if issuer.own_transport and issuer.own_transport.close then
      issuer.own_transport.close()
    end
  end
end

object.class.__index, object.class.__close = Issuer, Issuer.close

function object.class:__tostring()
  local issuer = object.state(self)
  return "r2 issuer" .. (issuer.client and " (" .. issuer.mode .. ")" or " (closed)")
end

return {
  --- Makes an issuer of what r2.issuer.config has read, and of a client of the C module.
  new = function(settings, client)
    settings.client = client
    return object.new(settings)
  end,
}
