-- What the specs of API mode inside nginx share: an API in one nginx, which fails as it is told,
-- over real TLS; a server in another nginx that asks it over either transport; and how to ask that
-- one.
--
--   setup(pair.start)
--   teardown(pair.stop)
--   before_each(pair.forget)
--   after_each(pair.assert_no_secret_is_logged)
--
-- R2_RESTY_HTTP names the folder of lua-resty-http, where nginx does not find it by itself.
local cjson = require "cjson"
local assert = require "luassert"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local nginx = require "spec.support.nginx"
local r2_location = require "spec.support.nginx_location"
local support = require "spec.project.support"

-- Between start() and stop(): `api` and `front`, the servers; `http`, an object of r2.http that may
-- ask them; `certificates`, the folder of theirs.
local pair = {
  RESTY = nginx.resty_http(), -- where it is; nil when it is not installed
  SECRETS = { keys.api_token, ("5e55"):rep(16), "a-session-token-of-the-service" },
}

-- ---- the servers ----

local API = [[
lua_shared_dict state 1m;
%s
log_format seen '$server_port $request $http_authorization';
ssl_certificate %s/good.pem;
ssl_certificate_key %s/good.key;
map - $other_port { default @other@; }
server {
    listen 127.0.0.1:@plain@;
    listen 127.0.0.1:@other@;
    listen 127.0.0.1:@good@ ssl;
    access_log access.log seen;
    location / { content_by_lua_block { require("spec.support.nginx_api").serve() } }
}
]]

local API_WITH = [[
server {
    listen 127.0.0.1:@%s@ ssl;
    ssl_certificate %s/%s.pem;
    ssl_certificate_key %s/%s.key;
    access_log access.log seen;
    location / { content_by_lua_block { require("spec.support.nginx_api").serve() } }
}
]]

local BAD_CERTIFICATES = { "wrong_host", "expired", "unknown_ca" }

