-- Polls many exchanges from one loop, as a game does; spec/http/rounds_spec.lua runs it.
--   rounds.lua URL COUNT FRAMES   writes "frame" before each frame to the file in R2_ROUNDS, which
--                                 spec/support/rounds.c writes to as well, and prints how many have
--                                 ended, and the most bytes that one poll has handed on
local http = require "r2.http"

local url, count, frames = arg[1], tonumber(arg[2]), tonumber(arg[3])
local h = assert(http.new { timeout_seconds = 600 })
local notes = assert(io.open(os.getenv("R2_ROUNDS"), "a"))
notes:setvbuf("no")

local handed_on, most = 0, 0
local all, ended = {}, 0
for i = 1, count do
  all[i] = assert(h:start { method = "GET", url = url, output = function(piece)
    handed_on = handed_on + #piece
  end })
end

local function poll(x)
  handed_on = 0
  local response, message = x:poll()
  most = math.max(most, handed_on)
  if response ~= false then
    assert(response, message)
    ended = ended + 1
  end
  return response
end

for _ = 1, frames do
  h:wait(0.05) -- for the network; what is counted are the polls
  notes:write("frame\n")
  for i = 1, count do
    if all[i] and poll(all[i]) then
      all[i] = nil
    end
  end
  notes:write("end\n")
  if ended == count then
    break
  end
end
h:close()
print(ended, most)
