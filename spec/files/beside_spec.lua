-- Files that r2.files creates to take another's place.
local refused = require "spec.support.refused"
local shell = require "spec.support.shell"
local files = require "r2.files"

local folder, path

before_each(function()
  folder = shell.folder()
  path = folder .. "/a"
end)

after_each(collectgarbage)
teardown(shell.remove_folders)

local function run(lines)
  return shell.run("cd " .. folder .. " && " .. lines)
end

local function refuse(code, name)
  local err = refused({ kind = "file", hides = { folder } }, function()
    return files.create_beside(name)
  end)
  assert.equal(code, err.code)
  assert.matches("^cannot be created: ", err.message)
end

describe("files.create_beside", function()
  it("creates a file in the same folder, for its owner alone, which takes the other's place",
    function()
      run("echo old >a")
      local file, name = assert(files.create_beside(path))
      assert.equal(folder, name:match("^(.*)/a%.%x+%.part$"))
      assert(file:write("new"))
      assert.equal("new", file:read_at(0))
      assert.equal("600\nold\n", run("stat -c %a *.part; cat a"))
      assert.is_true(files.rename(name, path))
      assert.equal("a\nnew", run("ls; cat a"))
    end)

  it("takes other permissions, less the umask", function()
    local _, name = assert(files.create_beside(path, "666"))
    assert.equal(run("touch b; stat -c %a b"), run("stat -c %a " .. shell.quote(name)))
  end)

  it("creates another one each time", function()
    local names = {}
    for _ = 1, 200 do
      local file, name = assert(files.create_beside(path))
      file:close()
      assert.is_nil(names[name])
      names[name] = true
    end
    assert.equal("200\n", run("ls | wc -l"))
  end)

  it("finds a name for the longest ones, of whole characters", function()
    for _, name in ipairs {
      ("x"):rep(255), ("\195\169"):rep(127) .. "x", "x" .. ("\240\159\166\138"):rep(63),
    } do
      local file, beside = assert(files.create_beside(folder .. "/" .. name))
      file:close()
      local kept = beside:match("^" .. folder:gsub("%p", "%%%0") .. "/(.*)%.%x+%.part$")
      assert.equal(kept, name:sub(1, #kept))
      assert.is_true(#kept > 230)
      assert.is_nil(name:sub(#kept + 1, #kept + 1):find("[\128-\191]"))
      assert.is_true(files.rename(beside, folder .. "/" .. name))
    end
  end)

  it("works on names without a folder", function()
    run(shell.lua [[
      local files = require "r2.files"
      local file, name = assert(files.create_beside "a")
      assert(not name:find("/") and files.rename(name, "a"))]])
    assert.equal("a\n", run("ls"))
  end)

  it("says what is wrong, and leaves nothing", function()
    refuse("ENOENT", folder .. "/missing/a")
    refuse("ENOENT", "")
    refuse("EINVAL", path .. "\0")
    run("echo >a")
    refuse("ENOTDIR", path .. "/b")
    for _, permissions in ipairs { "0600", "800", {}, true } do
      assert.has_error(function() files.create_beside(path, permissions) end)
    end
    assert.has_error(function() files.create_beside() end)
    assert.equal("a\n", run("ls"))
  end)
end)
