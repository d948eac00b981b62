-- r2creds put, get and rm of several files, of folders, and of all objects below a prefix.
local cjson = require "cjson"
local server = require "spec.support.server"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local fails = r2creds.fails
local sandbox, bucket, folder

setup(function()
  sandbox = r2creds.sandbox()
  bucket = r2creds.bucket(sandbox)
end)

before_each(function()
  folder = support.folder()
  for entry in bucket:list {} do
    assert(bucket:delete(entry.key))
  end
end)

teardown(function()
  bucket:close()
  server.stop_all()
  support.remove_folders()
end)

local function variables()
  return r2creds.sandbox_variables(sandbox)
end

local function run(lines)
  return r2creds.run(lines, variables(), folder)
end

local function output_of(lines)
  return r2creds.output_of(lines, variables(), folder)
end

local function keys()
  local found = {}
  for entry in bucket:list {} do
    found[#found + 1] = entry.key
  end
  return found
end

local function put(...)
  for _, key in ipairs { ... } do
    assert(bucket:put(key, key))
  end
end

-- Some files, in folders.
local function plant()
  support.run(([[
    cd %s && mkdir -p tree/b/.c tree/none && printf 1 >tree/a && printf 22 >'tree/b/x y' &&
    printf 333 >tree/b/.c/d.txt && : >tree/empty]]):format(folder))
end

for _, mode in ipairs { "local", "api" } do
  describe("with --mode " .. mode, function()
    it("a folder goes up, and comes down the same", function()
      plant()
      assert.equal("", output_of("r2creds put my-bucket in/ tree --recursive --mode " .. mode))
      assert.same({ "in/a", "in/b/.c/d.txt", "in/b/x y", "in/empty" }, keys())
      assert.matches("^text/plain", assert(bucket:head("in/b/.c/d.txt")).content_type)
      assert.equal("", output_of(
        "r2creds get my-bucket in/ got --recursive --parallel 2 --mode " .. mode))
      support.run(("cd %s && rmdir tree/none && diff -r tree got"):format(folder))
    end)

    it("rm counts before it deletes, and deletes what it counted", function()
      put("in/a", "in/b/c", "in-a", "other")
      local rm = "r2creds rm my-bucket in/ --recursive --mode " .. mode
      fails(2, { "--yes", "2 objects, 10 B, of my-bucket" }, rm, variables(), folder)
      assert.equal(4, #keys())
      assert.equal("", output_of(rm .. " --yes"))
      assert.same({ "in-a", "other" }, keys())
    end)
  end)
end

describe("put", function()
  it("takes several files, each by its own name", function()
    plant()
    local output = output_of("r2creds put my-bucket in/ tree/a 'tree/b/x y' --json")
    assert.same({ "in/a", "in/x y" }, keys())
    local first = cjson.decode(output:match("^[^\n]+"))
    assert.equal("in/a", first.key)
    assert.equal(1, first.size)
  end)

  it("takes the whole bucket where it is told so, and a folder with slashes behind it", function()
    plant()
    output_of("r2creds put my-bucket / tree/b// --recursive")
    assert.same({ ".c/d.txt", "x y" }, keys())
  end)

  it("sends a large file in parts among small ones", function()
    plant()
    support.run(("truncate -s 66M %s/tree/large"):format(folder))
    output_of("r2creds put my-bucket in/ tree --recursive")
    assert.matches("%-5$", assert(bucket:head("in/large")).etag)
    assert.equal(0, #assert(bucket:list_uploads {}))
    output_of("r2creds get my-bucket in/ got --recursive && cmp tree/large got/large")
  end)

  it("follows no link in a folder, and says how many it left out", function()
    plant()
    support.run(("cd %s && ln -s /etc tree/etc && ln -s a tree/z && mkfifo tree/p && ln -s tree t")
      :format(folder))
    local output, errors, status = run("r2creds put my-bucket in/ t --recursive")
    assert.equal(0, status)
    assert.equal("", output)
    assert.equal("r2creds: 3 that are no files, links for one, were left out\n", errors)
    assert.same({ "in/a", "in/b/.c/d.txt", "in/b/x y", "in/empty" }, keys())
  end)

  it("with --no-overwrite leaves what is there, and sends the rest", function()
    plant()
    put("in/a")
    local _, errors, status = run("r2creds put my-bucket in/ tree --recursive --no-overwrite")
    assert.equal(0, status)
    assert.equal("r2creds: 1 were there already\n", errors)
    assert.equal("in/a", assert(bucket:get("in/a")).body)
    assert.equal(4, #keys())
  end)

  it("refuses what cannot be, before anything is sent", function()
    plant()
    support.write(folder .. "/tree/" .. ("n"):rep(200), "")
    local long = ("k"):rep(900) .. "/"
    for lines, pieces in pairs {
      ["in tree --recursive"] = { "KEY must be a prefix that ends in a slash" },
      ["'' tree --recursive"] = { "KEY must be a prefix that ends in a slash" },
      ["/in/ tree --recursive"] = { "KEY must be a prefix that ends in a slash" },
      ["in/ tree tree/a"] = { "tree is a folder: --recursive takes those" },
      ["in/ tree/a none"] = { "none " },
      ["in/ tree/a tree/b/../a"] = { "tree/a and tree/b/../a would be one object" },
      ["in/ tree/a -"] = { "FILE must be files" },
      ["in/ tree --recursive --resume j"] = { "--resume goes with one file" },
      ["in/ tree --recursive --parallel 65"] = { "--parallel takes a whole number from 1 to 64" },
      ["in/ tree/a /dev/null"] = { "/dev/null is no file" },
      [long .. " tree --recursive"] = { "would be no key: it " },
    } do
      local _, errors, status = run("r2creds put my-bucket " .. lines)
      assert.is_true(status == 2 or status == 1 and pieces[1] == "none ", lines)
      assert.matches("^r2creds: [^\n]+\n$", errors)
      assert.is_truthy(errors:find(pieces[1], 1, true), errors)
    end
    assert.same({}, keys())
  end)

  it("says that a folder has nothing", function()
    support.run(("mkdir %s/tree"):format(folder))
    local _, errors, status = run("r2creds put my-bucket in/ tree --recursive")
    assert.equal("r2creds: there is no file to send\n", errors)
    assert.equal(0, status)
  end)
end)

describe("get --recursive", function()
  local get = "r2creds get my-bucket in/ got --recursive"

  it("takes folders that other programs wrote as objects", function()
    assert(bucket:put("in/", ""))
    assert(bucket:put("in/b/", ""))
    put("in/b/c", "in-b")
    output_of(get)
    assert.equal("in/b/c", support.read(folder .. "/got/b/c"))
    assert.equal("got\ngot/b\ngot/b/c\n", support.run(("cd %s && find got | sort"):format(folder)))
  end)

  it("prints what there is as JSON, and goes through all pages", function()
    for i = 1, 1002 do
      put(("in/%04d"):format(i))
    end
    local output = output_of(get .. " --json --parallel 16")
    local _, lines = output:gsub("\n", "\n")
    assert.equal(1002, lines)
    assert.equal("in/1002", support.read(folder .. "/got/1002"))
    assert.equal("in/0001", cjson.decode(output:match("^[^\n]+")).key)
    assert.equal("", output_of("r2creds rm my-bucket in/ --recursive --yes"))
    assert.same({}, keys())
  end)

  for _, hostile in ipairs {
    "in/../out", "in/b/../../../out", "in//etc", "in/./a", "in/a/..", "in/a//",
    "in/" .. ("n"):rep(256),
  } do
    it("writes nothing where a key is " .. hostile:sub(1, 30), function()
      put("in/a")
      assert(bucket:put(hostile, "x"))
      local _, errors, status = run(get)
      assert.equal(1, status, errors)
      assert.matches("^r2creds: the key [^\n]+: nothing was written\n$", errors)
      assert.equal("", support.run(("ls -d %s/got 2>/dev/null || true"):format(folder)))
    end)
  end

  it("refuses an object that is named like the prefix", function()
    put("in/a")
    assert(bucket:put("in/", "not a folder"))
    local _, errors, status = run(get)
    assert.equal(1, status)
    assert.matches("the key in/ leads to no place below the folder: nothing was written", errors)
    assert.equal("", support.run(("ls -d %s/got 2>/dev/null || true"):format(folder)))
  end)

  it("follows no link that is in the folder, and the folder itself may be one", function()
    put("in/a", "in/b/c", "in/b/d/e")
    support.run(("cd %s && mkdir real beyond && ln -s real got && ln -s ../beyond real/b")
      :format(folder))
    local _, errors, status = run(get)
    assert.equal(1, status)
    assert.matches("^r2creds: got/b is no folder: nothing was written\n$", errors)
    assert.equal("b\n", support.run(("cd %s && ls -A real && ls -A beyond"):format(folder)))
    support.run(("rm %s/real/b"):format(folder))
    output_of(get)
    assert.equal("in/b/d/e", support.read(folder .. "/real/b/d/e"))
  end)

  it("refuses a key that would be a file and a folder", function()
    put("in/a", "in/a-", "in/a/b")
    local _, errors, status = run(get)
    assert.equal(1, status)
    assert.matches("the key in/a would be a file and a folder: nothing was written\n$", errors)
  end)

  it("names what failed, and how far it came", function()
    put("in/a", "in/b", "in/c")
    support.run(("mkdir -p %s/got/b"):format(folder))
    local _, errors, status = run(get .. " --parallel 1")
    assert.equal(1, status)
    assert.matches("^r2creds: in/b: .*%(1 of 3 done%)\n$", errors)
    assert.equal("in/a", support.read(folder .. "/got/a"))
    assert.equal("a\nb\n", support.run(("ls -A %s/got"):format(folder)))
  end)

  it("says that there is nothing", function()
    local _, errors, status = run(get)
    assert.equal("r2creds: there is no object below the prefix\n", errors)
    assert.equal(0, status)
    fails(2, { "--resume goes with one object" }, get .. " --resume j", variables(), folder)
    fails(2, { "FILE must be a folder" }, "r2creds get my-bucket in/ - --recursive", variables(),
      folder)
  end)
end)

describe("rm --recursive", function()
  -- On a terminal of its own, which answers.
  local function answered(answer)
    return run(("printf '%s\\n' | script -qec 'r2creds rm my-bucket in/ --recursive' /dev/null")
      :format(answer))
  end

  it("asks, and takes no for an answer", function()
    put("in/a", "out")
    for _, answer in ipairs { "n", "", "maybe" } do
      local output, _, status = answered(answer)
      assert.equal(1, status, output)
      assert.is_truthy(output:find("delete 1 object, 4 B, of my-bucket? [y/N]", 1, true), output)
      assert.is_truthy(output:find("nothing was deleted", 1, true), output)
      assert.same({ "in/a", "out" }, keys())
    end
    assert.equal(0, select(3, answered("y")))
    assert.same({ "out" }, keys())
  end)

  it("takes several prefixes, of which one may be in the other", function()
    put("in/a", "in/b/c", "on/d", "out")
    fails(2, { "3 objects" }, "r2creds rm my-bucket in/ in/b/ on/ --recursive", variables(), folder)
    output_of("r2creds rm my-bucket in/ in/b/ on/ --recursive --yes")
    assert.same({ "out" }, keys())
    output_of("r2creds rm my-bucket / --recursive --yes")
    assert.same({}, keys())
  end)

  it("refuses what is no prefix, and --yes alone", function()
    put("in")
    fails(2, { "KEY[2] must be a prefix" }, "r2creds rm my-bucket on/ in --recursive --yes",
      variables(), folder)
    fails(2, { "KEY[1] must be a prefix" }, "r2creds rm my-bucket '' --recursive --yes",
      variables(), folder)
    fails(2, { "--yes goes with --recursive" }, "r2creds rm my-bucket in --yes", variables(),
      folder)
    assert.same({ "in" }, keys())
  end)
end)
