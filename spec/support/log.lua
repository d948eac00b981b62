-- A server's log. The line of a request may come a moment after its answer.
local http = require "r2.http"

local TURNS = 1000 -- of waiting, 10 ms each

--- The lines of the log, once there are that many, or as many as came in 10 seconds.
-- @tparam table server with a method read(name)
return function(server, name, count)
  local lines = {}
  for _ = 1, TURNS do
    lines = {}
    for line in server:read(name):gmatch("([^\n]*)\n") do
      lines[#lines + 1] = line
    end
    if #lines >= count then
      break
    end
    http.sleep(0.01)
  end
  return lines
end
