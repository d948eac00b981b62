-- Operations of the C module: configurations, requests, what is signed and what is asked for.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local spec = require "spec.memory.operations"

local tc = require "r2.temp_credentials"

local NOW, ABSENT = make.NOW, make.ABSENT
local operation, refused, signed, same = spec.operation, spec.refused, spec.signed, spec.same
local both_keys, client_and = spec.both_keys, spec.client_and

operation("require 'r2.temp_credentials'", function()
  spec.forget "r2.temp_credentials"
  return "r2.temp_credentials"
end, require, function(module)
  return signed(make.request())(assert(module.new(make.config())):sign(make.request(), NOW))
end)

operation("tc.permission and tc.actions", same, function()
  return tc.permission, tc.actions(), tc._scope_actions("admin-read-write")
end, same)

operation("tc.secret_from_api_token", function()
  return keys.api_token
end, tc.secret_from_api_token, function(secret)
  assert(secret == keys.parent_secret_access_key)
end)

operation("tc.secret_from_api_token of something else", function()
  return keys.api_token .. " "
end, tc.secret_from_api_token, refused("invalid_config", "api_token"))

for name, config in pairs {
  ["a secret"] = make.config(),
  ["a token"] = make.api_config { max_token_bytes = 7000, user_agent = "game/1.0" },
  ["a secret and a token"] = both_keys { jurisdiction = "eu", whole_bucket = false },
  ["an endpoint and a base URL"] = both_keys {
    endpoint = "https://r2.example.com:8443", api_base_url = "http://localhost:8787/v4",
  },
} do
  operation("tc.new with " .. name, function()
    return config
  end, tc.new, function(client, message)
    assert(client, message)
    return client, client:sign(make.request(), NOW)
  end)
end

for field, config in pairs {
  account_id = both_keys { account_id = "secret" },
  parent_access_key_id = both_keys { parent_access_key_id = 1 },
  parent_secret_access_key = make.config { parent_secret_access_key = keys.api_token },
  api_token = both_keys { api_token = "" },
  jurisdiction = both_keys { jurisdiction = "EU" },
  endpoint = both_keys { endpoint = "http://r2.example.com" },
  api_base_url = both_keys { api_base_url = "https://user@example.com" },
  max_token_bytes = both_keys { max_token_bytes = 0 },
  whole_bucket = both_keys { whole_bucket = 1 },
  user_agent = both_keys { user_agent = "\n" },
  parent = both_keys { parent = 1 },
} do
  operation("tc.new with a wrong " .. field, function()
    return config
  end, tc.new, refused("invalid_config", field))
end

-- ---- a client ----

-- Lists of more bytes than a buffer keeps between two calls.
local function many()
  local list = {}
  for i = 1, 80 do
    list[i] = ("\1users %02d \"/"):format(i) .. ("x"):rep(1000)
  end
  return list
end

local REQUESTS = {
  ["a whole bucket"] = make.request { prefixes = ABSENT },
  ["write-only"] = make.request { permission = "object-write-only" },
  ["read-write"] = make.request { permission = "object-read-write" },
  ["admin-read-only"] = make.request { permission = "admin-read-only" },
  ["admin-read-write"] = make.request { permission = "admin-read-write" },
  ["prefixes and objects"] = make.request { objects = { "shared/logo.png", "b c" } },
  ["objects"] = make.request { prefixes = ABSENT, objects = { "shared/logo.png" } },
  ["its own parent"] = make.request { parent_access_key_id = keys.parent_access_key_id },
  ["80 prefixes"] = make.request { prefixes = many() },
}

local WRONG_REQUESTS = {
  bucket = make.request { bucket = "B" },
  permission = make.request { permission = "read" },
  actions = make.request { actions = { "GetObject" } },
  ttl_seconds = make.request { ttl_seconds = 0 },
  prefixes = make.request { prefixes = { "a/", "" } },
  objects = make.request { objects = {} },
  parent_access_key_id = make.request { parent_access_key_id = "1dea" },
  prefix = make.request { prefix = "users/" },
}

