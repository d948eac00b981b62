-- Every function of the C modules with tables that a stranger has filled: any value in any field.
-- They return a value, or nil, message, err; or raise a text, for misuse. No secret is in either.

local helpers = ...
local keys = require "spec.support.keys"
local sigv4 = require "r2.sigv4"
local tc = require "r2.temp_credentials"

local FIELDS = {
  "account_id", "parent_access_key_id", "parent_secret_access_key", "api_token", "jurisdiction",
  "endpoint", "whole_bucket", "max_token_bytes", "api_base_url", "user_agent", "bucket",
  "permission", "actions", "ttl_seconds", "prefixes", "objects", "method", "url", "headers",
  "access_key_id", "secret_access_key", "session_token", "expires_at", "now", "region", "service",
  "payload_hash", "expires_seconds", "success", "result", "errors", "host", "x-amz-date",
}
local GOOD = {
  account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
  parent_secret_access_key = keys.parent_secret_access_key, api_token = keys.api_token,
  jurisdiction = "eu", endpoint = "https://s3.example", whole_bucket = false,
  max_token_bytes = 4000, api_base_url = "https://api.example/v4", user_agent = "program/1",
  bucket = "my-bucket", permission = "object-read-only", actions = { "GetObject" },
  ttl_seconds = 900, prefixes = { "a/" }, objects = { "b" }, method = "PUT",
  url = "https://s3.example/my-bucket/key?a=b", headers = { ["content-type"] = "text/plain" },
  access_key_id = "key", secret_access_key = keys.another_parent_secret_access_key,
  session_token = "token", expires_at = 1e10, now = 1767323045, region = "auto", service = "s3",
  payload_hash = "UNSIGNED-PAYLOAD", expires_seconds = 60,
}
local SECRETS = {
  keys.parent_secret_access_key, keys.another_parent_secret_access_key, keys.api_token,
}
local METATABLES = {
  { __index = GOOD }, { __metatable = false }, { __len = function() return 3 end },
}

-- A value for each byte, or more, of the input.
local at, text

local function byte()
  at = at + 1
  return text:byte(at) or 0
end

local function field()
  return FIELDS[byte() % #FIELDS + 1]
end

local value

local function string_value()
  local length = byte()
  at = at + length
  return text:sub(at - length + 1, at)
end

local function table_value(depth)
  local filled = {}
  for _ = 1, depth > 0 and byte() % 12 or 0 do
    local name, choice = field(), byte() % 5
    if choice == 0 then
      filled[#filled + 1] = value(depth - 1)
    elseif choice == 1 then
      filled[name] = value(depth - 1)
    elseif choice == 2 then
      filled[GOOD[name] or name] = GOOD[field()] -- a secret may be a name
    else
      filled[name] = GOOD[name]
    end
  end
  return filled
end

local CHOICES = {
  function() return nil end,
  function() return byte() % 2 == 0 end,
  function() return byte() end,
  function() return (byte() - 128) * 2.0 ^ (byte() - 128) end,
  function() return math.mininteger + byte() end,
  string_value,
  function() return GOOD[field()] end,
  table_value,
  table_value,
  function(depth) return setmetatable(table_value(depth), METATABLES[byte() % 3 + 1]) end,
  function() return print end,
  function() return coroutine.create(print) end,
  function() return io.stdout end,
}

function value(depth)
  return CHOICES[byte() % #CHOICES + 1](depth)
end

local clients = {
  assert(tc.new { account_id = keys.account_id, api_token = keys.api_token,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key }),
  assert(tc.new { account_id = keys.account_id, api_token = keys.api_token,
    parent_access_key_id = keys.parent_access_key_id, whole_bucket = false }),
}

local function client()
  return clients[byte() % 2 + 1]
end

local FUNCTIONS = {
  function() return tc.new(value(2)) end,
  function() return tc(value(2), value(1)) end,
  function() return tc.inspect(value(1)) end,
  function() return tc.secret_from_api_token(value(1)) end,
  function() return client():sign(value(2), value(1)) end,
  function() return client():request(value(2)) end,
  function() return client():verify(value(1), value(1)) end,
  function() return client():response(value(1), value(2), value(1), value(1), value(2)) end,
  function() return sigv4.url(value(1), value(1), value(1), value(2)) end,
  function() return sigv4.sign(value(2), value(2), value(2)) end,
  function() return sigv4.presign(value(2), value(2), value(2)) end,
  function() return sigv4.hash(value(1)) end,
}

local function check_shown(shown)
  for _, secret in ipairs(SECRETS) do
    assert(not helpers.piece(shown, secret, 12), "a piece of a secret")
  end
end

local function check(raised, made, message, err)
  if not raised then
    assert(type(made) == "string", "an error that is no text")
    check_shown(made)
  elseif made == nil then
    assert(tc._kinds[err.kind], "no known kind")
    assert(err.message == message and helpers.is_one_line(message))
    assert(not err.field or message:find(err.field, 1, true) == 1, "no field at the start")
    check_shown(message)
  end
end

return function(input)
  at, text = 0, input
  local call = FUNCTIONS[byte() % #FUNCTIONS + 1]
  check(pcall(call))
end
