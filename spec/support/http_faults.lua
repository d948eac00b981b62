-- What the specs of HTTP itself ask of spec/support/fault_server.lua: answers, whatever they mean.
local cjson = require "cjson"
local faults = require "spec.support.faults"

local shows = faults.shows

local MEGABYTE = ("0123456789abcdef"):rep(65536)

function shows.closed(c)
  c:close()
end

--- Says what it got.
function shows.echo(c, request)
  c:answer(200, { "Content-Type: application/json", "X-Number: one" }, cjson.encode {
    method = request.method, target = request.target, version = request.version,
    headers = request.headers, lines = request.lines, body = request.body,
    body_length = request.body_length, chunks = request.chunks or 0,
  })
end

--- Answers with the bytes of the request's body, whatever they are.
function shows.raw(c, request)
  c:send(request.body)
end

local UNASKED = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nunasked"

-- How the first answer comes, and one that nobody asked for.
local unasked = {
  behind = function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst" .. UNASKED)
  end,
  chunked = function(c)
    c:send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n"
      .. UNASKED)
  end,
  empty = function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" .. UNASKED)
  end,
  none = function(c)
    c:send("HTTP/1.1 204 Nothing\r\n\r\n" .. UNASKED)
  end,
  halved = function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfir")
    c:hold()
    c:send("st" .. UNASKED)
  end,
  later = function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
    c:hold()
    c:send(UNASKED)
  end,
  farewell = function(c)
    c:send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst")
    c:hold()
    c:send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    c:close()
  end,
}

--- .../unasked/RUN/WAY: an answer to the first request, and one to none; then those to the others.
function shows.unasked(c, request, number)
  if number == 1 then
    unasked[request.target:match("/(%l+)$")](c)
  else
    c:answer(200, {}, "answer " .. number)
  end
end

--- Keeps its answer back until the run is released.
function shows.held(c)
  c:hold()
  c:answer(200, {}, "released")
end

--- Answers the first request, takes the second one and leaves, and answers what comes then.
function shows.leaves(c, _, number)
  if number == 2 then
    c:close()
  end
  c:answer(200, {}, "answer " .. number)
end

--- The head at once, the rest of the body when the run is released.
function shows.halved(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
  c:hold()
  c:send("56789")
end

shows["status-204"] = function(c)
  c:answer(204, {}, "")
end

shows["empty"] = function(c)
  c:answer(200, {}, "")
end

--- .../big/RUN/BYTES: so many bytes that count up in lines of 16.
function shows.big(c, request)
  local size = tonumber(request.target:match("/(%d+)$"))
  c:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"):format(size))
  if request.method ~= "HEAD" then
    for at = 0, size - 1, #MEGABYTE do
      c:send(MEGABYTE:sub(1, math.min(#MEGABYTE, size - at)))
    end
  end
end

--- A page of an error, of a megabyte and a half.
shows["big-error"] = function(c)
  c:answer(500, {}, MEGABYTE .. MEGABYTE:sub(1, 524288))
end

shows["error"] = function(c)
  c:answer(404, {}, "no such thing")
end

--- Answers before it has read the body, and closes.
faults.early["refused-early"] = true
shows["refused-early"] = function(c)
  c:answer(413, { "Connection: close" }, "too large")
  c:leave()
end

shows.headers = function(c)
  c:send(table.concat({
    "HTTP/1.1 200 Fine", "X-Twice: one", "x-twice: two", "X-Empty:", "X-Spaces:  \t a b \t ",
    "X-Folded: one", "  two: three", "\tfour", "X-Colon: a:b: c", "X-Latin: caf\233",
    "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2", "Content-Length: 2", "", "ok" }, "\r\n"))
end

shows["bare-lines"] = function(c)
  c:send("HTTP/1.1 200 OK\nX-One: 1\nContent-Length: 2\n\nok")
end

shows.interim = function(c)
  c:send("HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n")
  c:send("HTTP/1.1 103 Early Hints\r\nX-Interim: 2\r\n\r\n")
  c:answer(200, { "X-Final: 3" }, "ok")
end

--- .../header/RUN/BYTES: headers of so many bytes in all, status line and last empty line included.
shows.header = function(c, request)
  local size = tonumber(request.target:match("/(%d+)$"))
  local start, finish = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", "\r\nok"
  local left = size - #start - 2
  local lines = {}
  while left > 0 do
    local length = left > 2000 and 1000 or left
    lines[#lines + 1] = "X-F: " .. ("x"):rep(length - 7) .. "\r\n"
    left = left - length
  end
  c:send(start .. table.concat(lines) .. finish)
end

return faults
