-- Runs inside nginx: the handlers of spec/soak/paths.lua, an API that their issuers ask, and a
-- judge of each answer. What time it is, and whether the API answers, the load's driver says to
-- /set.
-- luacheck: std ngx_lua

local cjson = require "cjson"
local keys = require "spec.support.keys"
local paths = require "spec.soak.paths"
local r2 = require "r2"

local soak = {}

local state = ngx.shared.state

local START, LIFE = 1700000000, 1200

-- ---- what a row makes its handler of ----

local site = { r2 = r2, shared = ngx.shared.credentials }

function site.now()
  return state:get("now") or START
end

--- A transport of subrequests, in place of the specs' own.
function site.subrequests()
  return assert(require("r2.transport.nginx").new { origin = ngx.var.api })
end

function site.issuer(mode, transport)
  return assert(r2.new {
    account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = mode == "local" and keys.parent_secret_access_key or nil,
    api_token = mode == "api" and keys.api_token or nil, api_base_url = ngx.var.api .. "/v4",
    transport = transport or assert(require("spec.support.bucket.cosocket").new()),
    clock = site.now, max_attempts = 1, mode = mode,
  })
end

-- ---- the locations ----

local rows = {}
for _, row in ipairs(paths) do
  rows[row.path] = row
end

local handlers = {} -- of this worker

-- Whether nothing that is valid was made for whoever asks. Workers share what is made.
local function is_bare(row)
  if not row.prefix then
    return false
  end
  local name = "until " .. row.prefix:format(ngx.var.http_x_session or "")
  return site.now() >= (state:get(name) or 0)
end

--- Answers as the row does that has this path.
function soak.handle()
  local path = ngx.var.uri
  local row = rows[path]
  ngx.ctx.was_bare = is_bare(row)
  handlers[path] = handlers[path] or assert(row.handler(site))
  handlers[path]()
end

--- Judges an answer before it goes out: 200; or 503 where there was nothing valid to give.
function soak.judge()
  local status, row = ngx.status, rows[ngx.var.uri]
  state:incr("requests", 1, 0)
  if status == 503 and (ngx.ctx.was_bare or is_bare(row)) then
    state:incr("refused", 1, 0)
  elseif status ~= 200 then
    state:incr("errors", 1, 0)
    state:set("last", ("%s: %d"):format(row.path, status))
  end
end

-- ---- the API ----

--- The API: up, or down.
function soak.api()
  if state:get("api") == "down" then
    return ngx.exit(503)
  end
  local number = state:incr("calls", 1, 0)
  ngx.req.read_body()
  local prefix = cjson.decode(ngx.req.get_body_data()).prefixes[1]
  local body = cjson.encode { success = true, result = {
    accessKeyId = keys.parent_access_key_id, secretAccessKey = ("%064x"):format(number),
    sessionToken = ("token-%08x"):format(number),
  } }
  state:set("until " .. prefix, site.now() + LIFE)
  ngx.header.content_type, ngx.header.content_length = "application/json", #body
  ngx.print(body)
end

-- ---- for the driver ----

--- ?name=value…: now, api ("up", "down").
function soak.set()
  for name, value in pairs(ngx.req.get_uri_args()) do
    state:set(name, tonumber(value) or value)
  end
end

--- What has been counted, and how much of the shared dictionary is taken.
function soak.counts()
  local counts = { last = state:get("last") }
  for _, name in ipairs { "requests", "refused", "errors", "calls" } do
    counts[name] = state:get(name) or 0
  end
  counts.dictionary = site.shared:capacity() - site.shared:free_space()
  ngx.print(cjson.encode(counts))
end

return soak
