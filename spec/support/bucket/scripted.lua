-- A bucket over a transport that follows a script, in a world whose time passes only as it says.
local make = require "spec.support.make"
local r2 = require "r2"
local scripted = require "spec.support.scripted"

local bucket = { NOW = make.NOW, ENDPOINT = "https://s3.example.com" }

--- Credentials that nobody has to verify.
function bucket.credentials(changes)
  return make.changed({
    access_key_id = "id", secret_access_key = "secret-of-the-credential",
    session_token = "token-of-the-credential", expires_at = make.NOW + 3600,
    bucket = "my-bucket", endpoint = bucket.ENDPOINT,
  }, changes)
end

--- An error of S3's.
function bucket.refusal(status, code, headers)
  return { status = status, headers = headers or {},
    body = ("<Error><Code>%s</Code><Message>m</Message></Error>"):format(code) }
end

--- What a put or a head brings.
function bucket.good(etag)
  return { status = 200, headers = { ETag = '"' .. (etag or "5d41402abc4b2a76b9719d911017c592")
    .. '"', ["Content-Length"] = "5" }, body = "" }
end

--- A document.
function bucket.document(text)
  return { status = 200, headers = {}, body = text }
end

--- A transport that follows the script, and hands on what a request wants handed on.
function bucket.transport(script)
  local transport, log = scripted.transport(script)
  local perform = transport.perform
  function transport.perform(request)
    local response, message, err = perform(request)
    if type(response) == "table" and request.output and response.status == 200 then
      request.output(response.body)
    end
    return response, message, err
  end
  return transport, log
end

--- Returns a bucket and the log of its transport.
function bucket.new(script, settings)
  local transport, log = bucket.transport(script)
  return assert(r2.bucket(make.changed({
    credentials = bucket.credentials(), transport = transport,
    clock = function() return make.NOW end, random = function() return 0 end,
  }, settings))), log
end

return bucket
