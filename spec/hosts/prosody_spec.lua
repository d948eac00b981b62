-- The example for Prosody: its module in a server of its own, which listens for HTTP and nothing
-- else.
local handing_out = require "spec.support.handing_out"
local hosts = require "spec.support.hosts"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not hosts.has("prosody") then
  return pending("Prosody is not installed")
end

local CONF = [[
run_as_root = true
data_path = "@folder@"
pidfile = "@folder@/prosody.pid"
certificates = "@folder@"
plugin_paths = { "@root@/examples/prosody", "@folder@" }
modules_enabled = { "r2_credentials", "objects" }
modules_disabled = { "c2s", "s2s" }
authentication = "internal_plain"
http_interfaces = { "127.0.0.1" }
http_ports = { @port@ }
https_ports = {}
log = { info = "*console" }
VirtualHost "localhost"
]]

local OBJECTS = [[
module:provides("http", {
  route = {
    GET = function()
      return require "spec.support.handed_out" (dofile "@root@/examples/prosody/transport.lua")
    end,
  },
  default_path = "/r2_credentials/objects",
})
]]

describe("examples/prosody", function()
  teardown(function()
    server.stop_all()
    support.remove_folders()
  end)

  handing_out({ it = it, pending = pending }, function(variables)
    local environment = hosts.environment("5.4", variables)
    local s = server.command {
      files = {
        ["prosody.cfg.lua"] = CONF,
        ["mod_objects.lua"] = OBJECTS,
        ["account"] = 'return { ["password"] = "insecure" }',
      },
      command = "sh -c 'mkdir -p @folder@/localhost/accounts && cp @folder@/account"
        .. " @folder@/localhost/accounts/somebody.dat && exec \"$@\"' sh " .. environment
        .. " prosody --config @folder@/prosody.cfg.lua -F",
      ready = "Serving 'objects' at",
    }
    return s, s.url .. "/r2_credentials"
  end)
end)
