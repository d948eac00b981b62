-- The rock as LuaRocks builds it, tried where nothing else of the project is: what it holds and
-- does; what its objects show to the rest of a process, what they need, what loading them opens.
-- Those of the rock, because LuaRocks passes none of the flags that the Makefile passes.

local support = require "spec.project.support"

local BUILD = os.getenv("BUILD") or "build"

local function names_in(text, pattern)
  local names = {}
  for _, line in ipairs(support.lines(text)) do
    names[#names + 1] = line:match(pattern)
  end
  table.sort(names)
  return names
end

-- The files that a Lua opens, or tries to, as a set.
local function opened(lua, environment, statement)
  local trace = support.folder() .. "/trace"
  support.run(("cd / && %s strace -f -qq -e trace=open,openat -o %s %s -e %s"):format(
    environment, trace, lua, support.quote(statement)))
  local paths = {}
  for path in support.read(trace):gmatch('open[at]*%([^"\n]*"([^"\n]*)"') do
    paths[path] = true
  end
  assert(next(paths), "strace saw nothing opened")
  return paths
end

-- Names, and behind those of a library's the version that it gives them.
local UNDEFINED = "nm -D --undefined-only --with-symbol-versions "

local function can_trace()
  local _, status = support.try("strace -o /dev/null true")
  return status == 0
end

teardown(support.remove_folders)

for _, version in ipairs { "5.1", "5.4" } do
  describe("the rock for Lua " .. version, function()
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

    it("has its documentation", function()
      local output = support.run(("HOME=%s luarocks --lua-version=%s --tree %s doc "
        .. "r2-temp-credentials --list --porcelain"):format(support.folder(), version, tree))
      for _, page in ipairs { "README.md", "LICENSE", "CHANGELOG.md" } do
        assert.matches("/doc/" .. page .. "\n", output, 1, true)
      end
      assert.matches("/doc/docs/c-module.md\n", output, 1, true)
      local readme = support.read(output:match("([^\n]+/doc/README%.md)\n"))
      assert.matches("# r2-temp-credentials", readme, 1, true)
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

    describe("in its objects", function()
      local objects, signer, of_libcrypto

      setup(function()
        local folder = tree .. "/lib/lua/" .. version .. "/r2/"
        signer = folder .. "temp_credentials.so"
        local signs = { "SHA256_Final", "SHA256_Init", "SHA256_Update" }
        of_libcrypto = {
          [signer] = signs,
          [folder .. "sigv4.so"] = signs,
          [folder .. "files.so"] = {
            "MD5_Final", "MD5_Init", "MD5_Update", "SHA256_Final", "SHA256_Init",
            "SHA256_Update",
          },
        }
        local list = ("ls %s/lib/lua/%s/r2/*.so"):format(tree, version)
        objects = support.lines(support.run(list))
      end)

      it("export luaopen_ and nothing else", function()
        for _, object in ipairs(objects) do
          local module = object:match("([^/]*)%.so$")
          local exported = support.run("nm -D --defined-only -P " .. object)
          assert.same({ "luaopen_r2_" .. module }, names_in(exported, "^(%S+)"))
        end
      end)

      it("need libcrypto and the C library; not libcurl, not a Lua", function()
        for object in pairs(of_libcrypto) do
          local needed = names_in(support.run("readelf -d " .. object),
            "%(NEEDED%).*%[(.-)%.so[.%d]*%]")
          assert.same({ "libc", "libcrypto" }, needed)
        end
      end)

      it("take of libcrypto what has the same ABI in every OpenSSL", function()
        for object, functions in pairs(of_libcrypto) do
          local used = support.run(UNDEFINED .. object)
          assert.same(functions, names_in(used, "^%s*U%s(%S-)@+OPENSSL"))
        end
      end)

      it("find all that they use in their own libraries or in Lua", function()
        for _, object in ipairs(objects) do
          local others = {}
          local used = support.run(UNDEFINED .. object)
          for _, name in ipairs(names_in(used, "^%s*U%s(%S+)$")) do
            if not name:find("@", 1, true) and not name:find("^luaL?_") then
              others[#others + 1] = name
            end
          end
          assert.same({}, others)
        end
      end)

      for _, lua in ipairs(support.LUAS) do
        if lua.version == version then
          it("are all that require opens on " .. lua.name, function()
            if not can_trace() then
              pending("strace may not trace here")
              return
            end
            local environment = support.only_below(tree, version)
            local before = opened(lua.name, environment, "local x = 1")
            local after = opened(lua.name, environment,
              'require "r2"; require "r2.sigv4"')
            -- Brought for libcrypto, which may have been built on others.
            local libraries = { ["ld.so.cache"] = true }
            for name in support.run("ldd " .. signer):gmatch("(%S+) =>") do
              libraries[name] = true
            end
            local others, own = {}, 0
            for path in pairs(after) do
              if path:sub(1, #tree + 1) == tree .. "/" then
                own = own + 1
              elseif not before[path] and not libraries[path:match("[^/]*$")] then
                others[#others + 1] = path
              end
            end
            assert.same({}, others)
            assert.is_true(own >= 3)
          end)

          it("add no global on " .. lua.name, function()
            assert.equal("", support.run(("cd / && %s %s -e %s"):format(
              support.only_below(tree, version), lua.name, support.quote [[
                                local before = {}
                                for name in pairs(_G) do before[name] = true end
                                require "r2"
                                require "r2.sigv4"
                                for name in pairs(_G) do
                                    if not before[name] then print(name) end
                                end]])))
          end)
        end
      end
    end)
  end)
end
