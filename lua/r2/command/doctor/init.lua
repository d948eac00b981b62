-- r2creds doctor: which of the keys, or what else, is wrong, and what to do. The checks stand in an
-- order in which the first that is wrong explains those behind it, which are left out.

local around = require "r2.command.doctor.around"
local exit_codes = require "r2.command.exit_codes"
local files = require "r2.command.files"
local keys = require "r2.command.keys"
local opened = require "r2.command.doctor.opened"
local options = require "r2.command.options"
local places = require "r2.command.doctor.places"
local r2 = require "r2"
local reached = require "r2.command.doctor.reached"
local reports = require "r2.command.doctor.report"
local tc = require "r2.temp_credentials"
local transport = require "r2.command.transport"
local variables = require "r2.command.doctor.variables"

local SECONDS = 15 -- of one request

-- How credentials are made, and the key that each wants.
local WAYS = { { "local", "parent_secret_access_key" }, { "api", "api_token" } }

local function version_of_aws()
  local pipe = io.popen("aws --version 2>/dev/null")
  local text = pipe and pipe:read("*a")
  if pipe then
    pipe:close()
  end
  return text
end

local function copy_with(settings, changes)
  local copy = {}
  for name, value in pairs(settings) do
    copy[name] = value
  end
  for name, value in pairs(changes) do
    copy[name] = value
  end
  return copy
end

-- What the checks ask with.
local function context_of(settings, given)
  local context = {
    settings = settings, now = os.time, transport = transport.new(given.ca_file),
    seconds = given.timeout_seconds or SECONDS,
  }
  function context.new_issuer(mode, jurisdiction)
    return r2.new(copy_with(settings, {
      mode = mode, jurisdiction = jurisdiction or settings.jurisdiction, max_attempts = 1,
      timeout_seconds = context.seconds, transport = context.transport,
    }))
  end
  return context
end

-- The endpoint, as the library makes it of what is set.
local function endpoint_of(client)
  local made = client:sign {
    bucket = "any-bucket", permission = "object-read-only", ttl_seconds = 1,
  }
  return made and made.endpoint
end

local function check_services(context, report, settings)
  local message
  context.client, message = tc.new(copy_with(settings, {}))
  if not context.client then
    report:wrong("settings", message)
    return false
  end
  local endpoint = settings.parent_secret_access_key and endpoint_of(context.client)
  local good = true
  if settings.api_token then
    good = reached.check_api(context, report, settings)
  end
  return good and (not endpoint or reached.check_r2(context, report, endpoint))
end

local function check_bucket(context, report, settings, given)
  if not given.bucket then
    return report:unknown("bucket", "none was named", "r2creds doctor BUCKET looks further")
  end
  for _, way in ipairs(WAYS) do
    local mode = way[1]
    if settings[way[2]] and not report.is_wrong and (given.mode or mode) == mode then
      opened.check(context, report, mode, given.bucket, given.write)
    end
  end
end

local function examine(report, settings, given)
  variables.check(report, settings)
  places.check(report, settings, os.getenv)
  if not report.is_wrong then
    local context = context_of(settings, given)
    if check_services(context, report, settings) then
      check_bucket(context, report, settings, given)
    end
  end
  around.check(report, os.getenv, version_of_aws)
end

local function run(given)
  local good, settings, message, err
  good, message, err = files.check(given.ca_file, "--ca-file")
  if good then
    settings, message, err = keys.settings(given)
  end
  if not settings then
    return nil, message, err
  end
  local report = reports.new(given.json, function(line)
    io.stdout:write(line)
    io.stdout:flush()
  end)
  examine(report, settings, given)
  if not report.is_wrong then
    return ""
  end
  return nil, nil,
    { status_code = report.is_outside and exit_codes.FAILED or exit_codes.USAGE } -- it has said why
end

return {
  name = "doctor",
  summary = "Find out what is wrong with the keys.",
  description = "Looks at the keys, where they would go, and what Cloudflare makes of them, and "
    .. "says in a line each what is ok, what is wrong, and what to do. It shows no secret.",
  arguments = {
    { name = "bucket", field = "bucket", count = "?", about = "A bucket that they should open." },
  },
  options = options.all({
    { name = "--write", field = "write",
      about = "Put, read and delete an object below r2-doctor/, too." },
    { name = "--json", field = "json", about = "Print a line of JSON for each check." },
  }, {
    options.KEYS, options.ISSUER[2], options.ISSUER[4], options.ISSUER[5],
  }),
  help = options.KEYS_HELP .. [[


Exit codes: 0 nothing is wrong; 1 a service cannot be reached; 2 the keys are.

Examples:
    r2creds doctor
    r2creds doctor my-bucket --write]],
  run = run,
}
