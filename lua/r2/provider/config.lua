-- A provider's options.

local fail = require "r2.failure"
local fields = require "r2.fields"
local settings = require "r2.settings"
local shared = require "r2.provider.shared"

local config = {}

local SECONDS_MAX = 604800 -- the longest life

local RULES = {
  settings.clock,
  settings.random,
  settings.seconds("advisory_seconds", SECONDS_MAX),
  settings.seconds("mandatory_seconds", SECONDS_MAX),
  settings.a_function("made"),
  shared.setting,
}

local read = fields.reader("invalid_config", "options", settings.names(RULES))

--- @tparam ?table options
-- @treturn table
-- @return nil, message, err with err.kind invalid_config
function config.read(options)
  if options == nil then
    return {}
  elseif type(options) ~= "table" then
    return fail("invalid_config", "options", "must be a table")
  end
  local given, message, err = read(options)
  if not given then
    return nil, message, err
  end
  return settings.take(given, RULES)
end

return config
