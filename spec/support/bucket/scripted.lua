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

--- Returns a bucket and the log of its transport.
function bucket.new(script, settings)
    local transport, log = scripted.transport(script)
    return assert(r2.bucket(make.changed({
        credentials = bucket.credentials(), transport = transport,
        clock = function() return make.NOW end, random = function() return 0 end,
    }, settings))), log
end

return bucket
