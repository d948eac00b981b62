--- The transport over lua-resty-http, for OpenResty and nginx with its Lua module: no worker waits,
-- and it works wherever cosockets do, in timers too. nginx decides whom it trusts
-- (lua_ssl_trusted_certificate), how names are found (resolver) and how many connections are kept
-- (lua_socket_pool_size, lua_socket_keepalive_timeout).
-- @module r2.transport.resty
-- luacheck: globals ngx

local fail = require "r2.failure"
local shared = require "r2.transport.shared"

local failure = shared.failure

local resty = {}

local HEAD_MAX = 64 * 1024 -- bytes of an answer's headers
local PIECE = 16 * 1024
local ALL_MAX = 8 * shared.BODY_MAX -- bytes of an answer with its headers and its framing
local INTERIM_MAX = 8 -- answers before the final one
local TEXT_MAX = 240

-- Kept connections lie in nginx under a name that has this number in it: with another number they
-- are not found again, and nginx closes them in time.
local generation = 0

local trouble -- why lua-resty-http could not be loaded; a second try says something else

-- Returns lua-resty-http, or nil and what is missing.
local function load_library()
  if type(rawget(_G, "ngx")) ~= "table" then
    return nil, "r2.transport.resty works inside nginx only"
  end
  local found, http = pcall(require, "resty.http")
  if found then
    return http
  end
  trouble = trouble or tostring(http):match("module '[%w_.]+' not found") or "it cannot be loaded"
  return nil, "inside nginx needs lua-resty-http (" .. trouble .. "): install it with LuaRocks " ..
    "or opm, or give r2.transport.nginx"
end

--- Whether lua-resty-http is there.
function resty.is_installed()
  return load_library() ~= nil
end

-- ---- a socket that keeps to a deadline ----

-- A line without its end. In a header's value a bare CR is a space (RFC 9112, 2.2); elsewhere it
-- makes the line none, and so does NUL.
local function cleaned(line)
  local name, value = line:gsub("\r+$", ""):match("^([^:]*)(.*)$")
  if name:find("\r", 1, true) or line:find("%z") then
    return nil, "no line"
  end
  return name .. value:gsub("\r", " ")
end

