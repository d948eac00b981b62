-- What the fault server shows, and what an issuer has to make of it. The server runs the functions;
-- specs read the expectations beside them.
local cjson = require "cjson"
local values = require "spec.support.values"

local faults = {
  shows = {},    -- name -> function(connection, request, number of the request in its run)
  early = {},    -- names of those that begin before the request's body has been read
  rows = {},     -- the faults of an API exchange, in order
}

local KEY_ID, SECRET = ("a1b2"):rep(8), ("0123456789abcdef"):rep(4)
local TOKEN = "and0L2Eubm90aGVyLm9uZQ=="
faults.result = { accessKeyId = KEY_ID, secretAccessKey = SECRET, sessionToken = TOKEN }

local JSON = "Content-Type: application/json"
local MEGABYTE = ("0123456789abcdef"):rep(65536)

local function envelope(fields)
  local all = { success = true, errors = {}, messages = {}, result = faults.result }
  for name, value in pairs(fields or {}) do
    all[name] = value
  end
  -- An empty table is an object to some cjson: not here.
  local text = cjson.encode(all):gsub('"(%l+)":{}', '"%1":[]')
  return text
end
faults.envelope = envelope

local GOOD = envelope()

local function failed(...)
  return envelope { success = false, result = cjson.null, errors = { ... } }
end

local function show(status, body, ...)
  local lines = { JSON, ... }
  return function(c)
    c:answer(status, lines, body)
  end
end

