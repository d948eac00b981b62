-- The canonical request and the string to sign of Signature V4, made from a request as it came.
-- After Amazon's text (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html), and
-- not after this library's signer, which it tests.

local hmac = require "sandbox.s3.hmac"
local percent = require "sandbox.s3.percent"

local canonical = {}

-- By encoded name, then by encoded value. A presigned URL's signature is not signed.
local function query_of(request)
  local pairs_of = {}
  for _, pair in ipairs(request.query) do
    if pair[1] ~= "X-Amz-Signature" then
      table.insert(pairs_of, { percent.encode(pair[1]), percent.encode(pair[2]) })
    end
  end
  table.sort(pairs_of, function(a, b)
    return a[1] < b[1] or a[1] == b[1] and a[2] < b[2]
  end)
  for i, pair in ipairs(pairs_of) do
    pairs_of[i] = pair[1] .. "=" .. pair[2]
  end
  return table.concat(pairs_of, "&")
end

-- One line each; a header that is not there is empty.
local function headers_of(request, names)
  local lines = {}
  for i, name in ipairs(names) do
    local value = (request.headers[name] or ""):match("^%s*(.-)%s*$")
    lines[i] = name .. ":" .. value:gsub(" +", " ") .. "\n"
  end
  return table.concat(lines)
end

--- The canonical request.
-- @tparam table request
-- @tparam table names of the headers that are signed
-- @tparam string payload the hash of the body, or what stands for it
function canonical.request(request, names, payload)
  return table.concat({
    request.method, percent.encode_path(request.path), query_of(request),
    headers_of(request, names), table.concat(names, ";"), payload,
  }, "\n")
end

--- The string to sign.
function canonical.string_to_sign(canonical_request, date, scope)
  return table.concat({
    "AWS4-HMAC-SHA256", date, scope, hmac.sha256_hex(canonical_request),
  }, "\n")
end

--- The signature, in hexadecimal digits.
function canonical.signature(secret, credential, string_to_sign)
  local key = hmac.sign("AWS4" .. secret, credential.date)
  key = hmac.sign(key, credential.region)
  key = hmac.sign(key, credential.service)
  key = hmac.sign(key, credential.terminator)
  return hmac.sign_hex(key, string_to_sign)
end

return canonical
