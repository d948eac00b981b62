-- Locks of r2.files, beside flock(1).
local collector = require "spec.support.collector"
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

local function is_locked()
  return run("flock -n a true && echo free || echo locked") == "locked\n"
end

describe("file:lock", function()
  it("keeps others out until the file is closed", function()
    local file = assert(files.open(path, "update"))
    assert.is_false(is_locked())
    assert.is_true(file:lock())
    assert.is_true(file:lock())
    assert.is_true(is_locked())
    local other = assert(files.open(path, "update"))
    assert.is_false(other:lock())
    other:close()
    assert(files.open(path)):close()
    assert.is_true(is_locked())
    file:close()
    assert.is_false(is_locked())
  end)

  it("ends with a file that is collected", function()
    assert(assert(files.open(path, "update")):lock())
    collector.collect()
    assert.is_false(is_locked())
  end)

  it("does not wait for another process, and comes after it", function()
    run("mkfifo told; touch a")
    local holder = io.popen(("cd %s && exec flock a sh -c 'echo locked >told; cat'"):format(
      shell.quote(folder)), "w")
    local told = assert(files.open(folder .. "/told"))
    assert.equal("locked\n", told:read())
    local file = assert(files.open(path, "update"))
    assert.is_false(file:lock())
    holder:close()
    assert.is_true(file:lock())
  end)

  it("is not handed to a program that is started", function()
    local file = assert(files.open(path, "update"))
    assert(file:lock())
    local started = io.popen("cat", "w")
    file:close()
    assert.is_false(is_locked())
    started:close()
  end)
end)
