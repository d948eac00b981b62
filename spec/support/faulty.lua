-- Starts and stops the fault server, and asks it what it has seen.
local cjson = require "cjson"
local socket = require "socket"

local faulty = {}
faulty.__index = faulty

--- Starts a server; server:stop() ends it.
function faulty.start()
  local pipe = assert(io.popen(
    "exec env -u LD_PRELOAD lua5.4 spec/support/fault_server.lua </dev/null"))
  local line = assert(pipe:read("*l"), "the fault server does not start")
  local port, slamming, hanging_up, bystander = line:match("^(%d+) (%d+) (%d+) (%d+)$")
  return setmetatable({
    pipe = pipe,
    port = tonumber(port),
    slamming_port = tonumber(slamming),
    hanging_up_port = tonumber(hanging_up),
    bystander_port = tonumber(bystander),
    runs = 0,
  }, faulty)
end

-- A plain HTTP exchange without the library.
function faulty:ask(path)
  local client = assert(socket.connect("127.0.0.1", self.port))
  client:settimeout(20)
  assert(client:send("GET " .. path .. " HTTP/1.1\r\nHost: control\r\n\r\n"))
  local length = 0
  while true do
    local line = assert(client:receive("*l"))
    if line == "" then
      break
    end
    length = tonumber(line:match("^[Cc]ontent%-[Ll]ength: (%d+)")) or length
  end
  local body = length > 0 and assert(client:receive(length)) or ""
  client:close()
  return body
end

--- A name under which requests are recorded, never given before.
function faulty:new_run()
  self.runs = self.runs + 1
  return "run" .. self.runs
end

--- The base URL of a fault.
function faulty:url(fault, run)
  return ("http://127.0.0.1:%d/%s/%s"):format(self.port, fault, run)
end

--- requests: { method, target, version, headers, lines, body, body_length, chunks }…; connections;
-- sent: bytes; gone: connections that have ended
function faulty:seen(run)
  return cjson.decode(self:ask("/-/seen/" .. run))
end

--- slammed, hung_up, bystander: how many connections these ports have seen.
function faulty:ports()
  return cjson.decode(self:ask("/-/ports"))
end

function faulty:release(run)
  self:ask("/-/release/" .. run)
end

--- Waits until the server says so: test(what it has seen of the run).
function faulty:wait_until(run, test)
  for _ = 1, 2000 do
    local seen = self:seen(run)
    if test(seen) then
      return seen
    end
    socket.sleep(0.005)
  end
  error("the fault server has not seen it", 2)
end

function faulty:stop()
  self:ask("/-/stop")
  self.pipe:close()
end

--- A port of this machine on which nothing listens.
function faulty.free_port()
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  server:close()
  return tonumber(port)
end

return faulty
