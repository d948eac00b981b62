-- The bodies of requests. nginx writes them into files, piece by piece as they come; what is kept
-- is hashed there, and only what is XML is read.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local hmac = require "sandbox.s3.hmac"
local work = require "sandbox.s3.work"
local xml = require "sandbox.s3.xml"

local body = {}

local MAX_BYTES = 5 * 1024 ^ 3 - 5 * 1024 ^ 2 -- of an object, or a part, in one request
local MAX_XML = 4 * 1024 ^ 2 -- bytes; a thousand keys, each byte of them an escape
local EMPTY = hmac.sha256_hex("")

local function to_hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- The MD5 that Content-MD5 names; nil where there is none, false where it is none.
local function expected_md5(headers)
  local text = headers["content-md5"]
  if not text then
    return nil
  end
  local bytes = ngx.decode_base64(text)
  return bytes and #bytes == 16 and to_hex(bytes) or false
end

-- How many bytes are to come.
local function announced(headers, most)
  local length = tonumber(headers["content-length"])
  if not length then
    return answer.refuse("MissingContentLength")
  elseif length > most then
    return answer.refuse("EntityTooLarge")
  end
  return length
end

local function is_signed(payload)
  return #payload == 64
end

local function hash(path, length, payload)
  if is_signed(payload) then
    return work.run("hash", length, path)
  end
  return work.run("md5", length, path)
end

-- Holds what has come against what was said of it.
local function check(request, expected, md5, sha256)
  if sha256 and sha256 ~= request.payload then
    return answer.refuse("XAmzContentSHA256Mismatch")
  elseif expected and expected ~= md5 then
    return answer.refuse("BadDigest", ("The MD5 checksum you specified did not match what we "
      .. "received.\nYou provided a MD5 checksum with value: %s\nActual MD5 was: %s")
      :format(expected, md5))
  end
  return true
end

--- Receives a body into a file, which is gone with the request unless it is called otherwise; or
-- refuses the request.
-- @treturn table `path`, `size`, `md5`
function body.receive(request, most)
  local expected = expected_md5(request.headers)
  if expected == false then
    return answer.refuse("InvalidDigest")
  end
  local length = announced(request.headers, most or MAX_BYTES)
  if not length then
    return
  end
  ngx.req.read_body()
  local path = ngx.req.get_body_file()
  local md5, sha256 = hash(path, length, request.payload)
  if check(request, expected, md5, sha256) then
    return { path = path, size = length, md5 = md5 }
  end
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- Receives a document.
-- @tparam table request
-- @tparam string root the name of its root
-- @treturn table the root, as sandbox.s3.xml has it
-- @treturn string the document
function body.receive_document(request, root)
  local received = body.receive(request, MAX_XML)
  if not received then
    return
  end
  local text = read_file(received.path)
  local document = xml.read(text, root)
  if not document then
    return answer.refuse("MalformedXML")
  end
  return document, text
end

--- Of a request that needs no body: what was signed is that there is none.
function body.check_none(request)
  if (request.headers["content-length"] or "0") == "0" and is_signed(request.payload)
    and request.payload ~= EMPTY then
    return answer.refuse("XAmzContentSHA256Mismatch")
  end
  return true
end

return body