-- Adds a row. expected.kind: nil for a credential; attempts; and fields of the error. Where there
-- are times, the attempts have so many seconds each, and it is shown to one way of asking only.
local function row(name, expected, action)
  expected.name = name
  expected.path = ("row-%d"):format(#faults.rows + 1)
  faults.rows[#faults.rows + 1] = expected
  faults.shows[expected.path] = action
end

-- ---- the network's part ----

row("closed instead of an answer", { kind = "network", attempts = 3 }, function(c)
  c:close()
end)
row("reset instead of an answer", { kind = "network", attempts = 3 }, function(c)
  c:reset()
end)
row("closed inside the status line", { kind = "network", attempts = 3 }, function(c)
  c:send("HTTP/1.1 2")
  c:close()
end)
row("closed inside the headers", { kind = "network", attempts = 3 }, function(c)
  c:send("HTTP/1.1 200 OK\r\n" .. JSON .. "\r\nContent-Le")
  c:close()
end)
row("closed between the headers and their end", { kind = "network", attempts = 3 }, function(c)
  c:send("HTTP/1.1 200 OK\r\n" .. JSON .. "\r\nContent-Length: " .. #GOOD .. "\r\n")
  c:close()
end)
row("reset inside the headers", { kind = "network", attempts = 3 }, function(c)
  c:send("HTTP/1.1 200 OK\r\n" .. JSON .. "\r\n")
  c:reset()
end)
row("closed inside the body", { kind = "network", attempts = 3 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #GOOD .. "\r\n\r\n" .. GOOD:sub(1, -10))
  c:close()
end)
row("closed inside a chunk", { kind = "network", attempts = 3 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" .. GOOD:sub(1, 100))
  c:close()
end)
row("closed before the last chunk", { kind = "network", attempts = 3 }, function(c)
  c:send(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n")
    :format(#GOOD, GOOD))
  c:close()
end)
row("closed once, then a credential", { attempts = 2 }, function(c, _, attempt)
  if attempt == 1 then
    c:close()
  end
  c:answer(200, { JSON }, GOOD)
end)
row("silent", { kind = "timeout", attempts = 3, times = { 0.1 } }, function(c)
  c:hold()
end)
row("silent once, then a credential", { attempts = 2, times = { 0.5, 20 } }, function(c, _, attempt)
  if attempt == 1 then
    c:hold()
  end
  c:answer(200, { JSON }, GOOD)
end)
row("one byte at a time", { kind = "timeout", attempts = 3, times = { 0.1 } }, function(c)
  for byte in ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"):gmatch(".") do
    c:send(byte)
    c:sleep(1)
  end
end)
row("one byte of the body at a time", { kind = "timeout", attempts = 3, times = { 0.1 } },
  function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: " .. #GOOD .. "\r\n\r\n")
    for byte in GOOD:gmatch(".") do
      c:send(byte)
      c:sleep(1)
    end
  end)
row("a length that is too long", { kind = "timeout", attempts = 3, times = { 0.1 } }, function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" .. GOOD)
  c:hold()
end)

-- ---- what is not HTTP, or too much of it ----

row("another protocol", { kind = "bad_response", attempts = 1 }, function(c)
  c:send("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
  c:close()
end)
row("HTTP/0.9", { kind = "bad_response", attempts = 1 }, function(c)
  c:send(GOOD)
  c:close()
end)
row("a length that is too short", { kind = "bad_response", attempts = 1 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" .. GOOD)
  c:close()
end)
row("a length that is negative", { kind = "bad_response", attempts = 1 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" .. GOOD)
  c:close()
end)
row("a length that is no number", { kind = "bad_response", attempts = 1 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n" .. GOOD)
  c:close()
end)
row("a chunk of no size", { kind = { "bad_response", "network" } }, function(c)
  c:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n" .. GOOD)
  c:close()
end)
row("a body of 100 MB", { kind = "bad_response", attempts = 1, sent_at_most = 32 * 2 ^ 20 },
  function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
    for _ = 1, 100 do
      c:send(MEGABYTE)
    end
  end)
row("a chunked body of 100 MB", { kind = "bad_response", attempts = 1, sent_at_most = 32 * 2 ^ 20 },
  function(c)
    c:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ = 1, 100 do
      c:send("100000\r\n" .. MEGABYTE .. "\r\n")
    end
    c:send("0\r\n\r\n")
  end)
row("a body of 100 MB with status 500",
  { kind = "bad_response", attempts = 1, sent_at_most = 32 * 2 ^ 20 }, function(c)
    c:send("HTTP/1.1 500 No\r\nContent-Length: 104857600\r\n\r\n")
    for _ = 1, 100 do
      c:send(MEGABYTE)
    end
  end)
row("endless headers", { kind = "bad_response", attempts = 1, sent_at_most = 32 * 2 ^ 20 },
  function(c)
    c:send("HTTP/1.1 200 OK\r\n")
    local line = "X-Filler: " .. ("x"):rep(990) .. "\r\n"
    while true do
      c:send(line)
    end
  end)
row("one endless header", { kind = "bad_response", attempts = 1, sent_at_most = 32 * 2 ^ 20 },
  function(c)
    c:send("HTTP/1.1 200 OK\r\nX-Filler: ")
    while true do
      c:send(("x"):rep(65536))
    end
  end)
row("an endless status line", { kind = "bad_response", attempts = 1, sent_at_most = 32 * 2 ^ 20 },
  function(c)
    c:send("HTTP/1.1 200 ")
    while true do
      c:send(("x"):rep(65536))
    end
  end)
row("endless interim answers", { kind = { "timeout", "bad_response" }, times = { 0.1 } },
  function(c)
    while true do
      c:send("HTTP/1.1 102 Processing\r\n\r\n")
    end
  end)
row("NUL in the headers", { kind = "bad_response", attempts = 1 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Length: " .. #GOOD .. "\r\n\r\n" .. GOOD)
end)
for _, status in ipairs { 600, 999, 304, 204 } do
  row("status " .. status, { kind = "bad_response", attempts = 1 }, function(c)
    c:answer(status, { JSON }, "")
    c:close()
  end)
end

-- ---- answers that claim success ----

for name, body in values.sorted {
  ["nothing"] = "",
  ["a page"] = "<html><body>Welcome</body></html>",
  ["an array"] = "[]",
  ["an array of credentials"] = "[" .. GOOD .. "]",
  ["a string"] = '"success"',
  ["a number"] = "1",
  ["null"] = "null",
  ["true"] = "true",
  ["an empty object"] = "{}",
  ["JSON that is cut off"] = GOOD:sub(1, -3),
  ["JSON with something behind it"] = GOOD .. "}",
  ["JSON with NUL behind it"] = GOOD .. "\0",
  ["100,000 brackets"] = ("["):rep(100000),
  ["100,000 brackets, closed"] = ("["):rep(100000) .. ("]"):rep(100000),
  ["100,000 objects in each other"] = ('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000),
  ["100,000 brackets as the result"] = '{"success":true,"result":' .. ("["):rep(100000)
    .. ("]"):rep(100000) .. "}",
  ["success false, no error"] = failed(),
  ["success false, one error"] = failed { code = 10006, message = "no such bucket" },
  ["success false, three errors"] = failed({ code = 1, message = "one" },
    { code = 2, message = "two" }, { code = 3, message = "three" }),
  ["success false with a result"] = envelope { success = false },
  ["success as a string"] = envelope { success = "true" },
  ["success as a number"] = envelope { success = 1 },
  ["no success"] = envelope { success = cjson.null },
  ["result null"] = envelope { result = cjson.null },
  ["no result"] = '{"success":true,"errors":[],"messages":[]}',
  ["result a string"] = envelope { result = "a1b2" },
  ["result a list"] = envelope { result = { "a1b2", "c3d4" } },
  ["result empty"] = '{"success":true,"result":{}}',
  ["a key id that is a number"] = envelope {
    result = { accessKeyId = 1, secretAccessKey = SECRET, sessionToken = TOKEN } },
  ["a secret that is null"] = envelope {
    result = { accessKeyId = KEY_ID, secretAccessKey = cjson.null, sessionToken = TOKEN } },
  ["a session token that is a list"] = envelope {
    result = { accessKeyId = KEY_ID, secretAccessKey = SECRET, sessionToken = { TOKEN } } },
  ["an empty key id"] = envelope {
    result = { accessKeyId = "", secretAccessKey = SECRET, sessionToken = TOKEN } },
  ["an empty secret"] = envelope {
    result = { accessKeyId = KEY_ID, secretAccessKey = "", sessionToken = TOKEN } },
  ["an empty session token"] = envelope {
    result = { accessKeyId = KEY_ID, secretAccessKey = SECRET, sessionToken = "" } },
  ["a line break in the secret"] = envelope {
    result = { accessKeyId = KEY_ID, secretAccessKey = "a\r\nb", sessionToken = TOKEN } },
} do
  row("200 and " .. name, { kind = "bad_response", attempts = 1, status = 200 }, show(200, body))
end

row("messages that are objects", { attempts = 1 }, show(200, envelope {
  messages = { { code = 1, message = "hello" }, { code = 2, message = "there" } } }))
row("messages that are strings", { attempts = 1 }, show(200, envelope { messages = { "hello" } }))
row("status 201", { attempts = 1 }, show(201, GOOD))
row("HTTP/1.0, ended by closing", { attempts = 1 }, function(c)
  c:send("HTTP/1.0 200 OK\r\n\r\n" .. GOOD)
  c:close()
end)
row("chunked", { attempts = 1 }, function(c)
  c:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
  for piece in GOOD:gmatch("..?.?.?.?.?") do
    c:send(("%x;extension=1\r\n%s\r\n"):format(#piece, piece))
  end
  c:send("0\r\nX-Trailer: here\r\n\r\n")
end)
row("interim answers before it", { attempts = 1 }, function(c)
  c:send("HTTP/1.1 100 Continue\r\n\r\n")
  c:send("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
  c:answer(200, { JSON }, GOOD)
end)

-- A zip of stored blocks is a zip too; where much is to be packed, gzip does it.
local function gzip(text)
  local name = os.tmpname()
  local pipe = assert(io.popen("gzip -1 -n >" .. name, "w"))
  pipe:write(text)
  pipe:close()
  local file = assert(io.open(name, "rb"))
  local packed = file:read("*a")
  file:close()
  os.remove(name)
  return packed
end

local function show_packed(content, ...)
  local lines = { JSON, ... }
  local packed
  return function(c, request)
    if not (request.headers["accept-encoding"] or ""):find("gzip", 1, true) then
      return c:answer(406, {}, "")
    end
    packed = packed or gzip(content())
    c:answer(200, lines, packed)
  end
end
row("gzip", { attempts = 1 }, show_packed(function() return GOOD end, "Content-Encoding: gzip"))
row("gzip that unpacks to 100 MB", { kind = "bad_response", attempts = 1 },
  show_packed(function() return MEGABYTE:rep(100) end, "Content-Encoding: gzip"))
row("gzip that is none", { kind = "bad_response", attempts = 1 },
  show(200, GOOD, "Content-Encoding: gzip"))
row("an unknown encoding", { kind = "bad_response", attempts = 1 },
  show(200, GOOD, "Content-Encoding: rot13"))

-- ---- refusals ----

for _, case in ipairs {
  { 400, { code = 10005, message = "invalid bucket name" } },
  { 401, { code = 9109, message = "Invalid access token" } },
  { 403, { code = 10000, message = "Authentication error" } },
  { 404, { code = 10006, message = "no such bucket" } },
} do
  local status, problem = case[1], case[2]
  row("status " .. status, {
    kind = "api", attempts = 1, status = status, code = problem.code, errors = 1,
    says = { problem.message, tostring(status) },
  }, show(status, failed(problem)))
end
row("status 400 with three errors",
  { kind = "api", attempts = 1, status = 400, code = 1, errors = 3 },
  show(400, failed({ code = 1, message = "one" }, { code = 2, message = "two" },
    { code = 3, message = "three" })))
row("status 400 with no errors", { kind = "api", attempts = 1, status = 400, errors = 0 },
  show(400, failed()))
row("status 400 that claims success", { kind = "api", attempts = 1, status = 400 }, show(400, GOOD))
row("status 400 with a page", { kind = "api", attempts = 1, status = 400 },
  show(400, "<html>Bad Request</html>"))
row("status 403 with 100,000 brackets", { kind = "api", attempts = 1, status = 403 },
  show(403, ("["):rep(100000)))
row("status 501", { kind = "api", attempts = 1, status = 501 }, show(501, failed()))
row("the ray", { kind = "api", attempts = 1, status = 403, ray_id = "230b030023ae2822-SJC" },
  show(403, failed { code = 10000, message = "no" }, "CF-Ray: 230b030023ae2822-SJC"))

row("status 429", { kind = "rate_limited", attempts = 3, status = 429 }, show(429, failed()))
row("status 429 with Retry-After: 0",
  { kind = "rate_limited", attempts = 3, status = 429, retry_after = 0 },
  show(429, failed(), "Retry-After: 0"))
row("status 429 with a Retry-After past the deadline",
  { kind = "rate_limited", attempts = 1, status = 429, retry_after = 300 },
  show(429, failed { code = 971, message = "slow down" }, "Retry-After: 300"))
row("status 503 with a Retry-After past the deadline",
  { kind = "api", attempts = 1, status = 503, retry_after = 300 },
  show(503, failed(), "Retry-After: 300"))
row("status 429 with a date as Retry-After",
  { kind = "rate_limited", attempts = 1, status = 429, retry_after = 86400 },
  show(429, failed(), "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"))
row("status 429, then a credential", { attempts = 2 }, function(c, _, attempt)
  c:answer(attempt == 1 and 429 or 200, { JSON }, attempt == 1 and failed() or GOOD)
end)
for _, status in ipairs { 500, 502, 503, 504 } do
  row(("status %d for ever"):format(status), { kind = "api", attempts = 3, status = status },
    show(status, failed { code = 10001, message = "internal error" }))
  row(("status %d, then a credential"):format(status), { attempts = 2 }, function(c, _, attempt)
    c:answer(attempt == 1 and status or 200, { JSON }, attempt == 1 and "" or GOOD)
  end)
end
row("a page with status 502", { kind = "api", attempts = 3, status = 502 }, function(c)
  c:answer(502, { "Content-Type: text/html" },
    "<html><head><title>502 Bad Gateway</title></head></html>")
end)

-- ---- redirects ----

for _, status in ipairs { 301, 302, 303, 307, 308 } do
  row(("status %d to another host"):format(status), { kind = "bad_response", attempts = 1 },
    function(c)
      c:answer(status, { ("Location: http://127.0.0.1:%d/row-1/x/"):format(
        faults.bystander_port) }, "")
    end)
  row(("status %d to the same host"):format(status), { kind = "bad_response", attempts = 1 },
    function(c, request)
      c:answer(status, { "Location: " .. request.target .. "/again" }, "")
    end)
end
for _, line in ipairs { "Refresh: 0; url=%s", "Link: <%s>; rel=canonical",
  "Alt-Svc: h2=\"127.0.0.1:%s\"" } do
  row("a credential with " .. line:match("^[^:]+"), { attempts = 1 }, function(c)
    local bystander = ("http://127.0.0.1:%d/"):format(faults.bystander_port)
    c:answer(200, { JSON, (line:format(bystander)) }, GOOD)
  end)
end

-- ---- servers that repeat what they were told ----

local function token_of(request)
  return request.headers.authorization:match("^Bearer (.*)$")
end

local function echo(status, body_of, ...)
  local lines = { JSON, ... }
  return function(c, request)
    c:answer(status, lines, body_of(token_of(request), request))
  end
end

row("the token in the error's text", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed { code = 10000, message = "bad token " .. token .. "!" }
  end))
row("the token and nothing else", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed { code = 10000, message = token }
  end))
row("the token, twice, without a gap", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed { code = 10000, message = token .. token }
  end))
row("the token behind other characters of tokens", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed { code = 10000, message = ("a"):rep(39) .. token .. ("b"):rep(39) }
  end))
row("the token at the bound of what is shown", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed { code = 10000, message = (". "):rep(110) .. token }
  end))
row("the token in the third error", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed({ code = 1, message = "a" }, { code = 2, message = "b" },
      { code = 3, message = token, documentation_url = token,
        source = { pointer = token } })
  end))
row("the token as an error that is a string", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    return failed("Bearer " .. token)
  end))
row("the token escaped as JSON may", { kind = "api", attempts = 1, status = 403 },
  echo(403, function(token)
    local escaped = token:gsub(".", function(c) return ("\\u%04x"):format(c:byte()) end)
    return '{"success":false,"errors":[{"code":1,"message":"' .. escaped .. '"}]}'
  end))
row("the whole request as the error's text", { kind = "api", attempts = 1, status = 400 },
  echo(400, function(_, request)
    return failed { code = 1, message = table.concat(request.lines, "\r\n") .. request.body }
  end))
row("the token in a page of status 200", { kind = "bad_response", attempts = 1 },
  echo(200, function(token)
    return "<html>" .. token .. "</html>"
  end))
row("the token in the status line", { kind = "api", attempts = 1 }, function(c, request)
  c:send(("HTTP/1.1 403 %s\r\nContent-Length: 0\r\n\r\n"):format(token_of(request)))
end)
row("the token as the ray", { kind = "api", attempts = 1 }, function(c, request)
  c:answer(403, { "CF-Ray: " .. token_of(request) }, "")
end)
row("the token as Retry-After", { kind = "rate_limited", attempts = 3 }, function(c, request)
  c:answer(429, { "Retry-After: " .. token_of(request) }, "")
end)
row("the token as the encoding", { kind = "bad_response", attempts = 1 }, function(c, request)
  c:answer(200, { "Content-Encoding: " .. token_of(request) }, GOOD)
end)
row("the token as the length", { kind = "bad_response", attempts = 1 }, function(c, request)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: " .. token_of(request) .. "\r\n\r\n")
  c:close()
end)
row("the token in place of HTTP", { kind = "bad_response", attempts = 1 }, function(c, request)
  c:send(token_of(request) .. "\r\n")
  c:close()
end)
row("the token as the protocol's version", { kind = "bad_response", attempts = 1 },
  function(c, request)
    c:send("HTTP/" .. token_of(request) .. " 200 OK\r\n\r\n")
    c:close()
  end)
row("the token as a place to go", { kind = "bad_response", attempts = 1 }, function(c, request)
  c:answer(302, { "Location: https://" .. token_of(request) .. "/" }, "")
end)

-- ---- credentials without a fault, for other specs ----

function faults.shows.good(c)
  c:answer(200, { JSON }, GOOD)
end

faults.shows["packed-credential"] =
  show_packed(function() return GOOD end, "Content-Encoding: gzip")

--- Keeps it back until the run is released.
faults.shows["held-credential"] = function(c)
  c:hold()
  c:answer(200, { JSON }, GOOD)
end

return faults
