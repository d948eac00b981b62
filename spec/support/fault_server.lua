-- An HTTP server that misbehaves as it is told: a process of its own over LuaSocket, so that it
-- owes nothing to what is tested. Started by spec/support/faulty.lua. Its first line says where it
-- listens: the port, the port that resets each connection, the port that reads a little and hangs
-- up, and the port of a bystander.
--   /FAULT/RUN…      shows the fault of that name, and records the request under RUN
--   /FAULT-RUN…      the same as a bucket of R2's S3 side, where the fault's name begins with s3
--   CONNECT …        as a proxy does, and http://…: recorded under "proxy". A tunnel to a host
--                    tunnel.… is opened, what goes through it recorded as hex; all else gets 403
--   /-/seen/RUN      what RUN has recorded, as JSON
--   /-/release/RUN   lets go what "held" keeps back
--   /-/ports         how many connections the other ports have seen, as JSON
--   /-/stop          ends it; it ends by itself too when nobody has asked for anything for a while
local socket = require "socket"
local cjson = require "cjson"
local faults = require "spec.support.faults"
require "spec.support.http_faults"
require "spec.support.s3_faults"

local IDLE_MAX = 600 -- seconds
local RECORDED_MAX = 4 * 1024 * 1024

local runs = {}
local tasks = {}
local last_request = socket.gettime()
local stopping = false

local function run_of(name)
  runs[name] = runs[name] or { requests = {}, connections = 0, sent = 0, gone = 0 }
  return runs[name]
end

-- ---- connections: each is a coroutine that yields what it waits for ----

local Connection = {}
Connection.__index = Connection

local GONE = {}

local function wait(what)
  coroutine.yield(what)
end

function Connection:send(bytes)
  local at = 1
  while at <= #bytes do
    local last, problem, partial = self.socket:send(bytes, at)
    local now_at = (last or partial) + 1
    if self.run then
      self.run.sent = self.run.sent + now_at - at
    end
    at = now_at
    if not last and problem ~= "timeout" then
      error(GONE)
    elseif not last then
      wait { write = true }
    end
  end
end

-- Reads something; false at the end.
function Connection:fill()
  local bytes, problem, partial = self.socket:receive(65536)
  bytes = bytes or partial
  if #bytes > 0 then
    self.buffer = self.buffer .. bytes
    return true
  elseif problem == "timeout" then
    wait { read = true }
    return true
  end
  return false
end

function Connection:line()
  while not self.buffer:find("\n", 1, true) do
    if not self:fill() then
      error(GONE)
    end
  end
  local line, rest = self.buffer:match("^([^\n]*)\n(.*)$")
  self.buffer = rest
  return (line:gsub("\r$", ""))
end

