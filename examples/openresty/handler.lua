-- Answers an upload page: credentials for one user's folder, as JSON. nginx.conf says how to start.
-- luacheck: std ngx_lua
local cjson = require "cjson"
local r2 = require "r2"

local BUCKET = "my-bucket"
local TTL = 900 -- seconds

-- Signed in this worker, in microseconds: write-only.
local signer = assert(r2.from_env { mode = "local" })

-- Asked of Cloudflare's API: no secret here, only an API token. Without `transport` it would go
-- through lua-resty-http, where that is installed.
local asker = assert(r2.from_env {
  mode = "api",
  transport = assert(require("r2.transport.nginx").new()),
})

local function send(status, answer)
  ngx.status = status
  ngx.header.content_type = "application/json"
  ngx.header.cache_control = "no-store"
  ngx.print(cjson.encode(answer))
end

local function answer(credentials, message, err)
  if not credentials then
    ngx.log(ngx.ERR, message) -- holds no secret
    ngx.header.retry_after = err.retry_after
    return send(503, { error = "no credentials now: " .. err.kind })
  end
  send(200, {
    accessKeyId = credentials.access_key_id,
    secretAccessKey = credentials.secret_access_key,
    sessionToken = credentials.session_token,
    expiration = os.date("!%Y-%m-%dT%H:%M:%SZ", credentials.expires_at),
    bucket = credentials.bucket,
    endpoint = credentials.endpoint,
  })
end

local handler = {}

function handler.signed(user_id)
  answer(signer:client_upload_credentials(user_id, BUCKET, { ttl_seconds = TTL }))
end

-- Cloudflare's API publishes no write-only permission, so these may read and delete too, in the
-- user's own folder. A user_id that comes from elsewhere is checked first: no slash, no dots.
function handler.asked(user_id)
  answer(asker:create {
    bucket = BUCKET,
    permission = r2.permission.OBJECT_READ_WRITE,
    prefixes = { "uploads/" .. user_id .. "/" },
    ttl_seconds = TTL,
  })
end

return handler
