-- Whether R2 knows a new parent: a credential of its own is put to use. It is signed with the
-- parent's secret, as all later ones will be, so an answer tells of key and secret at once; it
-- lists a prefix at which nothing need be, and opens nothing else. A HEAD would be less, and has no
-- body: a wrong secret could not be told from a parent that may not open this bucket.

local bucket = require "r2.bucket"
local fail = require "r2.failure"
local mint = require "r2.issuer.mint"

local PREFIX = "r2-rotating-proof/"
local LIFE = 300 -- seconds
local SECONDS = 10 -- of one attempt

-- What R2 says to a parent that it knows (developers.cloudflare.com/r2/api/
-- error-codes/). The secret is wrong, or not there yet, where it is one of REFUSED.
local KNOWN = { AccessDenied = true, NoSuchBucket = true, NotEntitled = true }
local REFUSED = { SignatureDoesNotMatch = true, InvalidArgument = true }

local function told(err)
  if KNOWN[err.code] then
    return true
  elseif REFUSED[err.code] then
    return fail("invalid_config", "new", "has a parent secret that R2 refuses (" .. err.code
      .. "): it is wrong, or not known yet")
  elseif err.status == 401 then
    return false
  end
  return nil, err.message, err
end

local function list(opened)
  local page, _, err = opened:list_page { prefix = PREFIX, limit = 1 }
  return page, err
end

--- @tparam table state of the new issuer
-- @tparam string name of a bucket
-- @treturn boolean whether R2 knows its parent
-- @return nil, message, err
return function(state, name)
  local credentials, transport, opened, message, err
  credentials, message, err = mint.create(state, {
    bucket = name, actions = { "ListObjectsV2" }, prefixes = { PREFIX }, ttl_seconds = LIFE,
  })
  if credentials then
    transport, message, err = mint.transport_of(state)
  end
  if transport then
    opened, message, err = bucket {
      credentials = credentials, transport = transport, max_attempts = 1, clock = state.clock,
      deadline_seconds = SECONDS,
    }
  end
  if not opened then
    return nil, message, err
  end
  local page, problem = list(opened)
  opened:close()
  if page then
    return true
  end
  return told(problem)
end
