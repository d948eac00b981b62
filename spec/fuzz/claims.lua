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

local function check_verified(header, payload)
    local head, claims = cjson.decode(header), cjson.decode(payload)
    assert(head.alg == "HS256" and head.crit == nil)
    assert(claims.sub == keys.account_id and claims.iss == keys.parent_access_key_id)
    assert(claims.aud == HOST)
    assert(claims.iat % 1 == 0 and claims.iat >= 0 and claims.iat <= NOW + 60)
    assert(claims.exp % 1 == 0 and claims.exp > NOW)
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
