-- What the specs of r2.sigv4 share: a request, a credential and options that can be signed, each
-- with the changes that a case asks for.
local keys = require "spec.support.keys"
local make = require "spec.support.make"

local signing = {}

signing.ENDPOINT = "https://" .. keys.account_id .. ".r2.cloudflarestorage.com"
signing.URL = signing.ENDPOINT .. "/my-bucket/a/b.txt"

function signing.request(changes)
  return make.changed({ method = "GET", url = signing.URL }, changes)
end

function signing.credentials(changes)
  return make.changed({
    access_key_id = keys.parent_access_key_id,
    secret_access_key = ("5e55"):rep(16),
    session_token = "c2Vzc2lvbiB0b2tlbiBvZiBhIGRlbW9uc3RyYXRpb24=",
    expires_at = make.NOW + 900,
    bucket = "my-bucket",
    endpoint = signing.ENDPOINT,
  }, changes)
end

function signing.options(changes)
  return make.changed({ now = make.NOW }, changes)
end

-- What no refusal may show.
signing.SECRETS = { signing.credentials().secret_access_key, signing.credentials().session_token }

-- The module as a program has it that has signed nothing yet: nothing is kept.
function signing.fresh_module()
  local kept = package.loaded["r2.sigv4"]
  package.loaded["r2.sigv4"] = nil
  local module = require "r2.sigv4"
  package.loaded["r2.sigv4"] = kept
  return module
end

return signing
