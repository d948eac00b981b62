-- examples/openresty/gateway as it is shipped, but for ports and where R2 is, before a backend, and
-- what goes over the wire between the two.
local http = require "r2.http"
local keys = require "sandbox.keys"
local nginx = require "spec.support.nginx"
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local simulator = require "spec.support.simulator"
local socket = require "socket"
local start_example = require "spec.support.nginx_example"

local gateway = {}

local WIRE = [[
%s
%s
server {
    listen 127.0.0.1:@wire@;
    location / {
        rewrite_by_lua_block { require("spec.support.wire").pass() }
        proxy_pass http://%s;
        proxy_set_header Host $http_host;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_pass_request_headers on;
        proxy_buffering off;
    }
}
]]

local Gateway = {}
Gateway.__index = Gateway

-- ---- what it stands before ----

local function sandbox()
  local backend = s3.start()
  return backend, {
    CLOUDFLARE_ACCOUNT_ID = keys.account_id, R2_ACCESS_KEY_ID = keys.parent_access_key_id,
    R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key, R2_ENDPOINT = backend.url,
  }, {}
end

-- It takes no session tokens: another site.lua has its permanent key.
local function of_simulator()
  local backend = simulator.start()
  return backend, { R2_ENDPOINT = backend.url }, {
    ['require "site"'] = 'require "spec.support.gateway_site"',
  }
end

gateway.BACKENDS = { sandbox = sandbox, simulator = of_simulator }

--- Why one cannot be started; nil where it can.
function gateway.missing(name)
  return nginx.missing() or name == "simulator" and simulator.missing() or nil
end

--- Starts it; server.stop_all() ends all of it.
-- @tparam string name of the backend
-- @tparam ?table changes of nginx.conf besides
-- @tparam ?table environment besides
-- @treturn table backend, a client of spec.support.s3; started, the gateway
function gateway.start(name, changes, environment)
  local backend, variables, replaced = gateway.BACKENDS[name]()
  local wire = nginx.start(WIRE:format(nginx.lua_paths(), "", backend.url:match("^http://(.*)$")))
  replaced["127.0.0.1:8080"] = "127.0.0.1:@web@"
  replaced["ACCOUNT.r2.cloudflarestorage.com:443"] = "127.0.0.1:" .. wire.ports.wire
  replaced["unix:signer.sock"] = "unix:" .. wire.folder .. "/signer.sock"
  replaced["proxy_pass https://r2"] = "proxy_pass http://r2"
  for this, that in pairs(changes or {}) do
    replaced[this] = that
  end
  for variable, value in pairs(environment or {}) do
    variables[variable] = value
  end
  backend.http = assert(http.new { max_body_bytes = 2 ^ 24 })
  return setmetatable({
    backend = backend, wire = wire, http = backend.http,
    started = start_example("examples/openresty/gateway", replaced, variables),
  }, Gateway)
end

function gateway.stop_all()
  nginx.stop_all()
  server.stop_all()
end

-- ---- asking it ----

--- @treturn table response
function Gateway:ask(path, headers, method)
  return assert(self.http:perform { method = method or "GET", headers = headers,
    url = ("http://127.0.0.1:%d%s"):format(self.started.ports.web, path) })
end

--- Sends these bytes and reads until the other side closes.
-- @treturn ?number status
-- @treturn string all that came
function Gateway:send(bytes)
  local connection = assert(socket.connect("127.0.0.1", self.started.ports.web))
  connection:settimeout(30)
  assert(connection:send(bytes))
  local text, _, part = connection:receive("*a")
  connection:close()
  text = text or part
  return tonumber(text:match("^HTTP/1%.1 (%d+)")), text
end

--- A request with this as its target, just as it stands.
function Gateway:target(target, method)
  return self:send(("%s %s HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n"):format(
    method or "GET", target))
end

--- What has gone to the backend since this was last asked: for each request its line, and the names
-- and values of its headers.
function Gateway:sent()
  local requests = {}
  for text in self.wire:read("wire.log"):gmatch("[^%z]+") do
    local headers = {}
    for name, value in text:gmatch("\n([^:\r\n]+):%s*([^\r\n]*)") do
      headers[name:lower()] = value
    end
    requests[#requests + 1] = { line = text:match("^[^\r\n]+"), headers = headers }
  end
  self.wire:clear("wire.log")
  return requests
end

--- What it has printed.
function Gateway:log()
  return self.started:read("output")
end

--- Ends what stands between it and the backend.
function Gateway:cut()
  self.wire.started.stop()
end


return gateway
