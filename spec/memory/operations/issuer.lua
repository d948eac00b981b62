-- Operations of the Lua layer that sign.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local spec = require "spec.memory.operations"

local NOW, ABSENT = make.NOW, make.ABSENT
local operation, refused, signed, same = spec.operation, spec.refused, spec.signed, spec.same

local function clock()
  return NOW
end

-- Not what it requires in turn: all that takes memory there is Lua's reading of the files.
operation("require 'r2'", function()
  require "r2"
  spec.forget "r2"
  return "r2"
end, require, function(r2)
  return signed(make.request())(
    assert(r2.new(make.config { clock = clock })):create(make.request()))
end)

local function issuer_and(...)
  return make.issuer(), ...
end

local function r2_and(...)
  return require "r2", ...
end

local function close(issuer)
  local open = tostring(issuer)
  issuer:close()
  return open, tostring(issuer)
end

operation("r2.new", function()
  return r2_and(make.config { mode = "local", clock = clock })
end, function(r2, settings)
  return r2.new(settings)
end, function(issuer, message)
  assert(issuer, message)
  return signed(make.request())(issuer:create(make.request())), close(issuer)
end)

operation("r2.new with a wrong mode", function()
  return r2_and(make.config { mode = "remote" })
end, function(r2, settings)
  return r2.new(settings)
end, refused("invalid_config", "mode"))

operation("r2.new with a wrong endpoint", function()
  return r2_and(make.config { endpoint = "ftp://example.com" })
end, function(r2, settings)
  return r2.new(settings)
end, refused("invalid_config", "endpoint"))

local VARIABLES = {
  CLOUDFLARE_ACCOUNT_ID = keys.account_id,
  R2_ACCESS_KEY_ID = keys.parent_access_key_id,
  R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
}

operation("r2.from_env", function()
  os.getenv = function(name) -- luacheck: ignore
    return VARIABLES[name]
  end
  return r2_and { clock = clock }
end, function(r2, options)
  return r2.from_env(options)
end, function(issuer, message)
  assert(issuer, message)
  return signed(make.request())(issuer:create(make.request()))
end)

operation("r2.from_env with a wrong option", function()
  return r2_and { max_attempts = 0 }
end, function(r2, options)
  return r2.from_env(options)
end, refused("invalid_config", "max_attempts"))

operation("issuer:create", function()
  return issuer_and(make.request())
end, function(issuer, request)
  return issuer:create(request)
end, signed(make.request()))

operation("issuer:create with a wrong field", function()
  return issuer_and(make.request { prefix = "users/" })
end, function(issuer, request)
  return issuer:create(request)
end, refused("invalid_request", "prefix"))

operation("issuer:upload_credentials", issuer_and, function(issuer)
  return issuer:upload_credentials("my-bucket")
end, signed(make.request { permission = "object-write-only", prefixes = ABSENT }))

operation("issuer:upload_credentials with options", function()
  return issuer_and { ttl_seconds = 60, prefixes = { "in/" }, objects = { "logo.png" } }
end, function(issuer, options)
  return issuer:upload_credentials("my-bucket", options)
end, signed(make.request {
  permission = "object-write-only", ttl_seconds = 60, prefixes = { "in/" },
  objects = { "logo.png" },
}))

operation("issuer:client_upload_credentials", issuer_and, function(issuer)
  return issuer:client_upload_credentials("123", "my-bucket")
end, signed(make.request {
  permission = "object-write-only", ttl_seconds = 900, prefixes = { "uploads/123/" },
}))

operation("issuer:client_upload_credentials with a wrong user", issuer_and, function(issuer)
  return issuer:client_upload_credentials("\255", "my-bucket")
end, refused("invalid_request", "user_id"))

operation("issuer:download_credentials", function()
  return issuer_and({ "reports/2026.pdf" }, { ttl_seconds = 60 })
end, function(issuer, objects, options)
  return issuer:download_credentials("my-bucket", objects, options)
end, signed(make.request {
  ttl_seconds = 60, prefixes = ABSENT, objects = { "reports/2026.pdf" },
}))

operation("issuer:service_credentials", issuer_and, function(issuer)
  return issuer:service_credentials("my-bucket", "backups/")
end, signed(make.request {
  permission = "object-read-write", ttl_seconds = 43200, prefixes = { "backups/" },
}))

operation("issuer:service_credentials with a wrong prefix", issuer_and, function(issuer)
  return issuer:service_credentials("my-bucket", "backups\255/")
end, refused("invalid_request", "service_prefix"))

operation("issuer: tostring, close and tostring again", function()
  return r2_and(make.config { clock = clock })
end, function(r2, settings)
  return close(assert(r2.new(settings)))
end, same)

return spec
