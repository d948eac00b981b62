-- Runs inside nginx: an API that takes notes, and answers as the first segment of the path says:
-- /<fault>/client/v4/…
-- luacheck: std ngx_lua

local cjson = require "cjson"
local keys = require "spec.support.keys"

local api = {}

local state = ngx.shared.state

local RESULT = {
  accessKeyId = keys.parent_access_key_id,
  secretAccessKey = ("5e55"):rep(16),
  sessionToken = ("a-session-token-of-the-service-"):rep(4),
}

local function note()
  ngx.req.read_body()
  local file = assert(io.open(ngx.config.prefix() .. "requests.log", "a"))
  file:write(cjson.encode {
    port = tonumber(ngx.var.server_port),
    connection = tonumber(ngx.var.connection),
    method = ngx.req.get_method(),
    uri = ngx.var.request_uri,
    protocol = ngx.var.server_protocol,
    tls = ngx.var.ssl_protocol,
    sni = ngx.var.ssl_server_name,
    headers = ngx.req.get_headers(0),
    body = ngx.req.get_body_data() or "",
  }, "\n")
  file:close()
end

local function answer(status, body, headers)
  ngx.status = status
  ngx.header.content_type = "application/json"
  for name, value in pairs(headers or {}) do
    ngx.header[name] = value
  end
  ngx.print(type(body) == "table" and cjson.encode(body) or body)
end

local function success()
  answer(200, { success = true, errors = cjson.empty_array, messages = cjson.empty_array,
    result = RESULT })
end

local function refusal(status, code, message, headers)
  answer(status, { success = false, errors = { { code = code, message = message } },
    messages = cjson.empty_array, result = cjson.null }, headers)
end

-- Sends until the other side has gone.
local function send_all(socket, piece, count, pause)
  for _ = 1, count do
    if not socket:send(piece) then
      return
    end
    if pause then
      ngx.sleep(pause)
    end
  end
end

-- Answers byte by byte; the connection is closed behind them.
local raw = {}

function raw.closed_before() end

function raw.closed_in_head(socket)
  socket:send("HTTP/1.1 200 OK\r\nContent-Type: applic")
end

function raw.closed_in_body(socket)
  socket:send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"success":true')
end

function raw.closed_in_chunk(socket)
  socket:send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"success":true')
end

function raw.slow_head(socket)
  socket:send("HTTP/1.1 200 OK\r\nX-Slow: ")
  send_all(socket, "x", 1000, 0.05)
end

function raw.slow_body(socket)
  socket:send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
  send_all(socket, " ", 1000, 0.05)
end

function raw.silent()
  ngx.sleep(10)
end

function raw.silent_in_body(socket)
  socket:send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
  ngx.sleep(10)
end

function raw.endless_head(socket)
  socket:send("HTTP/1.1 200 OK\r\n")
  send_all(socket, ("X-Line: " .. ("x"):rep(100) .. "\r\n"):rep(100), 20000)
end

function raw.endless_line(socket)
  socket:send("HTTP/1.1 200 OK\r\nX-Line: ")
  send_all(socket, ("x"):rep(10000), 20000)
end

function raw.no_http(socket)
  socket:send("SSH-2.0-OpenSSH_9.2\r\n")
end

function raw.negative_length(socket)
  socket:send("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}")
end

function raw.until_closed(socket)
  socket:send("HTTP/1.1 200 OK\r\n\r\n" .. cjson.encode { success = true, result = RESULT })
end

local INTERIM = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

function raw.interim(socket)
  local body = cjson.encode { success = true, result = RESULT }
  socket:send(INTERIM:rep(2)
    .. ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body))
end

function raw.only_interim(socket)
  socket:send(INTERIM:rep(100))
end

-- A kilobyte of a chunk's length to a byte of the body.
function raw.framing(socket)
  socket:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
  send_all(socket, ("0"):rep(1000) .. "1\r\nx\r\n", 20000)
end

function raw.longer_than_said(socket)
  local body = cjson.encode { success = true, result = RESULT }
  socket:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s"):format(#body, body, body))
  ngx.sleep(0.2)
end

local fault = { ok = success }

function fault.html_502()
  answer(502, "<html><title>502 Bad Gateway</title>", { ["Content-Type"] = "text/html" })
end

function fault.html_504()
  answer(504, "<html><title>504 Gateway Time-out</title>", { ["Content-Type"] = "text/html" })
end

function fault.limited()
  refusal(429, 10000, "slow down", {
    ["Retry-After"] = "60", ["CF-Ray"] = "230b030023ae2822-SJC",
  })
end

function fault.fails_twice()
  if state:incr("failures", 1, 0) <= 2 then
    return refusal(500, 10001, "internal error")
  end
  success()
end

function fault.echo()
  refusal(400, 10040, "what does " .. tostring(ngx.var.http_authorization) .. " mean?")
end

function fault.empty()
  answer(200, "")
end

function fault.redirect()
  answer(307, "", { Location = "http://127.0.0.1:" .. ngx.var.other_port .. "/elsewhere/" })
end

-- nginx would fetch such a page from itself, and send it in place of this answer.
function fault.accelerated()
  answer(500, "", { ["X-Accel-Redirect"] = "/static" })
end

function fault.endless_body()
  local piece = ("x"):rep(1024 * 1024)
  repeat
    ngx.print(piece)
  until not ngx.flush(true)
end

-- 100 MB, and how many of them were sent.
local function send_long()
  local piece = ("x"):rep(1024 * 1024)
  for i = 1, 100 do
    ngx.print(piece)
    if not ngx.flush(true) then
      return state:set("sent", i)
    end
  end
  state:set("sent", 100)
end

function fault.long_body()
  ngx.header.content_length = 100 * 1024 * 1024
  send_long()
end

fault.long_chunks = send_long

function fault.small_chunks()
  for byte in cjson.encode({ success = true, result = RESULT }):gmatch(".") do
    ngx.print(byte)
    ngx.flush(true)
  end
end

-- Every answer waits until the test has said so.
function fault.held()
  state:incr("held", 1, 0)
  while not state:get("released") do
    ngx.sleep(0.01)
  end
  success()
end

local control = {}

function control.held()
  ngx.print(state:get("held") or 0)
end

function control.sent()
  ngx.print(state:get("sent") or -1)
end

function control.release()
  state:set("released", true)
end

function control.reset()
  state:flush_all()
end

function api.serve()
  local word = ngx.var.uri:match("^/_(%w+)$")
  if word then
    return control[word]()
  end
  note()
  local name = ngx.var.uri:match("^/([%w_]+)/client/v4/") or "ok"
  if raw[name] then
    raw[name](assert(ngx.req.socket(true)))
    return ngx.exit(444)
  end
  assert(fault[name], name)()
end

return api
