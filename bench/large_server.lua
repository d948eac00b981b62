-- The server of bench/transfers: one object, which goes up whole or in parts, and comes down. It
-- knows its digests beforehand, so that its hashing does not share the processors, and keeps
-- nothing. It runs inside nginx.
-- luacheck: std ngx_lua
local large_server = {}

local function quoted(text)
  return '"' .. text .. '"'
end

local function document(text)
  ngx.header["content-type"] = "application/xml"
  ngx.print('<?xml version="1.0" encoding="UTF-8"?>' .. text)
end

local function put(settings)
  ngx.req.read_body()
  local number = ngx.var.arg_partNumber
  ngx.header.etag = quoted(number and "opaque-" .. number or settings.md5)
end

local function post(settings)
  ngx.req.read_body()
  if ngx.var.arg_uploadId then
    return document(("<CompleteMultipartUploadResult><ETag>%s</ETag>"
      .. "</CompleteMultipartUploadResult>"):format(quoted(settings.etag)))
  end
  document("<InitiateMultipartUploadResult><UploadId>one</UploadId>"
    .. "</InitiateMultipartUploadResult>")
end

-- nginx would hold If-Match against an ETag of its own.
local function get()
  ngx.req.clear_header("If-Match")
  return ngx.exec("/large")
end

--- settings: md5 of the file, etag of it in parts.
function large_server.answer(settings)
  local method = ngx.req.get_method()
  local is_list = ngx.var["arg_list-type"] ~= nil
  if method == "PUT" then
    return put(settings)
  elseif method == "POST" then
    return post(settings)
  elseif is_list then
    return document(("<ListBucketResult><Name>my-bucket</Name><KeyCount>1</KeyCount>"
      .. "<IsTruncated>false</IsTruncated><Contents><Key>bench/large</Key><Size>%d</Size><ETag>%s"
      .. "</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
      .. "</ListBucketResult>"):format(settings.size, quoted(settings.etag)))
  elseif method == "DELETE" then
    return ngx.exit(204)
  end
  return get()
end

return large_server
