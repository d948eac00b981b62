-- Operations of the C module that read: session tokens, and answers of Cloudflare's API.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local spec = require "spec.memory.operations"

local tc = require "r2.temp_credentials"

local NOW = make.NOW
local operation, refused, list_is = spec.operation, spec.refused, spec.list_is
local client_and, token = spec.client_and, spec.token

local function verify(client, session_token, now)
  return client:verify(session_token, now)
end

local function claims_are_right(claims, message)
  assert(claims, message)
  assert(claims.bucket == "my-bucket" and claims.exp == NOW + 3600)
  list_is(claims.paths.prefixPaths, { "users/123/" })
  return claims
end

operation("client:verify", function()
  return make.client(), token(), NOW
end, verify, claims_are_right)

operation("tc.inspect", function()
  return token()
end, tc.inspect, claims_are_right)

operation("client:verify of a token with escapes in its paths", function()
  return make.client(), token { prefixes = { 'a"\\\1/' } }, NOW
end, verify, function(claims, message)
  list_is(assert(claims, message).paths.prefixPaths, { 'a"\\\1/' })
  return claims
end)

operation("client:verify of an expired token", function()
  return make.client(), token(), NOW + 3600
end, verify, refused("expired", "session_token"))

operation("client:verify of another key's token", function()
  return make.client { parent_secret_access_key = keys.another_parent_secret_access_key },
    token(), NOW
end, verify, refused("invalid_token", "session_token"))

operation("client:verify of another account's token", function()
  return make.client { account_id = keys.another_account_id }, token(), NOW
end, verify, refused("invalid_token", "session_token"))

operation("client:verify of junk", function()
  return make.client(), ("A"):rep(4000), NOW
end, verify, refused("invalid_token", "session_token"))

operation("client:verify without a secret", function()
  return make.api_client(), token(), NOW
end, verify, refused("unsupported", "parent_secret_access_key"))

operation("tc.inspect of junk", function()
  return token():sub(1, -5)
end, tc.inspect, refused("invalid_token", "session_token"))

-- ---- answers of Cloudflare's API ----

local function respond(client, status, headers, body, request)
  return client:response(status, headers, body, NOW, request)
end

local function answer(name, status, body, finish, changes)
  operation("client:response, " .. name, function()
    return client_and(status, {
      ["CF-Ray"] = "0123456789abcdef-AMS", ["retry-after"] = "30",
    }, type(body) == "function" and body() or body, make.request(changes))
  end, respond, finish)
end

local function success(session_token)
  return ('{"success":true,"errors":[],"messages":[],"result":{"accessKeyId":"%s",'
    .. '"secretAccessKey":"%s","sessionToken":"%s"}}'):format(keys.parent_access_key_id,
    ("5e55"):rep(16), session_token)
end

local function credential_until(expires_at)
  return function(credentials, message)
    assert(credentials, message)
    assert(credentials.expires_at == expires_at)
    assert(credentials.secret_access_key == ("5e55"):rep(16))
    return credentials, tostring(credentials)
  end
end

local function failed(kind, code)
  return function(result, message, err)
    assert(result == nil and err.kind == kind and err.code == code, message)
    assert(err.ray_id == "0123456789abcdef-AMS")
    assert(not message:find(keys.api_token, 1, true))
    return message, err
  end
end

answer("a credential", 200, success("opaque"), credential_until(NOW + 3600))

answer("a credential with escapes in it", 200, success("opaque\\/\\u0074oken"),
  credential_until(NOW + 3600))

answer("somebody else's credential", 200, function()
  return success(token { bucket = "another-bucket" })
end, failed("bad_response"))

answer("an error of Cloudflare's edge", 429,
  '{"error_code":1015,"title":"Limited","detail":"Wait\\u0021","retry_after":60}',
  failed("rate_limited", 1015))

answer("a credential whose token ends earlier", 200, function()
  return success(token { ttl_seconds = 60 })
end, credential_until(NOW + 60))

answer("errors", 403, ('{"success":false,"errors":[{"code":10000,"message":"%s"},{"code":9109},'
  .. '"plain"],"messages":[],"result":null}'):format(("long \\u001b[1m "):rep(100)),
  failed("api", 10000))

answer("an error with the token in it", 403, function()
  return '{"errors":[{"code":9109,"message":"no: ' .. keys.api_token .. '"}]}'
end, failed("api", 9109))

answer("a refusal of write-only", 400, '{"success":false,"errors":[{"code":10040}]}',
  failed("api", 10040), { permission = "object-write-only" })

answer("the rate limit", 429, "", failed("rate_limited"))
answer("a page of HTML", 500, "<html>" .. (" "):rep(5000) .. "</html>", failed("api"))
answer("no body", 503, nil, failed("api"))
answer("success without a credential", 200, '{"success":true,"result":{}}', failed("bad_response"))
answer("success that is not JSON", 200, "OK", failed("bad_response"))

operation("a text of R2's, cleaned", function()
  return require "r2.temp_credentials", ("no: %s \27"):format(keys.api_token):rep(9)
end, function(module, text)
  return module._redact(text, keys.api_token)
end, function(shown)
  assert(#shown > 0 and not shown:find(keys.api_token, 1, true) and not shown:find("%c"))
  return shown
end)

operation("client:response without headers", function()
  return client_and(200, nil, success("opaque"), make.request())
end, respond, credential_until(NOW + 3600))

operation("client:response with a wrong request", function()
  return client_and(200, nil, success("opaque"), make.request { prefix = "users/" })
end, respond, refused("invalid_request", "prefix"))

return spec
