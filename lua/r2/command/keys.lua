-- The parent's keys, from the environment or from a file, and what is made of them: an issuer, or a
-- client that verifies.

local r2 = require "r2"
local tc = require "r2.temp_credentials"
local config = require "r2.issuer.config"
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
  content = content:gsub("^\239\187\191", "") -- the byte order mark of some editors
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

local function sorted(names)
  local list = {}
  for name in pairs(names) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- A name with a typing error must not be left out as if it were another program's.
local function check_names(variables, known, path)
  for _, name in ipairs(sorted(variables)) do
    if not known[name] and (name:find("^R2_") or name:find("^CLOUDFLARE_")) then
      return fail("invalid_config", nil, ("%s: %s is not known; there are %s"):format(path,
        #name < 32 and name or "R2_... or CLOUDFLARE_...", table.concat(sorted(known), ", ")))
    end
  end
  return true
end

-- Completes options as config.from_env, from a file.
local function from_file(options, path)
  local content, message, err = files.read_private(path)
  if not content then
    return nil, message, err
  end
  local name = files.name(path)
  local variables
  variables, message, err = parse(content, name)
  if not variables then
    return nil, message, err
  end
  local known = {}
  local all, good
  all, message, err = config.from_env(options, function(variable)
    known[variable] = true
    return variables[variable]
  end)
  if not all then
    return nil, message, err
  end
  good, message, err = check_names(variables, known, name)
  return good and all, message, err
end

-- Settings out of the environment or the file, completed by `options`; and a function that puts the
-- place to look at into an error about them.
local function settings(arguments, options)
  local path = arguments.env_file
  local all, message, err
  if path then
    all, message, err = from_file(options, path)
  else
    all, message, err = config.from_env(options)
  end
  if not all then
    return nil, message, err
  end
  return all, function(made, why, reason)
    made, why, reason = config.blame_environment(options, made, why, reason)
    if not made and reason.variable then
      why = reason.variable .. (path and " in " .. files.name(path) or "") .. " " .. reason.reason
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
  local good, why, problem = files.check(arguments.ca_file)
  if not good then
    return nil, "--ca-file: " .. why, problem
  end
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
