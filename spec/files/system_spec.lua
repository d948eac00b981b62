-- What r2.files asks of the system, and what it makes of odd answers: as strace(1) sees it, and has
-- the system answer.
local shell = require "spec.support.shell"

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

-- Runs lines of Lua with this module under strace, with more options for that. Returns what they
-- print, and the calls that were made; nil where strace may not trace.
local function traced(options, lines)
  if not shell.has("strace") or shell.run("strace -o /dev/null true && echo x || true") ~= "x\n"
  then
    pending("strace may not trace here")
    return
  end
  local trace = folder .. "/trace"
  local output = shell.run(("strace -y -o %s %s %s"):format(trace, options, shell.lua(
    ('local files, path = require "r2.files", %q; %s'):format(path, lines))))
  return output, shell.run("cat " .. trace)
end

describe("The system", function()
  it("is asked again when a signal interrupts it", function()
    local calls = "openat,read,pread64,write,pwrite64,ftruncate,fallocate,fsync,flock"
    local output, trace = traced(("-P %s -e trace=%s,close -e inject=%s:error=EINTR:when=1..2 "
      .. "-e inject=close:error=EINTR"):format(path, calls, calls), [[
                local file = assert(files.open(path, "update"))
                assert(file:write("abc"))
                assert(file:write_at(3, "def"))
                assert(file:truncate(5))
                assert(file:reserve(5) ~= nil)
                assert(file:sync())
                assert(file:lock())
                assert(file:read() == "de")
                assert(file:read_at(1, 2) == "bc")
                print(files.digest("md5"):read(file), file:close())]])
    if output then
      assert.equal("5\ttrue\n", output)
      for call in calls:gmatch("[^,]+") do
        assert.is_truthy(trace:find(call .. "%([^\n]*EINTR"), call)
      end
    end
  end)

  -- strace has the first call of each write nothing, and say that it wrote three bytes.
  it("is given the rest of what it wrote in part", function()
    local output = traced(("-P %s -e inject=write,pwrite64:retval=3:when=1"):format(path), [[
            local file = assert(files.open(path, "update"))
            assert(file:write("abcdef"))
            print(file:read_at(0))
            assert(file:write_at(1, "ABCDEF"))
            print((file:read_at(0):gsub("%z", "-")))]])
    if output then
      assert.equal("def\ndef-DEF\n", output)
    end
  end)

  it("that allows no more says so, whatever the disk has", function()
    local output = traced(("-P %s -e inject=pwrite64,fallocate,fsync,close:error=EDQUOT"):format(
      path), [[
            local file = assert(files.open(path, "update"))
            print(file:write_at(0, "x"))
            print(file:reserve(10))
            print(file:sync())
            print(file:close())]])
    if output then
      local lines = {}
      for what, code in output:gmatch("nil\tcannot be ([%l ]+): Disk quota exceeded\t(table)") do
        lines[#lines + 1] = what .. " " .. code
      end
      assert.same({ "written table", "given room table", "written table", "closed table" }, lines)
    end
  end)

  it("that fails in the middle of a folder is told of, and half of it is not handed on", function()
    run("seq 10000 | xargs touch")
    local output = traced("-e inject=getdents64:error=EIO:when=3", [[
            local names, message = files.names(path:match("^(.*)/"))
            print(names, message)]])
    if output then
      assert.equal("nil\tcannot be read: Input/output error\n", output)
    end
  end)

  it("that takes no room beforehand is no reason to give up", function()
    for _, code in ipairs { "EOPNOTSUPP", "ENOSYS" } do
      local output = traced(("-P %s -e inject=fallocate:error=%s"):format(path, code), [[
            print(assert(files.open(path, "update")):reserve(10))]])
      if output then
        assert.equal("false\n", output)
      end
    end
  end)

  it("that has a file of that name already is asked for another", function()
    local lines = [[
      local file, name = assert(files.create_beside(path))
      print(files.status(name).kind)]]
    local _, trace = traced("-e trace=openat", lines)
    if not trace then
      return
    end
    local first = select(2, trace:match("^(.*)openat[^\n]*%.part"):gsub("openat", "")) + 1
    local output
    output, trace = traced(("-e trace=openat -e inject=openat:error=EEXIST:when=%d..%d"):format(
      first, first + 2), lines)
    local names, count = {}, 0
    for name in trace:gmatch('"([^"]*%.part)"') do
      count = names[name] and count or count + 1
      names[name] = true
    end
    assert.equal("file\n", output)
    assert.equal(4, count)
  end)

  it("writes the folder to the disk after a rename, and then says that it is done", function()
    local output, trace = traced("-e trace=rename,renameat,renameat2,fsync", [[
            local file = assert(files.open(path, "create"))
            assert(file:sync())
            print(files.rename(path, path .. "2"))]])
    if output then
      local calls = {}
      for call, rest in trace:gmatch("([%l_]+)[%d]*%((.-)\n") do
        calls[#calls + 1] = call .. " " .. (rest:match("^%d+<(.-)>") or "")
      end
      assert.same({ "fsync " .. path, "rename ", "fsync " .. folder }, calls)
      assert.equal("true\n", output)
    end
  end)

  it("that cannot do so for a folder is believed; that fails is not", function()
    for code, wanted in pairs {
      EINVAL = "true\n",
      EIO = "nil\twas renamed, but not on the disk: Input/output error\tEIO\n",
    } do
      run("touch a")
      local output = traced("-e inject=fsync:error=" .. code, [[
                local done, message, err = files.rename(path, path .. "2")
                print(done, message, err and err.code)]])
      if output then
        assert.equal(wanted, (output:gsub("\tnil", "")))
        assert.equal("a2\n", run("rm -f trace; ls"))
      end
    end
  end)
end)
