-- Measures r2.sigv4 on the Lua that runs this; bench/signatures calls it.
--   signatures.lua input NAME    what signatures.c reads: secret, time, canonical request
--   signatures.lua request       what aws4fetch and botocore read: a request and a credential, JSON
--   signatures.lua bytes         for each case its name and the signature
--   signatures.lua seconds       for each case its name and the CPU time of one call
local sigv4 = require "r2.sigv4"
local tc = require "r2.temp_credentials"
local stopwatch = require "bench.stopwatch"

local NOW = 1767225600 -- 2026-01-01, for what must come out the same everywhere
local EXPIRES = 3600

local credentials = assert(tc.new({
  account_id = ("acc0"):rep(8),
  parent_access_key_id = ("1dea"):rep(8),
  parent_secret_access_key = ("5ec0"):rep(16),
}):sign({
  bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600,
  prefixes = { "users/123/" },
}, NOW))
credentials.expires_at = 253402300799 -- what is measured is signed at the machine's time

local url = assert(sigv4.url(credentials.endpoint, "my-bucket", "users/123/holiday photo.jpg"))
local request = { method = "GET", url = url }

local cases = {
  { "sign", function(count, options)
    local added
    for _ = 1, count do
      added = sigv4.sign(request, credentials, options)
    end
    return added.authorization:match("Signature=(%x+)$")
  end },
  { "presign", function(count, options)
    local presigned
    for _ = 1, count do
      presigned = sigv4.presign(request, credentials, options)
    end
    return presigned:match("Signature=(%x+)$")
  end },
}

local function timestamp()
  return os.date("!%Y%m%dT%H%M%SZ", NOW)
end

-- Written out here, not taken from the library: the same signature proves both.
local function canonical_request(name)
  local host, path = url:match("^https://([^/]+)(.*)$")
  if name == "sign" then
    return table.concat({
      "GET", path, "",
      "host:" .. host,
      "x-amz-content-sha256:UNSIGNED-PAYLOAD",
      "x-amz-date:" .. timestamp(),
      "x-amz-security-token:" .. credentials.session_token, "",
      "host;x-amz-content-sha256;x-amz-date;x-amz-security-token",
      "UNSIGNED-PAYLOAD",
    }, "\n")
  end
  local query = table.concat({
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    ("X-Amz-Credential=%s%%2F%s%%2Fauto%%2Fs3%%2Faws4_request"):format(
      credentials.access_key_id, timestamp():sub(1, 8)),
    "X-Amz-Date=" .. timestamp(),
    "X-Amz-Expires=" .. EXPIRES,
    "X-Amz-Security-Token=" .. credentials.session_token:gsub("=", "%%3D"),
    "X-Amz-SignedHeaders=host",
  }, "&")
  return table.concat({
    "GET", path, query, "host:" .. host, "", "host", "UNSIGNED-PAYLOAD",
  }, "\n")
end

local actions = {}

function actions.input(name)
  io.write(credentials.secret_access_key, "\n", timestamp(), "\n", canonical_request(name))
end

function actions.request()
  print(require("cjson").encode {
    url = url, now = NOW, expires_seconds = EXPIRES,
    access_key_id = credentials.access_key_id,
    secret_access_key = credentials.secret_access_key,
    session_token = credentials.session_token,
  })
end

function actions.bytes()
  for _, case in ipairs(cases) do
    print(case[1], case[2](1, { now = NOW }))
  end
end

function actions.seconds()
  for _, case in ipairs(cases) do
    print(case[1], ("%.12f"):format(stopwatch.best_of_batches(case[2])))
  end
end

actions[arg[1]](arg[2])
