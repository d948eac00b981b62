-- A Lua whose numbers have 32 bits would round every time to 128 seconds: nothing is built for it,
-- and nothing is loaded by it.

local support = require "spec.project.support"

describe("A Lua with 32-bit numbers", function()
  teardown(support.remove_folders)

  -- The headers of 5.4, with numbers as a small device has them.
  local function small_headers()
    local folder = support.folder()
    local include = support.lines(support.run("build-aux/lua-include 5.4"))[1]
    support.run(("cp %s/*.h %s && sed -i 's/^#define LUA_32BITS.*/#define LUA_32BITS 1/' %s")
      :format(include, folder, folder .. "/luaconf.h"))
    return folder
  end

  it("has nothing built for it", function()
    local output, status = support.try(("make build BUILD=%s LUA_VERSIONS=5.4 LUA_INCDIR_54=%s")
      :format(support.folder(), small_headers()))
    assert.equal(2, status)
    assert.matches("a Lua whose numbers have 64 bits is needed", output, 1, true)
  end)

  -- What such a Lua says of its numbers.
  for what, says in pairs {
    integers = "math.maxinteger = 2147483647",
    floats = [[local read = tonumber
            function tonumber(text)
                return text == "16777217.0" and 16777216 or read(text)
            end]],
  } do
    it("is told so in one line by require, of " .. what, function()
      for _, lua in ipairs(what == "floats" and { "lua5.4", "lua5.1" } or { "lua5.4" }) do
        local output, status = support.try("LUA_PATH='lua/?.lua;lua/?/init.lua' " .. lua
          .. " -e " .. support.quote(says .. ' print(select(2, pcall(require, "r2")))'))
        assert.equal(0, status)
        assert.equal("r2 needs a Lua whose numbers have 64 bits\n", output)
      end
    end)
  end
end)
