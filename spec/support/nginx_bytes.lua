-- Runs inside nginx: an API that answers byte by byte, over connections that it keeps, as the first
-- segment of the path says. The session token of a credential is the bucket that was asked for, and
-- the number of the connection.
-- luacheck: std ngx_lua

local cjson = require "cjson"
local keys = require "spec.support.keys"

local bytes = {}

local function answer(body, more, status)
  return ("HTTP/1.1 %s Whatever\r\nContent-Length: %d\r\n%s\r\n%s"):format(
    status or "200", #body, more or "", body)
end

local function credential(bucket, more)
  return answer(cjson.encode { success = true, result = {
    accessKeyId = keys.parent_access_key_id, secretAccessKey = ("5e55"):rep(16),
    sessionToken = bucket .. "." .. ngx.var.connection,
  } }, more)
end

-- An answer of so many bytes in all.
local function padded(bucket, size)
  local missing = size - #credential(bucket, "X-Padding: \r\n")
  return credential(bucket, ("X-Padding: %s\r\n"):format(("x"):rep(missing)))
end

local shows = {}

function shows.ok(bucket)
  return credential(bucket)
end

-- Another answer goes out with the first one, in one record of TLS. Whoever reads into a buffer of
-- the first one's length leaves it where neither nginx nor the kernel sees it.
function shows.unasked_4096(bucket)
  return padded(bucket, 4096) .. credential("nobodys")
end

function shows.unasked_8192(bucket)
  return padded(bucket, 8192) .. credential("nobodys")
end

-- Another answer comes when the connection has been taken again.
function shows.unasked_later(bucket, nth)
  return credential(nth == 1 and bucket or "nobodys")
end

-- What was asked for a bucket of that name has no good answer.
function shows.nonsense(bucket)
  return bucket == "nonsense" and answer("<html>") or credential(bucket)
end

for _, status in ipairs { "100", "103" } do
  shows["interim_" .. status] = function(bucket)
    return ("HTTP/1.1 %s Whatever\r\nLink: </a>\r\n\r\n"):format(status) .. credential(bucket)
  end
end

for _, status in ipairs { "000", "099", "600", "999" } do
  shows["status_" .. status] = function()
    return answer("{}", nil, status)
  end
end

-- gzip's bytes for "{}", RFC 1952.
local PACKED = "\31\139\8\0\0\0\0\0\0\3\171\174\5\0\67\191\166\163\2\0\0\0"

for _, status in ipairs { "200", "403", "429" } do
  shows["packed_" .. status] = function()
    return answer(PACKED, "Content-Encoding: gzip\r\nRetry-After: 60\r\n", status)
  end
end

function shows.not_packed(bucket)
  return credential(bucket, "Content-Encoding: Identity\r\n")
end

function shows.return_in_value()
  return answer("{}", "X-One: a\rb\r\r\n")
end

function shows.return_in_name()
  return answer("{}", "X-\rOne: a\r\n")
end

function shows.nul()
  return answer("{}", "X-One: a\0b\r\n")
end

local function show_of(target)
  return shows[target:match("^/([%w_]+)/")]
end

-- What the next request asks to be shown, and the length of its body; nil at the end.
local function next_request(socket)
  local target = (socket:receive("*l") or ""):match("^POST (%S+) ")
  local length
  repeat
    local line = socket:receive("*l")
    length = line and line:lower():match("^content%-length: (%d+)") or length
  until not line or line == ""
  return target and show_of(target), tonumber(length)
end

function bytes.serve()
  local show, length = show_of(ngx.var.uri), tonumber(ngx.var.http_content_length)
  local closes, nth = ngx.var.http_connection == "close", 1
  local socket = assert(ngx.req.socket(true))
  while show do
    local request = cjson.decode((assert(socket:receive(length))))
    assert(socket:send((show(request.bucket, nth))))
    nth = nth + 1
    if closes then
      break
    end
    show, length = next_request(socket)
  end
  return ngx.exit(444)
end

return bytes
