-- Files that are written beside their place, and files that go up: what is refused of them before
-- anything is sent.
local local_file = require "r2.bucket.local_file"
local refused = require "spec.support.refused"
local shell = require "spec.support.shell"
local temporary = require "r2.bucket.temporary"

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

local function refuse(says, code, call, ...)
  local arguments = { n = select("#", ...), ... }
  local err = refused({ kind = "file", field = "path", says = { says }, hides = { folder } },
    function()
      return call((table.unpack or unpack)(arguments, 1, arguments.n))
    end)
  assert.equal(code, err.code)
end

local ENDLESS = 2 ^ 53 - 1

describe("A file beside its place", function()
  for stays, name in pairs { [true] = "that stays", [false] = "that does not stay" } do
    it(name .. " is read and changed by those who could before", function()
      for _, permissions in ipairs { "600", "640", "444" } do
        run(("touch a; chmod %s a"):format(permissions))
        local made = assert(temporary.of(path, stays, 3))
        assert(made.file:write("new"))
        assert(made:keep())
        assert.equal(permissions .. "\nnew", run("stat -c %a a; cat a; rm -f a"))
      end
      assert(temporary.of(path, stays, 0)):keep()
      assert.equal(run("touch b; stat -c %a b; rm b"), run("stat -c %a a"))
      assert.equal("a\n", run("ls"))
    end)

    it(name .. " is not begun where the disk has no room, and leaves nothing", function()
      run("echo before >a")
      refuse("cannot be given room: No space left on device", "ENOSPC",
        temporary.of, path, stays, ENDLESS)
      assert.equal("a\nbefore\n", run("ls; cat a"))
    end)

    it(name .. " takes no place but a file's, and waits for no pipe", function()
      run("mkfifo a")
      refuse("a pipe", nil, temporary.of, path, stays, 0)
      assert.equal("a\n", run("ls"))
    end)
  end

  it("that stays is kept where the disk has no room for the rest", function()
    run("echo some >a.part")
    refuse("No space left", "ENOSPC", temporary.of, path, true, ENDLESS)
    assert.equal("some\n", run("cat a.part"))
  end)

  it("that stays is neither a link nor a pipe", function()
    run("ln -s b a.part")
    refuse("it is a link", "ELOOP", temporary.of, path, true, 0)
    run("rm a.part; mkfifo a.part")
    refuse("it is a pipe", nil, temporary.of, path, true, 0)
  end)
end)

describe("A file that goes up", function()
  it("is no pipe, which would be waited for", function()
    run("mkfifo a")
    refuse("it is a pipe", nil, local_file.open, path)
  end)
end)
