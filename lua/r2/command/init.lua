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

-- Each takes what was given and returns what is to be printed, and a note if there is something to
-- say; or nil, message, err.
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

-- A word on a command line may be a secret in the wrong place: none that is long, or looks like a
-- secret, is repeated; nor is what stands behind its "=". Quotes do not tell where a word ends.
local function without_words(message, words, is_hidden)
  for _, word in ipairs(words) do
    for _, part in ipairs { word, word:match("=(.*)$") } do
      if is_hidden(part) then
        local first, last = message:find(part, 1, true)
        while first do
          message = message:sub(1, first - 1) .. "..." .. message:sub(last + 1)
          first, last = message:find(part, first + 3, true)
        end
      end
    end
  end
  return message
end

local function is_long(word)
  return #word > 31
end

-- How one gets a module, beside the library's own.
local PACKAGES = { argparse = "argparse" }

local function told_of(name, what, reason)
  local package = PACKAGES[name]
  local advice = package and ("luarocks install %s, or Debian's lua-%s"):format(package,
    (package:gsub("^lua%-", ""))) or "build or install it for this Lua"
  return ("the Lua library %s %s%s: %s"):format(package or name, what,
    reason and " (" .. reason .. ")" or "", advice)
end

-- What is missing, of an error of require; nil of others. Of the rest of such an error only a
-- linker's word is told, which is about libraries.
local function missing(problem)
  local name = problem:match("module '([%w_.]+)' not found")
  if name then
    return told_of(name, "is missing")
  end
  name = problem:match("error loading module '([%w_.]+)'")
  return name and told_of(name, "cannot be loaded",
    problem:match("error loading module '[%w_.]+' from file '[^\n]*%.so':%s*([^\n]+)"))
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
  return {
    missing = missing(problem),
    place = problem:match("(r2/[%w_/]+%.lua:%d+):") or "a place that is not known",
  }
end

-- Each of these returns the exit code.

local function run(words)
  local arguments = require "r2.command.arguments".read(words)
  local output, message, err = RUN[arguments.command](arguments)
  if output then
    if message then
      complain(message)
    end
    return print_text(output)
  elseif message then
    if CODES[err.kind] then
      message = text.worded(message)
    end
    complain(without_words(message, words, text.looks_secret))
  end
  return err.status_code or CODES[err.kind] or FAILED
end

local function tell(problem, words)
  if problem.printed then
    return print_text(problem.printed)
  elseif problem.usage then
    complain(without_words(problem.usage, words, is_long)
      .. (problem.help and " (" .. problem.help .. " --help tells more)" or ""))
    return USAGE
  elseif problem.interrupted then
    complain("interrupted")
    return INTERRUPTED
  elseif problem.missing then
    complain(problem.missing)
    return FAILED
  end
  complain("a mistake of its own, at " .. problem.place .. "; please report it")
  return INTERNAL
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
  return good and code or INTERRUPTED
end

return command
