-- One line a credential: who got what, until when, and a fingerprint of it that opens nothing. R2's
-- own logs cannot tell two credentials of one parent apart.

local json = require "r2.json"
local sha256 = require "r2.vend.sha256"

local audit = {}

local DIGITS = 16

-- Never of the JWT alone, whose SHA-256 is the secret key.
local function fingerprint(session_token)
  return sha256("r2-audit:" .. session_token):sub(1, DIGITS)
end

--- @tparam ?function tell what a program gave
-- @tparam string who
-- @tparam table request
-- @treturn ?function takes each credential that is made of it
function audit.of(tell, who, request)
  if not tell then
    return nil
  end
  local what = json.object {
    { "bucket", request.bucket }, { "permission", request.permission },
    { "actions", request.actions }, { "prefixes", request.prefixes },
    { "objects", request.objects },
  }
  return function(credentials)
    tell {
      who = who, what = what, expires_at = credentials.expires_at,
      fingerprint = fingerprint(credentials.session_token),
    }
  end
end

return audit
