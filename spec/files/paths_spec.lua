-- Files renamed and removed by r2.files.
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

local function refuse(code, call)
  local err = refused({ kind = "file", hides = { folder } }, call)
  assert.equal(code, err.code)
  return err
end

describe("files.rename", function()
  it("puts a file in place of another", function()
    run("echo new >a; echo old >b")
    assert.is_true(files.rename(path, folder .. "/b"))
    assert.equal("b\nnew\n", run("ls; cat b"))
  end)

  it("replaces a link, and not what it leads to", function()
    run("echo new >a; echo old >other; ln -s other b")
    assert.is_true(files.rename(path, folder .. "/b"))
    assert.equal("new\nold\nregular file\n", run("cat b other; stat -c %F b"))
  end)

  it("works on names without a folder", function()
    run("echo new >a; " .. shell.lua [[assert(require "r2.files".rename("a", "b"))]])
    assert.equal("b\n", run("ls"))
  end)

  it("says what is wrong, and leaves both as they were", function()
    run("echo new >a; echo old >b; mkdir folder")
    for code, case in pairs {
      ENOENT = { "missing", "b" }, EISDIR = { "a", "folder" }, ENOTDIR = { "a", "b/c" },
      EINVAL = { "a", "b\0" },
    } do
      refuse(code, function()
        return files.rename(folder .. "/" .. case[1], folder .. "/" .. case[2])
      end)
    end
    refuse("ENOENT", function() return files.rename(path, folder .. "/missing/b") end)
    assert.equal("a\nb\nfolder\nnew\nold\n", run("ls; cat a b"))
  end)
end)

describe("files.remove", function()
  it("removes a file, and a link and not what it leads to", function()
    run("echo >a; echo kept >other; ln -s other link")
    assert.is_true(files.remove(path))
    assert.is_true(files.remove(folder .. "/link"))
    assert.equal("other\n", run("ls"))
  end)

  it("says what is wrong, and removes no folder", function()
    run("mkdir folder")
    refuse("ENOENT", function() return files.remove(path) end)
    refuse("EINVAL", function() return files.remove(path .. "\0") end)
    local err = refused({ kind = "file" }, function()
      return files.remove(folder .. "/folder")
    end)
    assert.is_truthy(err.code == "EISDIR" or err.code == "EPERM") -- Linux, POSIX
    assert.equal("folder\n", run("ls"))
  end)
end)
