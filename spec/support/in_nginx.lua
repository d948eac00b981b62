-- An API that answers byte by byte (spec.support.nginx_bytes), and an nginx that asks it over both
-- of its transports, through the location of docs/transports.md.

local cjson = require "cjson"
local nginx = require "spec.support.nginx"
local r2_location = require "spec.support.nginx_location"

local in_nginx = {}

local API = [[
%s
ssl_certificate %s/good.pem;
ssl_certificate_key %s/good.key;
server {
    listen 127.0.0.1:@good@ ssl;
    location / { content_by_lua_block { require("spec.support.nginx_bytes").serve() } }
}
]]

local FRONT = [[
%s
lua_ssl_trusted_certificate %s/ca.pem;
lua_socket_buffer_size 4k;
%s
server {
    listen 127.0.0.1:@web@;
    location = /create { content_by_lua_block { require("spec.support.nginx_front").create() } }
    location = /perform { content_by_lua_block { require("spec.support.nginx_front").perform() } }
    %s
}
]]

local RESTY = nginx.resty_http()

local api, front, http

--- Why the transport cannot be tried here; nil when it can.
function in_nginx.missing(transport)
  return nginx.missing()
    or transport == "resty" and not RESTY and "lua-resty-http is not installed" or nil
end

--- Starts both. in_nginx.ca_file and in_nginx.host are then whom a client outside of nginx trusts
-- and asks.
function in_nginx.start()
  local certificates = nginx.certificates()
  in_nginx.ca_file = certificates .. "/ca.pem"
  api = nginx.start(API:format(nginx.lua_paths(), certificates, certificates))
  in_nginx.host = "127.0.0.1:" .. api.ports.good
  front = nginx.start(FRONT:format(nginx.lua_paths(RESTY ~= "" and RESTY or nil), certificates,
    r2_location.upstream("good", in_nginx.host), r2_location.location("good", certificates)))
  http = require("r2.http").new()
end

function in_nginx.stop()
  if http then
    http:close()
  end
  nginx.stop_all()
end

local function get(path, arguments)
  local url = ("http://127.0.0.1:%d%s?location=/r2-good/"):format(front.ports.web, path)
  for name, value in pairs(arguments) do
    url = url .. "&" .. name .. "=" .. value
  end
  return cjson.decode(assert(http:perform { method = "GET", url = url }).body)
end

local function host_for(transport)
  return transport == "nginx" and "api.cloudflare.com" or in_nginx.host
end

--- What an issuer brings that asks so for a credential of the bucket, and shows what it got: one of
-- the shows of spec.support.nginx_bytes.
-- @treturn table credentials, or message and err
function in_nginx.create(transport, show, bucket)
  return get("/create", { transport = transport, bucket = bucket or "my-bucket",
    base = ("https://%s/%s/client/v4"):format(host_for(transport), show) })
end

--- What the transport itself returns.
-- @treturn table response, or message and err
function in_nginx.perform(transport, show)
  return get("/perform", { transport = transport,
    url = ("https://%s/%s/x"):format(host_for(transport), show) })
end

return in_nginx
