-- Where requests go, and with them the API token and session tokens; and what stands between.

local places = {}

local PROXIES = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }

local function host_of(url)
  return type(url) == "string" and url:match("^https?://([^/?#]*)") or nil
end

local function is_here(host)
  return host:find("^127%.") or host:find("^localhost%f[:%z]") or host:find("^%[::1%]")
end

local function check_place(report, name, url, what, is_known)
  local host = host_of(url)
  if not host then
    report:wrong(name, "is no URL", "it begins with https://")
  elseif is_here(host) then
    report:ok(name, what .. " go to this machine, " .. host)
  elseif is_known(host) then
    report:ok(name, what .. " go to " .. host)
  else
    report:unknown(name, what .. " go to " .. host .. ", which is not Cloudflare's",
      "unset it unless that is meant")
  end
end

local function check_endpoint(report, settings)
  local of_account = settings.endpoint:match("^https://(%x+)%.[%w.-]*r2%.cloudflarestorage%.com")
  if of_account and #of_account == 32 and of_account ~= settings.account_id then
    report:wrong("R2_ENDPOINT", "is of another account than CLOUDFLARE_ACCOUNT_ID",
      "unset it: the account makes the endpoint")
    return
  end
  check_place(report, "R2_ENDPOINT", settings.endpoint, "session tokens", function(host)
    return host:find("%.r2%.cloudflarestorage%.com$") ~= nil
  end)
end

--- @tparam table report
-- @tparam table settings
-- @tparam function getenv
function places.check(report, settings, getenv)
  if settings.api_base_url then
    check_place(report, "CLOUDFLARE_BASE_URL", settings.api_base_url, "API tokens",
      function(host) return host == "api.cloudflare.com" end)
  end
  if settings.endpoint then
    check_endpoint(report, settings)
  end
  for _, name in ipairs(PROXIES) do
    if (getenv(name) or "") ~= "" then
      report:unknown(name, "is set: requests go through a proxy",
        "unset it if nothing gets through")
    end
  end
end

return places
