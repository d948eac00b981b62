-- The command r2creds. Here its words become a call, and whatever comes of it one text on standard
-- output, or one line on standard error; and an exit code.

local text = require "r2.command.text"

local command = {}

local FAILED, USAGE, INTERNAL, INTERRUPTED = 1, 2, 70, 130

-- Kind of an error -> exit code; without one of these it is FAILED.
local CODES = {
  invalid_request = USAGE, invalid_config = USAGE, unsupported = USAGE,
  invalid_token = 3, expired = 4,
}

-- Each takes what was given and returns what is to be printed; or nil, message, err.
local RUN = {
  mint = function(...) return require "r2.command.mint"(...) end,
  inspect = function(...) return require "r2.command.token".inspect(...) end,
  verify = function(...) return require "r2.command.token".verify(...) end,
  presign = function(...) return require "r2.command.presign"(...) end,
  sandbox = function(...) return require "r2.command.sandbox"(...) end,
}

local function complain(message)
  io.stderr:write("r2creds: ", text.plain(message), "\n")
end

local function print_text(output)
  local good, reason = io.stdout:write(output)
  if good then
    good, reason = io.stdout:flush()
  end
  if not good then
    complain("cannot write to standard output: " .. tostring(reason))
    return FAILED
  end
  return 0
end

-- A long word on a command line may be a secret in the wrong place.
local function without_long_words(message)
  return (message:gsub("'([^']*)'", function(word)
    return #word > 31 and "'...'" or nil
  end))
end

-- What an error was: a table that was thrown on purpose, or a mistake of this program. Only the
-- place of a mistake is told: its text could hold anything.
local function caught(problem)
  if type(problem) == "table" then
    return problem
  end
  problem = tostring(problem)
  if problem:find("interrupted!$") then
    return { interrupted = true }
  end
  return { place = problem:match("([%w_/]+%.lua:%d+):") or "a place that is not known" }
end

local function run(words)
  if not pcall(require, "argparse") then
    return nil, "the Lua library argparse is missing: luarocks install argparse, or Debian's "
      .. "lua-argparse", {}
  end
  local arguments = require "r2.command.arguments".read(words)
  return RUN[arguments.command](arguments)
end

--- Runs the command.
-- @tparam table words what stands behind its name
-- @treturn number the exit code
function command.main(words)
  local good, output, message, err = xpcall(function() return run(words) end, caught)
  if not good then
    local problem = output
    if problem.printed then
      return print_text(problem.printed)
    elseif problem.usage then
      complain(without_long_words(problem.usage)
        .. (problem.help and " (" .. problem.help .. " --help tells more)" or ""))
      return USAGE
    elseif problem.interrupted then
      complain("interrupted")
      return INTERRUPTED
    end
    complain("a mistake of its own, at " .. problem.place .. "; please report it")
    return INTERNAL
  elseif output then
    return print_text(output)
  elseif message then
    complain(message)
  end
  return err.status_code or CODES[err.kind] or FAILED
end

return command
