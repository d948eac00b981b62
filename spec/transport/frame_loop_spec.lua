-- The example of a frame loop: against a service that is silent until the frames have gone on, and
-- against the sandbox, where its file arrives.

local faulty = require "spec.support.faulty"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local server = require "spec.support.server"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local FRAMES = 60
local BYTES = 70 * 2 ^ 20 -- in parts

describe("examples/frame_loop.lua", function()
  local api

  setup(function()
    api = faulty.start()
  end)

  teardown(function()
    api:stop()
    server.stop_all()
    support.remove_folders()
  end)

  local function start(lua, variables, path)
    return assert(io.popen(("exec env -u R2_SECRET_ACCESS_KEY %s LUA_CPATH='build/lua%s/?.so;;' %s"
      .. " examples/frame_loop.lua my-bucket %s 2>&1 </dev/null"):format(
      r2creds.words(variables), lua.version, lua.name, path)))
  end

  local function asking(url)
    return {
      CLOUDFLARE_ACCOUNT_ID = keys.account_id, R2_ACCESS_KEY_ID = keys.parent_access_key_id,
      CLOUDFLARE_API_TOKEN = keys.api_token, CLOUDFLARE_BASE_URL = url,
      R2_ENDPOINT = "http://127.0.0.1:" .. faulty.free_port(),
    }
  end

  local function last_line(game)
    local line, last
    repeat
      last, line = line, game:read("l")
    until not line
    return last
  end

  for _, lua in ipairs { support.LUAS[1], support.LUAS[2] } do
    it("draws on while the service is silent, on " .. lua.name, function()
      local run = api:new_run()
      local game <close> = start(lua, asking(api:url("held-credential", run)), "/dev/null")
      for frame = 1, FRAMES do
        assert.equal(("frame %d, 0%% saved"):format(frame), game:read("l"))
      end
      assert.equal(1, #api:seen(run).requests)
      api:release(run)
      local last = last_line(game)
      assert.equal("not saved: path cannot be opened: it is a device", last)
      leaks.assert_none({ keys.api_token }, last)
    end)

    it("draws while its file goes up, on " .. lua.name, function()
      if not server.has_nginx() then
        return pending("the sandbox needs nginx with its Lua module")
      end
      local sandbox = r2creds.sandbox()
      local path = support.folder() .. "/save"
      support.run(("head -c %d /dev/zero >%s"):format(BYTES, path))
      local game <close> = start(lua, r2creds.sandbox_variables(sandbox), path)
      local shares, frames, last = {}, 0, nil
      for line in game:lines() do
        local frame, share = line:match("^frame (%d+), (%d+)%% saved$")
        if frame then
          frames = frames + 1
          assert.equal(frames, tonumber(frame))
          shares[share] = true
        end
        last = line
      end
      assert.equal(("saved, %d bytes"):format(BYTES), last)
      assert.is_true(shares["0"] and shares["100"])
    end)
  end

  it("says when there is no credential", function()
    local url = "http://127.0.0.1:" .. faulty.free_port() .. "/x"
    local game <close> = start(support.LUAS[1], asking(url), "/dev/null")
    assert.matches("^not saved: ", last_line(game))
  end)
end)
