-- r2creds mint: makes a credential and prints it.

local export = require "r2.export"
local fail = require "r2.failure"
local options = require "r2.command.options"
local requests = require "r2.command.requests"
local text = require "r2.command.text"

-- ---- formats ----

local function format_names()
  local names = {}
  for i, format in ipairs(export.formats()) do
    names[i] = format.name
  end
  return names
end

local WIDTH = 80 -- of help

local function formats_help()
  local lines = { "Formats:" }
  for i, format in ipairs(export.formats()) do
    lines[i + 1] = text.folded(("    %-11s"):format(format.name), format.about, WIDTH)
  end
  return table.concat(lines, "\n")
end

local FORMAT = {
  {
    name = "--format", value = "FORMAT", field = "format", choices = format_names(),
    about = "How it is printed: " .. table.concat(format_names(), ", ") .. "; env by default.",
  },
  { name = "--json", field = "json", about = "The same as --format json." },
  {
    name = "--cache", field = "cache",
    about = "Keep what the API makes in a file of your own, and print that while it is good.",
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
  usage = "Usage: r2creds mint --bucket NAME (--permission NAME | --action NAME ...)\n"
    .. "           --ttl TIME [--prefix PREFIX ...] [--object KEY ...] [options]\n"
    .. "       r2creds mint upload|client-upload|download|service ... [options]",
  options = options.all(requests.OPTIONS, FORMAT, options.ISSUER),
  commands = requests.patterns(FORMAT, print_one, example),
  optional = true,
  help = [[
Without --prefix and --object the whole bucket is open.

]] .. formats_help() .. [[


The AWS CLI and boto3 run a process anew 15 minutes before what it printed ends:
with a --ttl of no more than that, for each request. For process, client-upload
makes what lives an hour.

]] .. options.KEYS_HELP .. [[


Examples:
    creds=$(r2creds mint download my-bucket reports/2026.pdf) && eval "$creds"
    r2creds mint --bucket my-bucket --permission object-read-only --ttl 1h
    r2creds mint --bucket my-bucket --action GetObject --prefix in/ --ttl 15m
    r2creds mint service my-bucket backups/db/ --format process]],
  run = requests.making(requests.create, print_one),
}
