-- Session tokens made and taken apart without the library: base64("jwt/" .. JWT), HS256 over the
-- ASCII bytes of the parent's hex secret.
local cjson = require "cjson"
local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local sha256 = require "spec.support.sha256"

local token = { HEADER = '{"alg":"HS256","typ":"JWT"}' }

--- The claims of make.request(), signed at make.NOW, as JSON text in the documented order.
-- changes: texts by claim, JSON already; make.ABSENT leaves the claim out.
function token.payload(changes)
  local order = { "bucket", "scope", "actions", "paths", "sub", "iss", "aud", "iat", "exp" }
  local claims = make.changed({
    bucket = '"my-bucket"',
    scope = '"object-read-only"',
    paths = '{"prefixPaths":["users/123/"],"objectPaths":[]}',
    sub = '"' .. keys.account_id .. '"',
    iss = '"' .. keys.parent_access_key_id .. '"',
    aud = '"' .. keys.account_id .. '.r2.cloudflarestorage.com"',
    iat = ("%d"):format(make.NOW),
    exp = ("%d"):format(make.NOW + 3600),
  }, changes)
  local members = {}
  for _, name in ipairs(order) do
    if claims[name] then
      members[#members + 1] = ('"%s":%s'):format(name, claims[name])
    end
  end
  return "{" .. table.concat(members, ",") .. "}"
end

function token.wrap(jwt)
  return base64.encode("jwt/" .. jwt)
end

function token.jwt(parts)
  local signing_input = base64.encode_url(parts.header or token.HEADER) .. "."
    .. base64.encode_url(parts.payload or token.payload())
  local mac = sha256.hmac(parts.secret or keys.parent_secret_access_key, signing_input)
  return signing_input .. "." .. base64.encode_url(mac)
end

--- A whole session token. parts: header, payload (JSON texts), secret; each optional.
function token.forge(parts)
  return token.wrap(token.jwt(parts or {}))
end

--- Takes a session token apart; nothing is verified.
function token.read(session_token)
  local jwt = assert(base64.decode(session_token):match("^jwt/(.*)$"))
  local header, payload, signature = jwt:match("^([^.]+)%.([^.]+)%.([^.]+)$")
  payload = base64.decode_url(payload)
  return {
    jwt = jwt,
    header = base64.decode_url(header),
    payload = payload,
    signature = signature,
    claims = cjson.decode(payload),
  }
end

return token
