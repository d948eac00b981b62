-- The words behind `r2creds`: its commands, and the reading of a command line.

local tc = require "r2.temp_credentials"
local options = require "r2.command.options"
local parser = require "r2.command.parser"
local secrets = require "r2.command.secrets"

local arguments = {}

-- To add one, add its file and its name here.
local COMMANDS = {}
for i, name in ipairs {
  "mint", "exec", "inspect", "verify", "presign", "put", "get", "ls", "rm", "cors",
  "doctor", "sandbox",
} do
  COMMANDS[i] = require("r2.command." .. name)
end

--- The command that all others belong to; see r2.command.parser.
arguments.ROOT = {
  name = "r2creds",
  description = "Temporary credentials for Cloudflare R2: S3 keys for one bucket, cut down, that "
    .. "end by themselves.",
  options = {
    { name = "--version", about = "Show the version.", prints = "r2creds " .. tc._VERSION },
  },
  commands = COMMANDS,
  help = options.KEYS_HELP .. [[


Exit codes: 0 done; 1 it failed: network, service, files; 2 a wrong command or
wrong keys; 3 a session token that is not good; 4 one that has expired; 70 a
mistake of r2creds itself.

Examples:
    creds=$(r2creds mint download my-bucket reports/2026.pdf) && eval "$creds"
    r2creds mint service my-bucket backups/db/ --format process
    r2creds presign GET my-bucket reports/2026.pdf --expires 1h
    r2creds mint --help]],
}

local function check_for_secrets(words)
  for _, word in ipairs(words) do
    if word == "--" then
      return
    end
    local name = word:match("^[^=]*")
    if secrets.is_option(name) then
      parser.refuse(name .. " is no option, because every user of the machine sees a command line; "
        .. "keys come from the environment or from --env-file")
    end
  end
end

-- The words of a command, and behind "--" those of the program that it runs.
local function without_program(words)
  local own, program = {}, nil
  for _, word in ipairs(words) do
    if program then
      program[#program + 1] = word
    elseif word == "--" then
      program = {}
    else
      own[#own + 1] = word
    end
  end
  return own, program or {}
end

local function takes_program(words)
  for _, command in ipairs(COMMANDS) do
    if command.takes_program and command.name == words[1] then
      return true
    end
  end
end

--- Reads the words behind `r2creds`.
-- @return as from r2.command.parser's read
function arguments.read(words)
  check_for_secrets(words)
  if not takes_program(words) then
    return parser.read(arguments.ROOT, words)
  end
  local own, program = without_program(words)
  local command, given = parser.read(arguments.ROOT, own)
  if not program[1] then
    parser.refuse("-- and a program with its words must stand behind", "r2creds " .. words[1])
  end
  given.program = program
  return command, given
end

return arguments
