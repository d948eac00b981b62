-- r2creds mint: makes a credential and prints it.

local export = require "r2.export"
local fail = require "r2.failure"
local options = require "r2.command.options"
local requests = require "r2.command.requests"

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
  { name = "--json", field = "json", about = "The same as --format json." },
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

local function print_one(credentials, given)
  if given.json and given.format and given.format ~= "json" then
    return fail("invalid_request", "json", "is --format json: give one of the two")
  end
  local output, message, err = export[given.json and "json" or given.format or "env"](credentials)
  if not output then
    return nil, message, err
  end
  return (output:gsub("([^\n])$", "%1\n")), note_on(given)
end

local function example(pattern)
  return pattern.example
end

return {
  name = "mint",
  summary = "Make a credential.",
  description = "Makes a temporary credential and prints it, with its secrets.",
  usage = "Usage: r2creds mint --bucket NAME (--permission NAME | --action NAME ...) --ttl TIME\n"
    .. "           [--prefix PREFIX ...] [--object KEY ...] [options]\n"
    .. "       r2creds mint upload|client-upload|download|service ... [options]",
  options = options.all(requests.OPTIONS, FORMAT, options.ISSUER),
  commands = requests.patterns(FORMAT, print_one, example),
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
  run = requests.making(requests.create, print_one),
}
