-- The example for HAProxy, as it is shipped but for its port and one thread.
local handing_out = require "spec.support.handing_out"
local hosts = require "spec.support.hosts"
local replaced = require("spec.support.nginx_location").replaced
local server = require "spec.support.server"
local support = require "spec.project.support"

if not hosts.has("haproxy") then
  return pending("HAProxy is not installed")
end

local OBJECTS = [[
core.register_service("objects", "http", function(applet)
  local line = require "spec.support.handed_out" (require "transport")
  applet:set_status(200)
  applet:start_response()
  applet:send(line)
end)
]]

local function conf()
  local text = support.read("examples/haproxy/haproxy.cfg")
  for this, that in pairs {
    ["127.0.0.1:8080"] = "127.0.0.1:@port@",
    ["\n    log stderr"] = "\n    nbthread 1\n    lua-prepend-path \"${PWD}/?.lua\""
      .. "\n    log stderr",
    ["\n    httpclient.ssl"] = "\n    lua-load @folder@/objects.lua\n    httpclient.ssl",
    ["\n    http-request return"] = "\n    http-request use-service lua.objects if"
      .. " { path /objects }\n    http-request return",
  } do
    text = replaced(text, this, that)
  end
  return text
end

describe("examples/haproxy", function()
  teardown(function()
    server.stop_all()
    support.remove_folders()
  end)

  handing_out({ it = it, pending = pending }, function(variables)
    local s = server.command {
      files = { ["haproxy.cfg"] = conf(), ["objects.lua"] = OBJECTS },
      command = hosts.environment("5.3", variables) .. " haproxy -W -db -f @folder@/haproxy.cfg",
      ready = "Loading success",
    }
    return s, s.url
  end)
end)
