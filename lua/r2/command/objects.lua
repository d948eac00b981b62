-- Objects from a shell: each command has a credential of its own, for what it does and nothing
-- else, which nobody gets to see.

local keys = require "r2.command.keys"
local transport = require "r2.command.transport"

local objects = {}

local SECONDS = 900

-- The narrowest credential that the issuer can make: of actions where it signs, of a permission
-- where it asks the API, which takes no actions.
local function create(issuer, narrow)
  local request = {
    bucket = narrow.bucket, prefixes = narrow.prefixes, objects = narrow.objects,
    ttl_seconds = SECONDS,
  }
  if issuer:signs(request) then
    request.actions = narrow.actions
  else
    request.permission = narrow.permission
  end
  return issuer:create(request)
end

--- Calls with a bucket that may do what the command is for.
-- @tparam table given see the options of r2.command.options
-- @tparam table narrow bucket, prefixes, objects; actions, and the permission that goes for them
--   where the API is asked
-- @tparam function use what is called with the bucket
-- @return what it returns; or nil, message, err
function objects.with_bucket(given, narrow, use)
  local issuer, message, err = keys.issuer(given)
  if not issuer then
    return nil, message, err
  end
  local credentials
  credentials, message, err = create(issuer, narrow)
  issuer:close()
  if not credentials then
    return nil, message, err
  end
  local bucket
  bucket, message, err = require "r2.bucket" {
    credentials = credentials, transport = transport.new(given.ca_file),
    timeout_seconds = given.timeout_seconds,
  }
  if not bucket then
    return nil, message, err
  end
  local result
  result, message, err = use(bucket)
  bucket:close()
  return result, message, err
end

return objects
