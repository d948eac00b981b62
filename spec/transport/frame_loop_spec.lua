-- The example of a frame loop, against a service that is silent until the frames have gone on.

local faults = require "spec.support.faults"
local faulty = require "spec.support.faulty"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local support = require "spec.project.support"

local FRAMES = 60

describe("examples/frame_loop.lua", function()
  local server

  setup(function()
    server = faulty.start()
  end)

  teardown(function()
    server:stop()
  end)

  local function start(lua, url)
    return assert(io.popen(("exec env CLOUDFLARE_ACCOUNT_ID=%s R2_ACCESS_KEY_ID=%s "
      .. "CLOUDFLARE_API_TOKEN=%s LUA_CPATH='build/lua%s/?.so;;' %s examples/frame_loop.lua "
      .. "my-bucket %s 2>&1 </dev/null"):format(keys.account_id, keys.parent_access_key_id,
      keys.api_token, lua.version, lua.name, url)))
  end

  for _, lua in ipairs { support.LUAS[1], support.LUAS[2] } do
    it("draws on while the service is silent, on " .. lua.name, function()
      local run = server:new_run()
      local game <close> = start(lua, server:url("held-credential", run))
      for frame = 1, FRAMES do
        assert.equal("frame " .. frame, game:read("l"))
      end
      assert.equal(1, #server:seen(run).requests)
      server:release(run)
      local line
      repeat
        line = game:read("l")
      until not line or not line:find("^frame %d+$")
      assert.is_truthy(line:find(faults.result.accessKeyId, 1, true))
      assert.is_nil(game:read("l"))
      leaks.assert_none({ faults.result.secretAccessKey, faults.result.sessionToken,
        keys.api_token }, line)
    end)
  end

  it("says when there is no credential", function()
    local game <close> = start(support.LUAS[1], "http://127.0.0.1:" .. faulty.free_port()
      .. "/x")
    local last
    for line in game:lines() do
      last = line
    end
    assert.is_truthy(last:find("^no credential: "))
  end)
end)
