--- A credential as other programs read it. What the formats return holds its secrets.
-- @module r2.export

local tc = require "r2.temp_credentials"
local clock = require "r2.clock"
local fail = require "r2.failure"
local shell = require "r2.shell"

local is_visible = tc._is_visible

-- ---- the formats ----

-- How a language takes a text of a credential between quotes: what the text must be, and how it is
-- written, nil where it is not that. Hardly any has a byte to escape, and a search for one is far
-- cheaper than a walk over all.
local SHELL = {
  rule = "must be a string of one or more bytes, none of them NUL",
  written = function(value)
    if type(value) == "string" and value ~= "" and not value:find("\0", 1, true) then
      return shell.escaped(value)
    end
  end,
}

-- R2's keys and tokens are visible ASCII, as all that travels in a header: JSON needs no more.
local JSON = {
  rule = "must be a string of one or more visible ASCII characters",
  written = function(value)
    if value == "" or not is_visible(value) then
      return nil
    elseif value:find('"', 1, true) or value:find("\\", 1, true) then
      return (value:gsub('["\\]', "\\%0"))
    end
    return value
  end,
}

-- Lines that nobody takes quotes off, and in which some take a dollar sign or a backslash for more.
local RAW = {
  rule = "must be a string of one or more visible ASCII characters, none of them \" ' ` $ # \\",
  written = function(value)
    if value ~= "" and is_visible(value) and not value:find("[\"'`$#\\]") then
      return value
    end
  end,
}

-- Each is a function of this module. In its template <field> stands for that field of a credential,
-- or for one of OTHERS; the first that is wrong is the one that an error names.
local FORMATS = {
  -- A shell may have had another life. boto3 and the AWS CLI read AWS_SECURITY_TOKEN before the
  -- token, and believe an old AWS_CREDENTIAL_EXPIRATION; the JavaScript SDK takes a profile's keys
  -- before those of the environment, s3cmd AWS_ACCESS_KEY, AWS_SECRET_KEY or a file's; a profile
  -- that is gone stops them. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS would send the token to Amazon;
  -- FIPS and dual stack are refused beside an endpoint. `false` wins over configuration files too.
  -- boto3 and the AWS CLI read the region in AWS_DEFAULT_REGION alone. R2 takes no aws-chunked
  -- bodies, which newer SDKs send for the sake of a checksum.
  {
    name = "env",
    about = "lines of a POSIX shell for the AWS CLI, boto3, other AWS SDKs and s3cmd",
    language = SHELL,
    template = [[
export AWS_ACCESS_KEY_ID='<access_key_id>'
export AWS_SECRET_ACCESS_KEY='<secret_access_key>'
export AWS_SESSION_TOKEN='<session_token>'
export AWS_CREDENTIAL_EXPIRATION='<expiration>'
export AWS_ENDPOINT_URL_S3='<endpoint>'
export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS='false'
export AWS_USE_FIPS_ENDPOINT='false'
export AWS_USE_DUALSTACK_ENDPOINT='false'
export AWS_REGION='auto'
export AWS_DEFAULT_REGION='auto'
export AWS_REQUEST_CHECKSUM_CALCULATION='WHEN_REQUIRED'
export AWS_RESPONSE_CHECKSUM_VALIDATION='WHEN_REQUIRED'
unset AWS_SECURITY_TOKEN AWS_ACCESS_KEY AWS_SECRET_KEY AWS_CREDENTIAL_FILE
unset AWS_PROFILE AWS_DEFAULT_PROFILE
]],
  },
  -- What `env` unsets, whoever reads these lines has to leave out by himself.
  {
    name = "dotenv",
    about = "NAME=value lines for docker run --env-file, systemd and CI",
    language = RAW,
    template = [[
AWS_ACCESS_KEY_ID=<access_key_id>
AWS_SECRET_ACCESS_KEY=<secret_access_key>
AWS_SESSION_TOKEN=<session_token>
AWS_CREDENTIAL_EXPIRATION=<expiration>
AWS_ENDPOINT_URL_S3=<endpoint>
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false
AWS_USE_FIPS_ENDPOINT=false
AWS_USE_DUALSTACK_ENDPOINT=false
AWS_REGION=auto
AWS_DEFAULT_REGION=auto
AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED
AWS_RESPONSE_CHECKSUM_VALIDATION=WHEN_REQUIRED
]],
  },
  {
    name = "process",
    about = "JSON that a credential_process of an AWS profile prints",
    language = JSON,
    template = '{"Version":1,"AccessKeyId":"<access_key_id>",'
      .. '"SecretAccessKey":"<secret_access_key>","SessionToken":"<session_token>",'
      .. '"Expiration":"<expiration>"}',
  },
  {
    name = "container",
    about = "JSON that an AWS container endpoint answers (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
    language = JSON,
    template = '{"AccessKeyId":"<access_key_id>","SecretAccessKey":"<secret_access_key>",'
      .. '"Token":"<session_token>","Expiration":"<expiration>"}',
  },
  -- rclone would look for the bucket before it writes, which no object permission covers; and for
  -- the object, before and after, which a write-only credential must not. What the last credential
  -- of a shell set for that is set anew for this one.
  {
    name = "rclone",
    about = "lines of a POSIX shell for rclone's remote :s3:",
    language = SHELL,
    template = [[
export RCLONE_S3_PROVIDER='Cloudflare'
export RCLONE_S3_ACCESS_KEY_ID='<access_key_id>'
export RCLONE_S3_SECRET_ACCESS_KEY='<secret_access_key>'
export RCLONE_S3_SESSION_TOKEN='<session_token>'
export RCLONE_S3_ENDPOINT='<endpoint>'
export RCLONE_S3_REGION='auto'
export RCLONE_S3_NO_CHECK_BUCKET='true'
export RCLONE_S3_NO_HEAD='<write_only>'
export RCLONE_NO_CHECK_DEST='<write_only>'
]],
  },
  -- `expiration` must become a Date there.
  {
    name = "sdk",
    about = "JSON for the AWS SDK for JavaScript",
    language = JSON,
    template = '{"accessKeyId":"<access_key_id>","secretAccessKey":"<secret_access_key>",'
      .. '"sessionToken":"<session_token>","expiration":"<expiration>"}',
  },
  {
    name = "json",
    about = "JSON with every field, by the names of this library",
    language = JSON,
    template = '{"access_key_id":"<access_key_id>","secret_access_key":"<secret_access_key>",'
      .. '"session_token":"<session_token>","expires_at":<expires_at>,"bucket":"<bucket>",'
      .. '"endpoint":"<endpoint>"}',
  },
}

