--- A credential as other programs read it. What these functions return holds its secrets.
-- @module r2.export

local fail = require "r2.failure"
local json = require "r2.json"

local export = {}

local LATEST = 253402300799 -- the end of the year 9999

-- What a field must be where an environment takes it, where JSON takes it, and as a time. R2's keys
-- and tokens are visible ASCII, as all that travels in a header, so JSON needs no more.
local RULES = {
  environment = {
    text = "must be a string of one or more bytes, none of them NUL",
    test = function(value)
      return type(value) == "string" and value ~= "" and not value:find("%z")
    end,
  },
  json = {
    text = "must be a string of one or more visible ASCII characters",
    test = function(value)
      return type(value) == "string" and value:find("^[\33-\126]+$")
    end,
  },
  time = {
    text = "must be Unix seconds: a whole number from 0 to 253402300799",
    test = function(value)
      return type(value) == "number" and value >= 0 and value <= LATEST and value % 1 == 0
    end,
  },
}

local IN_ENVIRONMENT = {
  { "access_key_id", RULES.environment },
  { "secret_access_key", RULES.environment },
  { "session_token", RULES.environment },
  { "endpoint", RULES.environment },
}

local IN_JSON = {
  { "access_key_id", RULES.json },
  { "secret_access_key", RULES.json },
  { "session_token", RULES.json },
  { "expires_at", RULES.time },
}

-- Defines a format: which fields it takes, by which rules, and how it writes their values.
local function define(name, rules, write)
  export[name] = function(credentials)
    if type(credentials) ~= "table" then
      error(("bad argument #1 to '%s' (table expected, got %s)"):format(
        name, type(credentials)), 2)
    end
    local values = {}
    for _, entry in ipairs(rules) do -- in their order: the first wrong field is the one named
      local field, rule = entry[1], entry[2]
      local value = rawget(credentials, field)
      if not rule.test(value) then
        return fail("invalid_request", field, rule.text)
      end
      values[field] = value
    end
    return write(values)
  end
end

-- ---- for a shell ----

-- Inside single quotes a POSIX shell takes every byte as it is, but the quote.
local function exported(variables)
  local lines = {}
  for i, variable in ipairs(variables) do
    lines[i] = ("export %s='%s'\n"):format(variable[1], (variable[2]:gsub("'", "'\\''")))
  end
  return table.concat(lines)
end

--- Lines of a POSIX shell that export what the AWS CLI, boto3, other AWS SDKs and s3cmd read.
-- @tparam table credentials of any bytes but NUL
-- @treturn string
-- @return nil, message, err with err.kind invalid_request
-- @raise when the credentials are no table
-- @function env
define("env", IN_ENVIRONMENT, function(values)
  return exported {
    { "AWS_ACCESS_KEY_ID", values.access_key_id },
    { "AWS_SECRET_ACCESS_KEY", values.secret_access_key },
    { "AWS_SESSION_TOKEN", values.session_token },
    { "AWS_ENDPOINT_URL_S3", values.endpoint },
    { "AWS_REGION", "auto" },
    { "AWS_DEFAULT_REGION", "auto" }, -- the one that boto3 and the AWS CLI read
    -- R2 takes no aws-chunked bodies, which newer SDKs send for the sake of a checksum.
    { "AWS_REQUEST_CHECKSUM_CALCULATION", "WHEN_REQUIRED" },
    { "AWS_RESPONSE_CHECKSUM_VALIDATION", "WHEN_REQUIRED" },
  }
end)

--- Lines of a POSIX shell that export what rclone reads for its remote `:s3:`.
-- @tparam table credentials of any bytes but NUL
-- @treturn string
-- @return nil, message, err with err.kind invalid_request
-- @raise when the credentials are no table
-- @function rclone
define("rclone", IN_ENVIRONMENT, function(values)
  return exported {
    { "RCLONE_S3_PROVIDER", "Cloudflare" },
    { "RCLONE_S3_ACCESS_KEY_ID", values.access_key_id },
    { "RCLONE_S3_SECRET_ACCESS_KEY", values.secret_access_key },
    { "RCLONE_S3_SESSION_TOKEN", values.session_token },
    { "RCLONE_S3_ENDPOINT", values.endpoint },
    { "RCLONE_S3_REGION", "auto" },
    -- rclone would look for the bucket before it writes, which no object permission covers.
    { "RCLONE_S3_NO_CHECK_BUCKET", "true" },
  }
end)

-- ---- JSON ----

local function iso(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
end

--- The JSON that a `credential_process` of an AWS profile prints.
-- @tparam table credentials of visible ASCII characters
-- @treturn string
-- @return nil, message, err with err.kind invalid_request
-- @raise when the credentials are no table
-- @function process
define("process", IN_JSON, function(values)
  return json.object {
    { "Version", 1 },
    { "AccessKeyId", values.access_key_id },
    { "SecretAccessKey", values.secret_access_key },
    { "SessionToken", values.session_token },
    { "Expiration", iso(values.expires_at) },
  }
end)

--- The JSON that an AWS container endpoint answers (AWS_CONTAINER_CREDENTIALS_FULL_URI).
-- @tparam table credentials of visible ASCII characters
-- @treturn string
-- @return nil, message, err with err.kind invalid_request
-- @raise when the credentials are no table
-- @function container
define("container", IN_JSON, function(values)
  return json.object {
    { "AccessKeyId", values.access_key_id },
    { "SecretAccessKey", values.secret_access_key },
    { "Token", values.session_token },
    { "Expiration", iso(values.expires_at) },
  }
end)

--- The JSON of the AWS SDK for JavaScript's credentials; `expiration` becomes a Date there.
-- @tparam table credentials of visible ASCII characters
-- @treturn string
-- @return nil, message, err with err.kind invalid_request
-- @raise when the credentials are no table
-- @function sdk
define("sdk", IN_JSON, function(values)
  return json.object {
    { "accessKeyId", values.access_key_id },
    { "secretAccessKey", values.secret_access_key },
    { "sessionToken", values.session_token },
    { "expiration", iso(values.expires_at) },
  }
end)

return export
