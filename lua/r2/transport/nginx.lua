--- The transport over a subrequest, for nginx with its Lua module and nothing else: nginx's own
-- proxy asks, in an internal location that docs/transports.md gives verbatim.
-- @module r2.transport.nginx
-- luacheck: globals ngx

local fail = require "r2.failure"
local fields = require "r2.fields"
local shared = require "r2.transport.shared"

local failure = shared.failure

local nginx = {}

local HEAD_MAX = 8 * 1024 -- proxy_buffer_size of the location
-- Bytes read of an answer that is refused as too long: tenths of a second of a worker's time.
local SWALLOWED_MAX = 128 * shared.BODY_MAX
local PROBE_TIMEOUT = 1000 -- milliseconds

-- ---- inside the location ----

-- `ngx.ctx` of the subrequest is the table that `perform` made: `r2_auth` and `r2_agent` for the
-- location's variables, `r2` for what is seen here. A request that came into the location in
-- another way has none of them.

-- Several upstreams may have been asked: the last one answered. "-" is nginx's word for nothing.
local function last(value)
  return value and value:match("([^%s,]+)$")
end

--- For the location's `header_filter_by_lua_block`: notes who made the answer, the server or nginx.
function nginx.header_filter()
  local seen = ngx.ctx.r2
  if not seen or seen.reached then -- an answer that is refused here becomes one of nginx' own
    return
  end
  seen.reached = true
  seen.address = last(ngx.var.upstream_addr)
  seen.connected = tonumber(last(ngx.var.upstream_connect_time)) ~= nil
  seen.answered = tonumber(last(ngx.var.upstream_header_time)) ~= nil
  seen.received = tonumber(last(ngx.var.upstream_bytes_received)) or 0
  if not seen.answered then
    return
  end
  seen.status = ngx.status
  seen.long = (tonumber(ngx.header.content_length) or 0) > shared.BODY_MAX
  if seen.long or seen.status < 200 then
    return ngx.exit(ngx.ERROR) -- closes the connection; the subrequest ends without a body
  end
end

--- For the location's `body_filter_by_lua_block`: keeps no more of an answer than its bound, and
-- ends one that does not end, in bytes or in time. An error of a filter is the only way to that; it
-- takes the visitor's connection along.
function nginx.body_filter()
  local seen = ngx.ctx.r2
  if not seen then
    return
  end
  local length = #ngx.arg[1]
  if length > 0 and not ngx.arg[2] and ngx.now() > seen.too_late then
    error("r2.transport.nginx: an answer is still coming after twice the time of the attempt", 0)
  end
  seen.length = seen.length + length
  if seen.length > SWALLOWED_MAX then
    seen.long = true
    error("r2.transport.nginx: an answer is longer than 128 MiB", 0)
  elseif seen.length > shared.BODY_MAX then
    seen.long = true
    ngx.arg[1] = nil
  end
end

-- ---- outside ----

-- nginx answers 502 itself both when nobody listens and when TLS fails. Which it was tells a
-- connection without TLS, on which nothing is sent.
local function accepts_connections(address)
  local host, port = (address or ""):match("^(.+):(%d+)$")
  if not host then
    return false
  end
  local sock = ngx.socket.tcp()
  sock:settimeouts(PROBE_TIMEOUT, PROBE_TIMEOUT, PROBE_TIMEOUT)
  local connected = sock:connect(host, tonumber(port), { pool = "r2.transport.nginx" })
  if connected then
    sock:close()
  end
  return connected ~= nil
end

-- The answer is nginx's own: the server has sent no complete head.
local function no_answer(target, answer, seen)
  local host = target.host
  if answer.status == ngx.HTTP_GATEWAY_TIMEOUT then
    return failure("timeout", host .. " did not answer in time")
  elseif seen.received >= HEAD_MAX then
    return failure("bad_response", "the answer's headers are longer than 8 KiB")
  elseif seen.connected then
    return failure("network", "the connection to " .. host .. " was lost")
  elseif target.scheme == "https" and accepts_connections(seen.address) then
    return failure("tls", host .. ": no TLS connection, or its certificate is not accepted; " ..
      "nginx's error log says which")
  end
  return failure("network", "no connection to " .. host .. "; nginx's error log says why")
end

