-- Tokens that the parent key did sign, with any header (the first line) and any claims: only what
-- is this client's own is verified. \1, \2, \3 stand for the account, the parent's id, the host.

local helpers = ...
local cjson = require "cjson"
local keys = require "spec.support.keys"
local tc = require "r2.temp_credentials"

local NOW = 1767323045
local HOST = keys.account_id .. ".r2.cloudflarestorage.com"
local STANDS_FOR = { ["\1"] = keys.account_id, ["\2"] = keys.parent_access_key_id, ["\3"] = HOST }

local client = assert(tc.new {
  account_id = keys.account_id,
  parent_access_key_id = keys.parent_access_key_id,
  parent_secret_access_key = keys.parent_secret_access_key,
})

local function forge(header, payload, secret)
  local input = helpers.base64url(header) .. "." .. helpers.base64url(payload)
  local signature = helpers.base64url(helpers.hmac(secret, input))
  return helpers.base64("jwt/" .. input .. "." .. signature)
end

-- What lua-cjson reads; it takes no half of a pair of UTF-16.
local function decoded(text)
  local ok, value = pcall(cjson.decode, text)
  assert(ok or text:find("\\u[dD]"), value)
  return ok and value
end

local function check_verified(header, payload)
  local head, claims = decoded(header), decoded(payload)
  if not head or not claims then
    return
  end
  assert(head.alg == "HS256" and head.crit == nil)
  assert(claims.sub == keys.account_id and claims.iss == keys.parent_access_key_id)
  assert(claims.aud == HOST)
  assert(claims.iat % 1 == 0 and claims.iat >= 0 and claims.iat <= NOW + 60)
  assert(claims.exp % 1 == 0 and claims.exp > NOW)
  assert(claims.exp > claims.iat and claims.exp - claims.iat <= 604800)
  assert(type(claims.bucket) == "string" and claims.bucket:find("^[a-z0-9][a-z0-9-]+[a-z0-9]$"))
  assert(type(claims.scope) == "string" and claims.actions == nil
    or claims.scope == nil and type(claims.actions[1]) == "string")
  assert(claims.paths == nil or type(claims.paths) == "table")
end

local function check_refused(message, err)
  assert(err.kind == "invalid_token" or err.kind == "expired", err.kind)
  assert(err.field == "session_token" and err.message == message)
  assert(helpers.is_one_line(message))
end

return function(input)
  local header, payload = input:match("^([^\n]*)\n(.*)$")
  if not header then
    header, payload = '{"alg":"HS256"}', input
  end
  payload = payload:gsub("[\1\2\3]", STANDS_FOR)
  local token = forge(header, payload, keys.parent_secret_access_key)
  local claims, message, err = client:verify(token, NOW)
  if claims then
    check_verified(header, payload)
    assert(math.type(claims.exp) == "integer" and math.type(claims.iat) == "integer")
  else
    check_refused(message, err)
  end
  local _, other_message, other = client:verify(
    forge(header, payload, keys.another_parent_secret_access_key), NOW)
  check_refused(other_message, other)
  local said, inspect_message, inspect_error = tc.inspect(token)
  assert(said or not claims, "verified, and cannot be read")
  if not said then
    check_refused(inspect_message, inspect_error)
  end
end
