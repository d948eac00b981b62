-- Polls tasks that get objects, once a frame; bench/frames runs it.
--   frames.lua URL BUCKET COUNT   prints the longest poll, the longest frame, the median frame, in
--                                 seconds, and the share of the time that went into polls
local http = require "r2.http"
local r2 = require "r2"

local url, name, count = arg[1], arg[2], tonumber(arg[3])
local FRAME = 1 / 60

local transport = assert(require("r2.transport.curl").new())
local bucket = assert(r2.bucket {
  credentials = { access_key_id = "id", secret_access_key = "secret", session_token = "token" },
  endpoint = url, name = name, transport = transport, timeout_seconds = 600,
})

local tasks = {}
for i = 1, count do
  tasks[i] = assert(r2.task(function()
    return bucket:get("object" .. i, { output = function() end })
  end))
end

local left, longest, frames = count, 0, {}
local began, polling = http.now(), 0
while left > 0 do
  local frame_began = http.now()
  for i = 1, count do
    if tasks[i] then
      local before = http.now()
      local found, message = tasks[i]:poll()
      longest = math.max(longest, http.now() - before)
      if found ~= false then
        assert(found, message)
        tasks[i], left = false, left - 1
      end
    end
  end
  local took = http.now() - frame_began
  frames[#frames + 1], polling = took, polling + took
  http.sleep(math.max(FRAME - took, 0))
end
table.sort(frames)
print(longest, frames[#frames], frames[math.ceil(#frames / 2)], polling / (http.now() - began))
