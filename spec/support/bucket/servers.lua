-- Servers for the cases of r2.bucket over libcurl: the sandbox, Cloudflare's own simulator of R2,
-- and one that misbehaves. Each hands back the options of spec.support.bucket.world.
local make = require "spec.support.make"
local server = require "spec.support.server"
local sigv4 = require "r2.sigv4"
local simulator = require "spec.support.simulator"

local servers = {}

-- A transport over libcurl. One for all: connections are kept.
function servers.libcurl()
  local transport
  return function()
    transport = transport or assert(require("r2.transport.curl").new())
    return transport
  end
end

--- Starts a sandbox. server.stop_all() stops it. It does not run under a checker of memory, and
-- takes the usual build.
function servers.sandbox()
  local build = os.getenv("SERVER_BUILD") or os.getenv("BUILD") or "build"
  local started = server.command {
    command = "env PORT=@port@ TMPDIR=@folder@ BUILD='" .. build .. "' sandbox/run",
    ready = "Ctrl-C ends it",
  }
  return { url = started.url, new_transport = servers.libcurl(), about = "case" }
end

local SIGNED_ANEW = {
  authorization = true, ["x-amz-date"] = true, ["x-amz-content-sha256"] = true,
  ["x-amz-security-token"] = true, ["user-agent"] = true,
}

--- Starts the simulator. It has its buckets below a path, and knows no session tokens: so what goes
-- to it is signed anew. server.stop_all() stops it.
function servers.simulator()
  local client = simulator.start()
  local curl = servers.libcurl()()
  local function signed_anew(request)
    local url = request.url:gsub("^(http://[^/]+)", "%1" .. client.path, 1)
    local headers = {}
    for name, value in pairs(request.headers) do
      headers[name] = not SIGNED_ANEW[name] and value or nil
    end
    local unsigned = { method = request.method, url = url, headers = headers }
    local added = assert(sigv4.sign(unsigned,
      client.credentials, { payload_hash = request.headers["x-amz-content-sha256"] }))
    return make.changed(request, { url = url, headers = make.changed(headers, added) })
  end
  local transport = make.changed(curl, {
    perform = function(request)
      return curl.perform(signed_anew(request))
    end,
    start = function(request)
      return curl.start(signed_anew(request))
    end,
  })
  return {
    url = client.url, permanent = client.credentials, about = "case",
    new_transport = function() return transport end,
  }
end

--- One that misbehaves, of spec.support.faulty.
function servers.faulty(started)
  return {
    url = "http://127.0.0.1:1", faulty_port = started.port,
    new_transport = servers.libcurl(), about = "case",
  }
end

return servers