local function judge(target, answer, seen, location, late)
  if not seen.reached then
    return fail("invalid_config", "transport", "r2.transport.nginx needs the location " ..
      location .. " as docs/transports.md gives it")
  elseif seen.long then
    return failure("bad_response", "the answer is longer than 1 MiB")
  elseif not seen.answered then
    return no_answer(target, answer, seen)
  elseif seen.status < 100 then -- nginx' own, where there is no line of status
    return failure("bad_response", target.host .. " did not answer in HTTP")
  elseif seen.status < 200 then
    return failure("unsupported", "the server sends interim answers (status 1xx), each of which " ..
      "nginx takes for the last one: use r2.transport.resty")
  elseif answer.truncated then
    return failure(late and "timeout" or "network",
      "the connection to " .. target.host .. " was lost within the answer")
  end
  return shared.response(answer.status, answer.header, answer.body)
end

-- The location writes these; it sends no other header on.
local WRITTEN = {
  authorization = true,
  ["user-agent"] = true,
  ["content-type"] = "application/json",
  accept = "application/json",
}

local function has_known_headers(request)
  for name, value in next, request.headers or {} do
    if WRITTEN[name] ~= true and WRITTEN[name] ~= value then
      return false
    end
  end
  return true
end

-- A path that nginx does not change on its way.
local function is_plain(path)
  for segment in path:gmatch("/([^/]*)") do
    if segment == "" or segment == "." or segment == ".." or segment:find("[^%w%-._~]") then
      return false
    end
  end
  return true
end

local function check(target, request, origin)
  if not has_known_headers(request) or not ngx["HTTP_" .. request.method] then
    return failure("unsupported", "r2.transport.nginx takes JSON, and no headers of other " ..
      "kinds: objects go over r2.transport.resty")
  elseif target.origin ~= origin then
    return fail("invalid_config", "transport", "r2.transport.nginx asks " .. origin ..
      " and nobody else: give it the origin of api_base_url, and the location that asks there")
  elseif not is_plain(target.target) then
    return failure("unsupported", "r2.transport.nginx takes a plain path, without a query")
  end
  return true
end

local function perform(request, location, origin)
  local target, possible, message, err
  target, message, err = shared.parse_url(request.url)
  if not target then
    return nil, message, err
  end
  possible, message, err = check(target, request, origin)
  if not possible then
    return nil, message, err
  end
  local start, seconds = shared.now(), request.timeout_seconds or shared.TIMEOUT
  local seen = { length = 0, too_late = start + 2 * seconds }
  local answer
  possible, answer = pcall(function()
    return ngx.location.capture(location .. target.target:sub(2), {
      method = ngx["HTTP_" .. request.method],
      body = request.body or "",
      ctx = {
        r2 = seen,
        r2_auth = request.headers and request.headers.authorization,
        r2_agent = request.headers and request.headers["user-agent"],
      },
    })
  end)
  if not possible then
    return failure("unsupported", "nginx has no subrequest here (they exist while a request " ..
      "over HTTP/1 is answered: rewrite, access, content): use r2.transport.resty")
  end
  return judge(target, answer, seen, location, shared.now() > start + seconds)
end

local read = fields.reader("invalid_config", "options", { "location", "origin" })

--- Makes the transport. Nothing is opened.
-- @tparam ?table options
--   location path of the internal location, with a final slash, default "/r2-api/";
--   origin what that location asks, scheme and host, default "https://api.cloudflare.com"
-- @treturn table perform, sleep, now; see docs/transports.md
-- @return nil, message, err with err.kind invalid_config
function nginx.new(options)
  if type(rawget(_G, "ngx")) ~= "table" then
    return fail("invalid_config", "transport", "r2.transport.nginx works inside nginx only")
  end
  local settings, message, err = read(options or {})
  if not settings then
    return nil, message, err
  end
  local location = settings.location or "/r2-api/"
  local origin = settings.origin or "https://api.cloudflare.com"
  if type(location) ~= "string" or not location:find("^/[%w%-._~/]*/$") then
    return fail("invalid_config", "location", "must be a path that begins and ends with /")
  end
  local target = type(origin) == "string" and shared.parse_url(origin .. "/")
  if not target or target.origin ~= origin then
    return fail("invalid_config", "origin",
      "must be https://host[:port], or http:// of this machine")
  end
  local transport = shared.transport(function(request)
    return perform(request, location, origin)
  end)
  transport.in_request = true -- nginx has no subrequests in its timers
  return transport
end

return nginx
