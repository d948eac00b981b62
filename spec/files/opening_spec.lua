-- What r2.files opens only where it is a file, or one's own.
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

local function refuse(says, code, name, mode)
  local err = refused({ kind = "file", hides = { folder } }, function()
    return files.open(folder .. "/" .. name, mode)
  end)
  assert.equal("cannot be opened: " .. says, err.message)
  assert.equal(code, err.code)
end

-- A socket at that path, which nobody listens to any more; false where nothing here can make one.
local function make_socket(name)
  return run("if command -v python3 >/dev/null; then python3 -c 'import socket; "
    .. "socket.socket(socket.AF_UNIX).bind(\"" .. name .. "\")'; echo made; fi") == "made\n"
end

describe("files.open of a file", function()
  it("gives it, also behind a link, and for reading only", function()
    run("echo text >file; ln -s file link")
    for _, name in ipairs { "file", "link" } do
      local file = assert(files.open(folder .. "/" .. name, "file"))
      assert.equal("text\n", file:read())
      assert.equal("EBADF", select(3, file:write("x")).code)
    end
  end)

  it("refuses all else, and waits for no pipe", function()
    run("mkdir folder; mkfifo pipe; ln -s pipe link; ln -s round round")
    refuse("it is a folder", "EISDIR", "folder", "file")
    refuse("it is a pipe", nil, "pipe", "file")
    refuse("it is a pipe", nil, "link", "file")
    refuse("it is a device", nil, "../../../../dev/null", "file")
    refuse("No such file or directory", "ENOENT", "missing", "file")
    refuse("Too many levels of symbolic links", "ELOOP", "round", "file")
    if make_socket "socket" then
      refuse("it is a socket", "ENXIO", "socket", "file")
      refuse("it is a socket", "ENXIO", "socket", "own")
    end
    assert.equal(0, shell.descriptors(folder))
    assert.is_nil(run("ls"):find("missing"))
  end)
end)

describe("files.open of one's own file", function()
  it("makes it where there is none, and updates it", function()
    local path = folder .. "/a"
    for _, text in ipairs { "0123", "ab" } do
      local file = assert(files.open(path, "own"))
      assert(file:write(text))
      assert.is_true(file:lock())
      file:close()
    end
    assert.equal("ab23600\n", run("cat a; stat -c %a a"))
  end)

  it("refuses what is no file, and a link", function()
    run("mkdir folder; mkfifo pipe; echo >other; ln -s other link; ln -s nowhere dangling")
    refuse("Is a directory", "EISDIR", "folder", "own")
    refuse("it is a pipe", nil, "pipe", "own")
    refuse("it is a device", nil, "../../../../dev/null", "own")
    for _, mode in ipairs { "own", "update" } do
      refuse("it is a link", "ELOOP", "link", mode)
      refuse("it is a link", "ELOOP", "dangling", mode)
    end
    assert.equal(0, shell.descriptors(folder))
    assert.equal("dangling\nfolder\nlink\nother\npipe\n", run("ls"))
  end)

  if files.user() == 0 then
    it("refuses another user's", function()
      run("echo >a; chown 65534 a")
      refuse("it is another user's", "EPERM", "a", "own")
      assert(files.open(folder .. "/a", "update")):close()
      assert.equal(0, shell.descriptors(folder))
    end)
  end
end)
