-- Runs inside nginx, for bench/vending: what its locations answer.
-- luacheck: std ngx_lua

local keys = require "spec.support.keys"
local r2 = require "r2"

local USER, BUCKET, LIFE = "user-42", "my-bucket", 900

local vending = {}

local function new_issuer(clock)
  return assert(r2.new {
    account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key, clock = clock,
  })
end

-- What makes a credential and writes it as JSON, at a time that is told, or now.
local function ours(now)
  local issuer, export = new_issuer(now and function() return now end), r2.export
  return function()
    return export.sdk(assert(issuer:client_upload_credentials(USER, BUCKET)))
  end
end

local CLAIMS = '{"bucket":"%s","actions":["PutObject","CreateMultipartUpload","UploadPart",'
  .. '"CompleteMultipartUpload","AbortMultipartUpload"],'
  .. '"paths":{"prefixPaths":["uploads/%s/"],"objectPaths":[]},"sub":"%s","iss":"%s",'
  .. '"aud":"%s.r2.cloudflarestorage.com","iat":%d,"exp":%d}'
local ANSWER = '{"accessKeyId":"%s","secretAccessKey":"%s","sessionToken":"%s","expiration":"%s"}'

local HEX = {}
for byte = 0, 255 do
  HEX[string.char(byte)] = ("%02x"):format(byte)
end

-- The same by hand, over lua-resty-openssl, whose objects are made once and used again; nothing is
-- checked.
local function by_hand(now)
  local base64_url = require("ngx.base64").encode_base64url
  local hmac = assert(require("resty.openssl.hmac").new(keys.parent_secret_access_key, "sha256"))
  local digest = assert(require("resty.openssl.digest").new "sha256")
  local header = base64_url '{"alg":"HS256","typ":"JWT"}' .. "."
  return function()
    local time = now or ngx.time()
    local signed = header .. base64_url(CLAIMS:format(BUCKET, USER, keys.account_id,
      keys.parent_access_key_id, keys.account_id, time, time + LIFE))
    hmac:reset()
    local jwt = signed .. "." .. base64_url(hmac:final(signed))
    digest:reset()
    return ANSWER:format(keys.parent_access_key_id, (digest:final(jwt):gsub(".", HEX)),
      ngx.encode_base64("jwt/" .. jwt), os.date("!%Y-%m-%dT%H:%M:%SZ", time + LIFE))
  end
end

local function printing(make)
  return function()
    ngx.print(make())
  end
end

--- The handlers, by their locations' names.
-- @tparam boolean with_resty whether lua-resty-openssl is here
function vending.handlers(with_resty)
  local constant = ours()()
  local handlers = {
    same = printing(function() return constant end), mint = printing(ours()),
  }
  if with_resty then
    local now = 1767225600
    assert(ours(now)() == by_hand(now)(), "by hand it makes other bytes")
    handlers.hand = printing(by_hand())
  end
  return handlers
end

return vending
