-- Runs inside nginx: a server that asks for credentials with a transport of its own, and tells what
-- came of it as JSON.
-- luacheck: std ngx_lua

local cjson = require "cjson"
local hurried = require "spec.support.hurried"
local keys = require "spec.support.keys"
local r2 = require "r2"

local front = {}

local function transport_of(args)
  if args.transport == "resty" then
    local transport, message, err = require("r2.transport.resty").new()
    if transport and args.each then
      transport = hurried(transport, { tonumber(args.each) })
    end
    return transport, message, err
  elseif args.transport == "nginx" then
    return require("r2.transport.nginx").new { location = args.location, origin = args.origin }
  end
end

local function issuer_of(args)
  local transport, message, err = transport_of(args)
  if message then
    return nil, message, err
  end
  return r2.new {
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    api_token = keys.api_token,
    mode = "api",
    api_base_url = args.base,
    transport = transport,
    timeout_seconds = tonumber(args.timeout) or 20,
    max_attempts = tonumber(args.attempts) or 3,
    user_agent = args.agent,
    random = function()
      return 0 -- nothing waits between attempts
    end,
  }
end

local function request_of(args)
  return {
    bucket = args.bucket or "my-bucket",
    permission = "object-read-only",
    ttl_seconds = 900,
    objects = { "a/key" },
  }
end

local function outcome(...)
  local credentials, message, err = ...
  local fields
  if credentials then
    fields = {}
    for name, value in pairs(credentials) do
      fields[name] = value
    end
  end
  return cjson.encode {
    results = select("#", ...), credentials = fields, message = message, err = err,
  }
end

local function create(args)
  local issuer, message, err = issuer_of(args)
  if not issuer then
    return outcome(nil, message, err)
  end
  return outcome(issuer:create(request_of(args)))
end

--- A credential by the arguments of the query.
function front.create()
  local result = create(ngx.req.get_uri_args())
  ngx.header.x_outcome = result -- for HEAD
  ngx.print(result)
end

--- What a transport returns by itself, by the arguments of the query.
function front.perform()
  local args = ngx.req.get_uri_args()
  local response, message, err = assert(transport_of(args)).perform {
    method = "POST", url = args.url, headers = {}, body = '{"bucket":"my-bucket"}',
    timeout_seconds = 10,
  }
  ngx.print(cjson.encode { response = response, message = message, err = err })
end

-- ---- phases: what is made there is kept, and read later ----

local function both(base, origin)
  local results = {}
  for _, name in ipairs { "resty", "nginx" } do
    local ok, result = pcall(create, {
      transport = name,
      base = name == "resty" and base or origin,
      attempts = "1",
    })
    results[name] = ok and result or cjson.encode { raised = tostring(result) }
  end
  return results
end

local bases

--- Where the transports are to ask, in every phase.
function front.set_bases(base, origin)
  bases = { base, origin }
end

function front.here()
  local phase = ngx.get_phase()
  local results = both(bases[1], bases[2])
  for name, result in pairs(results) do
    ngx.shared.outcomes:set(phase .. " " .. name, result)
  end
end

function front.in_timer()
  assert(ngx.timer.at(0, front.here))
end

--- The outcome in a phase, {} while there is none.
function front.outcome()
  local args = ngx.req.get_uri_args()
  ngx.print(ngx.shared.outcomes:get(args.phase .. " " .. args.transport) or "{}")
end

-- ---- an issuer made before the worker was ----

local kept

function front.keep(args)
  kept = assert(issuer_of(args))
end

function front.create_with_kept()
  ngx.print(outcome(kept:create(request_of {})))
end

return front
