-- r2creds mint: makes a credential and prints it.

local export = require "r2.export"
local fail = require "r2.failure"
local keys = require "r2.command.keys"
local text = require "r2.command.text"

-- Field of a request -> the option that gives it.
local OPTIONS = {
  bucket = "bucket", permission = "permission", actions = "action", prefixes = "prefix",
  objects = "object", ttl_seconds = "ttl", parent_access_key_id = "parent_access_key_id",
}

-- Options that only some patterns take; a request without a pattern takes all of them.
local TAKES = { upload = { prefix = true, object = true } }
local PATTERN_SETS = {
  "bucket", "permission", "action", "parent_access_key_id", "prefix", "object",
}

local function dashed(name)
  return "--" .. name:gsub("_", "-")
end

local function check_pattern(arguments)
  local pattern = arguments.pattern
  for _, name in ipairs(PATTERN_SETS) do
    if arguments[name] ~= nil and not (TAKES[pattern] or {})[name] then
      return fail("invalid_request", nil,
        ("mint %s takes no %s: it says by itself what is open"):format(pattern, dashed(name)))
    end
  end
  return true
end

-- The AWS CLI and boto3 run a credential_process again so long before a credential ends: with one
-- that lives no longer, for each request.
local RENEWED_SECONDS, PROCESS_TTL_SECONDS = 900, 3600
local NOTE = "note: with a --ttl of 15 minutes or less the AWS CLI and boto3 run r2creds for each "
  .. "request: they renew a credential 15 minutes before it ends"

local function note_on(arguments)
  local ttl = arguments.format == "process" and arguments.ttl
  return ttl and ttl <= RENEWED_SECONDS and NOTE or nil
end

local PATTERNS = {}

function PATTERNS.upload(issuer, arguments)
  return issuer:upload_credentials(arguments.of_bucket, {
    ttl_seconds = arguments.ttl, prefixes = arguments.prefix, objects = arguments.object,
  })
end

PATTERNS["client-upload"] = function(issuer, arguments)
  local ttl = arguments.ttl or arguments.format == "process" and PROCESS_TTL_SECONDS or nil
  return issuer:client_upload_credentials(arguments.of_user, arguments.of_bucket,
    { ttl_seconds = ttl })
end

function PATTERNS.download(issuer, arguments)
  return issuer:download_credentials(arguments.of_bucket, arguments.of_key,
    { ttl_seconds = arguments.ttl })
end

function PATTERNS.service(issuer, arguments)
  return issuer:service_credentials(arguments.of_bucket, arguments.of_prefix,
    { ttl_seconds = arguments.ttl })
end

-- What errors are about, in terms of the command line.
local NAMES = {
  user_id = "USER", object_keys = "KEY", service_prefix = "PREFIX", actions = "--action",
  prefixes = "--prefix", objects = "--object", ttl_seconds = "--ttl",
  parent_access_key_id = "--parent-access-key-id", ca_file = "--ca-file",
}
local NAMES_WITHOUT_PATTERN = { bucket = "--bucket", permission = "--permission" }
local NAMES_IN_PATTERN = { bucket = "BUCKET" }
for _, names in ipairs { NAMES_WITHOUT_PATTERN, NAMES_IN_PATTERN } do
  for field, name in pairs(NAMES) do
    names[field] = name
  end
end

local function create(issuer, arguments)
  local request = {}
  for field, name in pairs(OPTIONS) do
    request[field] = arguments[name]
  end
  local credentials, message, err = issuer:create(request)
  if not credentials and err.field == "permission" then
    message = message:gsub(", or actions;", ", or --action;")
  end
  return credentials, message, err
end

return function(arguments)
  if arguments.pattern then
    local good, message, err = check_pattern(arguments)
    if not good then
      return nil, message, err
    end
  end
  local issuer, message, err = keys.issuer(arguments)
  if not issuer then
    return nil, message, err
  end
  local credentials
  credentials, message, err = text.renamed(
    arguments.pattern and NAMES_IN_PATTERN or NAMES_WITHOUT_PATTERN,
    (PATTERNS[arguments.pattern] or create)(issuer, arguments))
  issuer:close()
  if not credentials then
    if arguments.pattern or arguments[OPTIONS[err.field]] ~= nil then
      message = text.about_given(message)
    end
    return nil, message, err
  end
  local output
  output, message, err = export[arguments.format or "env"](credentials)
  if not output then
    return nil, message, err
  end
  return (output:gsub("([^\n])$", "%1\n")), note_on(arguments)
end
