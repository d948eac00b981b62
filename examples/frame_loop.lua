-- A game's loop that uploads its save and never waits for it: each frame polls once, and goes on.
--
--   export CLOUDFLARE_ACCOUNT_ID=… CLOUDFLARE_API_TOKEN=… R2_ACCESS_KEY_ID=…
--   lua examples/frame_loop.lua BUCKET FILE

local r2 = require "r2"
local http = require "r2.http"

local FRAME = 1 / 60 -- seconds

local bucket_name, path = assert(arg[1], "which bucket?"), assert(arg[2], "which file?")
local progress = 0 -- of the upload, for a bar: 0 to 1

-- Reads as code that waits; in a task it gives way instead.
local function save()
  local issuer = assert(r2.from_env())
  local credentials, message, err = issuer:service_credentials(bucket_name, "saves/")
  issuer:close()
  if not credentials then
    return nil, message, err
  end
  local bucket = assert(r2.bucket { credentials = credentials })
  local stored
  stored, message, err = bucket:upload(path, "saves/last", {
    progress = function(done, total)
      progress = total > 0 and done / total or 1
    end,
  })
  bucket:close()
  return stored, message, err
end

local frame = 0
local function draw()
  frame = frame + 1
  print(("frame %d, %d%% saved"):format(frame, math.floor(progress * 100)))
end

io.stdout:setvbuf("line")
local task = assert(r2.task(save))
local next_frame = http.now()
local stored, message
repeat
  stored, message = task:poll() -- false while it is under way
  draw()
  local now = http.now()
  next_frame = math.max(next_frame + FRAME, now)
  http.sleep(next_frame - now) -- your engine does this
until stored ~= false

print(stored and ("saved, %d bytes"):format(stored.size) or "not saved: " .. message)
