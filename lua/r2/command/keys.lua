-- The parent's keys, from the environment or from a file, and what is made of them: an issuer, or a
-- client that verifies.

local r2 = require "r2"
local tc = require "r2.temp_credentials"
local config = require "r2.config"
local fail = require "r2.failure"
local files = require "r2.command.files"
local text = require "r2.command.text"
local transport = require "r2.command.transport"

local keys = {}

local NAME = "^%s*([%a_][%w_]*)%s*=(.*)$"

local function unquoted(value)
  return value:match("^'(.*)'$") or value:match('^"(.*)"$') or value
end

-- Reads lines of NAME=value: shells' `export` and quotes around a whole value are taken off.
local function parse(content, path)
  local variables, number = {}, 0
  for line in (content .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if not line:find("^%s*#") and line:find("%S") then
      local name, value = line:gsub("^%s*export%s+", ""):match(NAME)
      if not name then
        return fail("invalid_config", nil, ("%s, line %d: must be NAME=value"):format(path, number))
      end
      variables[name] = unquoted(text.trim(value))
    end
  end
  return variables
end

-- Returns what stands in for os.getenv.
local function variables_of(path)
  local content, message, err = files.read_private(path)
  if not content then
    return nil, message, err
  end
  local variables
  variables, message, err = parse(content, path)
  if not variables then
    return nil, message, err
  end
  return function(name) return variables[name] end
end

-- Settings out of the environment or the file, completed by `options`; and a function that puts the
-- place to look at into an error about them.
local function settings(arguments, options)
  local path, lookup = arguments.env_file, os.getenv
  if path then
    local message, err
    lookup, message, err = variables_of(path)
    if not lookup then
      return nil, message, err
    end
  end
  local all, message, err = config.from_env(options, lookup)
  if not all then
    return nil, message, err
  end
  return all, function(made, why, reason)
    made, why, reason = config.blame_environment(options, made, why, reason)
    if not made and path then
      why = why:gsub("%(environment variable (%S+)%)$", function(name)
        return ("(%s in %s)"):format(name, path)
      end)
      reason.message = why
    end
    return made, why, reason
  end
end

-- What errors are about, in terms of the command line.
local OPTIONS = {
  api_base_url = "--api-base-url", timeout_seconds = "--timeout",
}

--- Makes an issuer.
-- @treturn issuer
-- @return nil, message, err with err.kind invalid_config; without one the file cannot be read
function keys.issuer(arguments, clock)
  local all, blame, err = settings(arguments, {
    mode = arguments.mode,
    api_base_url = arguments.api_base_url,
    transport = transport.new(arguments.ca_file),
    timeout_seconds = arguments.timeout,
    clock = clock,
  })
  if not all then
    return nil, blame, err
  end
  return text.renamed(OPTIONS, blame(r2.new(all)))
end

--- Makes a client of the C module, which verifies.
-- @treturn client
-- @return nil, message, err as from keys.issuer
function keys.client(arguments)
  local all, blame, err = settings(arguments, {})
  if not all then
    return nil, blame, err
  end
  return blame(tc.new(all))
end

return keys
