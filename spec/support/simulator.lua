-- Cloudflare's own simulator of R2 (npm miniflare), as a client of spec.support.s3. It wants Node
-- 22, which comes with it from npm; `make test` installs both from a lock file of their own.
local s3 = require "spec.support.s3"
local server = require "spec.support.server"

local simulator = {}

local FOLDER = "spec/simulator/"
local PATH = "/cdn-cgi/local/r2/s3"

local function output_of(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local output = pipe:read("*a")
  pipe:close()
  return (output:gsub("\n.*$", ""))
end

-- The newest Node that there is: the one from npm, or the system's own.
local function find_node()
  local own = output_of("ls -d $PWD/" .. FOLDER .. "node_modules/node-linux-*/bin/node")
  for _, node in ipairs { own, "node" } do
    local version = node ~= "" and output_of(node .. " --version"):match("^v(%d+)")
    if version and tonumber(version) >= 22 then
      return node
    end
  end
end

--- Why it cannot be started; nil where it can.
function simulator.missing()
  if output_of("ls " .. FOLDER .. "node_modules/miniflare/package.json") == "" then
    return "miniflare is not installed in " .. FOLDER
  elseif not find_node() then
    return "there is no Node 22"
  end
end

local TRIES = 10

-- It refuses some requests before it has read their bodies, and closes the connection: the answer
-- may be lost on its way, and another one on the same connection too. Those can be asked again.
local function patient(http)
  return {
    perform = function(_, request)
      local response, message, err
      for _ = 1, TRIES do
        response, message, err = http:perform(request)
        if response or err.kind ~= "network" then
          break
        end
      end
      return response, message, err
    end,
  }
end

--- Starts it. server.stop_all() stops it.
-- @treturn table a client with its permanent keys
function simulator.start()
  local running = server.command {
    command = find_node() .. " " .. FOLDER .. "serve.mjs @port@", ready = "ready: ",
  }
  local client = s3.client(running, {
    access_key_id = ("1dea"):rep(8), secret_access_key = ("5ec7"):rep(16),
  }, PATH)
  client.http = patient(client.http)
  return client
end

return simulator
