-- Where a file of r2.files goes on: held against Lua's own files.
local refused = require "spec.support.refused"
local shell = require "spec.support.shell"
local values = require "spec.support.values"
local files = require "r2.files"

local path

before_each(function()
  path = shell.folder() .. "/a"
  shell.run("printf 0123456789 >" .. path)
end)

after_each(collectgarbage)
teardown(shell.remove_folders)

describe("file:seek", function()
  it("goes where Lua's own does, and tells that", function()
    local ours, standard = assert(files.open(path)), assert(io.open(path, "rb"))
    for _, case in ipairs {
      {}, { "set", 3 }, { "cur" }, { "cur", 2 }, { "cur", -4 }, { "end", -2 }, { "end" },
      { "end", 5 }, { "set" }, { nil, 1 }, { "set", 9.0 },
    } do
      assert.equal(standard:seek(case[1] or "cur", case[2] or 0), ours:seek(case[1], case[2]))
      assert.equal(standard:read(1), ours:read(1))
    end
    standard:close()
  end)

  it("leaves what is read at an offset alone, and is left alone by it", function()
    local file = assert(files.open(path, "update"))
    assert.equal(4, file:seek("set", 4))
    assert.equal("89", file:read_at(8))
    assert(file:write_at(0, "ab"))
    assert.equal(4, file:seek())
    assert(file:write("x"))
    assert.equal("ab23x56789", shell.run("cat " .. path))
  end)

  it("goes beyond 4 GiB", function()
    local far = 5 * 2 ^ 30
    local file = assert(files.open(path, "update"))
    assert.equal(far, file:seek("set", far))
    assert(file:write("far"))
    assert.equal(far + 3, file:seek("end"))
    assert.equal("far", file:read_at(far))
  end)

  it("says that there is no such place", function()
    local file = assert(files.open(path))
    local function refuse(code, call)
      assert.equal(code, refused({ kind = "file" }, call).code)
    end
    refuse("EINVAL", function() return file:seek("set", -1) end)
    refuse("EINVAL", function() return file:seek("end", -11) end)
    assert.equal(0, file:seek())
    os.remove(path)
    shell.run("mkfifo " .. path)
    local pipe = assert(files.open(path, "update"))
    refuse("ESPIPE", function() return pipe:seek() end)
  end)

  it("raises when it is misused", function()
    local file = assert(files.open(path))
    for _, whence in ipairs { "start", 1, true, {} } do
      assert.has_error(function() file:seek(whence) end)
    end
    for what, odd in values.sorted(values.not_a_number()) do
      if odd ~= nil then
        assert.has_error(function() file:seek("set", odd) end, nil, what)
      end
    end
    for _, odd in ipairs { 0.5, 2 ^ 53, -2 ^ 53, 1 / 0, 0 / 0 } do
      assert.has_error(function() file:seek("cur", odd) end)
    end
    assert.equal(0, file:seek())
  end)
end)
