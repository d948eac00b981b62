-- Polls many exchanges from one loop, as a game does; spec/http/rounds_spec.lua runs it.
--   rounds.lua URL COUNT FRAMES KIND
--                                 KIND "exchanges", or "tasks", each of which sends one request;
--                                 writes "frame" before each frame to the file in R2_ROUNDS, which
--                                 spec/support/rounds.c writes to as well, and prints how many have
--                                 ended, and the most bytes that one poll has handed on
local url, count, frames, kind = arg[1], tonumber(arg[2]), tonumber(arg[3]), arg[4]
local notes = assert(io.open(os.getenv("R2_ROUNDS"), "a"))
notes:setvbuf("no")

local handed_on, most = 0, 0
local all, ended = {}, 0
local function new_request()
  return { method = "GET", url = url, timeout_seconds = 600, output = function(piece)
    handed_on = handed_on + #piece
  end }
end

-- What begins one, and what waits for the network.
local begin, wait

if kind == "exchanges" then
  local h = assert(require("r2.http").new())
  function begin()
    return h:start(new_request())
  end
  function wait(seconds)
    h:wait(seconds)
  end
else
  local task, waiting = require "r2.task", require "r2.task.waiting"
  local transport = assert(require("r2.transport.curl").new())
  wait = transport.wait
  function begin()
    return task(waiting.perform, transport, new_request())
  end
end

for i = 1, count do
  all[i] = assert(begin())
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
  wait(0.05) -- for the network; what is counted are the polls
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
print(ended, most)
