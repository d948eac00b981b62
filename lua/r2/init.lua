--- Cloudflare R2 temporary credentials: short-lived S3 credentials cut down to one bucket, a set of
-- operations and a set of paths.
-- @module r2

-- Times are whole seconds, sizes whole bytes: a Lua that was built with 32-bit numbers rounds them.
local largest = rawget(math, "maxinteger") -- where there are integers
if tonumber("16777217.0") == 16777216 or largest and largest < 2 ^ 53 then
  error("r2 needs a Lua whose numbers have 64 bits", 0)
end

local tc = require "r2.temp_credentials"
local config = require "r2.issuer.config"
local issuer = require "r2.issuer"

local r2 = {
  _VERSION = tc._VERSION,
  temp_credentials = tc,
  --- Constant name -> wire string: OBJECT_READ_ONLY = "object-read-only", …
  permission = tc.permission,
  --- Returns a fresh table of action names: READ, WRITE, MULTIPART, ALL, WRITE_ONLY.
  actions = tc.actions,
  --- The secret access key of an API token, from the token's value; see the C module.
  secret_from_api_token = tc.secret_from_api_token,
}

-- Modules that are required on first use: whoever only mints credentials loads nothing of them.
local ON_FIRST_USE = {
  bucket = true, export = true, http = true, provider = true, rotating = true, sigv4 = true,
  task = true, vend = true,
}

setmetatable(r2, {
  __index = function(_, name)
    if ON_FIRST_USE[name] then
      local module = require("r2." .. name)
      rawset(r2, name, module)
      return module
    end
  end,
})

local function check_table(value, name)
  if type(value) ~= "table" then
    error(("bad argument #1 to '%s' (table expected, got %s)"):format(name, type(value)), 3)
  end
end

local function new(settings)
  local parts, message, err = config.read(settings)
  if not parts then
    return nil, message, err
  end
  local client
  client, message, err = tc.new(parts.client_settings)
  if not client then
    return nil, message, err
  end
  return issuer.new(parts.own, client)
end

--- Makes an issuer. Nothing is opened or sent.
-- @tparam table settings the fields of `new` in the C module, and
--   mode "auto" (default: local when it can, else the API), "local", "api";
--   clock a function that returns Unix seconds, default the machine's clock;
--   random a function that returns a number from 0 to 1, which spreads the waits between attempts;
--   transport a table with perform(request) and sleep(seconds);
--   timeout_seconds more than 0, at most 3600, default 30; max_attempts 1 to 10, default 3;
--   ca_file path of a PEM file
-- @treturn issuer
-- @return nil, message, err with err.kind invalid_config
-- @raise when the settings are no table
function r2.new(settings)
  check_table(settings, "new")
  return new(settings)
end

--- Makes an issuer from the environment: CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN,
-- CLOUDFLARE_BASE_URL (`api_base_url`), R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, R2_JURISDICTION,
-- R2_ENDPOINT. An empty variable counts as unset.
-- @tparam ?table options as for r2.new; they win over the environment
-- @return as from r2.new; err.variable names the environment variable that has, or lacks, what is
-- wrong
function r2.from_env(options)
  if options == nil then
    options = {}
  end
  check_table(options, "from_env")
  local settings, message, err = config.from_env(options)
  if not settings then
    return nil, message, err
  end
  return config.blame_environment(options, new(settings))
end

return r2
