-- make dist: what a release is packed as. It is made of the last commit.

local support = require "spec.project.support"

local _, no_checkout = support.try("git rev-parse HEAD")
if no_checkout ~= 0 then
  return pending("this is no checkout")
end

describe("make dist", function()
  local folder, name, version, released

  setup(function()
    folder = support.folder()
    support.run("make BUILD=" .. folder .. " dist")
    version = support.run("git show HEAD:src/base/version.h"):match('R2_VERSION "(.-)"')
    name = "r2-temp-credentials-" .. version
    released = {}
    assert(loadfile(("%s/dist/%s-1.rockspec"):format(folder, name), "t", released))()
    support.run(("tar -xzf %s/dist/%s.tar.gz -C %s"):format(folder, name, folder))
  end)

  teardown(support.remove_folders)

  it("writes the rockspec of the tag, which is that of the sources else", function()
    local rockspec = {}
    assert(load(support.run("git show HEAD:r2-temp-credentials-scm-1.rockspec"), "scm", "t",
      rockspec))()
    assert.equal(version .. "-1", released.version)
    assert.equal("v" .. version, released.source.tag)
    rockspec.version, rockspec.source.tag = released.version, released.source.tag
    assert.same(rockspec, released)
  end)

  it("packs what is committed, but for what is the forge's", function()
    local committed = support.run("git ls-files --with-tree=HEAD | grep -v"
      .. " -e '^\\.ci/' -e '^\\.github/' -e '^\\.gitattributes$' -e '^\\.gitignore$' | sort")
    local packed = support.run(("cd %s/%s && find . -type f -o -type l | sed 's,^\\./,,' | sort")
      :format(folder, name))
    for path in committed:gmatch("[^\n]+") do
      if select(2, support.try("git cat-file -e HEAD:" .. support.quote(path))) == 0 then
        assert.is_truthy(("\n" .. packed):find("\n" .. path .. "\n", 1, true), path)
      end
    end
    for _, path in ipairs { ".ci/", ".github/", ".gitattributes", ".gitignore", "build/" } do
      assert.is_nil(("\n" .. packed):find("\n" .. path, 1, true), path)
    end
  end)

  it("packs what builds, and is of that version", function()
    support.run(("make -C %s/%s LUA_VERSIONS=5.4 CFLAGS=-O0 build"):format(folder, name))
    assert.equal(version .. "\n", support.run(("cd %s/%s && LUA_PATH='lua/?.lua;lua/?/init.lua'"
      .. " LUA_CPATH='build/lua5.4/?.so' lua5.4 -e 'print(require(\"r2\")._VERSION)'"):format(
      folder, name)))
  end)
end)