-- nginx counts time from one read to the next, so a server that sends a byte a second is never
-- late, and lua-resty-http reads lines of any length. So its socket gets other methods here: each
-- wait ends at the deadline, a head has a bound, and a kept connection is taken only when nothing
-- has come over it. `watch.stage` is how far the attempt has come, `watch.failed` the last error of
-- a read; `watch.buffer` has from `watch.at` on what has come and was not asked for yet;
-- `watch.reader` is the thread that waits for the first piece of an answer.
local function watch_socket(sock, seconds)
  local watch = { stage = "connect", head = 0, received = 0, buffer = "", at = 1 }
  local deadline = shared.now() + seconds
  local connect, handshake, send = sock.connect, sock.sslhandshake, sock.send

  -- Gives what follows the time that is left; false when there is none.
  local function in_time()
    local left = math.ceil((deadline - shared.now()) * 1000)
    if left > 0 then
      sock:settimeout(left)
    end
    return left > 0
  end

  -- Begins to read before anything is asked. What there is to read by then was not asked for: TLS
  -- may hold it back, where neither nginx nor the kernel looks when a connection is kept.
  local function is_silent()
    local came = false
    watch.reader = ngx.thread.spawn(function()
      local data, text = sock:receiveany(PIECE)
      came = true
      return data, text
    end)
    return not came
  end

  -- Takes a kept connection that is silent, or opens one.
  function sock.connect(self, ...)
    while in_time() do
      local connected, text = connect(self, ...)
      if not connected or self:getreusedtimes() == 0 or is_silent() then
        return connected, text
      end
      ngx.thread.wait(watch.reader) -- it has ended, and is freed by that
      watch.reader = nil
      self:close()
    end
    return nil, "timeout"
  end

  function sock.sslhandshake(self, ...)
    watch.stage = "tls"
    if not in_time() then
      return nil, "timeout"
    end
    -- lua-resty-core raises "assertion failed!" where a handshake fails at once.
    local ended, session, text = pcall(handshake, self, ...)
    return ended and session, ended and text or "the handshake failed"
  end

  function sock.send(self, ...)
    watch.stage = "exchange"
    if not in_time() then
      watch.failed = "timeout"
      return nil, "timeout"
    end
    local sent, text = send(self, ...)
    watch.failed = not sent and text or nil
    return sent, text
  end

  -- Waits for a piece: from the thread that has waited since before the request went out, or for
  -- the next one.
  local function receive_any()
    local reader = watch.reader
    if not reader then
      return sock:receiveany(PIECE)
    end
    watch.reader = nil
    local ended, data, text = ngx.thread.wait(reader)
    return ended and data or nil, text
  end

  -- Adds what has come to the buffer.
  local function read_more()
    local data, text
    if in_time() then
      data, text = receive_any()
    else
      text = "timeout"
    end
    if not data then
      watch.failed = text
      return nil, text
    end
    watch.received = watch.received + #data
    if watch.received > ALL_MAX then
      watch.failed = "too much"
      return nil, "too much"
    end
    watch.buffer = watch.buffer:sub(watch.at) .. data
    watch.at = 1
    return true
  end

  local function available()
    return #watch.buffer - watch.at + 1
  end
  watch.available = available

  local function take(length, skip)
    local data = watch.buffer:sub(watch.at, watch.at + length - 1)
    watch.at = watch.at + #data + (skip or 0)
    return data
  end

  local function receive_line()
    local searched = 0
    while true do
      local found = watch.buffer:find("\n", watch.at + searched, true)
      local length = found and found - watch.at + 1
      searched = available()
      if watch.head + (length or searched) > HEAD_MAX then
        watch.failed = "too long"
        return nil, "too long"
      elseif length then
        watch.head = watch.head + length
        return cleaned(take(length - 1, 1))
      end
      local more, text = read_more()
      if not more then
        return nil, text
      end
    end
  end

  -- lua-resty-http asks for lines and for pieces of a length that it was told.
  function sock.receive(_, what)
    if what == "*l" then
      return receive_line()
    end
    while available() < what do
      local more, text = read_more()
      if not more then
        return nil, text, take(available())
      end
    end
    return take(what)
  end

  return watch
end

-- ---- one attempt ----

local function readable(text)
  return (tostring(text):gsub("%c", " "):sub(1, TEXT_MAX))
end

-- What lua-resty-http says may hold bytes of the answer, and is not shown.
local function lost(watch, host)
  if watch.failed == "too long" then
    return failure("bad_response", "the answer's headers are longer than 64 KiB")
  elseif watch.failed == "too much" then
    return failure("bad_response", "the answer is longer than 8 MiB")
  elseif watch.failed == "timeout" then
    return failure("timeout", host .. " did not answer in time")
  elseif watch.failed then
    return failure("network", "the connection to " .. host .. " was lost")
  end
  return failure("bad_response", host .. " did not answer in HTTP")
end

-- Here the text is nginx's, or OpenSSL's.
local function not_connected(watch, host, text)
  text = readable(text)
  if text:find("timeout", 1, true) then
    return failure("timeout", "no connection to " .. host .. " in time")
  elseif watch.stage == "tls" then
    return failure("tls", host .. ": " .. text)
  elseif text:find("no resolver defined", 1, true) then
    return fail("invalid_config", nil,
      "HTTP: nginx needs the directive resolver to find the address of " .. host)
  end
  return failure("network", host .. ": " .. text)
end

-- Whether the answer says where its body ends; nil where it says nonsense: lua-resty-http never
-- ends on a negative length.
local function is_delimited(http, response)
  local length = response.headers["Content-Length"]
  if not response.has_body or http.transfer_encoding_is_chunked(response.headers) then
    return true
  elseif length == nil then
    return false
  end
  return type(length) == "string" and length:find("^%d+$") and true or nil
