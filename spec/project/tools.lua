-- Programs of others that the specs hand credentials to, and a server that answers them like S3 and
-- takes notes. Whether a request is signed with the credential is checked here, with the SHA-256 of
-- the specs.

local assert = require "luassert"
local cjson = require "cjson"
local make = require "spec.support.make"
local keys = require "spec.support.keys"
local server = require "spec.support.server"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local tools = { AWS = "/usr/bin/aws", PYTHON = "/usr/bin/python3" }

local ROOT = support.lines(support.run("pwd"))[1]

-- ---- the programs ----

local function is_there(command)
  return select(2, support.try(command .. " >/dev/null 2>&1")) == 0
end

tools.HAS = {
  aws = is_there(tools.AWS .. " --version"),
  boto3 = is_there(tools.PYTHON .. " -c 'import boto3'"),
  rclone = is_there("rclone version"),
  s3cmd = is_there("s3cmd --version"),
  node = is_there("node --version && test -d spec/node_modules/@aws-sdk/client-s3"),
}

-- A folder for programs to run in, with these files beside an empty one.
function tools.folder(files)
  local folder = support.folder()
  support.write(folder .. "/empty", "")
  for name, text in pairs(files) do
    support.write(folder .. "/" .. name, text)
  end
  return folder
end

-- ---- a server that answers like S3, and takes notes ----

tools.KEY, tools.TEXT = "backups/db/a key + 1.txt", "what the object holds"

