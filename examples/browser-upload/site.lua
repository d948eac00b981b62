-- Who may upload, and what: each visitor into a folder of their own. nginx.conf says how to start.
-- luacheck: std ngx_lua
local r2 = require "r2"

local BUCKET = "my-bucket"
local ORIGINS = { "http://127.0.0.1:8080" } -- where the page is
local SESSION = 8 * 3600 -- seconds
local IS_TRIAL = os.getenv("TRIAL_LOGIN") == "1"
local LIFE = 900 -- seconds of a credential; the page gets another one before it ends

local secret = assert(os.getenv("SESSION_SECRET"), "SESSION_SECRET is not set")
assert(#secret >= 32, "SESSION_SECRET must have 32 characters at least")

-- ---- who somebody is: a cookie that only this server can write ----

local function sign(text)
  return (ngx.encode_base64(ngx.hmac_sha1(secret, text), true):gsub("[+/]", { ["+"] = "-",
    ["/"] = "_" }))
end

-- The two are compared by what only this server can make of them, which tells nothing of where they
-- differ.
local function is_same(one, other)
  return sign(one) == sign(other)
end

local function user()
  local cookie = ngx.var.cookie_session or ""
  local name, ends, signature = cookie:match("^([%w-]+)%.(%d+)%.([%w_-]+)$")
  if name and is_same(signature, sign(name .. "." .. ends)) and tonumber(ends) > ngx.time() then
    return name
  end
end

-- Behind a proxy everybody comes from this machine: so it is there where a trial says so, and not
-- by whoever asks.
local function login()
  if not IS_TRIAL then
    return ngx.exit(404)
  end
  local text = ("visitor-42.%d"):format(ngx.time() + SESSION)
  ngx.header["Set-Cookie"] = ("session=%s.%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%d")
    :format(text, sign(text), SESSION)
  ngx.header["Cache-Control"] = "no-store"
  ngx.redirect("/", 303)
end

-- ---- what they may do ----

local issuer = assert(r2.from_env { mode = "local" })

return {
  login = login,

  -- Write-only, below uploads/<user>/, whatever the page asks for.
  credentials = assert(r2.vend {
    issuer = issuer,
    origins = ORIGINS,
    user = user,
    request = function(name)
      return {
        bucket = BUCKET,
        permission = r2.permission.OBJECT_WRITE_ONLY,
        prefixes = { "uploads/" .. name .. "/" },
        ttl_seconds = LIFE,
      }
    end,
    audit = function(entry)
      ngx.log(ngx.NOTICE, ("%s may upload until %d, %s"):format(entry.who, entry.expires_at,
        entry.fingerprint))
    end,
  }),
}
