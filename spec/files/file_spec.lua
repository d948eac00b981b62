-- Files of r2.files: opened, read, written, closed.
local collector = require "spec.support.collector"
local refused = require "spec.support.refused"
local shell = require "spec.support.shell"
local values = require "spec.support.values"
local files = require "r2.files"

local folder, path

before_each(function()
  folder = shell.folder()
  path = folder .. "/a file"
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

local function read_all(file)
  local pieces = {}
  for piece in function() return file:read() end do
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

local function every_byte()
  local bytes = {}
  for i = 0, 255 do
    bytes[i + 1] = string.char(i)
  end
  return table.concat(bytes)
end

describe("files.open", function()
  it("creates a file that only its owner may read", function()
    assert(files.open(path, "create")):close()
    assert.equal("600 0", run("stat -c '%a %s' 'a file'"):match("^(.-)\n"))
  end)

  it("takes other permissions, less the umask", function()
    assert(files.open(path, "create", "666")):close()
    assert(files.open(folder .. "/b", "create", "400")):close()
    assert.equal(run("touch c; stat -c %a c") .. "400\n", run("stat -c %a 'a file' b"))
  end)

  it("creates nothing where there is something", function()
    run("echo old >'a file'; ln -s nowhere link; mkdir folder; ln -s 'a file' used")
    for _, name in ipairs { "a file", "link", "folder", "used" } do
      refuse("EEXIST", function()
        return files.open(folder .. "/" .. name, "create")
      end)
    end
    assert.equal("old\n", run("cat 'a file'"))
    assert.equal("a file\nfolder\nlink\nused\n", run("ls"))
  end)

  it("updates what is there, or a new file, and cuts nothing off", function()
    local file = assert(files.open(path, "update"))
    assert(file:write("0123456789"))
    file:close()
    file = assert(files.open(path, "update"))
    assert(file:write("abc"))
    file:close()
    assert.equal("abc3456789", run("cat 'a file'"))
    assert.equal("600\n", run("stat -c %a 'a file'"))
  end)

  it("updates nothing through a link", function()
    run("echo old >other; ln -s other link; ln -s nowhere dangling")
    for _, name in ipairs { "link", "dangling" } do
      refuse("ELOOP", function()
        return files.open(folder .. "/" .. name, "update")
      end)
    end
    assert.equal("dangling\nlink\nother\n", run("ls"))
    assert.equal("old\n", read_all(assert(files.open(folder .. "/link"))))
  end)

  it("says what is wrong, and not with which path", function()
    run("echo >'a file'; ln -s round round; mkdir folder")
    for code, case in pairs {
      ENOENT = { "/missing" }, ENOTDIR = { "/a file/b" }, ELOOP = { "/round" },
      EISDIR = { "/folder", "update" }, ENAMETOOLONG = { "/" .. ("x"):rep(300) },
      EINVAL = { "/a\0b" },
    } do
      local err = refuse(code, function()
        return files.open(folder .. case[1], case[2])
      end)
      assert.matches("^cannot be opened: %u%l+ ?[%l ]+$", err.message)
    end
    refuse("ENOENT", function() return files.open("") end)
    assert.matches("No such file or directory$", select(2, files.open(folder .. "/missing")))
  end)

  if shell.words("id -u")[1] ~= "0" then
    it("says that it may not", function()
      run("echo >'a file' && chmod 000 'a file'")
      refuse("EACCES", function() return files.open(path) end)
    end)
  end

  it("hands no descriptor to a program that is started", function()
    local file = assert(files.open(path, "create"))
    assert.equal(1, shell.descriptors(path))
    local pipe = io.popen("ls -l /proc/self/fd")
    assert.is_nil(pipe:read("*a"):find("a file", 1, true))
    pipe:close()
    file:close()
  end)

  it("raises when it is misused", function()
    for _, case in ipairs {
      {}, { {} }, { path, "r" }, { path, true }, { path, "create", "" },
      { path, "create", "0600" }, { path, "create", "60" }, { path, "create", "800" },
      { path, "create", "60 " }, { path, "create", {} },
    } do
      assert.has_error(function()
        files.open(case[1], case[2], case[3])
      end)
    end
    assert.equal("", run("ls"))
  end)
end)

describe("file:read", function()
  it("gives every byte, in pieces of 65536, and nil at the end", function()
    run("head -c 150000 /dev/urandom >'a file'")
    local file = assert(files.open(path))
    local lengths, pieces = {}, {}
    for piece in function() return file:read(1000000) end do
      lengths[#lengths + 1], pieces[#pieces + 1] = #piece, piece
    end
    assert.same({ 65536, 65536, 150000 - 2 * 65536 }, lengths)
    assert.is_nil(file:read())
    local standard = assert(io.open(path, "rb"))
    assert.is_true(standard:read("*a") == table.concat(pieces))
    standard:close()
  end)

  it("gives at most what was asked for", function()
    run("printf 0123456789 >'a file'")
    local file = assert(files.open(path))
    assert.equal("012", file:read(3))
    assert.equal("", file:read(0))
    assert.equal("3456789", file:read(8))
    assert.is_nil(file:read(1))
  end)

  it("gives what a pipe has, without waiting for more", function()
    run("mkfifo 'a file'")
    local writer = io.popen(("{ printf abc; cat; } >%s"):format(shell.quote(path)), "w")
    local file = assert(files.open(path))
    assert.equal("abc", file:read())
    writer:write("def")
    writer:close()
    assert.equal("def", file:read())
    assert.is_nil(file:read())
  end)

  it("says that a folder cannot be read", function()
    local file = assert(files.open(folder))
    refuse("EISDIR", function() return file:read() end)
    refuse("EISDIR", function() return file:read_at(0) end)
  end)

  it("says that a file was not opened to be written", function()
    run("echo >'a file'")
    local file = assert(files.open(path))
    refuse("EBADF", function() return file:write("x") end)
    refuse("EBADF", function() return file:write_at(0, "x") end)
    refuse("EINVAL", function() return file:truncate(0) end)
  end)
end)

describe("file:write", function()
  it("writes every byte, one string behind the other", function()
    local bytes = every_byte()
    local file = assert(files.open(path, "create"))
    assert.is_true(file:write(bytes))
    assert.is_true(file:write(""))
    assert.is_true(file:write(bytes:rep(4096)))
    assert.is_true(file:sync())
    local standard = assert(io.open(path, "rb"))
    assert.is_true(standard:read("*a") == bytes:rep(4097))
    standard:close()
  end)

  it("says that the disk is full", function()
    local file = assert(files.open("/dev/full", "update"))
    refuse("ENOSPC", function() return file:write("x") end)
    refuse("ENOSPC", function() return file:write_at(0, "x") end)
  end)
end)

describe("At an offset", function()
  it("a file is read and written, and goes on where it was", function()
    local file = assert(files.open(path, "create"))
    assert(file:write("0123456789"))
    assert.is_true(file:write_at(2, "ab"))
    assert.is_true(file:write_at(12, "z"))
    assert.equal("1ab45", file:read_at(1, 5))
    assert.equal("01ab456789\0\0z", file:read_at(0))
    assert.is_nil(file:read_at(13))
    assert(file:write("!"))
    assert.equal("01ab456789!\\0z", run([[tr '\0' 0 <'a file' | sed 's/0z/\\0z/']]))
  end)

  it("beyond 4 GiB it is the same", function()
    local far = 5 * 2 ^ 30
    local file = assert(files.open(path, "create"))
    assert.is_true(file:write_at(far, "far away"))
    assert.equal(tostring(far + 8):match("^%d+"), run("stat -c %s 'a file'"):match("^%d+"))
    assert.equal(far + 8, file:status().size)
    assert.equal("away", file:read_at(far + 4, 100))
    assert.equal("far away", run("tail -c 8 'a file'"))
    assert.is_true(file:truncate(far + 3))
    assert.equal("\0far", file:read_at(far - 1))
    assert.is_true(file:truncate(0))
    assert.equal("0\n", run("stat -c %s 'a file'"))
    run("rm 'a file'")
  end)

  it("nothing else is taken for one", function()
    local file = assert(files.open(path, "create"))
    for what, odd in values.sorted(values.odd_numbers) do
      if odd ~= 0 then
        assert.has_error(function() file:read_at(odd) end, nil, what)
        assert.has_error(function() file:write_at(odd, "x") end, nil, what)
        assert.has_error(function() file:read_at(0, odd) end, nil, what)
        assert.has_error(function() file:truncate(odd) end, nil, what)
      end
    end
    for what, odd in values.sorted(values.not_a_number()) do
      assert.has_error(function() file:read(odd) end, nil, what)
      assert.has_error(function() file:read_at(odd) end, nil, what)
    end
    for _, method in ipairs { "read_at", "write_at", "truncate", "write" } do
      assert.has_error(function() file[method](file) end)
    end
    assert.equal("0\n", run("stat -c %s 'a file'"))
  end)
end)

describe("A closed file", function()
  it("raises, and may be closed again", function()
    local file = assert(files.open(path, "create"))
    assert.equal(1, shell.descriptors(path))
    assert.is_true(file:close())
    assert.equal(0, shell.descriptors(path))
    assert.is_true(file:close())
    for _, method in ipairs {
      "read", "read_at", "write", "write_at", "seek", "truncate", "reserve", "sync", "lock",
      "status",
    } do
      assert.has_error(function() file[method](file, 0, "") end,
        "r2.files: this file is closed")
    end
    assert.has_error(function() files.digest("md5"):read(file) end,
      "r2.files: this file is closed")
  end)

  it("is one that was collected", function()
    for _ = 1, 20 do
      assert(files.open(path, "update"))
    end
    collector.collect()
    assert.equal(0, shell.descriptors(path))
  end)

  it("is one that a finalizer finds collected", function()
    local seen = {}
    for _ = 1, 10 do
      local file = assert(files.open(path, "update"))
      collector.on_collect(function()
        seen[#seen + 1] = select(2, pcall(file.write, file, "x")) or "nothing"
      end)
    end
    collector.collect()
    assert.equal(10, #seen)
    for _, outcome in ipairs(seen) do
      assert.is_truthy(outcome == true or outcome:find("closed", 1, true), outcome)
    end
    assert.equal(0, shell.descriptors(path))
  end)

  if _VERSION == "Lua 5.4" then
    it("is one that went out of scope", function()
      local load_it = assert(load([[
                local files, path = ...
                local file <close> = assert(files.open(path, "create"))
                return file]]))
      local file = load_it(files, path)
      assert.equal(0, shell.descriptors(path))
      assert.has_error(function() file:read() end, "r2.files: this file is closed")
    end)
  end
end)

describe("The objects of r2.files", function()
  it("hide their metatables", function()
    local objects = { assert(files.open(path, "create")), files.digest("md5") }
    for _, object in ipairs(objects) do
      assert.is_false(getmetatable(object))
      assert.has_error(function() setmetatable(object, {}) end)
      assert.is_nil(object.__gc)
      assert.is_nil(object.__index)
    end
  end)

  it("are not taken for one another", function()
    local file, digest = assert(files.open(path, "create")), files.digest("md5")
    for _, call in ipairs {
      function() file.read(digest) end, function() digest.hex(file, "md5") end,
      function() file.close(io.stdout) end, function() digest.update({}, "x") end,
      function() digest:read(digest) end, function() digest:read(io.stdin) end,
    } do
      assert.has_error(call)
    end
  end)
end)
