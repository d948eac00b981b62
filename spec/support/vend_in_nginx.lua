-- Runs inside nginx: vending handlers for the sandbox, as somebody's site would have them. Where
-- the sandbox is, nginx.conf says; who a visitor is, the header that stands for a session. What
-- time it is for the kind "timed", a spec says to /clock.
-- luacheck: std ngx_lua

local keys = require "sandbox.keys"
local r2 = require "r2"

local vend = { TOKEN = "a-token-for-sdks-of-this-machine" }

local state = ngx.shared.state

local function now()
  return os.time() + (state:get("ahead") or 0)
end

local function new_issuer(mode, clock)
  return assert(r2.new {
    clock = clock,
    account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key, api_token = keys.api_token,
    endpoint = ngx.var.s3, api_base_url = ngx.var.s3 .. "/client/v4", mode = mode,
    transport = assert(require("r2.transport.nginx").new { origin = ngx.var.s3 }),
  })
end

local function note(entry)
  local file = assert(io.open(ngx.config.prefix() .. "audit.log", "a"))
  file:write(("%s|%s|%.0f|%s\n"):format(entry.who, entry.what, entry.expires_at,
    entry.fingerprint))
  file:close()
end

local function refuse_to_note()
  error("the audit is full", 0)
end

local makers = {}

function makers.sdk(mode)
  return { issuer = new_issuer(mode), token = vend.TOKEN, audit = note, name = "build-host",
    request = { bucket = "my-bucket", permission = "object-read-only", prefixes = { "in/" } } }
end

function makers.timed(mode)
  local made = makers.sdk(mode)
  made.issuer, made.clock = new_issuer(mode, now), now
  return made
end

function makers.filed(mode)
  local made = makers.sdk(mode)
  made.token, made.token_file = nil, ngx.config.prefix() .. "token"
  return made
end

function makers.unnoted(mode)
  local made = makers.sdk(mode)
  made.audit = refuse_to_note
  return made
end

function makers.page(mode)
  return {
    issuer = new_issuer(mode), audit = note, origins = { "https://app.example.com" },
    user = function() return ngx.var.http_x_session end,
    request = function(user, body)
      if body.folder == "broken" then
        return { bucket = "my-bucket", permission = "object-read-write", ttl_seconds = 900,
          prefix = "all of it" }
      elseif body.folder ~= "none" then
        return { bucket = "my-bucket", permission = "object-read-write", ttl_seconds = 900,
          prefixes = { "uploads/" .. user .. "/" } }
      end
    end,
  }
end

local handlers = {}

--- /KIND/MODE
function vend.handle()
  local kind, mode = ngx.var.uri:match("^/(%l+)/(%l+)$")
  handlers[kind .. mode] = handlers[kind .. mode] or assert(r2.vend(makers[kind](mode)))
  handlers[kind .. mode]()
end

--- ?ahead=SECONDS: by so many the clock is ahead from now on.
function vend.set_clock()
  state:set("ahead", tonumber(ngx.var.arg_ahead))
end

return vend
