-- Answers of Cloudflare's API: status, Retry-After and CF-Ray, each a line, and a body, in which \1
-- and two bytes stand for a piece of the API token, \2 for a session token that lives longer than
-- was asked for, and \3 for one that ends before.

local helpers = ...
local cjson = require "cjson"
local keys = require "spec.support.keys"
local tc = require "r2.temp_credentials"

local PIECE, NOW, TTL, SHORT, MAX_TOKEN = 12, 1767323045, 3600, 1800, 1000

local client = assert(tc.new {
  account_id = keys.account_id,
  parent_access_key_id = keys.parent_access_key_id,
  parent_secret_access_key = keys.parent_secret_access_key,
  api_token = keys.api_token,
  max_token_bytes = MAX_TOKEN,
})

local request = {
  bucket = "my-bucket", permission = "object-read-only", ttl_seconds = TTL,
  prefixes = { "users/123/" },
}

local function token_for(seconds)
  local changed = {}
  for name, value in pairs(request) do
    changed[name] = value
  end
  changed.ttl_seconds = seconds
  return assert(client:sign(changed, NOW)).session_token
end

local TOKENS = { ["\2"] = token_for(2 * TTL), ["\3"] = token_for(SHORT) }

local function read(input)
  local status, retry_after, ray, body = input:match("^([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$")
  if not status then
    return 200, {}, input
  end
  body = body:gsub("\1(.)(.)", function(start, count)
    local first = start:byte() % #keys.api_token + 1
    return keys.api_token:sub(first, first + count:byte())
  end)
  body = body:gsub("[\2\3]", TOKENS)
  status = math.tointeger(tonumber(status)) or 200
  status = status >= 100 and status <= 599 and status or 200
  return status, { ["Retry-After"] = retry_after, ["CF-Ray"] = ray }, body
end

local function is_visible(text)
  return type(text) == "string" and text:find("^[!-~]+$") ~= nil
end

-- What is shown is one line of UTF-8 without the API token, or what has the form of a key.
local function check_shown(text)
  assert(helpers.is_one_line(text), "not one line")
  assert(not helpers.piece(text, keys.api_token, PIECE), "a piece of the API token")
  assert(not text:find(("[%w_=-]"):rep(33)), "a key, or a session token")
end

local function check_credential(made, status, body)
  assert(status >= 200 and status < 300)
  assert(made.bucket == request.bucket and made.endpoint:find("^https://"))
  for _, name in ipairs { "access_key_id", "secret_access_key", "session_token" } do
    assert(is_visible(made[name]), name)
  end
  assert(#made.session_token <= MAX_TOKEN)
  assert(math.type(made.expires_at) == "integer")
  assert(made.expires_at >= 0 and made.expires_at <= NOW + TTL)
  assert(made.session_token ~= TOKENS["\3"] or made.expires_at == NOW + SHORT)
  local ok, envelope = pcall(cjson.decode, body)
  if not ok then -- lua-cjson takes no half of a pair of UTF-16
    return assert(body:find("\\u[dD]"), envelope)
  end
  assert(envelope.success == true)
  assert(envelope.result.accessKeyId == made.access_key_id)
  assert(envelope.result.secretAccessKey == made.secret_access_key)
  assert(envelope.result.sessionToken == made.session_token)
end

local function kind_of(status)
  return status == 429 and "rate_limited" or status >= 400 and "api" or "bad_response"
end

local function check_error(message, err, status)
  assert(err.message == message and err.kind == kind_of(status), err.kind)
  check_shown(message)
  assert(err.status == status and type(err.retryable) == "boolean")
  for _, each in ipairs(err.errors or {}) do
    check_shown(each.message)
    assert(each.code == nil or math.type(each.code) == "integer")
  end
  assert(#(err.errors or {}) <= 10)
  assert(not err.ray_id or err.ray_id:find("^%x+[%w-]*$"))
  assert(not err.retry_after or (err.retry_after >= 0 and err.retry_after <= 86400))
end

-- The body again, with an escape in a member that means nothing.
local function check_escape(made, message, status, headers, body)
  local escaped, count = body:gsub("^([ \n\r\t]*{)([ \n\r\t]*\")", '%1"\\u007a":1,%2', 1)
  if count == 0 then
    return
  end
  local again, other_message = client:response(status, headers, escaped, NOW, request)
  assert((again ~= nil) == (made ~= nil), "an escape changes what is made")
  assert(message == other_message, "an escape changes an error")
  for name, value in pairs(made or {}) do
    assert(again[name] == value, "an escape changes what is made")
  end
end

return function(input)
  local status, headers, body = read(input)
  local made, message, err = client:response(status, headers, body, NOW, request)
  if made then
    check_credential(made, status, body)
  else
    check_error(message, err, status)
  end
  check_escape(made, message, status, headers, body)
end
