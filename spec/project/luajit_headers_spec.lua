-- What is built for Lua 5.1 serves LuaJIT too; who has LuaJIT's own headers only builds with those.
-- They declare some things of later Luas, which 5.1's do not.

local support = require "spec.project.support"

-- Where LuaJIT's lua.h is, or nil.
local folder = support.lines(support.run("build-aux/lua-include jit"))[1]

describe("With LuaJIT's own headers", function()
  if not folder then
    pending("LuaJIT's headers are not here")
    return
  end

  local machine, output, status

  setup(function()
    machine = support.folder()
    output, status = support.try(("make -C %s install LUA_VERSIONS=5.1 LUA_INCDIR_51=%s"
      .. " CFLAGS=-O1 DESTDIR=%s PREFIX=/usr"):format(support.copy_of_project(), folder,
      machine))
  end)

  teardown(support.remove_folders)

  it("every file compiles without a warning, of all that the Makefile asks for", function()
    assert.equal(0, status, output)
    assert.is_nil(output:find("warning", 1, true))
    for _, file in ipairs(support.lines(support.run("ls src/*/*.c"))) do
      local object = file:match("^src/(.*)%.c$") .. ".o"
      assert.matches("/" .. object .. "\n", output, 1, true)
    end
  end)

  it("the modules that come of it sign as these do", function()
    support.assert_signs("luajit", "5.1", machine .. "/usr")
  end)
end)
