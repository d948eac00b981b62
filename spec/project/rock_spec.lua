-- The rock as LuaRocks builds it, tried where nothing else of the project is.

local support = require "spec.project.support"

local BUILD = os.getenv("BUILD") or "build"

describe("the rockspec", function()
    local rockspec = {}

    setup(function()
        assert(loadfile("r2-temp-credentials-scm-1.rockspec", "t", rockspec))()
    end)

    it("names every Lua file of the library", function()
        local named = {}
        for name, module in pairs(rockspec.build.modules) do
            if type(module) == "string" then
                named[#named + 1] = module
                local file = "lua/" .. name:gsub("%.", "/")
                assert.is_true(module == file .. ".lua" or module == file .. "/init.lua", module)
            end
        end
        table.sort(named)
        assert.same(support.lines(support.run("find lua -name '*.lua' | LC_ALL=C sort")), named)
    end)

    it("names every C file of the library", function()
        local named = {}
        for _, module in pairs(rockspec.build.modules) do
            for _, source in ipairs(type(module) == "table" and module.sources or {}) do
                named[source] = true
            end
        end
        for _, source in ipairs(support.lines(support.run("ls src/*/*.c"))) do
            assert.is_true(named[source], source)
        end
    end)
end)

describe("the rock", function()
    teardown(support.remove_folders)

    for _, version in ipairs { "5.1", "5.4" } do
        describe("for Lua " .. version, function()
            local tree

            setup(function()
                tree = support.make_rock(version)
            end)

            for _, lua in ipairs(support.LUAS) do
                if lua.version == version then
                    it("signs on " .. lua.name .. " from its own tree alone", function()
                        support.assert_signs(lua.name, version, tree)
                    end)
                end
            end

            it("has the command, and the command has the sandbox", function()
                -- Behind the rock, what Lua finds by itself: argparse.
                local paths = support.only_below(tree, version):gsub("(%?[%l/]*%.%l+)'", "%1;;'")
                local command = ("cd / && %s %s/bin/r2creds "):format(paths, tree)
                assert.equal("r2creds " .. require("r2")._VERSION .. "\n",
                    support.run(command .. "--version"))
                local output = support.try(command .. "sandbox --port x")
                assert.matches(version == "5.1" and "^sandbox: PORT must be"
                    or "for Lua 5%.1, and that is not here", output)
            end)

            it("holds every Lua file of the library", function()
                local list = "find r2 -name '*.lua' | LC_ALL=C sort"
                assert.equal(support.run("cd lua && " .. list),
                    support.run(("cd %s/share/lua/%s && %s"):format(tree, version, list)))
            end)

            it("holds every C module that make builds", function()
                local list = "find r2 -name '*.so' | LC_ALL=C sort"
                assert.equal(support.run(("cd %s/lua%s && %s"):format(BUILD, version, list)),
                    support.run(("cd %s/lib/lua/%s && %s"):format(tree, version, list)))
            end)
        end)
    end
end)
