-- The S3 side of the sandbox, asked with r2.sigv4 and r2.http.
--
--   local s3 = require "spec.support.s3"
--   local bucket = s3.start()              -- a sandbox of its own, and its parent key
--   bucket:ask { method = "PUT", key = "a", body = "hello" }
--   bucket:as(credentials):ask { key = "a" }.body
local http = require "r2.http"
local keys = require "sandbox.keys"
local make = require "spec.support.make"
local server = require "spec.support.server"
local sigv4 = require "r2.sigv4"
local tc = require "r2.temp_credentials"

local s3 = {}
local client = {}
client.__index = client

s3.BUCKET = "my-bucket"

--- The sandbox's parent key itself, as credentials.
s3.PARENT = {
  access_key_id = keys.parent_access_key_id,
  secret_access_key = keys.parent_secret_access_key,
}

--- A client of a server that answers as R2 does.
-- @tparam table running a server
-- @tparam table credentials
-- @tparam[opt=""] string path below which its buckets are
function s3.client(running, credentials, path)
  return setmetatable({
    server = running, url = running.url, path = path or "", http = assert(http.new()),
    credentials = credentials,
  }, client)
end

--- Starts a sandbox. server.stop_all() stops it.
-- @treturn table a client with the parent key
function s3.start()
  local sandbox = s3.client(server.command {
    command = "env PORT=@port@ TMPDIR=@folder@ sandbox/run", ready = "Ctrl-C ends it",
  }, s3.PARENT)
  sandbox.signer = assert(tc.new {
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key,
    endpoint = sandbox.url,
  })
  return sandbox
end

--- A client with other credentials, of the same sandbox.
function client:as(credentials)
  return setmetatable({ credentials = credentials }, { __index = self })
end

--- Signs a credential for the bucket. `changes` has no permission where it has actions.
-- @tparam table changes of the request
-- @tparam[opt] number now
function client:sign(changes, now)
  local request = make.changed({ bucket = s3.BUCKET, ttl_seconds = 3600 }, changes)
  return assert(self.signer:sign(request, now))
end

-- What is asked, as r2.http takes it, and as r2.sigv4 does.
local function prepare(self, case)
  local url = case.url or case.path and self.url .. self.path .. case.path
  if not url then
    url = assert(sigv4.url(self.url, case.bucket or s3.BUCKET, case.key, case.query))
    url = self.url .. self.path .. url:sub(#self.url + 1)
  end
  return { method = case.method or "GET", headers = case.headers, url = url }
end

local function add_signature(self, request, case)
  if case.expires then
    request.url = assert(sigv4.presign(request, self.credentials,
      { expires_seconds = case.expires, now = case.now, region = case.region }))
    return request.headers
  end
  local added = assert(sigv4.sign(request, self.credentials, {
    now = case.now, region = case.region,
    payload_hash = case.payload_hash or case.body and sigv4.hash(case.body) or sigv4.hash(""),
  }))
  return make.changed(make.changed(request.headers or {}, added), case.unsigned)
end

-- Signs a request. Returns it as r2.http takes it.
local function signed(self, case)
  local request = prepare(self, case)
  request.headers = add_signature(self, request, case)
  local body = case.body
  if not body and (request.method == "PUT" or request.method == "POST") then
    body = ""
  end
  request.body = body
  return request
end

--- Begins to send what `ask` sends, and hands back the exchange.
function client:start(case)
  return assert(self.http:start(signed(self, case)))
end

--- Signs a request and sends it.
-- @tparam table case `method` (default GET), `bucket`, `key`, `query`, `headers`, `body`; or `url`,
--   or `path`, encoded.
--   `now` and `region` are signed; `payload_hash` in place of the body's; `expires` makes a
--   presigned URL; `unsigned` are headers that are added, or changed, when all is signed
-- @treturn table response, with `code` where its body is an error's
function client:ask(case)
  local response = assert(self.http:perform(signed(self, case)))
  response.code = response.status >= 300 and (response.body or ""):match("<Code>(%w+)</Code>")
  return response
end

--- The same for a request that has to succeed.
function client:must(case)
  local response = self:ask(case)
  assert(response.status < 300, response.body)
  return response
end

--- Puts an object.
function client:put(key, body, headers)
  return self:must { method = "PUT", key = key, body = body, headers = headers }
end

--- How many files the sandbox has for the bytes of its objects.
function client:files()
  local pipe = assert(io.popen("ls " .. self.server.folder .. "/*/objects | wc -l"))
  local count = pipe:read("*n")
  pipe:close()
  return count
end

--- The texts of the elements of a name, in their order, unescaped.
function s3.texts(document, name)
  local found = {}
  for text in document:gmatch("<" .. name .. ">([^<]*)</" .. name .. ">") do
    found[#found + 1] = text:gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"')
      :gsub("&apos;", "'"):gsub("&amp;", "&")
  end
  return found
end

--- The text of the first of them.
function s3.text(document, name)
  return s3.texts(document, name)[1]
end

return s3
