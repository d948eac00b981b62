-- Verifies Signature V4, in the Authorization header or in a presigned URL, and the session token
-- that came with it. What is refused, and with which words, is as Cloudflare's simulator has it.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local canonical = require "sandbox.s3.canonical"
local credentials = require "sandbox.s3.credentials"
local dates = require "sandbox.s3.dates"
local hmac = require "sandbox.s3.hmac"

local signature = {}

local ALGORITHM = "AWS4-HMAC-SHA256"
local MAX_SKEW = 15 * 60 -- seconds
local MAX_EXPIRES = 604800 -- seconds: seven days
local REGIONS = { auto = true, [""] = true, ["us-east-1"] = true }
local PRESIGNED_METHODS = { GET = true, HEAD = true, PUT = true, DELETE = true }

local function refuse_argument(message, ...)
  return answer.refuse("InvalidArgument", message:format(...))
end

-- ---- what came ----

-- Reads `key/20260102/auto/s3/aws4_request`.
local function read_credential(text, date)
  local id, day, region, service, terminator =
    text:match("^(.*)/([^/]*)/([^/]*)/([^/]*)/([^/]*)$")
  if not id then
    return refuse_argument("Credential sigv4 header should have at least 5 slash-separated parts")
  elseif service ~= "s3" then
    return refuse_argument("Credential service should be s3, not %s", service)
  elseif terminator ~= "aws4_request" then
    return refuse_argument("Credential termination string should be aws4_request, not %s",
      terminator)
  elseif day ~= date:sub(1, 8) then
    return refuse_argument("Credential signed date %s does not match %s", day, date:sub(1, 8))
  end
  return { id = id, date = day, region = region, service = service, terminator = terminator }
end

