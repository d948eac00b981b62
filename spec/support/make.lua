-- Configurations, requests, clients and issuers for the specs: a valid one, with the changes that a
-- case asks for. `make.ABSENT` as a value leaves the field out.
local keys = require "spec.support.keys"

local make = { ABSENT = {}, NOW = 1700000000 }

function make.changed(base, changes)
  local result = {}
  for name, value in pairs(base) do
    result[name] = value
  end
  for name, value in pairs(changes or {}) do
    if value == make.ABSENT then
      value = nil
    end
    result[name] = value
  end
  return result
end

--- Local signing: the parent's secret and no API token.
function make.config(changes)
  return make.changed({
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key,
  }, changes)
end

--- The API's side: a token and no secret.
function make.api_config(changes)
  return make.changed({
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    api_token = keys.api_token,
  }, changes)
end

function make.request(changes)
  return make.changed({
    bucket = "my-bucket",
    permission = "object-read-only",
    ttl_seconds = 3600,
    prefixes = { "users/123/" },
  }, changes)
end

function make.client(changes)
  return assert(require("r2.temp_credentials").new(make.config(changes)))
end

function make.api_client(changes)
  return assert(require("r2.temp_credentials").new(make.api_config(changes)))
end

--- An issuer whose clock stands at make.NOW.
function make.issuer(changes)
  local config = make.config { clock = function() return make.NOW end }
  return assert(require("r2").new(make.changed(config, changes)))
end

return make
