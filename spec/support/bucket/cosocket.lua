-- A transport over nginx' sockets alone, as somebody might write one of their own after
-- docs/transports.md: it owes nothing to r2.transport.resty. No TLS, HTTP/1.1 only.
-- luacheck: std ngx_lua

local cosocket = {}

local PIECE = 32768
local BODY_MAX = 2 ^ 20

local function failure(kind, text, sent)
  local message = "HTTP: " .. text
  return nil, message, {
    kind = kind, message = message, reason = message, sent = sent,
    retryable = kind == "network" or kind == "timeout",
  }
end

local function broken(text)
  return failure(text == "timeout" and "timeout" or "network", "the connection broke: " .. text)
end

-- Calls a function of the request; nil and the error where it wants the end.
local function ask(action, ...)
  local result, text = action(...)
  if result == false or result == nil and type(text) == "string" then
    return nil, failure("cancelled", "cancelled by its own function"
      .. (type(text) == "string" and ": " .. text or ""))
  end
  return true, result
end

local Exchange = {}
Exchange.__index = Exchange

function Exchange:tell()
  local r = self.request
  if not r.progress then
    return true
  end
  return ask(r.progress, self.sent, self.to_send, self.received, self.to_receive)
end

local function head_of(request, host, target, length)
  local lines = { ("%s %s HTTP/1.1"):format(request.method, target), "Host: " .. host }
  for name, value in pairs(request.headers or {}) do
    lines[#lines + 1] = name .. ": " .. value
  end
  if length then
    lines[#lines + 1] = ("Content-Length: %d"):format(length)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local HAS_LENGTH = { PUT = true, POST = true }

function Exchange:send_body()
  local body = self.request.body
  while body and self.sent < self.to_send do
    local piece
    if type(body) == "string" then
      piece = body:sub(self.sent + 1, self.sent + PIECE)
    else
      local goes_on, made, message, err = ask(body, PIECE)
      if not goes_on then
        return made, message, err
      end
      piece = made
    end
    if not piece or self.sent + #piece > self.to_send then
      return failure("invalid_request", "the body has another length")
    end
    local sent, text = self.socket:send(piece)
    if not sent then
      self.cut = text
      return true -- there may be an answer all the same
    end
    self.sent = self.sent + #piece
    local goes_on, _, message, err = self:tell()
    if not goes_on then
      return nil, message, err
    end
  end
  return true
end

function Exchange:read_head()
  local status, text
  repeat
    local line
    line, text = self.socket:receive("*l")
    if not line then
      return broken(text)
    end
    status = tonumber(line:match("^HTTP/1%.%d (%d%d%d)"))
    self.headers = {}
    repeat
      line, text = self.socket:receive("*l")
      if not line then
        return broken(text)
      end
      local name, value = line:match("^([^:]+):%s*(.-)%s*$")
      if name then
        self.headers[name:lower()] = value
      end
    until line == ""
  until status == nil or status >= 200
  if not status then
    return failure("bad_response", "no HTTP")
  end
  self.status = status
  return true
end

function Exchange:take(piece)
  self.received = self.received + #piece
  if self.request.output and self.status < 300 then
    local goes_on, _, message, err = ask(self.request.output, piece)
    if not goes_on then
      return nil, message, err
    end
  else
    self.pieces[#self.pieces + 1] = piece
    if self.received > BODY_MAX then
      return failure("bad_response", "too long")
    end
  end
  local goes_on, _, message, err = self:tell()
  return goes_on, message, err
end

-- Reads a body of that length, or, for nil, until the end.
function Exchange:read_body(length)
  while not length or self.received < length do
    local room = math.min(PIECE, length and length - self.received or PIECE)
    local piece, text = self.socket:receiveany(room)
    if not piece and text == "closed" and not length then
      self.closes = true
      return true
    elseif not piece then
      return broken(text)
    end
    local goes_on, message, err = self:take(piece)
    if not goes_on then
      return nil, message, err
    end
  end
  return true
end

local function has_body(exchange)
  return exchange.request.method ~= "HEAD" and exchange.status ~= 204 and exchange.status ~= 304
end

function Exchange:run(host, target)
  local request = self.request
  local length = self.to_send > 0 and self.to_send or HAS_LENGTH[request.method] and 0 or nil
  local sent, text = self.socket:send(head_of(request, host, target, length))
  if not sent then
    return broken(text)
  end
  local good, message, err = self:send_body()
  if good then
    good, message, err = self:read_head()
  end
  if good and has_body(self) then
    local declared = tonumber(self.headers["content-length"])
    self.to_receive = declared or 0
    good, message, err = self:read_body(declared)
  end
  if not good then
    return nil, message, err
  end
  self.kept = not self.cut and not self.closes and self.headers.connection ~= "close"
  return { status = self.status, headers = self.headers, body = table.concat(self.pieces) }
end

local function perform(request)
  local host, address, port, target = request.url:match("^http://(([%d.]+):(%d+))(/.*)$")
  if not host then
    return failure("unsupported", "only http and addresses")
  end
  local seconds = math.min(request.timeout_seconds, request.silence_seconds or math.huge)
  local exchange = setmetatable({
    request = request, socket = ngx.socket.tcp(), pieces = {}, sent = 0, received = 0,
    to_receive = 0,
    to_send = type(request.body) == "string" and #request.body or request.content_length or 0,
  }, Exchange)
  exchange.socket:settimeout(math.ceil(seconds * 1000))
  local connected, text = exchange.socket:connect(address, tonumber(port))
  if not connected then
    return failure("network", "no connection: " .. text, false)
  end
  local ended, response, message, err = pcall(exchange.run, exchange, host, target)
  if exchange.kept then
    exchange.socket:setkeepalive()
  else
    exchange.socket:close()
  end
  if not ended then
    error(response, 0)
  end
  return response, message, err
end

function cosocket.new()
  return {
    perform = perform,
    sleep = function(seconds)
      ngx.sleep(seconds)
    end,
    now = function()
      ngx.update_time()
      return ngx.now()
    end,
  }
end

return cosocket