-- Reads so many bytes; what is more than can be recorded is counted only.
function Connection:take(count, into)
  while count > 0 do
    if #self.buffer == 0 and not self:fill() then
      error(GONE)
    end
    local piece = self.buffer:sub(1, count)
    self.buffer = self.buffer:sub(#piece + 1)
    count = count - #piece
    into.length = into.length + #piece
    if into.length <= RECORDED_MAX then
      into[#into + 1] = piece
    end
  end
end

function Connection.sleep(_, seconds)
  wait { at = socket.gettime() + seconds }
end

--- Waits until the run is released; the client may leave in the meantime.
function Connection:hold()
  while not self.run.released do
    wait { read = true, ready = function() return self.run.released end }
    if not self.run.released and not self:fill() then
      error(GONE)
    end
  end
end

--- Closes without a farewell: the peer sees a reset.
function Connection:reset()
  self.socket:setoption("linger", { on = true, timeout = 0 })
  error(GONE)
end

function Connection.close()
  error(GONE)
end

--- Says that nothing more comes, and reads until the peer has gone. A close with bytes unread would
-- be a reset, which may overtake what was answered.
function Connection:leave()
  self.socket:shutdown("send")
  while self:fill() do
    self.buffer = ""
  end
  error(GONE)
end

local TLS_HANDSHAKE = "\22"

function Connection:read_head()
  local method, target, version
  while self.buffer == "" do
    if not self:fill() then
      error(GONE)
    end
  end
  if self.buffer:sub(1, 1) == TLS_HANDSHAKE then
    self:send("HTTP/1.1 400 Bad Request\r\n\r\n")
    error(GONE)
  end
  repeat
    method, target, version = self:line():match("^(%S+) (%S+) HTTP/(%S+)$")
  until method
  local request = {
    method = method, target = target, version = version, headers = {}, lines = {},
  }
  for line in function() return self:line() end do
    if line == "" then
      break
    end
    local name, value = line:match("^([^:]+):%s*(.*)$")
    request.lines[#request.lines + 1] = line
    request.headers[name:lower()] = value
  end
  return request
end

function Connection:read_body(request)
  local body = { length = 0 }
  if (request.headers["transfer-encoding"] or ""):find("chunked", 1, true) then
    request.chunks = 0
    repeat
      local size = tonumber(self:line():match("^%x+"), 16)
      self:take(size, body)
      request.chunks = request.chunks + (size > 0 and 1 or 0)
      self:line()
    until size == 0
  else
    self:take(tonumber(request.headers["content-length"]) or 0, body)
  end
  request.body_length = body.length
  request.body = table.concat(body)
end

local CONTROL = {}

function CONTROL.seen(c, name)
  c:answer(200, {}, cjson.encode(run_of(name)))
end

function CONTROL.release(c, name)
  run_of(name).released = true
  c:answer(204, {}, "")
end

function CONTROL.stop(c)
  stopping = true
  c:answer(204, {}, "")
end

--- Sends a whole answer.
function Connection:answer(status, lines, body)
  local head = { ("HTTP/1.1 %d Whatever"):format(status) }
  for _, line in ipairs(lines) do
    head[#head + 1] = line
  end
  if status ~= 204 and status ~= 304 then
    head[#head + 1] = "Content-Length: " .. #body
  end
  self:send(table.concat(head, "\r\n") .. "\r\n\r\n" .. body)
end

local function be_proxy(c, request)
  c.run = run_of "proxy"
  c.run.requests[#c.run.requests + 1] = request
  if not request.target:find("^tunnel%.") then
    c:answer(403, {}, "")
    c:close()
  end
  c:send("HTTP/1.1 200 Established\r\n\r\n")
  while #c.buffer == 0 and c:fill() do
  end
  request.tunnelled = c.buffer:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
  c:close()
end

local function serve(c)
  while true do
    local request = c:read_head()
    last_request = socket.gettime()
    if request.target:sub(1, 1) ~= "/" then
      be_proxy(c, request)
    end
    local fault, name = request.target:match("^/(s3[%w-]-)%-(run%d+)")
    if not fault then
      fault, name = request.target:match("^/([%w_-]+)/([%w_-]+)")
    end
    if fault == "-" then
      c.run = nil
      c:read_body(request)
      CONTROL[name](c, request.target:match("^/%-/[^/]+/(.*)$"))
    else
      local show = assert(faults.shows[fault], fault)
      local run = run_of(name)
      c.run = run
      if not c.counted then
        c.counted = true
        run.connections = run.connections + 1
      end
      run.requests[#run.requests + 1] = request
      if not faults.early[fault] then
        c:read_body(request)
      end
      show(c, request, #run.requests)
    end
  end
end

-- ---- the loop ----

local function spawn(client, work)
  client:settimeout(0)
  client:setoption("tcp-nodelay", true)
  local c = setmetatable({ socket = client, buffer = "" }, Connection)
  tasks[c] = { waits = {}, thread = coroutine.create(function()
    local ok, problem = xpcall(work, function(problem)
      return problem == GONE and problem or debug.traceback(problem)
    end, c)
    if not ok and problem ~= GONE then
      io.stderr:write("fault server: ", tostring(problem), "\n")
    end
    if c.run then
      c.run.gone = c.run.gone + 1
    end
    client:close()
  end) }
end

local function resume(c, task)
  local ok, waits = coroutine.resume(task.thread)
  assert(ok, waits)
  if coroutine.status(task.thread) == "dead" then
    tasks[c] = nil
  else
    task.waits = waits
  end
end

local function listen()
  local server = assert(socket.bind("127.0.0.1", 0, 128))
  server:settimeout(0)
  local _, port = server:getsockname()
  return server, math.floor(tonumber(port))
end

local server, port = listen()
local slamming, slamming_port = listen()
local hanging_up, hanging_up_port = listen()
local bystander, bystander_port = listen()
local ports = { slammed = 0, hung_up = 0, bystander = 0 }
faults.bystander_port = bystander_port

function CONTROL.ports(c)
  c:answer(200, {}, cjson.encode(ports))
end

io.stdout:write(("%d %d %d %d\n"):format(port, slamming_port, hanging_up_port, bystander_port))
io.stdout:flush()

local function accept(listener, work)
  local client = listener:accept()
  if client then
    spawn(client, work)
  end
end

local function slam(c)
  ports.slammed = ports.slammed + 1
  c:reset()
end

local function hang_up(c)
  ports.hung_up = ports.hung_up + 1
  while #c.buffer == 0 and c:fill() do
  end
  c:close()
end

local function stand_by(c)
  ports.bystander = ports.bystander + 1
  serve(c)
end

local LISTENERS = {
  [server] = serve, [slamming] = slam, [hanging_up] = hang_up, [bystander] = stand_by,
}

local function ready_tasks()
  local reading, writing, due = { server, slamming, hanging_up, bystander }, {}, {}
  local now, timeout = socket.gettime(), 1
  for c, task in pairs(tasks) do
    local waits = task.waits
    if (waits.at and waits.at <= now) or (waits.ready and waits.ready()) or not next(waits) then
      due[c] = true
      timeout = 0
    elseif waits.at then
      timeout = math.min(timeout, waits.at - now)
    end
    if waits.read then
      reading[#reading + 1] = c.socket
    end
    if waits.write then
      writing[#writing + 1] = c.socket
    end
  end
  local readable, writable = socket.select(reading, writing, timeout)
  return due, readable, writable
end

while not stopping and socket.gettime() - last_request <= IDLE_MAX do
  local due, readable, writable = ready_tasks()
  for listener, work in pairs(LISTENERS) do
    if readable[listener] then
      accept(listener, work)
    end
  end
  local chosen = {}
  for c, task in pairs(tasks) do
    if due[c] or readable[c.socket] or writable[c.socket] then
      chosen[#chosen + 1] = { c, task }
    end
  end
  for _, pair in ipairs(chosen) do
    resume(pair[1], pair[2])
  end
end
