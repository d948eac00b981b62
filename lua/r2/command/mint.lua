-- r2creds mint: makes a credential and prints it.

local export = require "r2.export"
local keys = require "r2.command.keys"
local options = require "r2.command.options"
local patterns = require "r2.command.patterns"
local tc = require "r2.temp_credentials"

local function permission_names()
  local names = {}
  for _, name in pairs(tc.permission) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local PERMISSIONS = permission_names()

local PATHS = {
  {
    name = "--prefix", value = "PREFIX", field = "prefixes", repeated = true,
    about = "Open keys that begin so; end it with a slash. May be repeated.",
  },
  {
    name = "--object", value = "KEY", field = "objects", repeated = true,
    about = "Open exactly this key. May be repeated.",
  },
}

local LIFETIME = { options.lifetime("--ttl", "How long: 900, 15m, 12h, 7d; at most 7 days.") }

-- The fields of a request.
local REQUEST = options.all({
  { name = "--bucket", value = "NAME", field = "bucket", about = "The bucket." },
  {
    name = "--permission", value = "NAME", field = "permission", choices = PERMISSIONS,
    about = table.concat(PERMISSIONS, ", ") .. ".",
  },
  {
    name = "--action", value = "NAME", field = "actions", repeated = true,
    about = "One S3 operation, GetObject for instance, in place of a permission. May be repeated.",
  },
}, PATHS, {
  {
    name = "--parent-access-key-id", value = "ID", field = "parent_access_key_id",
    about = "Another parent key, through the API.",
  },
}, LIFETIME)

-- ---- formats ----

local function format_names()
  local names = {}
  for i, format in ipairs(export.formats()) do
    names[i] = format.name
  end
  return names
end

local function formats_help()
  local lines = { "Formats:" }
  for i, format in ipairs(export.formats()) do
    lines[i + 1] = ("    %-11s%s"):format(format.name, format.about)
  end
  return table.concat(lines, "\n")
end

local FORMAT = {
  {
    name = "--format", value = "FORMAT", field = "format", choices = format_names(),
    about = "How it is printed: " .. table.concat(format_names(), ", ") .. "; env by default.",
  },
}

-- The AWS CLI and boto3 run a credential_process again so long before a credential ends: with one
-- that lives no longer, for each request.
local RENEWED_SECONDS = 900
local NOTE = "note: with a --ttl of 15 minutes or less the AWS CLI and boto3 run r2creds for each "
  .. "request: they renew a credential 15 minutes before it ends"

local function note_on(given)
  local seconds = given.format == "process" and given.ttl_seconds
  return seconds and seconds <= RENEWED_SECONDS and NOTE or nil
end

-- ---- the command ----

-- What makes a credential with an issuer and what was given, and prints it.
local function printing(create)
  return function(given)
    local issuer, message, err = keys.issuer(given)
    if not issuer then
      return nil, message, err
    end
    local credentials, output
    credentials, message, err = create(issuer, given)
    issuer:close()
    if not credentials then
      return nil, message, err
    end
    output, message, err = export[given.format or "env"](credentials)
    if not output then
      return nil, message, err
    end
    return (output:gsub("([^\n])$", "%1\n")), note_on(given)
  end
end

local function create(issuer, given)
  local request = {}
  for _, option in ipairs(REQUEST) do
    request[option.field] = given[option.field]
  end
  return issuer:create(request)
end

-- Each pattern as a command.
local function pattern_commands()
  local commands = {}
  for i, pattern in ipairs(patterns) do
    commands[i] = {
      name = pattern.name, description = pattern.about, arguments = pattern.arguments,
      help = "Example:\n    " .. pattern.example,
      options = options.all(pattern.takes_paths and PATHS or {}, LIFETIME, FORMAT, options.ISSUER),
      run = printing(pattern.create),
    }
  end
  return commands
end

return {
  name = "mint",
  summary = "Make a credential.",
  description = "Makes a temporary credential and prints it, with its secrets.",
  usage = "Usage: r2creds mint --bucket NAME (--permission NAME | --action NAME ...) --ttl TIME\n"
    .. "           [--prefix PREFIX ...] [--object KEY ...] [options]\n"
    .. "       r2creds mint upload|client-upload|download|service ... [options]",
  options = options.all(REQUEST, FORMAT, options.ISSUER),
  commands = pattern_commands(),
  optional = true,
  help = [[
Without --prefix and --object the whole bucket is open.

]] .. formats_help() .. [[


A process is run anew 15 minutes before what it printed ends, by the AWS CLI and boto3: with a --ttl
of no more than that, for each request. For process, client-upload makes what lives an hour.

]] .. options.KEYS_HELP .. [[


Examples:
    creds=$(r2creds mint download my-bucket reports/2026.pdf) && eval "$creds"
    r2creds mint --bucket my-bucket --permission object-read-only --ttl 1h
    r2creds mint --bucket my-bucket --action GetObject --prefix public/ --ttl 15m --format json
    r2creds mint service my-bucket backups/db/ --format process]],
  run = printing(create),
}
