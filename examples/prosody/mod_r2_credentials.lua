-- A module of Prosody: whoever has an account gets a credential for a folder of their own, as JSON.
--
--   plugin_paths = { "…/examples/prosody" }      -- in prosody.cfg.lua
--   modules_enabled = { "r2_credentials" }
--
-- The library has to be installed for the Lua of Prosody (prosodyctl about says which; Debian 12's
-- is 5.4), and CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, R2_ACCESS_KEY_ID and
-- R2_SECRET_ACCESS_KEY have to be exported. To try it with `make sandbox` in place of Cloudflare,
-- export what that prints. Then, over TLS where others listen:
--
--   curl -u somebody:password http://127.0.0.1:5280/r2_credentials/signed
--   curl -u somebody:password http://127.0.0.1:5280/r2_credentials/asked
-- luacheck: globals module

local base64 = require "util.encodings".base64
local nodeprep = require "util.encodings".stringprep.nodeprep
local r2 = require "r2"
local usermanager = require "core.usermanager"

local BUCKET = "my-bucket"

-- Signed here, in microseconds: write-only.
local signer = assert(r2.from_env { mode = "local" })

-- Asked of Cloudflare's API. Without `transport` libcurl would stop Prosody. It is no Lua file of
-- Prosody's path, so the module loads it.
local asker = assert(r2.from_env { mode = "api", transport = module:require "transport" })

-- The user whose name and password came along; nil where they are none.
local function user_of(request)
  local given = (request.headers.authorization or ""):match("^Basic (%S+)$")
  local name, password = (given and base64.decode(given) or ""):match("^([^:]+):(.*)$")
  name = name and nodeprep(name, true)
  return name and usermanager.test_password(name, module.host, password) and name
end

local function answered(response, credentials, message, err)
  response.headers.cache_control = "no-store"
  if not credentials then
    module:log("error", "%s", message) -- holds no secret
    response.status_code = 503
    return ('{"error":"no credentials now: %s"}'):format(err.kind)
  end
  response.headers.content_type = "application/json"
  return assert(r2.export.json(credentials))
end

-- A handler for users; make(name) hands back what issuers do.
local function for_users(make)
  return function(event)
    local name = user_of(event.request)
    if not name then
      event.response.headers.www_authenticate = 'Basic realm="credentials"'
      return 401
    end
    return answered(event.response, make(name))
  end
end

module:depends "http"
module:provides("http", {
  cors = { enabled = false }, -- else Prosody lets pages of any site ask
  route = {
    ["GET /signed"] = for_users(function(name)
      return signer:client_upload_credentials(name, BUCKET)
    end),
    -- Cloudflare's API publishes no write-only permission, so these may read and delete too, in the
    -- user's own folder.
    ["GET /asked"] = for_users(function(name)
      return asker:service_credentials(BUCKET, "uploads/" .. name .. "/", { ttl_seconds = 900 })
    end),
  },
})
