--- The transport over lua-resty-http, for OpenResty and nginx with its Lua module: no worker waits,
-- and it works wherever cosockets do, in timers too. nginx decides whom it trusts
-- (lua_ssl_trusted_certificate), how names are found (resolver) and how many connections are kept
-- (lua_socket_pool_size, lua_socket_keepalive_timeout).
-- @module r2.transport.resty
-- luacheck: globals ngx

local fail = require "r2.failure"
local shared = require "r2.transport.shared"
local streams = require "r2.transport.streams"
local watch_socket = require "r2.transport.watched_socket"

local failure = shared.failure

local resty = {}

local PIECE = 16 * 1024
local INTERIM_MAX = 8 -- answers before the final one
local TEXT_MAX = 240

-- Kept connections lie in nginx under a name that has this number in it: with another number they
-- are not found again, and nginx closes them in time.
local generation = 0

-- Returns lua-resty-http, or nil and what is missing.
local function load_library()
  if type(rawget(_G, "ngx")) ~= "table" then
    return nil, "r2.transport.resty works inside nginx only"
  end
  local found, http = pcall(require, "resty.http")
  if found then
    return http
  end
  package.loaded["resty.http"] = nil -- else the next try says that this one has failed, and no more
  local trouble = tostring(http):match("module '[%w_.]+' not found") or "it cannot be loaded"
  return nil, "inside nginx needs lua-resty-http (" .. trouble .. "): install it with LuaRocks " ..
    "or opm, or give r2.transport.nginx"
end

--- Whether lua-resty-http is there.
function resty.is_installed()
  return load_library() ~= nil
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

-- Why it ended: from this side, or from the other one.
local function ended(watch, stream, host)
  if stream.kind then
    return failure(stream.kind, stream.text)
  end
  return lost(watch, host)
end

-- The body, where it is not handed on; "" where it is.
local function read_body(http, response, watch, stream, host)
  local delimited = is_delimited(http, response)
  if delimited == nil then
    return failure("bad_response", host .. " sent a Content-Length that is none")
  end
  watch.streams = stream:begin(response.status, tonumber(response.headers["Content-Length"]))
  local pieces = {}
  local piece, text
  watch.failed = nil
  repeat
    watch.head = 0
    piece, text = response.body_reader(PIECE)
    if piece and not stream:take(piece) then
      return ended(watch, stream, host)
    elseif not watch.streams then
      pieces[#pieces + 1] = piece
      if stream.received > shared.BODY_MAX then
        return failure("bad_response", "the answer is longer than 1 MiB")
      end
    end
  until not piece or text
  local closed = not delimited and watch.failed == "closed"
  if (watch.failed or text) and not closed then
    return lost(watch, host)
  end
  return table.concat(pieces)
end

-- lua-resty-http sends a visitor's traceparent on; an empty list keeps it back. Host is said here
-- because the address may be another.
local function headers_of(target, request, stream)
  local headers = {
    traceparent = {},
    host = target.origin:match("//(.+)$"),
    ["accept-encoding"] = "identity",
  }
  for name, value in next, request.headers or {} do
    headers[name] = value
  end
  if request.body then
    headers["content-length"] = ("%d"):format(stream.to_send)
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

-- What lua-resty-http sends of these must be said, though it is nothing.
local NOTHING = { PUT = "", POST = "" }

-- A server may refuse a request before it has read the body, and read no more of it.
local function first_response(client, asked, watch, stream)
  local sent = client:send_request(asked)
  watch.cut = not sent
  local may_hear = watch.failed and watch.failed ~= "timeout" and not stream.kind
  if sent or may_hear then
    return client:read_response(asked)
  end
end

local function final_response(client, asked, watch, stream)
  local response = first_response(client, asked, watch, stream)
  for _ = 1, INTERIM_MAX do
    if not response or not is_interim(response.status) then
      break
    end
    response = client:read_response(asked)
  end
  return response
end

-- Of a length that is not known lua-resty-http makes nothing.
local function check_length(request)
  if type(request.body) == "function" and not request.content_length then
    return failure("invalid_request", "a body's function needs content_length")
  end
  return true
end

local function exchange(http, client, watch, stream, target, request)
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
  local asked = { method = request.method, path = target.target,
    headers = headers_of(target, request, stream),
    body = stream:body() or NOTHING[request.method] }
  local response = final_response(client, asked, watch, stream)
  if not response then
    return ended(watch, stream, host)
  end
  local body, message, err = read_body(http, response, watch, stream, host)
  if not body then
    return nil, message, err
  end
  local reusable = not watch.cut and not watch.failed and watch.available() == 0
    and response.status >= 200
  watch.kept = reusable and client:set_keepalive()
  if watch.streams then
    return { status = response.status, headers = shared.plain_headers(response.headers) }
  end
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
  local watch = watch_socket(client.sock, request.timeout_seconds or shared.TIMEOUT,
    request.silence_seconds)
  local stream = streams.of(request)
  local returned, response, message, err =
    pcall(exchange, http, client, watch, stream, target, request)
  if not watch.kept then
    pcall(close, client, watch)
  end
  if stream.raised then
    error(stream.raised[1], 0)
  elseif not returned then
    return failure("bad_response", "lua-resty-http failed: " .. readable(response))
  elseif err and watch.stage ~= "exchange" then
    err.sent = false
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
    local possible
    possible, message, err = check_length(request)
    if not possible then
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
