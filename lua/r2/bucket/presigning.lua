-- Presigned URLs with the bucket's own credential.

local arguments = require "r2.bucket.arguments"
local object = require "r2.bucket.object"
local request = require "r2.bucket.request"
local targets = require "r2.bucket.target"

local presigning = {}

local read_options = arguments.object_reader(targets.OPTIONS)

--- Makes a presigned URL, which any HTTP client can send. **Whoever has the URL has the bucket's
-- credential**, as far as that goes: its session token stands in the URL, and the secret can be
-- worked out from it. issuer:presign makes one with a credential of its own.
-- @tparam string method GET, HEAD, PUT or DELETE
-- @tparam string key
-- @tparam ?table options
--   expires_seconds 1 to 604800, default an hour, or what is left of the credential;
--   headers that have to be sent as they are here, such as content-type, content-length or
--   if-none-match; query a table of names and values;
--   upload_id and part_number: a PUT of one part
-- @treturn string the URL, a secret
-- @return nil, message, err with err.kind invalid_request, expired, or as a provider of credentials
--   says
-- @raise when the options are no table, or the bucket is closed
function presigning:presign(method, key, options)
  local bucket = object.open(self)
  object.check_options(options, 3, "presign")
  local given, target, message, err
  given, message, err = read_options(key, options)
  if not given then
    return nil, message, err
  end
  target, message, err = targets.read(method, key, given)
  if not target then
    return nil, message, err
  end
  return request.presign(bucket, target, { expires_seconds = given.expires_seconds })
end

return presigning
