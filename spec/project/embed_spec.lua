-- examples/embed: a C program that carries the library; and src/r2.h, which it includes.

local support = require "spec.project.support"

for _, lua in ipairs { "5.4", "jit" } do
  describe("examples/embed with LUA=" .. lua, function()
    local copy

    setup(function()
      copy = support.copy_of_project()
      support.run(("make -C %s/examples/embed LUA=%s CFLAGS='-O0 -Wall -Wextra -Werror'")
        :format(copy, lua))
    end)

    teardown(support.remove_folders)

    local function run_host(script)
      local host = copy .. "/examples/embed/host"
      return support.try(("cd / && LUA_PATH= LUA_CPATH= %s %s"):format(host, script))
    end

    it("runs a script that uses every module, with none on disk", function()
      local output, status = run_host(copy .. "/examples/embed/credential.lua")
      assert.equal(0, status, output)
      local endpoint = "https://" .. ("acc0"):rep(8) .. ".r2.cloudflarestorage.com"
      assert.matches("endpoint: " .. endpoint, output, 1, true)
      assert.matches("session token: %d+ bytes", output)
      assert.matches("is signed with %d+ bytes", output)
      assert.matches("could be sent: ", output)
      assert.is_nil(output:find(("5ec0"):rep(4), 1, true))
    end)

    it("says what went wrong in a script, and fails", function()
      local script = support.folder() .. "/wrong.lua"
      support.write(script, 'assert(require "r2.temp_credentials".new { account_id = "x" })')
      local output, status = run_host(script)
      assert.equal(1, status)
      assert.matches("host: .*account_id .*must ", output)
    end)
  end)
end

describe("src/r2.h", function()
  teardown(support.remove_folders)

  local function compile(compiler, ending)
    local source = support.folder() .. "/host" .. ending
    support.write(source, '#include "r2.h"\nlua_CFunction open_it = luaopen_r2_sigv4;\n')
    return support.try(("%s -Wall -Wextra -Werror -fsyntax-only -Isrc -I%s %s"):format(
      compiler, support.lines(support.run("build-aux/lua-include 5.4"))[1], source))
  end

  it("is a C program's", function()
    local output, status = compile("${CC:-cc} -std=c11", ".c")
    assert.equal(0, status, output)
  end)

  it("is a C++ program's", function()
    local _, missing = support.try("command -v c++")
    if missing ~= 0 then
      pending("there is no C++ compiler here")
      return
    end
    local output, status = compile("c++", ".cc")
    assert.equal(0, status, output)
  end)

  it("declares every module that the Makefile builds", function()
    local modules = support.read("Makefile"):match("\nMODULES := ([^\n]*)")
    local header = support.read("src/r2.h")
    local built, declared = {}, {}
    for name in modules:gmatch("%S+") do
      built[#built + 1] = name
    end
    for name in header:gmatch("luaopen_r2_(%S+)%(") do
      declared[#declared + 1] = name
    end
    assert.same(built, declared)
  end)
end)
