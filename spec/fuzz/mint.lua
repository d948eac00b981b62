-- Requests for a credential. What is signed is what was asked for, and reads back as that; all else
-- is refused. Lines: bucket, permission, actions, seconds, time; then p and a prefix, or o and an
-- object, in which \1 stands for a line break.

local helpers = ...
local keys = require "spec.support.keys"
local tc = require "r2.temp_credentials"

local MAX_TOKEN = 2000

local client = assert(tc.new {
  account_id = keys.account_id,
  parent_access_key_id = keys.parent_access_key_id,
  parent_secret_access_key = keys.parent_secret_access_key,
  max_token_bytes = MAX_TOKEN,
})

local known_actions, permissions = {}, {}
for _, name in ipairs(tc.actions().ALL) do
  known_actions[name] = true
end
for _, name in pairs(tc.permission) do
  permissions[name] = true
end

local function split(text, separator)
  local list = {}
  for item in (text .. separator):gmatch("(.-)" .. separator) do
    list[#list + 1] = item
  end
  return list
end

local function filled(list)
  return #list > 0 and list or nil
end

local function read(input)
  local lines = split(input, "\n")
  local request, paths = {}, { p = {}, o = {} }
  request.bucket = lines[1]
  request.permission = lines[2] ~= "" and lines[2] or nil
  request.actions = lines[3] and lines[3] ~= "" and split(lines[3], ",") or nil
  request.ttl_seconds = tonumber(lines[4])
  for i = 6, #lines do
    local list = paths[lines[i]:sub(1, 1)]
    if list then
      list[#list + 1] = lines[i]:sub(2):gsub("\1", "\n")
    end
  end
  request.prefixes, request.objects = filled(paths.p), filled(paths.o)
  return request, tonumber(lines[5]) or 0
end

local function is_whole(number, low, high)
  return number ~= nil and number >= low and number <= high and number % 1 == 0
end

local function is_bucket(name)
  return #name >= 3 and #name <= 63 and name:find("^[a-z0-9-]+$") ~= nil
    and not name:find("^-") and not name:find("-$")
end

local function are_keys(list)
  for _, key in ipairs(list or {}) do
    if #key < 1 or #key > 1024 or key:find("\0", 1, true) or not helpers.is_utf8(key) then
      return false
    end
  end
  return true
end

local function are_actions(list)
  for _, name in ipairs(list) do
    if not known_actions[name] then
      return false
    end
  end
  return true
end

local function may_be_signed(request, now)
  local one = (request.permission == nil) ~= (request.actions == nil)
  return one and is_bucket(request.bucket) and is_whole(request.ttl_seconds, 1, 604800)
    and now >= 0 and now < 253402300800
    and (request.actions and are_actions(request.actions) or permissions[request.permission])
    and are_keys(request.prefixes) and are_keys(request.objects)
end

local function check_list(given, claimed)
  given = given or {}
  assert(#given == #claimed, "another number of items")
  for i, item in ipairs(given) do
    assert(item == claimed[i], "another item")
  end
end

local function check_claims(claims, request, now)
  assert(claims.bucket == request.bucket)
  assert(claims.sub == keys.account_id and claims.iss == keys.parent_access_key_id)
  assert(claims.aud == keys.account_id .. ".r2.cloudflarestorage.com")
  assert(claims.iat == now and claims.exp == now + request.ttl_seconds)
  assert((claims.paths ~= nil) == ((request.prefixes or request.objects) ~= nil))
  if claims.paths then
    check_list(request.prefixes, claims.paths.prefixPaths)
    check_list(request.objects, claims.paths.objectPaths)
  end
  local wide = request.actions or request.permission == "object-write-only"
  assert((claims.actions ~= nil) == (wide and true or false))
  assert(claims.scope == (not wide and request.permission or nil))
  if wide then
    check_list(request.actions or tc.actions().WRITE_ONLY, claims.actions)
  end
end

local function check_credential(made, request, now)
  assert(made.access_key_id == keys.parent_access_key_id and made.bucket == request.bucket)
  assert(#made.session_token <= MAX_TOKEN)
  assert(made.expires_at == now + request.ttl_seconds)
  local jwt = helpers.base64_bytes(made.session_token):match("^jwt/(.*)$")
  assert(made.secret_access_key == helpers.sha256(jwt))
  check_claims(assert(client:verify(made.session_token, now)), request, now)
  check_claims(assert(tc.inspect(made.session_token)), request, now)
  local _, _, err = client:verify(made.session_token, made.expires_at)
  assert(err.kind == "expired" or made.expires_at > 253402300799)
end

return function(input)
  local request, now = read(input)
  local made, message, err = client:sign(request, now)
  if made then
    assert(may_be_signed(request, now), "what should be refused was signed")
    check_credential(made, request, math.floor(now))
    return
  end
  assert(err.message == message and helpers.is_one_line(message))
  assert(err.kind == "invalid_request", err.kind)
  assert(err.field and message:find(err.field, 1, true) == 1, "no field at the start")
  assert(not may_be_signed(request, now) or message:find("max_token_bytes"), message)
end