end

local function read_body(http, response, watch, host)
  local delimited = is_delimited(http, response)
  if delimited == nil then
    return failure("bad_response", host .. " sent a Content-Length that is none")
  end
  local pieces, received = {}, 0
  local piece, text
  watch.failed = nil
  repeat
    watch.head = 0
    piece, text = response.body_reader(PIECE)
    pieces[#pieces + 1] = piece
    received = received + #(piece or "")
    if received > shared.BODY_MAX then
      return failure("bad_response", "the answer is longer than 1 MiB")
    end
  until not piece or text
  local ended = not delimited and watch.failed == "closed"
  if (watch.failed or text) and not ended then
    return lost(watch, host)
  end
  return table.concat(pieces)
end

-- lua-resty-http sends a visitor's traceparent on; an empty list keeps it back. Host is said here
-- because the address may be another.
local function headers_of(target, request)
  local headers = {
    traceparent = {},
    host = target.origin:match("//(.+)$"),
    ["accept-encoding"] = "identity",
  }
  for name, value in next, request.headers or {} do
    headers[name] = value
  end
  return headers
end

-- nginx asks a name server for every name, and who answers for localhost would get the token.
local function address_of(host)
  return host == "localhost" and "127.0.0.1" or host
end

-- Whether an answer only says that another one will come (RFC 9110, 15.2).
local function is_interim(status)
  return status >= 100 and status < 200 and status ~= 101
end

local function final_response(client, asked)
  local response = client:request(asked)
  for _ = 1, INTERIM_MAX do
    if not response or not is_interim(response.status) then
      break
    end
    response = client:read_response(asked)
  end
  return response
end

local function exchange(http, client, watch, target, request)
  local host = target.host
  local connected, text = client:connect {
    scheme = target.scheme,
    host = address_of(host),
    port = target.port,
    ssl_verify = true,
    ssl_server_name = host,
    pool = ("r2.transport.resty %d %s"):format(generation, target.origin),
  }
  if not connected then
    return not_connected(watch, host, text)
  end
  local response = final_response(client, {
    method = request.method,
    path = target.target,
    headers = headers_of(target, request),
    body = request.body or "",
  })
  if not response then
    return lost(watch, host)
  end
  local body, message, err = read_body(http, response, watch, host)
  if not body then
    return nil, message, err
  end
  local reusable = not watch.failed and watch.available() == 0 and response.status >= 200
  watch.kept = reusable and client:set_keepalive()
  return shared.response(response.status, response.headers, body)
end

-- A reader holds the socket, so it goes first.
local function close(client, watch)
  if watch.reader then
    ngx.thread.kill(watch.reader)
  end
  client:close()
end

local function attempt(http, target, request)
  local possible, client = pcall(http.new)
  if not possible or not client then
    return failure("unsupported", "nginx has no cosockets here (they exist while a request is " ..
      "answered: rewrite, access, content; and in timers)")
  end
  local watch = watch_socket(client.sock, request.timeout_seconds or shared.TIMEOUT)
  local ended, response, message, err = pcall(exchange, http, client, watch, target, request)
  if not watch.kept then
    pcall(close, client, watch)
  end
  if not ended then
    return failure("bad_response", "lua-resty-http failed: " .. readable(response))
  end
  return response, message, err
end

--- Makes the transport. Nothing is opened.
-- @treturn table perform, discard, sleep, now; see docs/transports.md
-- @return nil, message, err with err.kind invalid_config: lua-resty-http is not installed
function resty.new(options)
  local http, text = load_library()
  if not http then
    return fail("invalid_config", "transport", text)
  elseif options ~= nil and next(options) ~= nil then
    return fail("invalid_config", "options", "must be empty: directives of nginx take their place")
  end
  local transport = shared.transport(function(request)
    local target, message, err = shared.parse_url(request.url)
    if not target then
      return nil, message, err
    end
    return attempt(http, target, request)
  end)
  function transport.discard()
    generation = generation + 1
  end
  return transport
end

return resty
