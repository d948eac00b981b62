-- What r2.files says where there is no room: on a full disk, at a file-size limit, beforehand.
local refused = require "spec.support.refused"
local shell = require "spec.support.shell"
local values = require "spec.support.values"
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

-- A program that prints what each of these says of a file that it creates, told as `file`.
local function program(lines)
  return shell.lua(([[
    local files = require "r2.files"
    local file = assert(files.open("a", "create"))
    local function told(done, message, err)
      print(done, message, err and err.code)
    end
    %s]]):format(lines))
end

-- POSIX counts in blocks of 512 bytes.
local function limited(lines)
  return run("ulimit -f 2; exec " .. program(lines))
end

describe("At a file-size limit", function()
  it("a file is written up to it, and the process lives on and is told", function()
    assert.equal("true\tnil\tnil\nnil\tcannot be written: File too large\tEFBIG\n1024\n",
      limited [[
        told(file:write(("x"):rep(1000)))
        told(file:write(("y"):rep(1000)))
        print(file:status().size)]])
  end)

  it("so it is at an offset, at once and beyond", function()
    local refusal = "nil\tcannot be written: File too large\tEFBIG\n"
    assert.equal("true\tnil\tnil\n" .. refusal .. refusal .. refusal .. "1024\n", limited [[
      told(file:write_at(1000, ("x"):rep(24)))
      told(file:write_at(1024, "y"))
      told(file:write_at(2 ^ 40, "y"))
      told(file:write_at(1020, "yyyyy"))
      print(file:status().size)]])
  end)

  it("so it is when a file is extended, or room taken", function()
    assert.equal("true\tnil\tnil\nnil\tcannot be written: File too large\tEFBIG\n"
      .. "nil\tcannot be given room: File too large\tEFBIG\n1024\n", limited [[
        told(file:truncate(1024))
        told(file:truncate(1025))
        told(file:reserve(1025))
        print(file:status().size)]])
  end)

  it("what is no file has none", function()
    assert.equal("true\tnil\tnil\nnil\tcannot be written: No space left on device\tENOSPC\n",
      limited [[
        told(files.open("/dev/null", "update"):write_at(4096, "x"))
        told(files.open("/dev/full", "update"):write_at(4096, "x"))]])
  end)
end)

describe("On a small disk", function()
  -- A file system of 64 KiB, seen by the program alone; nil where none may be made.
  local function on_small_disk(lines)
    local mount = "mount -t tmpfs -o size=64k none disk 2>/dev/null"
    run("mkdir disk")
    local inside = mount .. " && cd disk && echo there && exec " .. program(lines)
    local output = run("unshare -rm sh -c " .. shell.quote(inside) .. " 2>/dev/null || true")
    if output == "" then
      pending("no file system may be made here")
      return
    end
    return (output:gsub("^there\n", ""))
  end

  it("a file is written as far as there is room, and then says so", function()
    local output = on_small_disk [[
      told(file:write(("x"):rep(40000)))
      told(file:write_at(40000, ("x"):rep(40000)))
      told(file:truncate(0))
      told(file:write(("x"):rep(20000)))]]
    if output then
      local good, full = "true\tnil\tnil\n", "cannot be written: No space left on device\tENOSPC\n"
      assert.equal(good .. "nil\t" .. full .. good .. good, output)
    end
  end)

  it("room is there or not before anything is written, and stays taken", function()
    local output = on_small_disk [[
      told(file:reserve(65537))
      told(file:reserve(60000))
      told(file:reserve(60000))
      print(file:status().size)
      local other = assert(files.open("b", "create"))
      told(other:write(("x"):rep(10000)))
      told(file:write(("x"):rep(60000)))]]
    if output then
      local good = "true\tnil\tnil\n"
      assert.equal("nil\tcannot be given room: No space left on device\tENOSPC\n" .. good .. good
        .. "0\nnil\tcannot be written: No space left on device\tENOSPC\n" .. good, output)
    end
  end)
end)

describe("file:reserve", function()
  it("takes nothing of what would never do", function()
    local file = assert(files.open(path, "create"))
    local before = run("stat -c %b a")
    local err = refused({ kind = "file", hides = { folder } }, function()
      return file:reserve(2 ^ 53 - 1)
    end)
    assert.equal("ENOSPC", err.code)
    assert.equal(before, run("stat -c %b a"))
  end)

  it("changes no byte and no length", function()
    local file = assert(files.open(path, "create"))
    assert(file:write("0123"))
    assert.is_boolean(file:reserve(1000000))
    assert.is_boolean(file:reserve(2))
    assert.is_boolean(file:reserve(0))
    assert.equal("0123", file:read_at(0))
    assert.equal(4, file:status().size)
  end)

  it("says that a file was not opened to be written", function()
    run("echo >a")
    local file = assert(files.open(path))
    assert.equal("EBADF", refused({ kind = "file" }, function() return file:reserve(10) end).code)
  end)

  it("raises when it is given no size", function()
    local file = assert(files.open(path, "create"))
    for what, odd in values.sorted(values.not_a_number()) do
      assert.has_error(function() file:reserve(odd) end, nil, what)
    end
    for _, odd in ipairs { -1, 0.5, 2 ^ 53 } do
      assert.has_error(function() file:reserve(odd) end)
    end
    assert.has_error(function() file:reserve() end)
  end)
end)