local function read_names(text)
  local names, has_host = {}, false
  for name in text:lower():gmatch("[^;]+") do
    names[#names + 1] = name
    has_host = has_host or name == "host"
  end
  if not has_host then
    return answer.refuse("Unauthorized")
  end
  return names
end

-- What both forms have in common. `form.fields` has what was given for each of them.
local function complete(form)
  local fields = form.fields
  form.credential = read_credential(fields.Credential, form.date)
  form.names = form.credential and read_names(fields.SignedHeaders)
  form.signature = fields.Signature
  return form.names and form
end

-- ---- the Authorization header ----

local function read_fields(authorization)
  local fields = {}
  if authorization:sub(1, #ALGORITHM + 1) == ALGORITHM .. " " then
    for part in authorization:sub(#ALGORITHM + 1):gmatch("[^,]+") do
      local name, value = part:match("^%s*([^=]-)%s*=%s*(.-)%s*$")
      if name then
        fields[name] = value
      end
    end
  end
  if not (fields.Credential and fields.SignedHeaders and fields.Signature) then
    return answer.refuse("InvalidRequest", "Please use " .. ALGORITHM)
  end
  return fields
end

local function check_clock(date)
  local seconds = dates.read_basic(date)
  if not seconds then
    return refuse_argument("Date provided (%s) didn't parse successfully", date)
  elseif math.abs(ngx.now() - seconds) > MAX_SKEW then
    return answer.refuse("RequestTimeTooSkewed")
  end
  return true
end

local function read_header(headers)
  local payload = headers["x-amz-content-sha256"]
  local date = headers["x-amz-date"] or headers.date
  if not payload then
    return answer.refuse("InvalidRequest", "Missing x-amz-content-sha256")
  elseif not date then
    return refuse_argument("No date provided in x-amz-date nor date header")
  elseif not check_clock(date) then
    return
  end
  local fields = read_fields(headers.authorization)
  return fields and complete {
    fields = fields, date = date, payload = payload, token = headers["x-amz-security-token"],
  }
end

-- ---- the presigned URL ----

local function read_parameters(parameters)
  local fields = {}
  for _, name in ipairs { "Algorithm", "Credential", "Date", "Expires", "SignedHeaders",
    "Signature" } do
    fields[name] = parameters["X-Amz-" .. name]
    if not fields[name] then
      return refuse_argument("Required search parameter X-Amz-%s missing", name)
    end
  end
  if fields.Algorithm ~= ALGORITHM then
    return answer.refuse("InvalidRequest", "Please use " .. ALGORITHM)
  end
  return fields
end

-- What R2 says to a URL from the future is not known: it is refused here.
local function check_life(fields)
  local seconds, life = dates.read_basic(fields.Date), tonumber(fields.Expires:match("^%d+$"))
  if not seconds then
    return refuse_argument("Date provided in X-Amz-Date (%s) didn't parse successfully",
      fields.Date)
  elseif not life then
    return refuse_argument("X-Amz-Expires should be a number")
  elseif life > MAX_EXPIRES then
    return refuse_argument("X-Amz-Expires must be less than a week (in seconds); that is, the "
      .. "given X-Amz-Expires must be less than %d seconds", MAX_EXPIRES)
  elseif life < 1 or ngx.now() > seconds + life then
    return answer.refuse("ExpiredRequest")
  elseif seconds > ngx.now() + MAX_SKEW then
    return answer.refuse("RequestTimeTooSkewed")
  end
  return true
end

local function read_presigned(request)
  local fields = read_parameters(request.parameters)
  if not (fields and check_life(fields)) then
    return
  elseif not PRESIGNED_METHODS[request.method] then
    return answer.refuse("NotImplemented",
      ("Presigned %s requests are not implemented"):format(request.method))
  end
  return complete {
    fields = fields, date = fields.Date, payload = "UNSIGNED-PAYLOAD",
    token = request.parameters["X-Amz-Security-Token"],
  }
end

-- ---- the judgement ----

-- R2 shows what it has signed, session token and all: whoever prints this prints the credential.
local function refuse_signature(given, canonical_request, string_to_sign)
  local function bytes(text)
    return (text:gsub(".", function(byte) return ("%02x "):format(byte:byte()) end):sub(1, -2))
  end
  return answer.refuse("SignatureDoesNotMatch", nil, {
    { "StringToSign", string_to_sign },
    { "StringToSignBytes", bytes(string_to_sign) },
    { "CanonicalRequest", canonical_request },
    { "CanonicalRequestBytes", bytes(canonical_request) },
    { "SignatureProvided", given },
  })
end

-- An expired session token is told from a wrong signature by nobody but the clock; so is a region.
local function check_signature(request, form, signer)
  local credential = form.credential
  local canonical_request = canonical.request(request, form.names, form.payload)
  local string_to_sign = canonical.string_to_sign(canonical_request, form.date,
    table.concat({ credential.date, credential.region, credential.service,
      credential.terminator }, "/"))
  local expected = canonical.signature(signer.secret, credential, string_to_sign)
  if hmac.equal(expected, form.signature) and not signer.expired and REGIONS[credential.region] then
    return true
  end
  return refuse_signature(form.signature, canonical_request, string_to_sign)
end

-- A header that nobody has signed may be anybody's: one more could make a copy of an upload.
local function check_headers(request, names)
  local signed = {}
  for _, name in ipairs(names) do
    signed[name] = true
  end
  for name in pairs(request.headers) do
    if (name:find("^x%-amz%-") or name:find("^cf%-copy%-")) and not signed[name] then
      return answer.refuse("AccessDenied",
        "There were headers present in the request which were not signed")
    end
  end
  return true
end

local function check_payload(payload)
  if payload:find("^STREAMING%-") then
    return answer.refuse("NotImplemented", payload .. " not implemented")
  elseif payload ~= "UNSIGNED-PAYLOAD" and not (payload:find("^[0-9a-f]+$") and #payload == 64) then
    return refuse_argument("x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a SHA-256")
  end
  return true
end

local function read(request)
  if request.headers.authorization then
    return read_header(request.headers)
  elseif request.parameters["X-Amz-Credential"] then
    return read_presigned(request)
  end
  return refuse_argument("Authorization")
end

--- Verifies a request, or refuses it. `request.claims` becomes what it is signed with allows, and
-- `request.payload` the hash of the body that was signed, or what stands for it.
-- @treturn boolean true when it is good
function signature.verify(request)
  local form = read(request)
  if not form then
    return
  end
  local signer, code, message = credentials.find(form.credential.id, form.token)
  if not signer then
    return answer.refuse(code, message)
  end
  request.claims, request.payload = signer.claims, form.payload
  return check_signature(request, form, signer) and check_headers(request, form.names)
    and check_payload(form.payload)
end

return signature
