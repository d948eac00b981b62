-- What can be written behind `r2creds`: commands, arguments, options, and their help.

local export = require "r2.export"
local tc = require "r2.temp_credentials"
local parts = require "r2.command.parts"
local text = require "r2.command.text"

local add_command, help, option, refuse = parts.command, parts.help, parts.option, parts.refuse

local arguments = {}

-- A command line is shown to every user of the machine. What somebody might call an option for a
-- secret; none of the command's own is called so.
local function is_for_secrets(name)
  name = name:lower()
  return name:find("^%-") and (name:find("secret", 1, true) or name:find("token", 1, true)
    or name:find("password", 1, true) or name:find("api%-?key")) ~= nil
end

-- ---- options of several commands ----

local DURATION = {
  text.seconds_of, "takes a whole number of seconds, or one with s, m, h or d: 900, 15m, 12h, 7d",
}
local TIMEOUT = {
  text.timeout_of, "takes a number of seconds, or a whole one with s, m, h or d: 30, 0.5, 2m",
}
local function filled(word)
  return word ~= "" and word or nil
end

local function key_options(parser)
  option(parser, "--env-file", "FILE",
    "Take the keys from this file of NAME=value lines, and none from the environment.",
    { convert = { filled, "must name a file" } })
end

local function service_options(parser)
  key_options(parser)
  option(parser, "--mode", "MODE",
    "auto (sign when the secret is there, else ask the API), local, or api.",
    { choices = { "auto", "local", "api" } })
  option(parser, "--api-base-url", "URL", "Ask the API there. A sandbox prints its own URL.")
  option(parser, "--ca-file", "FILE", "Trust the certificates in this file (PEM).")
  option(parser, "--timeout", "TIME", "Give up asking after this time; 30 seconds by default.",
    { convert = TIMEOUT })
end

local KEYS_HELP = [[
Keys come from the environment or from --env-file, never from an option:
    CLOUDFLARE_ACCOUNT_ID   the account
    R2_ACCESS_KEY_ID        the parent's access key id
    R2_SECRET_ACCESS_KEY    its secret: signs here
    CLOUDFLARE_API_TOKEN    asks Cloudflare's API, where there is no secret
    R2_JURISDICTION or R2_ENDPOINT   for a bucket that is not on the default endpoint]]

-- ---- mint ----

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

local function mint_options(parser)
  option(parser, "--ttl", "TIME", "How long: 900, 15m, 12h, 7d; at most 7 days.",
    { convert = DURATION })
  option(parser, "--format", "FORMAT", "How it is printed: "
    .. table.concat(format_names(), ", ") .. "; env by default.", { choices = format_names() })
  service_options(parser)
end

local function path_options(parser)
  option(parser, "--prefix", "PREFIX",
    "Open keys that begin so; end it with a slash. May be repeated.", { repeated = true })
  option(parser, "--object", "KEY", "Open exactly this key. May be repeated.",
    { repeated = true })
end

-- A pattern's command: its arguments are { name, description, count }.
local function pattern(mint, name, description, positional, epilog)
  local command = add_command(mint, name):description(description)
  for _, argument in ipairs(positional) do
    command:argument(argument[1]):description(argument[2]):args(argument[3] or 1)
      :target("of_" .. argument[1])
  end
  help(command, epilog)
  if name == "upload" then
    path_options(command)
  end
  mint_options(command)
end

local function permission_names()
  local names = {}
  for _, name in pairs(tc.permission) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function add_mint(parser)
  local mint = add_command(parser, "mint"):summary("Make a credential.")
    :description("Makes a temporary credential and prints it, with its secrets.")
    :usage("Usage: r2creds mint --bucket NAME (--permission NAME | --action NAME ...) --ttl TIME\n"
      .. "           [--prefix PREFIX ...] [--object KEY ...] [options]\n"
      .. "       r2creds mint upload|client-upload|download|service ... [options]")
    :require_command(false):command_target("pattern")
  help(mint, [[
Without --prefix and --object the whole bucket is open.

]] .. formats_help() .. [[


A process is run anew 15 minutes before what it printed ends, by the AWS CLI and boto3: with a --ttl
of no more than that, for each request. For process, client-upload makes what lives an hour.

]] .. KEYS_HELP .. [[


Examples:
    creds=$(r2creds mint download my-bucket reports/2026.pdf) && eval "$creds"
    r2creds mint --bucket my-bucket --permission object-read-only --ttl 1h
    r2creds mint --bucket my-bucket --action GetObject --prefix public/ --ttl 15m --format json
    r2creds mint service my-bucket backups/db/ --format process]])
  option(mint, "--bucket", "NAME", "The bucket.")
  option(mint, "--permission", "NAME", table.concat(permission_names(), ", ") .. ".",
    { choices = permission_names() })
  option(mint, "--action", "NAME",
    "One S3 operation, GetObject for instance, in place of a permission. May be repeated.",
    { repeated = true })
  path_options(mint)
  option(mint, "--parent-access-key-id", "ID", "Another parent key, through the API.")
  mint_options(mint)

  pattern(mint, "upload", "Write only, for an hour.", { { "bucket", "The bucket." } }, [[
Example:
    r2creds mint upload my-bucket --prefix incoming/ --ttl 15m]])
  pattern(mint, "client-upload", "Write only, below uploads/USER/, for 15 minutes.", {
    { "user", "The user's id: no slash, no control characters." }, { "bucket", "The bucket." },
  }, [[
Example:
    r2creds mint client-upload user-42 my-bucket --format sdk]])
  pattern(mint, "download", "Read only, exactly these objects, for an hour.", {
    { "bucket", "The bucket." }, { "key", "An object.", "+" },
  }, [[
Example:
    r2creds mint download my-bucket a.pdf b.pdf --ttl 5m]])
  pattern(mint, "service", "Read and write, below one prefix, for 12 hours.", {
    { "bucket", "The bucket." }, { "prefix", "Ends with a slash." },
  }, [[
Example:
    r2creds mint service my-bucket backups/db/ --format rclone]])
