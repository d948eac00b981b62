-- Providers while memory runs out: over an issuer that signs, and over one that asks and shares.
local new_dictionary = require "spec.support.dictionary"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local scripted = require "spec.support.scripted"
local spec = require "spec.memory.operations"

local NOW, ABSENT = make.NOW, make.ABSENT

-- What is loaded and compiled once, is by then.
local function load_modules()
  local r2 = require "r2"
  assert(r2.provider(make.issuer(), make.request())):get()
  require "r2.provider.shared"
end

local function clock()
  return NOW
end

spec.operation("provider:get, signed", function()
  load_modules()
  return make.issuer { clock = clock }, make.request()
end, function(issuer, request)
  local provider, message, err = require "r2".provider(issuer, request)
  if not provider then
    return nil, message, err
  end
  return provider:get()
end, spec.signed(make.request()))

local function asker()
  return make.issuer {
    parent_secret_access_key = ABSENT, api_token = keys.api_token, clock = clock,
    transport = (scripted.transport { scripted.good() }),
  }
end

spec.operation("provider:get, of another worker's entry", function()
  load_modules()
  local dictionary = new_dictionary(clock)
  local r2 = require "r2"
  assert(assert(r2.provider(asker(), make.request(), { shared = dictionary })):get())
  return function()
    return r2.provider(asker(), make.request(), { shared = dictionary })
  end
end, function(new_provider)
  local provider, message, err = new_provider()
  if not provider then
    return nil, message, err
  end
  return provider:get()
end, function(credentials, message)
  assert(credentials, message)
  assert(credentials.expires_at == NOW + 3600 and credentials.bucket == "my-bucket")
  return credentials, tostring(credentials)
end)

return spec
