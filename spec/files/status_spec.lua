-- What r2.files tells of an opened file, of this process, and of the terminal, beside what stat(1),
-- id(1) and stty(1) tell.
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

local function open(name, mode)
  return assert(files.open(folder .. "/" .. name, mode))
end

-- The fields in the order of the words that stat prints for them.
local function told(status)
  return ("%s %d %d %d %d %s %s"):format(status.permissions, status.owner, status.group,
    status.size, status.modified, status.device, status.inode)
end
local STAT = "stat -L -c '%03a %u %g %s %Y %d %i' "

describe("file:status", function()
  it("is what stat says", function()
    run("head -c 12345 /dev/zero >a; touch -d @1700000000.123456789 a")
    for _, mode in ipairs { "600", "640", "4755", "1777", "400", "000" } do
      run("chmod " .. mode .. " a")
      if mode ~= "000" or files.user() == 0 then
        local status = open("a"):status()
        assert.equal(run(STAT .. "a"), told(status) .. "\n")
        assert.equal(123456789, status.modified_nanoseconds)
        assert.equal("file", status.kind)
      end
    end
  end)

  if files.user() == 0 then
    it("tells another owner and group", function()
      run("echo >a; chown 65534:12345 a")
      local status = open("a"):status()
      assert.equal(65534, status.owner)
      assert.equal(12345, status.group)
    end)
  end

  it("tells of a time before 1970", function()
    run("touch -d @-1.5 a")
    local status = open("a"):status()
    assert.equal(-2, status.modified)
    assert.equal(500000000, status.modified_nanoseconds)
  end)

  it("tells the kinds apart", function()
    run("mkdir folder; mkfifo pipe; echo >file; ln -s file link; ln -s /dev/null device")
    for name, kind in pairs {
      folder = "folder", file = "file", link = "file", device = "device",
    } do
      assert.equal(kind, open(name):status().kind)
    end
    assert.equal("pipe", open("pipe", "update"):status().kind)
  end)

  it("is that of what was opened, wherever its path leads by now", function()
    run("echo one >a; echo other >b")
    local file = open "a"
    local before = file:status()
    run("mv b a")
    assert.same(before, file:status())
    assert.are_not.equal(before.inode, open("a"):status().inode)
    assert.equal(before.device, open("a"):status().device)
  end)

  it("follows what is written", function()
    local file = open("a", "create")
    assert.equal(0, file:status().size)
    assert(file:write("12345"))
    assert.equal(5, file:status().size)
  end)
end)

describe("files.status", function()
  it("is that of what a path leads to, and opens nothing", function()
    run("echo text >file; mkfifo pipe; ln -s file link; ln -s nowhere dangling; mkdir folder")
    for _, name in ipairs { "file", "link", "folder" } do
      assert.same(open(name):status(), files.status(folder .. "/" .. name))
    end
    assert.equal("pipe", files.status(folder .. "/pipe").kind)
    assert.equal("device", files.status("/dev/null").kind)
  end)

  it("is that of a link itself, where that is asked for", function()
    run("echo text >file; ln -s file link; ln -s nowhere dangling")
    for _, name in ipairs { "link", "dangling" } do
      local status = files.status(folder .. "/" .. name, "link")
      assert.equal("link", status.kind)
      assert.equal(run((STAT:gsub("%-L ", "")) .. name), told(status) .. "\n")
    end
    assert.same(open("file"):status(), files.status(folder .. "/file", "link"))
  end)

  it("says what is wrong, and not with which path", function()
    run("echo >file; ln -s nowhere dangling")
    for name, code in pairs {
      missing = "ENOENT", dangling = "ENOENT", ["file/b"] = "ENOTDIR", ["file\0"] = "EINVAL",
    } do
      local err = refused({ kind = "file", hides = { folder } }, function()
        return files.status(folder .. "/" .. name)
      end)
      assert.equal(code, err.code)
      assert.matches("^cannot be looked at: ", err.message)
    end
  end)

  it("raises when it is misused", function()
    assert.has_error(function() files.status() end)
    assert.has_error(function() files.status {} end)
    for _, odd in ipairs { "file", true, {} } do
      assert.has_error(function() files.status("/", odd) end)
    end
  end)
end)

describe("files.user", function()
  it("is whose files this process makes", function()
    open("a", "create")
    assert.equal(shell.words("id -u")[1], ("%d"):format(files.user()))
    assert.equal(run("stat -c %u a"), ("%d\n"):format(files.user()))
  end)
end)

describe("files.terminal_width", function()
  it("is nil where there is no terminal", function()
    local found = 0
    for line in shell.run("ls -l /proc/" .. shell.process() .. "/fd"):gmatch("[^\n]+") do
      local descriptor, target = line:match(" (%d+) %-> (.*)$")
      if descriptor and not target:find("^/dev/[pt]t[ys]") then
        assert.is_nil(files.terminal_width(tonumber(descriptor)), target)
        found = found + 1
      end
    end
    assert.is_true(found > 0)
    assert.is_nil(files.terminal_width(1000000))
  end)

  it("is that of the terminal, or 80 where it says none", function()
    if not shell.has("script") then
      pending("util-linux' script is not here")
      return
    end
    for columns, width in pairs { [0] = 80, [1] = 1, [97] = 97, [500] = 500 } do
      local lua = shell.lua(
        'local f = require "r2.files"; io.write("<", f.terminal_width(1), ">")')
      local output = shell.run(("script -qec %s /dev/null </dev/null"):format(
        shell.quote(("stty cols %d; %s"):format(columns, lua))))
      assert.equal(tostring(width), output:match("<(%d+)>"), output)
    end
  end)

  it("raises when it is given no descriptor", function()
    for _, descriptor in ipairs { -1, 2 ^ 31, 0.5, "1", io.stdout, {}, false } do
      assert.has_error(function() files.terminal_width(descriptor) end)
    end
    assert.has_error(function() files.terminal_width() end)
  end)
end)
