-- Where a bucket's credentials come from: a table of them, which is all there is, or a provider,
-- which is told when R2 calls one over and asked for another.

local fail = require "r2.failure"

local source = {}

local COPIED = {
  "access_key_id", "secret_access_key", "session_token", "expires_at", "bucket", "endpoint",
}

local Fixed = {}
Fixed.__index = Fixed

function Fixed:get()
  return self.credentials
end

function Fixed.renew()
  return false
end

--- The bucket that they are for, where that is known.
function Fixed:bucket()
  return self.credentials.bucket
end

local Provided = {}
Provided.__index = Provided

local function is_error(message, err)
  return type(message) == "string" and type(err) == "table" and type(err.kind) == "string"
end

--- Credentials, or nil, message, err as the provider says. May wait.
function Provided:get()
  local credentials, message, err = self.provider:get()
  if type(credentials) == "table" then
    return credentials
  elseif credentials == nil and is_error(message, err) then
    return nil, message, err
  end
  return fail("invalid_config", "credentials", "must have a get that returns credentials")
end

--- Says that these are over. Whether there may be others.
function Provided:renew(credentials)
  self.provider:invalidate(credentials)
  return true
end

function Provided.bucket()
end

--- Whether two are the same. Their ids are: those of all of a parent's credentials are.
function source.are_same(one, other)
  return one.session_token == other.session_token
    and one.secret_access_key == other.secret_access_key
end

local function copy_of(credentials)
  local copy = {}
  for _, name in ipairs(COPIED) do
    copy[name] = rawget(credentials, name)
  end
  return copy
end

local function is_function(value)
  return type(value) == "function"
end

--- @param given credentials, or a table with get(self) and invalidate(self, credentials)
-- @treturn table with get() and renew(credentials)
-- @return nil, message, err with err.kind invalid_config
function source.of(given)
  if type(given) ~= "table" then
    return fail("invalid_config", "credentials",
      (given == nil and "is required and " or "") .. "must be credentials, or a provider of them")
  elseif is_function(given.get) and is_function(given.invalidate) then
    return setmetatable({ provider = given }, Provided)
  end
  local copy = copy_of(given)
  if type(copy.access_key_id) == "string" and type(copy.secret_access_key) == "string" then
    return setmetatable({ credentials = copy }, Fixed)
  end
  return fail("invalid_config", "credentials",
    "must have access_key_id and secret_access_key, or be a table with get and invalidate")
end

return source
