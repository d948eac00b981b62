-- A socket of nginx' Lua module that keeps to a deadline, for lua-resty-http.
--
-- nginx counts time from one read to the next, so a server that sends a byte a second is never
-- late, and lua-resty-http reads lines of any length. So its socket gets other methods here: each
-- wait ends at the deadline, a head has a bound, and a kept connection is taken only when nothing
-- has come over it. `watch.stage` is how far the attempt has come, `watch.failed` the last error of
-- a read; `watch.buffer` has from `watch.at` on what has come and was not asked for yet;
-- `watch.reader` is the thread that waits for the first piece of an answer; `watch.streams` is set
-- once the answer's body is handed on, and has no bound.
-- luacheck: globals ngx

local shared = require "r2.transport.shared"

local HEAD_MAX = 64 * 1024 -- bytes of an answer's headers
local PIECE = 16 * 1024
local ALL_MAX = 8 * shared.BODY_MAX -- bytes of an answer with its headers and its framing
local SILENCE = 1024 -- fewer bytes count as none

-- A line without its end. In a header's value a bare CR is a space (RFC 9112, 2.2); elsewhere it
-- makes the line none, and so does NUL.
local function cleaned(line)
  local name, value = line:gsub("\r+$", ""):match("^([^:]*)(.*)$")
  if name:find("\r", 1, true) or line:find("%z") then
    return nil, "no line"
  end
  return name .. value:gsub("\r", " ")
end

--- Watches over a socket.
-- @tparam table sock
-- @tparam number seconds for all that goes over it
-- @tparam ?number silence seconds in which at least 1,024 bytes come or go
-- @treturn table watch
return function(sock, seconds, silence)
  local watch = { stage = "connect", head = 0, received = 0, buffer = "", at = 1 }
  local deadline = shared.now() + seconds
  local connect, handshake, send = sock.connect, sock.sslhandshake, sock.send
  local moved, too_quiet = 0, silence and shared.now() + silence or math.huge

  -- Gives what follows the time that is left; false when there is none.
  local function in_time()
    local left = math.ceil((math.min(deadline, too_quiet) - shared.now()) * 1000)
    if left > 0 then
      sock:settimeout(left)
    end
    return left > 0
  end

  -- Notes bytes that have come or gone.
  local function note(count)
    moved = moved + count
    if silence and moved >= SILENCE then
      moved, too_quiet = 0, shared.now() + silence
    end
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
    note(sent or 0)
    return sent, text
  end

  -- Waits for a piece: from the thread that has waited since before the request went out, or for
  -- the next one. That thread may have waited in vain while the request went out.
  local function receive_any()
    local reader = watch.reader
    watch.reader = nil
    if reader then
      local ended, data, text = ngx.thread.wait(reader)
      if ended and data then
        return data
      elseif text ~= "timeout" or not in_time() then
        return nil, text
      end
    end
    return sock:receiveany(PIECE)
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
    note(#data)
    if watch.received > ALL_MAX and not watch.streams then
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
