-- Whether the two services can be reached, what they say of the API token, and of the clock.

local dates = require "r2.bucket.dates"
local sha256 = require "r2.vend.sha256"
local tc = require "r2.temp_credentials"

local reached = {}

local SKEW_MAX, SKEW_NOTED = 900, 60 -- seconds; R2 refuses more than the first
local TODO = {
  network = "is there a network, a name server, a proxy?",
  tls = "something in between has another certificate: --ca-file, if that is meant",
  timeout = "try again, or with a longer --timeout",
}

local function ask(context, url, headers)
  return context.transport.perform {
    method = "GET", url = url, headers = headers or {}, timeout_seconds = context.seconds,
  }
end

local function tell_failure(report, name, what, err)
  report:wrong(name, what .. " cannot be reached: " .. err.message, TODO[err.kind], true)
end

local function check_clock(context, report, response)
  local theirs = dates.read_http(response.headers.date)
  if context.clock_known or not theirs then
    return
  end
  context.clock_known = true
  local apart = math.abs(context.now() - theirs)
  if apart > SKEW_MAX then
    report:wrong("clock", ("this machine's is %d minutes off"):format(apart / 60),
      "R2 takes no more than 15: run NTP")
  elseif apart > SKEW_NOTED then
    report:unknown("clock", ("this machine's is %d seconds off"):format(apart), "run NTP")
  else
    report:ok("clock", "the same as the service's")
  end
end

-- ---- the API token ----

-- Where the API is, out of what the library itself would ask.
local function api_base(client)
  local request = client:request { bucket = "any-bucket", permission = "object-read-only",
    ttl_seconds = 900 }
  return request and request.url:match("^(.*)/accounts/")
end

local function compare_id(report, settings, id)
  if not id or id == settings.parent_access_key_id then
    report:ok("CLOUDFLARE_API_TOKEN", "is good, and its id is R2_ACCESS_KEY_ID")
  elseif settings.parent_secret_access_key then
    report:unknown("CLOUDFLARE_API_TOKEN", "is good, and another token than R2_ACCESS_KEY_ID's")
  else
    report:unknown("CLOUDFLARE_API_TOKEN", "is good, and another token than R2_ACCESS_KEY_ID's",
      "a parent of another token takes one that may make credentials for it")
  end
end

local function told(response, token)
  local body = response.body or ""
  local code = body:match('"code"%s*:%s*(%d+)')
  local message = body:match('"message"%s*:%s*"([^"\\]*)"')
  return tc._redact(("HTTP %d%s%s"):format(response.status, code and ", " .. code or "",
    message and ": " .. message or ""), token)
end

local function judge_token(report, settings, response)
  local body = response.body or ""
  local state = body:match('"status"%s*:%s*"(%a+)"')
  if response.status ~= 200 then
    report:wrong("CLOUDFLARE_API_TOKEN",
      "is not taken (" .. told(response, settings.api_token) .. ")",
      "it may be revoked, or of another account: make a new one", response.status >= 500)
  elseif state ~= "active" then
    report:wrong("CLOUDFLARE_API_TOKEN", "is " .. (state or "in no state that is known"),
      "make a new one")
  else
    compare_id(report, settings, body:match('"id"%s*:%s*"(%x+)"'))
  end
end

local function check_pair(report, settings)
  local secret = settings.parent_secret_access_key
  if secret and sha256(settings.api_token) == secret then
    report:ok("R2_SECRET_ACCESS_KEY", "is the API token's")
  elseif secret then
    report:unknown("R2_SECRET_ACCESS_KEY", "is not the SHA-256 of CLOUDFLARE_API_TOKEN",
      "fine if they are of two tokens")
  end
end

-- A token is an account's, or else a user's, of which another path knows.
local function ask_of_token(context, settings)
  local base = api_base(context.client)
  local headers = { authorization = "Bearer " .. settings.api_token }
  local response, message, err =
    ask(context, base .. "/accounts/" .. settings.account_id .. "/tokens/verify", headers)
  if response and response.status ~= 200 then
    local of_user = ask(context, base .. "/user/tokens/verify", headers)
    response = of_user and of_user.status == 200 and of_user or response
  end
  return response, message, err
end

--- The API: verifies the token.
function reached.check_api(context, report, settings)
  check_pair(report, settings)
  local response, _, err = ask_of_token(context, settings)
  if not response then
    tell_failure(report, "Cloudflare's API", "it", err)
    return false
  end
  check_clock(context, report, response)
  judge_token(report, settings, response)
  return not report.is_wrong
end

--- R2: whether anything answers where the bucket is to be.
function reached.check_r2(context, report, endpoint)
  local response, _, err = ask(context, endpoint .. "/")
  if not response then
    tell_failure(report, "R2", "it", err)
    return false
  end
  report:ok("R2", "answers")
  check_clock(context, report, response)
  return not report.is_wrong
end

return reached
