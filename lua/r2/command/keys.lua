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

local function settings(given, options)
  if given.env_file then
    return from_file(options, given.env_file)
  end
  return config.from_env(options)
end

-- Passes a result through; an error about a key is told in terms of its variable, and of the file
-- that the variable is to be in.
local function blamed(given, options, ...)
  local made, message, err = config.blame_environment(options, ...)
  if made or not err.variable then
    return made, message, err
  end
  local variable = err.variable
  err.variable = nil
  return fail.renamed(err, given.env_file and variable .. " in " .. files.name(given.env_file)
    or variable)
end

local function made_of(given, options, make)
  local all, message, err = settings(given, options)
  if not all then
    return nil, message, err
  end
  return blamed(given, options, make(all))
end

--- Makes an issuer of what was given: see the options of r2.command.options.
-- @tparam table given
-- @tparam ?function clock
-- @treturn issuer
-- @return nil, message, err with err.kind invalid_config, or file
function keys.issuer(given, clock)
  local good, message, err = files.check(given.ca_file, "--ca-file")
  if not good then
    return nil, message, err
  end
  return made_of(given, {
    mode = given.mode,
    api_base_url = given.api_base_url,
    transport = transport.new(given.ca_file),
    timeout_seconds = given.timeout_seconds,
    clock = clock,
  }, r2.new)
end

--- Makes a client of the C module, which verifies.
-- @treturn client
-- @return nil, message, err as from keys.issuer
function keys.client(given)
  return made_of(given, {}, tc.new)
end

return keys
