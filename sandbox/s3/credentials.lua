-- Who may sign, and with which secret: the sandbox's parent key, and every credential that was made
-- from it.
-- luacheck: std ngx_lua

local access = require "sandbox.s3.access"
local hmac = require "sandbox.s3.hmac"
local keys = require "sandbox.keys"
local parent = require "sandbox.parent"

local credentials = {}

-- R2 takes a token with both, or neither, for one that it cannot read; the library's word alone is
-- not relied on.
local function is_sound(claims)
  return (claims.scope == nil) ~= (claims.actions == nil)
end

-- R2's rule for the secret of a temporary credential.
local function secret_of(session_token)
  local jwt = ngx.decode_base64(session_token):match("^jwt/(.*)$")
  return hmac.sha256_hex(jwt)
end

--- Finds what a request is signed with.
-- @tparam string access_key_id
-- @tparam ?string session_token
-- @treturn table `secret`, and `claims` for sandbox.s3.access; or `expired` in their place
-- @return nil, then code and message of the error
function credentials.find(access_key_id, session_token)
  if access_key_id ~= keys.parent_access_key_id then
    return nil, "Unauthorized"
  elseif not session_token then
    return { secret = keys.parent_secret_access_key, claims = access.EVERYTHING }
  end
  local claims, _, err = parent.client():verify(session_token)
  if claims and is_sound(claims) then
    return { secret = secret_of(session_token), claims = claims }
  elseif err and err.kind == "expired" then
    return { secret = secret_of(session_token), expired = true }
  end
  return nil, "InvalidArgument", "X-Amz-Security-Token"
end

return credentials