-- ---- what is written into a template ----

local function time_as(form)
  return {
    field = "expires_at",
    rule = ("must be Unix seconds: a whole number from 0 to %d"):format(clock.LAST_SECOND),
    written = function(value)
      local good = type(value) == "number" and value >= 0 and value <= clock.LAST_SECOND
        and value % 1 == 0
      return good and form(value) or nil
    end,
  }
end

-- Whether a credential cannot ask HEAD, as far as its token tells: one that cannot be read counts
-- as one that can.
local function is_write_only(session_token)
  local claims = tc.inspect(session_token)
  if not claims then
    return false
  elseif type(claims.actions) ~= "table" then
    return claims.scope == "object-write-only"
  end
  for _, action in ipairs(claims.actions) do
    if action == "HeadObject" then
      return false
    end
  end
  return true
end

-- A server writes many that end in the same second. The form may run a finalizer that comes here
-- too: what it made is taken afterwards, in one step.
local function remembered(form)
  local last, text
  return function(seconds)
    if seconds ~= last then
      local made = form(seconds)
      last, text = seconds, made
    end
    return text
  end
end

-- What is no text of a credential: the field that it is made of, what that must be, and how its
-- value is written, nil for a wrong one.
local OTHERS = {
  expires_at = time_as(function(seconds) return ("%d"):format(seconds) end),
  expiration = time_as(remembered(tc._utc)),
  write_only = {
    field = "session_token",
    rule = SHELL.rule,
    written = function(value) return tostring(is_write_only(value)) end,
  },
}

-- A place in a template, and the text behind it.
local function place_of(name, behind, language)
  local other = OTHERS[name] or language
  return {
    field = other.field or name, rule = other.rule, written = other.written, behind = behind,
  }
end

-- Evens out the places of a template.
local NOTHING = { written = function() return "" end, behind = "" }

-- A template is taken apart once. What is left to do for a credential should cost no more than its
-- mint does: two places at a time, as each longer text leaves a shorter one to the collector.
local function writer_of(format)
  local before, rest = format.template:match("^([^<]*)(.*)$")
  local places = {}
  for name, behind in rest:gmatch("<([%l_]+)>([^<]*)") do
    places[#places + 1] = place_of(name, behind, format.language)
  end
  places[#places + 1] = #places % 2 == 1 and NOTHING or nil
  return function(credentials)
    local text = before
    for i = 1, #places, 2 do
      local one, other = places[i], places[i + 1]
      local first = one.written(rawget(credentials, one.field))
      local second = other.written(rawget(credentials, other.field))
      if not (first and second) then
        local wrong = first and other or one
        return fail("invalid_request", wrong.field, wrong.rule)
      end
      text = text .. first .. one.behind .. second .. other.behind
    end
    return text
  end
end

-- ---- the module ----

local export = {}

--- The formats: each is a function of this module.
-- @treturn table a fresh list of { name = …, about = what it is for }
function export.formats()
  local list = {}
  for i, format in ipairs(FORMATS) do
    list[i] = { name = format.name, about = format.about }
  end
  return list
end

--- Writes a credential in one of the formats: export.env(credentials), and so on.
-- @tparam table credentials of visible ASCII; env and rclone take any bytes but NUL
-- @treturn string
-- @return nil, message, err with err.kind invalid_request
-- @raise when the credentials are no table
-- @function NAME
for _, format in ipairs(FORMATS) do
  local write = writer_of(format)
  export[format.name] = function(credentials)
    if type(credentials) ~= "table" then
      error(("bad argument #1 to '%s' (table expected, got %s)"):format(
        format.name, type(credentials)), 2)
    end
    return write(credentials)
  end
end

return export
