-- Operations of an issuer that asks the API, over libcurl and over a transport of its own.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local spec = require "spec.memory.operations"

local NOW, ABSENT = make.NOW, make.ABSENT
local operation, exchange, url, refused = spec.operation, spec.exchange, spec.url, spec.refused
local forget = spec.forget

-- To read a file takes much memory, and that is Lua's own affair.
local function load_modules()
  return require "r2", require "r2.transport.curl", require "r2.http", require "r2.issuer"
end

local function asker(fault, changes)
  load_modules()
  return make.issuer(make.changed({
    parent_secret_access_key = ABSENT, api_token = keys.api_token, mode = "api",
    api_base_url = url(fault), max_attempts = 2, random = function() return 0 end,
  }, changes)), make.request()
end

local function create(issuer, request)
  return issuer:create(request)
end

local function wait(issuer, request)
  local pending, message, err = issuer:start(request)
  if not pending then
    return nil, message, err
  end
  return pending:wait()
end

local function credential(credentials, message)
  assert(credentials, message)
  assert(#credentials.secret_access_key == 64 and credentials.expires_at == NOW + 3600)
  assert(credentials.bucket == "my-bucket")
  return credentials, tostring(credentials)
end

for name, ask_for in pairs { create = create, start = wait } do
  exchange(("issuer:%s through the API"):format(name), function()
    return asker "packed-credential"
  end, ask_for, credential)
end

exchange("issuer:create, closed instead of an answer", function()
  return asker "closed"
end, create, refused("network"))

exchange("issuer:create through the API, cold", function()
  local issuer, request = asker "good"
  forget("r2.transport.curl", "r2.http")
  return issuer, request
end, create, credential)

operation("issuer:create through the API with a wrong field", function()
  local issuer = asker "good"
  return issuer, make.request { prefix = "users/" }
end, create, refused("invalid_request", "prefix"))

exchange("a pending credential that is cancelled", function()
  return asker("held-credential", { max_attempts = 1 })
end, function(issuer, request)
  local pending = assert(issuer:start(request))
  pending:poll()
  pending:cancel()
  return pending:poll()
end, refused("cancelled"))

exchange("a pending credential whose issuer is closed", function()
  load_modules()
  return function()
    return (asker("held-credential", { max_attempts = 1 }))
  end, make.request()
end, function(make_issuer, request)
  local issuer = make_issuer()
  local pending = assert(issuer:start(request))
  pending:poll()
  issuer:close()
  return pending:poll()
end, refused("cancelled"))

for name, ask_for in pairs { create = create, start = wait } do
  operation(("issuer:%s over a given transport, thrice"):format(name), function()
    local scripted = require "spec.support.scripted"
    load_modules()
    return function()
      return (asker("good", {
        max_attempts = 3,
        transport = scripted.transport {
          scripted.failure "network",
          scripted.status(429, { ["Retry-After"] = "2" }),
          scripted.good(),
        },
      }))
    end, make.request()
  end, function(make_issuer, request)
    return ask_for(make_issuer(), request)
  end, credential)
end

return spec