local function sign(client, request, now)
  return client:sign(request, now)
end

local function ask(client, request)
  return client:request(request)
end

local function asked(request)
  return function(message, why)
    assert(message, why)
    assert(message.headers.authorization == "Bearer " .. keys.api_token)
    assert(message.body:find('"bucket":"' .. request.bucket .. '"', 1, true))
    assert(message.body:find('"permission":"' .. request.permission .. '"', 1, true))
    return message
  end
end

for name, request in pairs(REQUESTS) do
  operation("client:sign for " .. name, function()
    return client_and(request, NOW)
  end, sign, signed(request))
  operation("client:request for " .. name, function()
    return client_and(request)
  end, ask, asked(request))
end

for field, request in pairs(WRONG_REQUESTS) do
  operation("client:sign with a wrong " .. field, function()
    return client_and(request, NOW)
  end, sign, refused("invalid_request", field))
  operation("client:request with a wrong " .. field, function()
    return client_and(request)
  end, ask, refused("invalid_request", field))
end

local ACTIONS = make.request { permission = ABSENT, actions = { "GetObject", "ListParts" } }

operation("client:sign for actions", function()
  return client_and(ACTIONS, NOW)
end, sign, signed(ACTIONS))

operation("client:request for actions", function()
  return client_and(ACTIONS)
end, ask, refused("unsupported", "actions"))

operation("client:sign for another parent", function()
  return client_and(make.request {
    parent_access_key_id = keys.another_parent_access_key_id,
  }, NOW)
end, sign, refused("unsupported", "parent_access_key_id"))

operation("client:sign without a secret", function()
  return make.api_client(), make.request(), NOW
end, sign, refused("unsupported", "parent_secret_access_key"))

operation("client:request without a token", function()
  return make.client(), make.request()
end, ask, refused("unsupported", "api_token"))

operation("client:sign at a wrong time", function()
  return client_and(make.request(), -1)
end, sign, refused("invalid_request", "now"))

for name, run in pairs { sign = sign, request = ask } do
  operation("client:" .. name .. " for too long a token", function()
    return assert(tc.new(both_keys { max_token_bytes = 700 })), make.request {
      prefixes = { ("a"):rep(100) .. "/" },
    }
  end, run, refused("invalid_request", "prefixes"))
end

operation("three calls in a row", function()
  return client_and(make.request(), REQUESTS["80 prefixes"], REQUESTS.objects)
end, function(client, first, second, third)
  return { client:sign(first, NOW), client:request(second), client:sign(third, NOW) }
end, function(results)
  return signed(make.request())(results[1]), asked(REQUESTS["80 prefixes"])(results[2]),
    signed(REQUESTS.objects)(results[3])
end)

operation("tostring, close and tostring again", same, function()
  local client = client_and()
  local open = tostring(client)
  client:close()
  client:close()
  return open, tostring(client)
end, same)

operation("a client whose scope ends", same, function()
  local client = client_and()
  debug.getmetatable(client).__close(client)
  return client
end, function(client)
  assert(not pcall(client.sign, client, make.request()))
end)

operation("a collection", function()
  collectgarbage("stop")
  assert(client_and():sign(REQUESTS["80 prefixes"], NOW))
  assert(make.client():sign(make.request(), NOW))
end, function()
  if spec.may_collect then
    collectgarbage()
    collectgarbage()
  end
end, same)

-- ---- configuration and request in one table ----

local function whole(changes)
  return make.changed(make.changed(make.config(), make.request()), changes)
end

local function call(t)
  return tc(t, NOW)
end

operation("tc{…}", function()
  return whole()
end, call, signed(make.request()))

operation("tc{…} with a wrong secret", function()
  return whole { parent_secret_access_key = "5ec7" }
end, call, refused("invalid_config", "parent_secret_access_key"))

operation("tc{…} with a wrong bucket", function()
  return whole { bucket = "B" }
end, call, refused("invalid_request", "bucket"))

return spec
