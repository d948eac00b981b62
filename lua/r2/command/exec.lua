-- r2creds exec: runs a program with a credential in its environment, and nowhere else.

local export = require "r2.export"
local fail = require "r2.failure"
local files = require "r2.files"
local options = require "r2.command.options"
local requests = require "r2.command.requests"
local text = require "r2.command.text"

-- What a shell's exit codes say of a program that cannot be run (POSIX, 2.8.2).
local CODES = { ENOENT = 127 }
local CANNOT_RUN = 126

-- The parent's keys are no affair of the program's.
local KEPT_BACK = { "R2_SECRET_ACCESS_KEY", "CLOUDFLARE_API_TOKEN" }

-- The variables of the format `dotenv`, and those that the format `env` takes away.
local function variables_of(credentials)
  local lines, message, err = export.dotenv(credentials)
  if not lines then
    return nil, message, err
  end
  local variables = {}
  for name in export.env(credentials):gmatch("\nunset ([^\n]+)") do
    for word in name:gmatch("%S+") do
      variables[word] = false
    end
  end
  for _, name in ipairs(KEPT_BACK) do
    variables[name] = false
  end
  for name, value in lines:gmatch("([^=\n]+)=([^\n]*)") do
    variables[name] = value
  end
  return variables
end

local function run(credentials, given)
  local variables, message, err = variables_of(credentials)
  if not variables then
    return nil, message, err
  end
  local _, _, problem = files.exec(given.program, variables)
  message, err = select(2, fail("file", nil,
    text.plain(given.program[1]) .. " " .. problem.reason))
  err.status_code = CODES[problem.code] or CANNOT_RUN
  return nil, message, err
end

local function example(pattern)
  return pattern.example:gsub("mint", "exec", 1):gsub(" %-%-format %w+", "") .. " -- ./program"
end

return {
  name = "exec",
  summary = "Run a program with a credential.",
  description = "Makes a temporary credential and runs a program with it in its environment. It "
    .. "ends as the program does, and shows no secret to anybody.",
  usage = "Usage: r2creds exec --bucket NAME (--permission NAME | --action NAME ...)\n"
    .. "           --ttl TIME [--prefix PREFIX ...] [--object KEY ...] [options]\n"
    .. "           -- PROGRAM ...\n"
    .. "       r2creds exec upload|client-upload|download|service ... -- PROGRAM ...",
  options = options.all(requests.OPTIONS, options.ISSUER),
  commands = requests.patterns({}, run, example),
  optional = true,
  takes_program = true,
  help = [[
The program has what `r2creds mint --format env` sets, and not the parent's
keys. The exit code is its own; 127 where there is no such program, 126 where it
cannot be run.

]] .. options.KEYS_HELP .. [[


Examples:
    r2creds exec download my-bucket a.pdf -- aws s3 cp s3://my-bucket/a.pdf .
    r2creds exec service my-bucket backups/ --ttl 2h -- ./backup.sh]],
  run = requests.making(requests.create, run),
}
