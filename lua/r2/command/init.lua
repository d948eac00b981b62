-- The command r2creds. Here its words become a call, and whatever comes of it one text on standard
-- output, or one line on standard error; and an exit code.

local caught = require "r2.command.caught"
local exit_codes = require "r2.command.exit_codes"
local secrets = require "r2.command.secrets"
local text = require "r2.command.text"

local command = {}

local function complain(message)
  io.stderr:write("r2creds: ", text.plain(message), "\n")
end

-- Each of these returns the exit code.

local function print_text(output)
  local good, reason = io.stdout:write(output)
  if good then
    good, reason = io.stdout:flush()
  end
  if not good then
    complain("cannot write to standard output: " .. tostring(reason))
    return exit_codes.FAILED
  end
  return exit_codes.DONE
end

-- A command is run with what was given. It returns what is to be printed, and a note if there is
-- something to say; or nil, message, err.
local function run(words)
  local chosen, given = require "r2.command.arguments".read(words)
  local output, message, err = require "r2.command.told"(chosen, chosen.run(given))
  message = message or output and require "r2.command.slash"(given)
  if message then
    complain(output and message or secrets.without(message, words, secrets.is_likely))
  end
  if output then
    return print_text(output)
  end
  return err.status_code or exit_codes.BY_KIND[err.kind] or exit_codes.FAILED
end

local function tell(problem, words)
  if problem.printed then
    return print_text(problem.printed)
  elseif problem.usage then
    complain(secrets.without(problem.usage, words, secrets.is_possible)
      .. (problem.help and " (" .. problem.help .. " --help tells more)" or ""))
    return exit_codes.USAGE
  elseif problem.interrupted then
    complain("interrupted")
    return exit_codes.INTERRUPTED
  elseif problem.missing then
    complain(problem.missing)
    return exit_codes.FAILED
  end
  complain("a mistake of its own, at " .. problem.place .. "; please report it")
  return exit_codes.INTERNAL
end

--- Runs the command.
-- @tparam table words what stands behind its name
-- @treturn number the exit code
function command.main(words)
  local good, code = xpcall(function() return run(words) end, caught)
  for _ = 1, 2 do -- Ctrl-C may come while the first is told
    if not good then
      local problem = code
      good, code = xpcall(function() return tell(problem, words) end, caught)
    end
  end
  return good and code or exit_codes.INTERRUPTED
end

return command
