-- Objects from a shell: each command has a credential of its own, for what it does and nothing
-- else, which nobody gets to see.

local fail = require "r2.failure"
local keys = require "r2.command.keys"
local options = require "r2.command.options"
local transport = require "r2.command.transport"

local objects = {}

local SECONDS = 900 -- of a credential, which is followed by another one where that is not enough

-- The narrowest credential that the issuer can make: of actions where it signs, of a permission
-- where it asks the API, which takes no actions.
local function provider_of(issuer, narrow)
  local request = {
    bucket = narrow.bucket, prefixes = narrow.prefixes, objects = narrow.objects,
    ttl_seconds = SECONDS,
  }
  if narrow.actions and issuer:signs(request) then
    request.actions = narrow.actions
  else
    request.permission = narrow.permission
  end
  return require "r2.provider"(issuer, request)
end

-- A bucket that has its first credential: what is wrong with the keys is told before all else.
local function open(given, narrow, issuer, over)
  local provider, first, message, err
  provider, message, err = provider_of(issuer, narrow)
  if provider then
    first, message, err = provider:get()
  end
  if not first then
    return nil, message, err
  end
  return require "r2.bucket" {
    credentials = provider, name = first.bucket, endpoint = first.endpoint, transport = over,
    timeout_seconds = given.timeout_seconds, parallel = given.parallel,
  }
end

--- Calls with a bucket that may do what the command is for.
-- @tparam table given see the options of r2.command.options
-- @tparam table narrow bucket, prefixes, objects; actions, and the permission that goes for them
--   where the API is asked
-- @tparam function use what is called with the bucket, and with its transport
-- @return what it returns; or nil, message, err
function objects.with_bucket(given, narrow, use)
  local issuer, message, err = keys.issuer(given)
  if not issuer then
    return nil, message, err
  end
  local over = transport.new(given.ca_file)
  local bucket
  bucket, message, err = open(given, narrow, issuer, over)
  if not bucket then
    issuer:close()
    return nil, message, err
  end
  local result
  result, message, err = use(bucket, over)
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

--- Calls with every entry of a list, page by page.
-- @tparam bucket bucket
-- @tparam table query as for bucket:list_page
-- @tparam function take function(entry)
-- @treturn boolean true
-- @return nil, message, err
function objects.each(bucket, query, take)
  repeat
    local page, message, err = bucket:list_page(query)
    if not page then
      return nil, message, err
    end
    for _, entry in ipairs(page) do
      take(entry)
    end
    query.next = page.next
  until not query.next
  return true
end

objects.PARALLEL = {
  name = "--parallel", value = "N", field = "parallel",
  about = "So many parts, and objects, at a time; 4 by default.",
  must = "takes a whole number from 1 to 64",
  convert = function(word)
    local number = word:find("^%d%d?$") and tonumber(word)
    return number and number >= 1 and number <= 64 and number or nil
  end,
}

objects.RESUME = {
  name = "--resume", value = "JOURNAL", field = "resume", convert = options.filled,
  must = "must name a file",
  about = "Note in this file what is done of a large object, and go on from there the next time.",
}

return objects
