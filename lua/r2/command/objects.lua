-- Objects from a shell: each command has a credential of its own, for what it does and nothing
-- else, which nobody gets to see.

local fail = require "r2.failure"
local keys = require "r2.command.keys"
local options = require "r2.command.options"
local transport = require "r2.command.transport"

local objects = {}

local SECONDS = 900 -- of a credential, which is followed by another one where that is not enough
local MARGIN = 120

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

-- Credentials one after the other: a transfer may last for days.
local function provider_of(issuer, narrow, first)
  local current = first
  return {
    get = function()
      if current and current.expires_at - os.time() > MARGIN then
        return current
      end
      local made, message, err = create(issuer, narrow)
      current = made or current
      if current then
        return current
      end
      return nil, message, err
    end,
    invalidate = function(_, credentials)
      current = current ~= credentials and current or nil
    end,
  }
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
  local first
  first, message, err = create(issuer, narrow)
  if not first then
    issuer:close()
    return nil, message, err
  end
  local bucket
  bucket, message, err = require "r2.bucket" {
    credentials = provider_of(issuer, narrow, first), transport = transport.new(given.ca_file),
    timeout_seconds = given.timeout_seconds,
  }
  if not bucket then
    issuer:close()
    return nil, message, err
  end
  local result
  result, message, err = use(bucket)
  bucket:close()
  issuer:close()
  return result, message, err
end

--- What a bucket says of a path is about an argument of the command.
-- @tparam string field the argument's
-- @return nil, message, err
function objects.told(field, message, err)
  if err.field == "path" then
    return fail.renamed(err, field)
  end
  return nil, message, err
end

objects.RESUME = {
  name = "--resume", value = "JOURNAL", field = "resume", convert = options.filled,
  must = "must name a file",
  about = "Note in this file what is done, and go on from there when called again.",
}

return objects
