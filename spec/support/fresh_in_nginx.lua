-- Runs inside nginx: handlers that hand out a provider's credential, and an API that counts. What
-- time it is, and whether the API answers, a spec says to /set.
-- luacheck: std ngx_lua

local cjson = require "cjson"
local keys = require "spec.support.keys"
local r2 = require "r2"

local fresh = {}

local state = ngx.shared.state

local START, LIFE = 1700000000, 3600

local function now()
  return state:get("now") or START
end

-- The providers of this worker, by their names.
local providers = {}

local REQUESTS = {
  shared = { bucket = "my-bucket", permission = "object-read-only", prefixes = { "in/" },
    ttl_seconds = LIFE },
  other = { bucket = "my-bucket", permission = "object-read-only", prefixes = { "on/" },
    ttl_seconds = LIFE },
}
REQUESTS.alone = REQUESTS.shared

local function provider_of(name, over)
  if not providers[name] then
    local issuer = assert(r2.new {
      account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
      api_token = keys.api_token, api_base_url = "http://127.0.0.1:" .. ngx.var.api_port .. "/v4",
      transport = assert(require(over).new()), clock = now, max_attempts = 1, timeout_seconds = 5,
    })
    providers[name] = assert(r2.provider(issuer, REQUESTS[name], {
      clock = now, shared = name ~= "alone" and ngx.shared.credentials or nil,
    }))
  end
  return providers[name]
end

--- /get?name=…&over=MODULE: the session token, where it is valid; 503 where there is none.
function fresh.get()
  local arguments = ngx.req.get_uri_args()
  local made, message = provider_of(arguments.name, arguments.over):get()
  if not made then
    ngx.status = 503
    return ngx.print(message)
  elseif made.expires_at <= now()
    or made.secret_access_key:sub(-8) ~= made.session_token:sub(-8) then
    ngx.status = 500
    return ngx.print("a credential that is over, or not whole")
  end
  ngx.print(made.session_token)
end

--- /set?name=value…: now, api ("up", "down", "held").
function fresh.set()
  for name, value in pairs(ngx.req.get_uri_args()) do
    state:set(name, tonumber(value) or value)
  end
end

--- How often the API was asked.
function fresh.calls()
  ngx.print(state:get("calls") or 0)
end

--- The API.
function fresh.api()
  local number = state:incr("calls", 1, 0)
  while state:get("api") == "held" do
    ngx.sleep(0.01)
  end
  if state:get("api") == "down" then
    return ngx.exit(503)
  end
  ngx.req.read_body()
  local prefix = ngx.req.get_body_data():match('"prefixes":%["(%l+)')
  local body = cjson.encode { success = true, result = {
    accessKeyId = keys.parent_access_key_id, secretAccessKey = ("%064x"):format(number),
    sessionToken = ("%s-%08x"):format(prefix, number),
  } }
  ngx.header.content_type, ngx.header.content_length = "application/json", #body
  ngx.print(body)
end

return fresh
