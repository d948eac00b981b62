-- make install, into a folder that stands for the whole machine.

local support = require "spec.project.support"

describe("make install", function()
  local machine, asked

  setup(function()
    machine = support.folder()
    -- Commands that an installation has no business to run: they note that they were.
    local trap = support.folder()
    asked = trap .. "/asked"
    for _, name in ipairs { "apt-get", "sudo", "luarocks", "npm", "curl" } do
      support.write(trap .. "/" .. name, ("#!/bin/sh\necho %s >>%s\n"):format(name, asked))
    end
    support.run(("chmod +x %s/* && PATH=%s:$PATH make install PREFIX=/usr/local DESTDIR=%s")
      :format(trap, trap, machine))
  end)

  teardown(support.remove_folders)

  for _, lua in ipairs(support.LUAS) do
    it("serves " .. lua.name, function()
      support.assert_signs(lua.name, lua.version, machine .. "/usr/local")
    end)
  end

  it("installs every Lua file of the library, and nothing but the library", function()
    local list = "find . -type f | LC_ALL=C sort"
    local expected = support.run("cd lua && " .. list)
    for _, lua in ipairs(support.LUAS) do
      assert.equal(expected, support.run(("cd %s/usr/local/share/lua/%s && %s"):format(
        machine, lua.version, list)))
    end
    assert.equal("", support.run("cd " .. machine .. " && find . -type f"
      .. " ! -path './usr/local/share/lua/5.?/r2/*'"
      .. " ! -path './usr/local/lib/lua/5.?/r2/*.so'"
      .. " ! -path ./usr/local/bin/r2creds"
      .. " ! -path './usr/local/share/r2-temp-credentials/*'"
      .. " ! -path './usr/local/share/*/*r2creds*'"))
    support.run(("cd %s/usr/local/share && test -s man/man1/r2creds.1 -a "
      .. "-s bash-completion/completions/r2creds -a -s zsh/site-functions/_r2creds -a "
      .. "-s fish/vendor_completions.d/r2creds.fish"):format(machine))
  end)

  it("installs the command, which finds the library wherever the prefix is", function()
    local prefix = support.folder()
    support.run("make install PREFIX=" .. prefix)
    assert.equal("r2creds " .. require("r2")._VERSION .. "\n",
      support.run("cd / && " .. prefix .. "/bin/r2creds --version"))
    support.run(("cd %s/share/r2-temp-credentials && test -x sandbox/run && ls %s"):format(
      prefix, "sandbox/nginx.conf sandbox/api.lua sandbox/s3/access.lua build-aux/nginx-lua"))
    local output = support.try("cd / && " .. prefix .. "/bin/r2creds sandbox --port x")
    assert.matches("^sandbox: PORT must be", output)
  end)

  it("installs below a relative prefix what works from everywhere", function()
    local folder = support.folder()
    local relative = support.lines(support.run("realpath --relative-to=. " .. folder))[1]
    support.run(("make install PREFIX=%s"):format(support.quote(relative .. "/a b")))
    assert.equal("r2creds " .. require("r2")._VERSION .. "\n",
      support.run(("cd / && '%s/a b/bin/r2creds' --version"):format(folder)))
  end)

  it("refuses a prefix that Lua would misread", function()
    local folder = support.folder()
    for character in ('"\\;?%'):gmatch(".") do
      local output, status = support.try("make install PREFIX="
        .. support.quote(folder .. "/a" .. character .. "b") .. " 2>&1")
      assert.equal(2, status)
      assert.matches("^PREFIX must hold none of [^\n]+\nmake: [^\n]+\n$", output)
    end
    assert.equal("", support.run("ls " .. folder))
  end)

  it("asks no package manager and no network", function()
    assert.is_nil((io.open(asked)))
  end)
end)
