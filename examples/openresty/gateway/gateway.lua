-- Objects of a private bucket for visitors of nginx: which object a path is, the signature that
-- goes with it, and what of R2's answer goes on. nginx.conf is where each function is called.
-- luacheck: std ngx_lua
local sigv4 = require "r2.sigv4"

local gateway = {}

local Gateway = {}
Gateway.__index = Gateway

-- Of a visitor's headers these go on, where nginx has no use for them itself.
local TO_R2 = {
  range = true, ["if-range"] = true, ["if-match"] = true, ["if-none-match"] = true,
  ["if-modified-since"] = true, ["if-unmodified-since"] = true,
}

-- Of R2's headers these.
local TO_VISITOR = {
  ["accept-ranges"] = true, ["cache-control"] = true, connection = true,
  ["content-disposition"] = true, ["content-encoding"] = true, ["content-language"] = true,
  ["content-length"] = true, ["content-range"] = true, ["content-type"] = true, etag = true,
  expires = true, ["last-modified"] = true, location = true, ["transfer-encoding"] = true,
}

local KEY_MAX = 1024 -- bytes
local INVALIDATED = 5 -- seconds from one credential that is called over to the next

-- ---- which object ----

-- The key of a path. It is the path by which nginx chose the location, decoded, without dots: so
-- what your own locations keep back is kept back, however it is written.
local function key_of(self, path)
  local key = self.prefix .. path:gsub("^/", "", 1)
  if key:find("/$") or key == "" then
    key = key .. self.index
  end
  if #key > KEY_MAX or key:find("[%c\\]") or ("/" .. key .. "/"):find("/%.?%.?/") then
    return nil
  end
  return key
end

-- Ends the request unless it is one that reads an object.
local function wanted_key(self, path)
  local method = ngx.req.get_method()
  if method ~= "GET" and method ~= "HEAD" then
    ngx.header["Allow"] = "GET, HEAD"
    return ngx.exit(405)
  end
  return key_of(self, path) or ngx.exit(404)
end

-- ---- what goes to R2 ----

local function leave_headers_behind()
  for name in pairs(ngx.req.get_headers(0)) do
    if not TO_R2[name] then
      ngx.req.clear_header(name)
    end
  end
end

local function sign(self, key)
  local credentials, message = self.credentials:get()
  if not credentials then
    ngx.log(ngx.ERR, "gateway: ", message)
    return ngx.exit(503)
  end
  local url = sigv4.url(credentials.endpoint, self.bucket, key)
  if not url then -- it is not UTF-8
    return ngx.exit(404)
  end
  local headers = assert(sigv4.sign({ method = ngx.req.get_method(), url = url }, credentials))
  local var = ngx.var
  var.r2_host, var.r2_uri = url:match("^https?://([^/]+)(.*)$")
  var.r2_authorization = headers.authorization
  var.r2_date = headers["x-amz-date"]
  var.r2_hash = headers["x-amz-content-sha256"]
  var.r2_token = headers["x-amz-security-token"] or ""
  leave_headers_behind()
end

--- For rewrite_by_lua: the object that the path names.
function Gateway:object()
  sign(self, wanted_key(self, ngx.var.uri))
end

-- ---- what goes to the visitor ----

local PASSED_ON = { [200] = true, [206] = true, [304] = true }

-- What R2 answered last; 200 where the cache did, which has nothing else.
local function status_of_r2()
  return tonumber((ngx.var.upstream_status or "200"):match("%d+$"))
end

local TEXTS = {
  [400] = "bad request", [404] = "not found", [405] = "method not allowed",
  [412] = "precondition failed", [414] = "URI too long", [416] = "range not satisfiable",
  [502] = "bad gateway", [503] = "unavailable",
}

local function text_of(status)
  return ("%d %s\n"):format(status, TEXTS[status] or "error")
end

--- For header_filter_by_lua: nothing of R2's goes on but what is said of an object; of an answer
-- that nginx.conf has not kept back, not even that.
function Gateway.header_filter()
  for name in pairs(ngx.resp.get_headers(0)) do
    if not TO_VISITOR[name] then
      ngx.header[name] = nil
    end
  end
  if not PASSED_ON[status_of_r2()] then
    ngx.ctx.text = text_of(ngx.status)
    ngx.header["Content-Type"], ngx.header["Content-Length"] = "text/plain", nil
    ngx.header["Location"], ngx.header["Cache-Control"] = nil, "no-store"
  end
end

--- For body_filter_by_lua.
function Gateway.body_filter()
  local text = ngx.ctx.text
  if text then
    ngx.arg[1], ngx.ctx.text = text, ""
  end
end

-- A credential that R2 refuses is over, whatever its end says; but a visitor whose path is refused
-- must not make a new one each time.
local function invalidate(self)
  local now = ngx.now()
  if now >= self.invalidated_at + INVALIDATED or now < self.invalidated_at then
    self.invalidated_at = now
    self.credentials:invalidate((self.credentials:get()))
  end
end

-- What a visitor is told of R2's status: that of a request that R2 should have taken is a failure
-- of this gateway.
local function told(self, status)
  if status == 404 or status == 412 or status == 416 then
    return status
  elseif status == 400 and ngx.var.http_range then
    return 416
  end
  ngx.log(ngx.ERR, "gateway: R2 answered ", status)
  if status == 401 or status == 403 then
    invalidate(self)
  end
  return (status == 429 or status >= 500) and 503 or 502
end

--- For content_by_lua, where a request has failed.
function Gateway:failed()
  local status = ngx.status
  if ngx.var.upstream_status and status_of_r2() == status then
    status = told(self, status)
  end
  ngx.status = status
  ngx.header["Content-Type"] = "text/plain"
  if status ~= 404 then -- which nginx.conf keeps for a moment
    ngx.header["Cache-Control"] = "no-store"
  end
  ngx.print(text_of(status))
end

--- For content_by_lua: a URL by which R2 gives the object to whoever has it, for a while.
function Gateway:redirect()
  local url, message, err =
    self.presign(ngx.req.get_method(), wanted_key(self, ngx.var.uri))
  if not url and err.kind == "invalid_request" then -- no object can have that name
    return ngx.exit(404)
  elseif not url then
    ngx.log(ngx.ERR, "gateway: ", message)
    return ngx.exit(503)
  end
  ngx.header["Cache-Control"], ngx.header["Referrer-Policy"] = "no-store", "no-referrer"
  ngx.redirect(url, 302)
end

--- @tparam table settings
--   credentials: a provider, or a table with get and invalidate like one;
--   bucket;
--   prefix: what all keys begin with, "" or with a slash at its end;
--   index: the object of a path that ends in a slash;
--   presign: function(method, key) -> a URL, for redirect
function gateway.new(settings)
  assert(settings.prefix == "" or settings.prefix:find("[^/]/$"), "prefix must end in one slash")
  local own = { invalidated_at = 0 }
  for name, value in pairs(settings) do
    own[name] = value
  end
  return setmetatable(own, Gateway)
end

return gateway