local CONF = [[
    server {
        listen 127.0.0.1:@port@;
        client_max_body_size 0;
        client_body_buffer_size 8m;
        location = /credentials {
            content_by_lua_block {
                if ngx.var.http_authorization ~= "a password" then
                    return ngx.exit(401)
                end
                ngx.header["content-type"] = "application/json"
                ngx.print(io.open("@folder@/container.json"):read("*a"))
            }
        }
        location / {
            content_by_lua_block {
                ngx.req.read_body()
                local file = assert(io.open("@folder@/requests", "a"))
                file:write(require("cjson").encode {
                    method = ngx.req.get_method(),
                    uri = ngx.var.request_uri,
                    headers = ngx.req.get_headers(),
                }, "\n")
                file:close()
                local method, text = ngx.req.get_method(), "TEXT"
                if ("REFUSED"):find(method, 1, true) then
                    ngx.status = 403
                    return ngx.print("<Error><Code>AccessDenied</Code></Error>")
                end
                if method == "HEAD" and ngx.var.uri:find("new", 1, true) then
                    return ngx.exit(404)
                end
                if method == "POST" then
                    return ngx.print(ngx.var.arg_uploadId and [=[<CompleteMultipartUploadResult>
                        <ETag>"an-etag-1"</ETag></CompleteMultipartUploadResult>]=]
                        or [=[<InitiateMultipartUploadResult><UploadId>an-upload</UploadId>
                        </InitiateMultipartUploadResult>]=])
                end
                local content = method == "PUT" and (ngx.req.get_body_data() or "") or text
                ngx.header["etag"] = '"' .. ngx.md5(content) .. '"'
                ngx.header["last-modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
                ngx.header["content-length"] = method == "PUT" and 0 or #text
                if method ~= "PUT" then
                    ngx.print(text)
                end
            }
        }
    }
]]

--- Starts the server. It refuses the methods in `refused`, as R2 does where a credential lacks the
--- action.
function tools.server(refused)
  return server.nginx {
    http = CONF:gsub("TEXT", tools.TEXT):gsub("REFUSED", refused or ""),
  }
end

--- Runs lines of a shell in a folder, without anything of the user's. Returns what they printed and
--- the requests that they led to.
function tools.run(s3, folder, lines)
  os.remove(s3.path("requests"))
  local output = support.run(("cd %s && timeout 60 "):format(folder) .. r2creds.shell(lines, {
    HOME = folder, URL = s3.url, KEY = tools.KEY, FOLDER = s3.folder, ROOT = ROOT,
    EMPTY = folder .. "/empty", RCLONE_CONFIG = folder .. "/empty",
    AWS_CONFIG_FILE = folder .. "/config", AWS_SHARED_CREDENTIALS_FILE = folder .. "/empty",
    AWS_EC2_METADATA_DISABLED = "true", R2_ENDPOINT = s3.url,
    CLOUDFLARE_ACCOUNT_ID = keys.account_id,
    R2_ACCESS_KEY_ID = keys.parent_access_key_id,
    R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
  }))
  local requests = {}
  for _, line in ipairs(support.lines(s3.read("requests") or "")) do
    requests[#requests + 1] = cjson.decode(line)
  end
  return output, requests
end

-- ---- signatures ----

local function unescaped(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- The parts of a query: as they are signed, and by name.
local function read_query(query)
  local parts, named = {}, {}
  for part in query:gmatch("[^&]+") do
    local name, value = part:match("^([^=]*)=?(.*)$")
    named[name] = unescaped(value)
    if name ~= "X-Amz-Signature" then
      parts[#parts + 1] = name .. "=" .. value
    end
  end
  table.sort(parts)
  return table.concat(parts, "&"), named
end

-- How a request was signed, in its header or, presigned, in its query.
local function signing_of(request)
  local path, query = request.uri:match("^([^?]*)%??(.*)$")
  local canonical, named = read_query(query)
  local headers = request.headers
  local signing = { path = path, query = canonical }
  if named["X-Amz-Signature"] then
    signing.key_id, signing.scope = named["X-Amz-Credential"]:match("^([^/]*)/(.*)$")
    signing.names, signing.signature = named["X-Amz-SignedHeaders"], named["X-Amz-Signature"]
    signing.date, signing.payload = named["X-Amz-Date"], "UNSIGNED-PAYLOAD"
    signing.session_token = named["X-Amz-Security-Token"]
  else
    signing.key_id, signing.scope, signing.names, signing.signature =
      headers["authorization"]:match("^AWS4%-HMAC%-SHA256 Credential=([^/]*)/([^,]*), ?"
      .. "SignedHeaders=([^,]*), ?Signature=(%x+)$")
    signing.date, signing.payload = headers["x-amz-date"], headers["x-amz-content-sha256"]
    signing.session_token = headers["x-amz-security-token"]
    assert.matches("x-amz-security-token", signing.names, 1, true)
  end
  return signing
end

-- The signature that a request should have: docs.aws.amazon.com, "Signature Version 4".
local function signature_of(request, signing, secret)
  local lines = { request.method, signing.path, signing.query }
  for name in signing.names:gmatch("[^;]+") do
    lines[#lines + 1] = name .. ":" .. request.headers[name]:gsub("^ +", ""):gsub(" +$", "")
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = signing.names
  lines[#lines + 1] = signing.payload
  local to_sign = table.concat({
    "AWS4-HMAC-SHA256", signing.date, signing.scope, sha256.hex(table.concat(lines, "\n")),
  }, "\n")
  local key = "AWS4" .. secret
  for part in signing.scope:gmatch("[^/]+") do
    key = sha256.hmac(key, part)
  end
  return (sha256.hmac(key, to_sign):gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

-- Fails unless a request is signed with a credential of the keys here, for the region auto.
function tools.assert_signed(request, endpoint)
  local signing = signing_of(request)
  local verifier = make.client { endpoint = endpoint }
  assert.equal("my-bucket", assert(verifier:verify(signing.session_token)).bucket)
  assert.equal(keys.parent_access_key_id, signing.key_id)
  assert.matches("^%d+/auto/s3/aws4_request$", signing.scope)
  local secret = sha256.hex(token.read(signing.session_token).jwt)
  assert.equal(signature_of(request, signing, secret), signing.signature)
end

return tools
