-- A game's loop that gets a credential and never waits for it: each frame polls once, and goes on.
--
--   export CLOUDFLARE_ACCOUNT_ID=… CLOUDFLARE_API_TOKEN=… R2_ACCESS_KEY_ID=…
--   lua examples/frame_loop.lua BUCKET [API_BASE_URL]

local r2 = require "r2"
local http = require "r2.http"

local FRAME = 1 / 60 -- seconds

local issuer = assert(r2.from_env { mode = "api", api_base_url = arg[2] })
local pending = assert(issuer:start {
  bucket = assert(arg[1], "which bucket?"),
  permission = r2.permission.OBJECT_READ_ONLY,
  ttl_seconds = 3600,
  prefixes = { "levels/" },
})

local frame = 0
local function draw()
  frame = frame + 1
  print("frame " .. frame)
end

io.stdout:setvbuf("line")
local next_frame = http.now()
local credentials, message
repeat
  credentials, message = pending:poll() -- false while it is on its way
  draw()
  local now = http.now()
  next_frame = math.max(next_frame + FRAME, now)
  http.sleep(next_frame - now) -- your engine does this
until credentials ~= false

print(credentials and tostring(credentials) or "no credential: " .. message)
issuer:close()