end

-- ---- the other commands ----

local function token_argument(command)
  command:argument("file"):args("?"):target("file")
    :description("Where the token is, or what `r2creds mint` prints; standard input by default.")
  command:flag("--json"):description("Print JSON.")
end

local function add_inspect(parser)
  local command = add_command(parser, "inspect"):summary("Show what a session token allows.")
    :description("Shows what a session token allows, and until when. It verifies nothing.")
  token_argument(command)
  help(command, [[
Examples:
    r2creds mint upload my-bucket | r2creds inspect
    printf %s "$AWS_SESSION_TOKEN" | r2creds inspect --json]])
end

local function add_verify(parser)
  local command = add_command(parser, "verify"):summary("Verify a session token.")
    :description("Verifies a session token: its signature, its times, the account, the parent key "
      .. "and the endpoint; and shows what it allows. Exit code 3: it is not good; 4: it was, and "
      .. "has expired.")
  token_argument(command)
  key_options(command)
  help(command, KEYS_HELP .. [[


Example:
    r2creds mint upload my-bucket | r2creds verify]])
end

local function add_presign(parser)
  local command = add_command(parser, "presign"):summary("Make a URL that opens one object.")
    :description("Makes a presigned URL, for curl or a browser: whoever has it may do this with "
      .. "this object. It is signed with a credential of its own, which allows nothing else.")
  command:argument("method"):description("GET, HEAD, PUT or DELETE.")
    :choices { "GET", "HEAD", "PUT", "DELETE" }
  command:argument("bucket"):target("of_bucket"):description("The bucket.")
  command:argument("key"):target("of_key"):description("The object.")
  option(command, "--expires", "TIME", "How long: 900, 15m, 12h, 7d; 15 minutes by default.",
    { convert = DURATION })
  command:flag("--json"):description("Print JSON, with the time at which it ends.")
  service_options(command)
  help(command, [[
Only GET and HEAD without the parent's secret: the API makes no credential narrow enough for others,
and a presigned URL gives away the credential that signed it.

]] .. KEYS_HELP .. [[


Examples:
    r2creds presign GET my-bucket reports/2026.pdf
    r2creds presign PUT my-bucket incoming/photo.jpg --expires 1h]])
end

local function add_sandbox(parser)
  local command = add_command(parser, "sandbox")
    :summary("Run R2's API on this machine, to try things.")
    :description("Runs R2's API on this machine until Ctrl-C, with demonstration keys, for this "
      .. "machine alone. It needs nginx with its Lua module, and this library for Lua 5.1.")
  option(command, "--port", "PORT", "Where it listens; 8787 by default.",
    { convert = { filled, "must be a number from 1 to 65535" } })
  help(command, [[
Example:
    r2creds sandbox --port 8788]])
end

local function new_parser()
  local parser = parts.root(require "argparse"("r2creds"), "r2creds")
  parser:description("Temporary credentials for Cloudflare R2: S3 keys for one bucket, cut down, "
      .. "that end by themselves.")
    :command_target("command")
  help(parser, KEYS_HELP .. [[


Exit codes: 0 done; 1 it failed: network, service, files; 2 a wrong command or wrong keys;
3 a session token that is not good; 4 one that has expired; 70 a mistake of r2creds itself.

Examples:
    creds=$(r2creds mint download my-bucket reports/2026.pdf) && eval "$creds"
    r2creds mint service my-bucket backups/db/ --format process
    r2creds presign GET my-bucket reports/2026.pdf --expires 1h
    r2creds mint --help]])
  parser:flag("--version"):description("Show the version."):action(function()
    error({ printed = "r2creds " .. tc._VERSION .. "\n" }, 0)
  end)
  add_mint(parser)
  add_inspect(parser)
  add_verify(parser)
  add_presign(parser)
  add_sandbox(parser)
  return parser
end

-- ---- reading them ----

local function check_for_secrets(words)
  for _, word in ipairs(words) do
    if word == "--" then
      return
    end
    local name = word:match("^[^=]*")
    if is_for_secrets(name) then
      refuse(name .. " is no option, because every user of the machine sees a command line; "
        .. "keys come from the environment or from --env-file")
    end
  end
end

--- Reads the words behind `r2creds`.
-- @treturn table command, pattern, and what was given
-- @raise a table: `printed`, a text that was asked for; or `usage`, one line about a mistake, and
--   `help`, the command that tells more
function arguments.read(words)
  check_for_secrets(words)
  local parser = new_parser()
  function parser.error(at, message)
    refuse((message:gsub("\nDid you mean", "; did you mean")), parts.full_name(at))
  end
  return parser:parse(words)
end

return arguments
