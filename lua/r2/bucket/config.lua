-- A bucket's configuration.

local fail = require "r2.failure"
local fields = require "r2.fields"
local parts = require "r2.bucket.parts"
local settings = require "r2.settings"
local sigv4 = require "r2.sigv4"
local source = require "r2.bucket.source"

local config = {}

local SECONDS_MAX = 604800

local function is_string(value)
  return type(value) == "string"
end

local OWN = {
  { "name", "must be a string: 3 to 63 lower-case letters, digits and hyphens", is_string },
  { "endpoint", "must be a string: https://host or https://host:port", is_string },
  settings.clock,
  settings.random,
  settings.transport,
  settings.ca_file,
  settings.max_attempts,
  settings.seconds("timeout_seconds", SECONDS_MAX),
  settings.seconds("deadline_seconds", SECONDS_MAX),
  settings.whole("part_bytes", parts.SMALLEST, parts.LARGEST, "bytes"),
  settings.whole("parallel", 1, 64),
}

local read =
  fields.reader("invalid_config", "configuration", settings.names(OWN, { "credentials" }))

-- A name for the endpoint, and the other way round, where only one of them is to be checked.
local ANY_NAME, ANY_ENDPOINT = "any-bucket", "https://any.example"

local function check_address(name, endpoint)
  local url, _, err = sigv4.url(endpoint or ANY_ENDPOINT, name or ANY_NAME)
  if url then
    return true
  end
  err.kind = "invalid_config"
  return fail.renamed(err, err.field == "bucket" and "name" or err.field)
end

-- Where the bucket is; of a provider's credentials that is known when there are some.
local function read_address(own)
  local fixed = own.source.credentials or {}
  for setting, field in next, { name = "bucket", endpoint = "endpoint" } do
    if own[setting] == nil and own.source.credentials and type(fixed[field]) ~= "string" then
      return fail("invalid_config", setting, "is required: the credentials have none")
    end
  end
  return check_address(own.name or fixed.bucket, own.endpoint or fixed.endpoint)
end

--- Reads a bucket's settings.
-- @tparam table given
-- @treturn table source, and name, endpoint, clock, random, transport, ca_file, max_attempts,
--   timeout_seconds, deadline_seconds, part_bytes, parallel
-- @return nil, message, err with err.kind invalid_config
function config.read(given)
  local rest, own, good, message, err
  rest, message, err = read(given)
  if not rest then
    return nil, message, err
  end
  own, message, err = settings.take(rest, OWN)
  if not own then
    return nil, message, err
  end
  own.source, message, err = source.of(rest.credentials)
  if not own.source then
    return nil, message, err
  end
  good, message, err = read_address(own)
  if not good then
    return nil, message, err
  end
  own.max_attempts = own.max_attempts or 3
  own.timeout_seconds = own.timeout_seconds or 60
  own.parallel = own.parallel or 4
  return own
end

return config
