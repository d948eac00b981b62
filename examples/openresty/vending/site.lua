-- What is handed out, to whom, and what is noted of it. nginx.conf says how to start.
-- luacheck: std ngx_lua
local r2 = require "r2"

local issuer = assert(r2.from_env { mode = "local" })

-- One line for each credential. Nothing in it opens anything.
local function audit(entry)
  ngx.log(ngx.NOTICE, ("handed out to %s: %s until %d, %s"):format(
    entry.who, entry.what, entry.expires_at, entry.fingerprint))
end

return {
  sdks = assert(r2.vend {
    issuer = issuer,
    request = {
      bucket = "my-bucket",
      permission = r2.permission.OBJECT_READ_WRITE,
      prefixes = { "backups/" },
    },
    token_file = assert(os.getenv("R2_VEND_TOKEN_FILE"), "R2_VEND_TOKEN_FILE is not set"),
    name = "sdks-of-this-machine",
    audit = audit,
  }),

  pages = assert(r2.vend {
    issuer = issuer,
    origins = { "https://app.example.com" },
    user = function()
      return ngx.var.user_id
    end,
    -- The user's own folder, whatever the page asks for: write-only, for 15 minutes.
    request = function(user)
      return {
        bucket = "my-bucket",
        permission = r2.permission.OBJECT_WRITE_ONLY,
        prefixes = { "uploads/" .. user .. "/" },
        ttl_seconds = 900,
      }
    end,
    audit = audit,
  }),
}
