-- What the keys look like, before anybody is asked. A value is never shown: it may be a secret that
-- stands in the wrong place.

local tc = require "r2.temp_credentials"
local config = require "r2.issuer.config"

local variables = {}

-- What a value looks like that is none of what is wanted; the first that fits.
local LOOKS = {
  { "^[%s'\"]", "has blanks or quotes around it" },
  { "[%s'\"]$", "has blanks or quotes around it" },
  { "%s", "has blanks in it" },
  { "^A[KS]IA%w+$", "looks like an access key id of AWS" },
  { "^v1%.0%-", "looks like an Origin CA key of Cloudflare" },
  { "^" .. ("%x"):rep(37) .. "$", "looks like Cloudflare's Global API Key, which is no API token" },
  { "^" .. ("[%da-f]"):rep(64) .. "$", "looks like a secret access key" },
  { "^" .. ("[%da-f]"):rep(32) .. "$", "looks like an account id or an access key id" },
  { "^%x+$", "is hexadecimal, but not of that length or not in small letters" },
  { "^" .. ("[%w/+]"):rep(40) .. "$", "looks like an API token's value, or a secret of AWS" },
  { "^[%w_-]+$", "looks like an API token's value" },
}

local function look_of(value)
  for _, look in ipairs(LOOKS) do
    if value:find(look[1]) then
      return look[2]
    end
  end
  return "is something else"
end

local HEX_32, HEX_64 = "^" .. ("[%da-f]"):rep(32) .. "$", "^" .. ("[%da-f]"):rep(64) .. "$"

local function is_token(value)
  return tc._is_visible(value) and not value:find("['\"]") and not value:find(HEX_32)
    and not value:find(HEX_64) and not value:find(LOOKS[5][1]) and not value:find(LOOKS[6][1])
end

local SECRET_TODO = "it is the SHA-256 of the API token's value: printf %s TOKEN | sha256sum"

local KEYS = {
  { field = "account_id", form = HEX_32, wants = "32 hex digits", required = true,
    todo = "it is in the address of the dashboard, and on R2's overview" },
  { field = "parent_access_key_id", form = HEX_32, wants = "32 hex digits", required = true,
    todo = "it is the id of an R2 API token, which the dashboard shows with its secret" },
  { field = "parent_secret_access_key", form = HEX_64, wants = "64 hex digits",
    todo = SECRET_TODO },
  { field = "api_token", wants = "the value of an API token",
    todo = "the dashboard shows it once, when the token is made" },
}

local function check_one(report, settings, key)
  local name, value = config.variable(key.field), settings[key.field]
  local good = value and (key.form and value:find(key.form) or not key.form and is_token(value))
  if good then
    report:ok(name, key.wants)
  elseif value then
    report:wrong(name, look_of(value) .. ", and not like " .. key.wants, key.todo)
  elseif key.required then
    report:wrong(name, "is not set", key.todo)
  end
end

local function check_together(report, settings)
  local secret, token = settings.parent_secret_access_key, settings.api_token
  if not secret and not token then
    report:wrong("R2_SECRET_ACCESS_KEY", "is not set, nor is CLOUDFLARE_API_TOKEN",
      "one of the two makes credentials")
  elseif settings.account_id and settings.account_id == settings.parent_access_key_id then
    report:wrong("R2_ACCESS_KEY_ID", "is the account's id", KEYS[2].todo)
  end
end

--- @tparam table report
-- @tparam table settings as from r2.issuer.config
function variables.check(report, settings)
  for _, key in ipairs(KEYS) do
    check_one(report, settings, key)
  end
  check_together(report, settings)
end

return variables
