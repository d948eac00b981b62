-- What a site under load serves, a row for each: the request that is sent to it, and what makes its
-- handler. Read by nginx, by the specs and by wrk, so a row requires nothing before it is served.
--   path, method, headers, body   the request; the header x-session names a visitor besides
--   prefix   the path of the credential that the API makes for it, with %s for a visitor's name;
--            none where nothing is asked of the API, so that it can never be without a credential
--   handler  function(site) -> function that answers; what `site` has is in spec/soak/in_nginx.lua
-- luacheck: globals ngx

local TOKEN = "a-token-for-sdks-of-this-machine"
local ORIGIN = "https://app.example.com"
local LIFE = 1200 -- seconds, the shortest that SDKs can have

local function visitor()
  return ngx.var.http_x_session
end

-- What pages ask for, of an issuer of that mode.
local function for_pages(site, mode, prefix, more)
  local configuration = {
    issuer = site.issuer(mode), origins = { ORIGIN }, user = visitor, clock = site.now,
    request = function(user)
      return { bucket = "my-bucket", permission = "object-read-write", ttl_seconds = LIFE,
        prefixes = { prefix:format(user) } }
    end,
  }
  for name, value in pairs(more or {}) do
    configuration[name] = value
  end
  return site.r2.vend(configuration)
end

local FROM_A_PAGE = { origin = ORIGIN, ["content-type"] = "application/json" }

return {
  {
    path = "/sdk", headers = { authorization = TOKEN }, prefix = "sdk/",
    handler = function(site)
      return site.r2.vend {
        issuer = site.issuer "api", shared = site.shared, token = TOKEN,
        request = { bucket = "my-bucket", permission = "object-read-only", prefixes = { "sdk/" },
          ttl_seconds = LIFE },
      }
    end,
  },
  {
    path = "/page", method = "POST", headers = FROM_A_PAGE, body = "{}",
    handler = function(site)
      return for_pages(site, "local", "signed/%s/")
    end,
  },
  { -- of which fewer are kept than there are visitors
    path = "/page-of-the-api", method = "POST", headers = FROM_A_PAGE, body = "{}",
    prefix = "asked/%s/",
    handler = function(site)
      return for_pages(site, "api", "asked/%s/", { shared = site.shared, providers_max = 10 })
    end,
  },
  {
    path = "/provider", prefix = "provider/",
    handler = function(site)
      local provider = assert(site.r2.provider(site.issuer("api", site.subrequests()), {
        bucket = "my-bucket", permission = "object-read-only", prefixes = { "provider/" },
        ttl_seconds = LIFE,
      }, { shared = site.shared }))
      return function()
        local began = site.now()
        local credentials = provider:get()
        if not credentials then
          return ngx.exit(503)
        elseif credentials.expires_at <= began then
          error "a credential that is over"
        end
        ngx.print(credentials.session_token)
      end
    end,
  },
}