local function start_api()
  local folder = pair.certificates
  local http = { API:format(nginx.lua_paths(), folder, folder) }
  for _, name in ipairs { "chain", table.unpack(BAD_CERTIFICATES) } do
    http[#http + 1] = API_WITH:format(name, folder, name, folder, name)
  end
  return nginx.start(table.concat(http))
end

-- A server whose own settings are hostile to the location.
local FRONT = [[
%s
lua_shared_dict outcomes 1m;
lua_ssl_trusted_certificate %s/ca.pem;
lua_ssl_verify_depth 3;
%s
ssl_certificate %s/good.pem;
ssl_certificate_key %s/good.key;
proxy_cache_path cache keys_zone=cache:1m;
server {
    listen 127.0.0.1:@web@;
    listen 127.0.0.1:@http2@ ssl http2;
    access_log access.log;
    log_subrequest on;
    proxy_pass_request_headers on;
    proxy_set_header Cookie $http_cookie;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_intercept_errors on;
    proxy_cache cache;
    proxy_cache_methods GET HEAD POST;
    proxy_cache_valid any 1m;
    error_page 307 404 429 500 502 503 504 /static;
    add_header X-Of-The-Server yes always;
    location / { content_by_lua_block { ngx.status = 404 ngx.print("of the site itself") } }
    location = /static { return 200 "a static page"; }
    location = /create { content_by_lua_block { require("spec.support.nginx_front").create() } }
    location = /kept {
        content_by_lua_block { require("spec.support.nginx_front").create_with_kept() }
    }
    location = /worker { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
    location = /outcome { content_by_lua_block { require("spec.support.nginx_front").outcome() } }
    location = /accel { proxy_pass http://127.0.0.1:@web@/accelerated; }
    location = /accelerated { add_header X-Accel-Redirect /r2-good/ok/client/v4/x; return 200; }
    location = /exec { content_by_lua_block { return ngx.exec("/r2-good/ok/client/v4/x") } }
    location = /phases {
        set_by_lua_block $dummy { require("spec.support.nginx_front").here() }
        rewrite_by_lua_block { require("spec.support.nginx_front").here() }
        access_by_lua_block { require("spec.support.nginx_front").here() }
        content_by_lua_block {
            local front = require "spec.support.nginx_front"
            front.here()
            front.in_timer()
        }
        header_filter_by_lua_block { require("spec.support.nginx_front").here() }
        body_filter_by_lua_block { require("spec.support.nginx_front").here() }
        log_by_lua_block { require("spec.support.nginx_front").here() }
    }
    %s
}
]]

local INIT = [[
init_by_lua_block {
    local front = require "spec.support.nginx_front"
    front.set_bases("%s", "https://api.cloudflare.com/ok/client/v4")
    front.keep { transport = "nginx", location = "/r2-good/",
        base = "https://api.cloudflare.com/ok/client/v4" }
    front.here()
}
init_worker_by_lua_block { require("spec.support.nginx_front").here() }
]]

-- Two addresses, as a name often has.
local function twice(text)
  return (text:gsub("    server .-\n", "%0%0"))
end

local function start_front(api)
  local upstreams, locations = {}, {}
  local function add(name, port, timeout)
    upstreams[#upstreams + 1] = twice(r2_location.upstream(name, "127.0.0.1:" .. port))
    locations[#locations + 1] = r2_location.location(name, pair.certificates, timeout)
  end
  for _, name in ipairs { "good", "plain", "chain", table.unpack(BAD_CERTIFICATES) } do
    add(name, api.ports[name])
  end
  add("api", api.ports.good)
  add("quick", api.ports.good, "200ms")
  add("nobody", 1)
  add("sandbox", api.ports.plain)
  local last = #locations
  locations[last] = r2_location.replaced(locations[last], "pass https://", "pass http://")
  local base = ("https://127.0.0.1:%d/ok/client/v4"):format(api.ports.good)
  local proxies = {}
  for i, name in ipairs { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy" } do
    proxies[i] = ("env %s=http://127.0.0.1:%d;"):format(name, api.ports.plain)
  end
  local paths = nginx.lua_paths(pair.RESTY ~= "" and pair.RESTY or nil)
  return nginx.start(FRONT:format(paths, pair.certificates,
    table.concat(upstreams) .. INIT:format(base), pair.certificates, pair.certificates,
    table.concat(locations)), table.concat(proxies))
end

function pair.start()
  pair.certificates = nginx.certificates()
  pair.api = start_api()
  pair.front = start_front(pair.api)
  pair.http = require("r2.http").new { ca_file = pair.certificates .. "/ca.pem" }
end

function pair.stop()
  if pair.http then
    pair.http:close()
  end
  nginx.stop_all()
end

-- ---- what the specs say to them ----

function pair.url(server, port, path, arguments)
  local query = {}
  for name, value in pairs(arguments or {}) do
    query[#query + 1] = name .. "=" .. tostring(value):gsub("[^%w%-._~]", function(byte)
      return ("%%%02X"):format(byte:byte())
    end)
  end
  local scheme = port == "http2" and "https" or "http"
  return ("%s://127.0.0.1:%d%s%s"):format(scheme, server.ports[port], path,
    #query > 0 and "?" .. table.concat(query, "&") or "")
end

function pair.get(server, port, path, arguments, headers)
  return pair.http:perform { method = "GET", url = pair.url(server, port, path, arguments),
    headers = headers or {}, timeout_seconds = 60 }
end

function pair.text(...)
  return assert(pair.get(...)).body
end

-- The requests that the API has got.
function pair.requests()
  local list = {}
  for _, line in ipairs(support.lines(pair.api:read("requests.log"))) do
    list[#list + 1] = cjson.decode(line)
  end
  return list
end

local text = pair.text

-- The API is as it was at the start, and has no note of a request.
function pair.forget()
  text(pair.api, "plain", "/_reset")
  pair.api:clear("requests.log")
  pair.api:clear("access.log")
  if pair.front:read("error.log") ~= "" then
    pair.front:clear("error.log")
  end
end

function pair.assert_no_secret_is_logged()
  for _, name in ipairs { "error.log", "access.log", "output" } do
    leaks.assert_none(pair.SECRETS, pair.front:read(name))
  end
end

-- Each transport with the arguments of its issuer: `server` is whom it asks, `fault` what happens.
pair.TRANSPORTS = {
  nginx = function(server, fault)
    return { transport = "nginx", location = "/r2-" .. server .. "/",
      base = "https://api.cloudflare.com/" .. fault .. "/client/v4" }
  end,
  resty = function(server, fault)
    local port = server == "nobody" and 1 or pair.api.ports[server] or pair.api.ports.good
    return { transport = "resty",
      base = ("https://127.0.0.1:%d/%s/client/v4"):format(port, fault) }
  end,
}

function pair.with(arguments, more)
  for name, value in pairs(more or {}) do
    arguments[name] = value
  end
  return arguments
end

function pair.create(arguments, headers)
  return cjson.decode(text(pair.front, "web", "/create", arguments, headers))
end

function pair.assert_error(kind, outcome, says)
  assert.equal(3, outcome.results)
  assert.equal(kind, outcome.err.kind, outcome.message)
  assert.equal(outcome.message, outcome.err.message)
  assert.is_nil(outcome.message:find("%c"))
  local again = kind == "network" or kind == "timeout" or outcome.err.retryable == true
  assert.equal(again, outcome.err.retryable or false)
  for _, piece in ipairs(says or {}) do
    assert.is_truthy(outcome.message:find(piece, 1, true), outcome.message)
  end
  leaks.assert_none(pair.SECRETS, outcome)
end

return pair
