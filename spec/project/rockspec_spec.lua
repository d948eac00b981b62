-- The rockspec, compared with the tree and with the Makefile.

local support = require "spec.project.support"

teardown(support.remove_folders)

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

  -- The files that some C files stand on: those that they include, and what is declared there.
  local function with_included(files)
    local seen = {}
    local function add(file)
      local exists = io.open(file)
      if seen[file] or not exists then
        return
      end
      exists:close()
      seen[file] = true
      local folder = file:match("^(.*/)")
      for included in support.read(file):gmatch('#include "([^"]+)%.h"') do
        local name = (folder .. included):gsub("[^/]+/%.%./", "")
        add(name .. ".h")
        add(name .. ".c")
      end
    end
    for _, file in ipairs(files) do
      add(file)
    end
    return seen
  end

  -- Module -> its room, as the Makefile has it.
  local function rooms()
    local makefile, found = support.read("Makefile"), {}
    for name in makefile:match("\nMODULES := ([^\n]*)"):gmatch("%S+") do
      found["r2." .. name] = makefile:match("\n" .. name .. "_ROOM := (%S+)")
    end
    return found
  end

  it("builds each module of its room, and of what it takes from base", function()
    for name, room in pairs(rooms()) do
      local own = support.lines(support.run(("ls src/%s/*.c"):format(room)))
      local expected = {}
      for file in pairs(with_included(own)) do
        expected[#expected + 1] = file:match("^.*%.c$")
      end
      table.sort(expected)
      local sources = {}
      for _, source in ipairs(rockspec.build.modules[name].sources) do
        sources[#sources + 1] = source
      end
      table.sort(sources)
      assert.same(expected, sources)
    end
  end)

  it("names for each module the libraries that the Makefile links it with", function()
    local makefile = support.read("Makefile")
    for name in pairs(rooms()) do
      local flags = {}
      for _, library in ipairs(rockspec.build.modules[name].libraries) do
        flags[#flags + 1] = "-l" .. library
      end
      assert.equal(makefile:match("\n" .. name:sub(4) .. "_LIBS := ([^\n]*)"),
        table.concat(flags, " "))
    end
  end)

  -- LuaRocks looks for a file of each library; what belongs to the C library has none on every
  -- system: libm on macOS, libdl with musl.
  it("names libraries that are files everywhere", function()
    for name, module in pairs(rockspec.build.modules) do
      for _, library in ipairs(type(module) == "table" and module.libraries or {}) do
        assert.is_true(library == "crypto" or library == "curl", name .. ": " .. library)
      end
    end
  end)

  it("says where it comes from, and where to tell what is wrong", function()
    for _, name in ipairs { "homepage", "issues_url" } do
      assert.matches("^https://%S+$", rockspec.description[name], name)
    end
    assert.equal("MIT", rockspec.description.license)
    assert.matches("^git%+https://%S+$", rockspec.source.url)
  end)

  it("takes along every page that the README points to", function()
    local pages = {}
    for _, page in pairs(rockspec.build.install.conf) do
      pages[page] = true
    end
    for page in support.read("README.md"):gmatch("%]%((docs/[%w%-]+%.md)") do
      assert.is_true(pages[page], page)
    end
  end)

  it("becomes that of a release", function()
    local folder = support.folder()
    support.run(("cd %s && HOME=%s luarocks new_version --tag=v9.8.7 --dir=%s")
      :format(support.copy_of_project(), folder, folder))
    local released = {}
    assert(loadfile(folder .. "/r2-temp-credentials-9.8.7-1.rockspec", "t", released))()
    assert.equal("9.8.7-1", released.version)
    assert.equal("v9.8.7", released.source.tag)
    assert.same(rockspec.build, released.build)
  end)

  it("tells LuaRocks how it is tested", function()
    local folder = support.folder()
    support.write(folder .. "/make", "#!/bin/sh\necho made: $*\n")
    support.run("chmod +x " .. folder .. "/make")
    local output = support.run(("HOME=%s PATH=%s:$PATH luarocks test"):format(folder, folder))
    assert.matches("made: check\n", output, 1, true)
  end)
end)
