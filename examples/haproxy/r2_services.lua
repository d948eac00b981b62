-- Services of HAProxy that hand out credentials for the user's own folder, as JSON. haproxy.cfg
-- says how to start, and which variables are read.
-- luacheck: globals core

local r2 = require "r2"
local transport = require "transport"

local BUCKET = "my-bucket"

-- Signed here, in microseconds: write-only.
local signer = assert(r2.from_env { mode = "local" })

-- Asked of Cloudflare's API. Without `transport` libcurl would stop a thread of HAProxy.
local asker = assert(r2.from_env { mode = "api", transport = transport })

local function send(applet, status, text)
  applet:set_status(status)
  applet:add_header("content-type", "application/json")
  applet:add_header("cache-control", "no-store")
  applet:start_response()
  applet:send(text)
end

local function answer(applet, credentials, message, err)
  if not credentials then
    core.Alert(message) -- holds no secret
    return send(applet, 503, ('{"error":"no credentials now: %s"}'):format(err.kind))
  end
  send(applet, 200, assert(r2.export.json(credentials)))
end

-- haproxy.cfg has let nobody in whom it does not know.
core.register_service("r2_signed", "http", function(applet)
  answer(applet, signer:client_upload_credentials(applet:get_var("txn.user"), BUCKET))
end)

-- Cloudflare's API publishes no write-only permission, so these may read and delete too, in the
-- user's own folder.
core.register_service("r2_asked", "http", function(applet)
  answer(applet, asker:service_credentials(BUCKET, "uploads/" .. applet:get_var("txn.user") .. "/",
    { ttl_seconds = 900 }))
end)
