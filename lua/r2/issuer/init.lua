-- The class of issuers: what makes credentials, signed or from Cloudflare's API.

local mint = require "r2.issuer.mint"
local object = require "r2.issuer.object"
local patterns = require "r2.issuer.patterns"

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
-- @treturn pending see r2.issuer.pending: poll, wait, cancel
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
