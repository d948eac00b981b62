-- What a bucket does, over libcurl: the cases of spec/support/bucket, with the sandbox, and on one
-- Lua with Cloudflare's own simulator of R2 too, where that can be had.
local server = require "spec.support.server"
local servers = require "spec.support.bucket.servers"
local simulator = require "spec.support.simulator"
local world = require "spec.support.bucket.world"

local TOPICS = { "objects", "lists", "uploads", "rights" }

local function run_with(start, has)
  local w
  setup(function()
    w = world.new(start())
  end)
  teardown(server.stop_all)
  after_each(function()
    w:close()
  end)
  for _, topic in ipairs(TOPICS) do
    for _, case in ipairs(require("spec.support.bucket." .. topic)) do
      if has.everything or not case.needs.sandbox then
        it(case.name, function()
          case.run(w)
        end)
      end
    end
  end
end

describe("with the sandbox:", function()
  if not server.has_nginx() then
    pending("it needs nginx with its Lua module")
  else
    run_with(servers.sandbox, { everything = true })
  end
end)

if not jit and _VERSION == "Lua 5.4" then
  describe("with Cloudflare's simulator:", function()
    if simulator.missing() then
      pending(simulator.missing())
    else
      run_with(servers.simulator, {})
    end
  end)
end
