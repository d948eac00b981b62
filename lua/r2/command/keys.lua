-- The parent's keys, from the environment or from a file, and what is made of them: an issuer, or a
-- client that verifies.

local r2 = require "r2"
local tc = require "r2.temp_credentials"
local config = require "r2.issuer.config"
local fail = require "r2.failure"
local env_file = require "r2.command.env_file"
local files = require "r2.command.files"
local transport = require "r2.command.transport"

local keys = {}

local function settings(given, options)
  if given.env_file then
    return env_file(options, given.env_file)
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

--- All that is set, as it is.
-- @treturn table settings of r2.new, unchecked
-- @return nil, message, err
function keys.settings(given)
  return settings(given, {})
end

--- Makes an issuer of what was given: see the options of r2.command.options.
-- @tparam table given
-- @treturn issuer
-- @return nil, message, err with err.kind invalid_config, or file
function keys.issuer(given)
  local good, message, err = files.check(given.ca_file, "--ca-file")
  if not good then
    return nil, message, err
  end
  return made_of(given, {
    mode = given.mode,
    api_base_url = given.api_base_url,
    transport = transport.new(given.ca_file),
    timeout_seconds = given.timeout_seconds,
  }, r2.new)
end

--- Makes a client of the C module, which verifies.
-- @treturn client
-- @return nil, message, err as from keys.issuer
function keys.client(given)
  return made_of(given, {}, tc.new)
end

return keys
