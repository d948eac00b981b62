-- How much libcurl reads at a time: it decides what a download costs.
local faulty = require "spec.support.faulty"

-- The command that runs this Lua.
local LUA = jit and "luajit" or _VERSION:lower():gsub(" ", "")

local SCRIPT = [[
    local h = require "r2.http".new()
    local url, takes = %q, %q
    local length = 0
    local response = assert(h:perform {
        method = "GET", url = url,
        output = takes == "true" and function(piece) length = length + #piece end or nil,
    })
    assert(length + #(response.body or "") == 1000000)
]]

local server, preloaded, is_built

setup(function()
  server = faulty.start()
  preloaded = os.tmpname()
  local status = os.execute(("env -u LD_PRELOAD ${CC:-cc} -shared -fPIC -o %s"
    .. " spec/support/reads.c -ldl 2>/dev/null"):format(preloaded))
  is_built = status == true or status == 0
end)

teardown(function()
  os.remove(preloaded)
  server:stop()
end)

-- The most bytes that were asked of a socket at once.
local function most_read(takes)
  local script, counted = os.tmpname(), os.tmpname()
  local file = assert(io.open(script, "w"))
  file:write(SCRIPT:format(server:url("big", server:new_run()) .. "/1000000", tostring(takes)))
  file:close()
  local pipe = assert(io.popen(("R2_READS=%s LD_PRELOAD=\"$LD_PRELOAD %s\" %s %s 2>&1"):format(
    counted, preloaded, LUA, script)))
  assert.equal("", pipe:read("*a"))
  pipe:close()
  file = assert(io.open(counted))
  local most = tonumber(file:read("*a"))
  file:close()
  os.remove(script)
  os.remove(counted)
  return most
end

describe("an answer", function()
  it("is read 256 KiB at a time when an output takes it", function()
    if not is_built then
      return pending("nothing can be preloaded here")
    end
    assert.equal(262144, most_read(true))
  end)

  it("is read 16 KiB at a time when it is kept", function()
    if not is_built then
      return pending("nothing can be preloaded here")
    end
    assert.equal(16384, most_read(false))
  end)
end)
