-- Runs inside nginx, for bench/vending: what its locations answer.
-- luacheck: std ngx_lua

local keys = require "spec.support.keys"
local r2 = require "r2"

local USER, BUCKET, LIFE = "user-42", "my-bucket", 900
local NOW = 1767225600 -- 2026-01-01, for what must come out the same

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

-- HMAC and SHA-256 of lua-resty-openssl, as its manual shows them.
local function made_each_time()
  local hmac, digest = require "resty.openssl.hmac", require "resty.openssl.digest"
  return function(text)
    return assert(hmac.new(keys.parent_secret_access_key, "sha256")):final(text)
  end, function(text)
    return assert(digest.new "sha256"):final(text)
  end
end

-- The same of objects that are made once and used again.
local function made_once()
  local hmac = assert(require("resty.openssl.hmac").new(keys.parent_secret_access_key, "sha256"))
  local digest = assert(require("resty.openssl.digest").new "sha256")
  return function(text)
    hmac:reset()
    return hmac:final(text)
  end, function(text)
    digest:reset()
    return digest:final(text)
  end
end

-- What ours makes, by hand; nothing is checked.
local function by_hand(hmac, sha256, now)
  local base64_url = require("ngx.base64").encode_base64url
  local header = base64_url '{"alg":"HS256","typ":"JWT"}' .. "."
  return function()
    local time = now or ngx.time()
    local signed = header .. base64_url(CLAIMS:format(BUCKET, USER, keys.account_id,
      keys.parent_access_key_id, keys.account_id, time, time + LIFE))
    local jwt = signed .. "." .. base64_url(hmac(signed))
    return ANSWER:format(keys.parent_access_key_id, (sha256(jwt):gsub(".", HEX)),
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
    for name, way in pairs { hand = made_each_time, kept = made_once } do
      local hmac, sha256 = way()
      assert(by_hand(hmac, sha256, NOW)() == ours(NOW)(), "by hand it makes other bytes")
      handlers[name] = printing(by_hand(hmac, sha256))
    end
  end
  return handlers
end

return vending
