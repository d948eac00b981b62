-- What a vending handler is configured with: for SDKs, with a request and a token, or for pages,
-- with a list of origins and functions that say who asks and what for.

local copied = require "r2.issuer.copied"
local fail = require "r2.failure"
local fields = require "r2.fields"
local settings = require "r2.settings"
local shared = require "r2.provider.shared"
local tc = require "r2.temp_credentials"

local config = {}

local TTL, TTL_MIN, TTL_MAX = 3600, 1200, 604800 -- seconds, for SDKs

local function is_function(value)
  return type(value) == "function"
end

local function is_visible(value, least)
  return type(value) == "string" and #value >= least and #value <= 4096 and tc._is_visible(value)
end

local function is_origin(value)
  return type(value) == "string" and value:find("^https?://[%w%-._%[%]:]+$") ~= nil
end

local function is_list_of_origins(value)
  if type(value) ~= "table" or #value == 0 then
    return false
  end
  for _, origin in ipairs(value) do
    if not is_origin(origin) then
      return false
    end
  end
  return true
end

local RULES = {
  settings.clock,
  settings.random,
  { "issuer", "must be an issuer", function(value) return type(value) == "table" end },
  shared.setting,
  settings.a_function("audit"),
  { "request", "must be a request, or for pages a function that makes one", function(value)
    return type(value) == "table" or is_function(value)
  end },
  { "token", "must be 16 to 4096 visible ASCII characters", function(value)
    return is_visible(value, 16)
  end },
  { "token_file", "must be the path of a file", function(value)
    return type(value) == "string" and value ~= "" and not value:find("%z")
  end },
  { "name", "must be 1 to 4096 visible ASCII characters", function(value)
    return is_visible(value, 1)
  end },
  { "origins", "must be a list of origins, as https://app.example.com", is_list_of_origins },
  settings.a_function("user", "must be a function that says who asks"),
  settings.whole("providers_max", 1, 100000),
}

local read = fields.reader("invalid_config", "configuration", settings.names(RULES))

-- The fields that only one of the two has.
local FOR_SDKS = { "token", "token_file", "name" }
local FOR_PAGES = { "origins", "user", "providers_max" }

local function refuse_any(given, names, reason)
  for _, name in ipairs(names) do
    if given[name] ~= nil then
      return fail("invalid_config", name, reason)
    end
  end
  return true
end

local function check_sdks(given)
  local good, message, err =
    refuse_any(given, FOR_PAGES, "is for pages, where the request is a function")
  if not good then
    return nil, message, err
  elseif (given.token == nil) == (given.token_file == nil) then
    return fail("invalid_config", "token", "is required, or token_file in its place")
  end
  given.request = copied(given.request)
  local ttl = given.request.ttl_seconds
  given.request.ttl_seconds = ttl == nil and TTL or ttl
  if ttl ~= nil and not (type(ttl) == "number" and ttl >= TTL_MIN and ttl <= TTL_MAX) then
    return fail("invalid_config", "ttl_seconds", "must be 1200 to 604800 for SDKs, "
      .. "some of which renew 15 minutes before the end")
  end
  return given
end

local function check_pages(given)
  local good, message, err =
    refuse_any(given, FOR_SDKS, "is for SDKs, where the request is a table")
  if not good then
    return nil, message, err
  end
  for _, name in ipairs { "origins", "user" } do
    if given[name] == nil then
      return fail("invalid_config", name, "is required for pages")
    end
  end
  given.allowed = {}
  for _, origin in ipairs(given.origins) do
    given.allowed[origin] = true
  end
  return given
end

--- @tparam table configuration
-- @treturn table; `allowed`, a set of origins, where it is for pages
-- @return nil, message, err with err.kind invalid_config
function config.read(configuration)
  local rest, given, message, err
  rest, message, err = read(configuration)
  if rest then
    given, message, err = settings.take(rest, RULES)
  end
  if not given then
    return nil, message, err
  end
  for _, name in ipairs { "issuer", "request" } do
    if given[name] == nil then
      return fail("invalid_config", name, "is required")
    end
  end
  if is_function(given.request) then
    return check_pages(given)
  end
  return check_sdks(given)
end

return config
