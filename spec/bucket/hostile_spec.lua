-- What a bucket makes of answers that R2 should not give, over libcurl:
-- spec/support/bucket/hostile.lua.
local faulty = require "spec.support.faulty"
local servers = require "spec.support.bucket.servers"
local world = require "spec.support.bucket.world"

describe("a bucket, of a server that misbehaves:", function()
  local w, started

  setup(function()
    started = faulty.start()
    w = world.new(servers.faulty(started))
  end)

  teardown(function()
    started:stop()
  end)

  after_each(function()
    w:close()
  end)

  for _, case in ipairs(require "spec.support.bucket.hostile") do
    it(case.name, function()
      case.run(w)
    end)
  end
end)
