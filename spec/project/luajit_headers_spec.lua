-- What is built for Lua 5.1 serves LuaJIT too; who has LuaJIT's own headers only builds with those.
-- They declare some things of later Luas, which 5.1's do not.

local support = require "spec.project.support"

-- Where LuaJIT's lua.h is, or nil.
local function include_dir()
    return support.lines(support.run("build-aux/lua-include jit"))[1]
end

describe("With LuaJIT's own headers", function()
    teardown(support.remove_folders)

    for _, file in ipairs(support.lines(support.run("ls src/*/*.c"))) do
        it(file .. " compiles without a warning", function()
            local folder = include_dir()
            if not folder then
                pending("LuaJIT's headers are not here")
                return
            end
            local command = "${CC:-cc} -std=c11 -O1 -fPIC -fvisibility=hidden -Wall -Wextra -Werror"
                .. " -I%s -c -o %s/object.o %s"
            local output, status = support.try(command:format(folder, support.folder(), file))
            assert.equal("", output)
            assert.equal(0, status)
        end)
    end

    it("the module that comes of it signs as this one does", function()
        local folder = include_dir()
        if not folder then
            pending("LuaJIT's headers are not here")
            return
        end
        local copy, machine = support.copy_of_project(), support.folder()
        support.run(("make -C %s install LUA_VERSIONS=5.1 LUA_INCDIR_51=%s DESTDIR=%s PREFIX=/usr")
            :format(copy, folder, machine))
        support.assert_signs("luajit", "5.1", machine .. "/usr")
    end)
end)
