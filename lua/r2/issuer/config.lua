-- An issuer's configuration: which settings there are, which of them are the C module's, and what
-- the environment has of them.

local tc = require "r2.temp_credentials"
local fail = require "r2.failure"
local fields = require "r2.fields"
local shared = require "r2.settings"

local config = {}

local MODES = { auto = true, ["local"] = true, api = true }
local TIMEOUT_MAX = 3600 -- seconds

-- The issuer's own settings. All others go to the C module, which checks them.
local OWN = {
  { "mode", "must be auto, local or api", function(value) return MODES[value] end },
  shared.clock,
  shared.random,
  shared.transport,
  shared.seconds("timeout_seconds", TIMEOUT_MAX),
  shared.max_attempts,
  shared.ca_file,
}

local read =
  fields.reader("invalid_config", "configuration", shared.names(OWN, tc._config_fields()))

local function check_together(own, client_settings)
  if own.mode == "local" and client_settings.parent_secret_access_key == nil then
    return fail("invalid_config", "parent_secret_access_key", "is required in mode local")
  elseif own.mode == "api" and client_settings.api_token == nil then
    return fail("invalid_config", "api_token", "is required in mode api")
  end
  return true
end

--- Splits settings into the issuer's own, checked, and those of the C module, unchecked.
-- @treturn table `own`: mode, clock, random, transport, timeout_seconds, max_attempts, ca_file,
--   can_sign, can_ask, parent_access_key_id, no secret among them; and `client_settings`
-- @return nil, message, err with err.kind invalid_config
function config.read(settings)
  local client_settings, own, good, message, err
  client_settings, message, err = read(settings)
  if not client_settings then
    return nil, message, err
  end
  own, message, err = shared.take(client_settings, OWN)
  if not own then
    return nil, message, err
  end
  own.mode = own.mode or "auto"
  own.timeout_seconds = own.timeout_seconds or 30
  own.max_attempts = own.max_attempts or 3
  own.can_sign = client_settings.parent_secret_access_key ~= nil
  own.can_ask = client_settings.api_token ~= nil
  own.parent_access_key_id = client_settings.parent_access_key_id
  own.account_id = client_settings.account_id
  good, message, err = check_together(own, client_settings)
  if not good then
    return nil, message, err
  end
  return { own = own, client_settings = client_settings }
end

-- ---- environment ----

local VARIABLES = {
  account_id = "CLOUDFLARE_ACCOUNT_ID",
  api_token = "CLOUDFLARE_API_TOKEN",
  parent_access_key_id = "R2_ACCESS_KEY_ID",
  parent_secret_access_key = "R2_SECRET_ACCESS_KEY",
  jurisdiction = "R2_JURISDICTION",
  endpoint = "R2_ENDPOINT",
  api_base_url = "CLOUDFLARE_BASE_URL",
}

--- The environment variable that has a setting; nil of others.
function config.variable(field)
  return VARIABLES[field]
end

-- Either one makes the host: an option silences the other's variable.
local EXCLUSIVE = { jurisdiction = "endpoint", endpoint = "jurisdiction" }

--- Completes options with the environment.
-- @tparam table options
-- @tparam ?function lookup name -> value, in place of os.getenv
-- @treturn table settings for config.read
-- @return nil, message, err with err.kind invalid_config
function config.from_env(options, lookup)
  local settings, message, err = read(options)
  if not settings then
    return nil, message, err
  end
  lookup = lookup or os and os.getenv
  if not lookup then
    return fail("invalid_config", nil,
      "the environment cannot be read: this host has no os.getenv; give r2.new the settings")
  end
  local given = {}
  for name in next, settings do
    given[name] = true
  end
  for name, variable in next, VARIABLES do
    local value = lookup(variable)
    if value and value ~= "" and not given[name] and not given[EXCLUSIVE[name]] then
      settings[name] = value
    end
  end
  if settings.endpoint and settings.jurisdiction and not given.endpoint then
    return fail("invalid_config", "endpoint", "must not be given beside jurisdiction: " ..
      "unset one of the environment variables R2_ENDPOINT and R2_JURISDICTION")
  end
  return settings
end

--- Passes a result through; an error gets the name of the variable that is to blame, unless it is
-- about one of the options.
-- @tparam table options what config.from_env was given
function config.blame_environment(options, result, message, err)
  if result then
    return result
  end
  local variable = VARIABLES[err.field]
  if not variable or rawget(options, err.field) ~= nil then
    return nil, message, err
  end
  return fail.about_variable(err, variable)
end

return config
