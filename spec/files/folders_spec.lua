-- Folders of r2.files, beside what ls(1) and stat(1) tell.
local refused = require "spec.support.refused"
local shell = require "spec.support.shell"
local files = require "r2.files"

local folder

before_each(function()
  folder = shell.folder()
end)

after_each(collectgarbage)
teardown(shell.remove_folders)

local function run(lines)
  return shell.run("cd " .. folder .. " && " .. lines)
end

local function refuse(code, call, name)
  local err = refused({ kind = "file", hides = { folder } }, function()
    return call(folder .. "/" .. name)
  end)
  assert.equal(code, err.code)
end

describe("files.names", function()
  it("are those of all that is there", function()
    assert.same({}, files.names(folder))
    run("mkdir folder; echo >.hidden; ln -s nowhere link; mkfifo pipe; touch 'a b' "
      .. "\"$(printf 'caf\\303\\251')\" \"$(printf 'new\\nline')\" \"$(printf 'no\\377UTF-8')\"")
    local names = files.names(folder .. "/")
    table.sort(names)
    assert.same({
      ".hidden", "a b", "caf\195\169", "folder", "link", "new\nline", "no\255UTF-8", "pipe",
    }, names)
  end)

  it("are those of ten thousand files", function()
    run("seq 10000 | xargs touch")
    local names = files.names(folder)
    table.sort(names)
    assert.equal(run("ls | LC_ALL=C sort"), table.concat(names, "\n") .. "\n")
  end)

  it("leave nothing open", function()
    for _ = 1, 10 do
      assert(files.names(folder))
    end
    assert.equal(0, shell.descriptors(folder))
  end)

  it("says what is wrong", function()
    run("echo >file")
    refuse("ENOENT", files.names, "missing")
    refuse("ENOTDIR", files.names, "file")
    refuse("EINVAL", files.names, "\0")
    assert.has_error(function() files.names() end)
  end)
end)

describe("files.make_folder", function()
  it("makes one, as mkdir does, where there is none", function()
    assert.is_true(files.make_folder(folder .. "/a"))
    assert.is_false(files.make_folder(folder .. "/a"))
    run("mkdir b; ln -s b link")
    assert.is_false(files.make_folder(folder .. "/link"))
    assert.equal(run("stat -c %A b"), run("stat -c %A a"))
  end)

  it("says what is wrong", function()
    run("echo >file; ln -s nowhere link")
    refuse("EEXIST", files.make_folder, "file")
    refuse("EEXIST", files.make_folder, "link")
    refuse("ENOENT", files.make_folder, "missing/a")
    refuse("ENOTDIR", files.make_folder, "file/a")
    refuse("EINVAL", files.make_folder, "\0")
    assert.has_error(function() files.make_folder() end)
    assert.equal("file\nlink\n", run("ls"))
  end)
end)
