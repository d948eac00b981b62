-- r2creds put, get, ls and rm, as a user runs them, against the sandbox: with the parent's secret,
-- and with what the API makes.

local cjson = require "cjson"
local make = require "spec.support.make"
local server = require "spec.support.server"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local fails, output_of = r2creds.fails, r2creds.output_of

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

local sandbox, bucket

setup(function()
  sandbox = r2creds.sandbox()
  bucket = r2creds.bucket(sandbox)
end)

local function variables(changes)
  return r2creds.sandbox_variables(sandbox, changes)
end

local function put(...)
  for _, key in ipairs { ... } do
    assert(bucket:put(key, "hello"))
  end
end

local function keys_below(prefix)
  local keys = {}
  for entry in bucket:list { prefix = prefix } do
    keys[#keys + 1] = entry.key
  end
  return keys
end

for _, mode in ipairs { "local", "api" } do
  describe("with --mode " .. mode .. ", r2creds", function()
    local root = mode .. "/"

    it("ls tells what is there, and further slashes as one prefix", function()
      put(root .. "a", root .. "b\27[1m", root .. "c/1", root .. "c/2")
      local output = output_of("r2creds ls my-bucket " .. root .. " --mode " .. mode, variables())
      local first, second, third, rest = output:match("^(.-)\n(.-)\n(.-)\n(.*)$")
      assert.equal("", rest)
      assert.matches("^%d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d UTC +5  " .. root .. "a$", first)
      assert.matches("5  " .. root .. "b\\x1b%[1m$", second)
      assert.matches("^ +" .. root .. "c/$", third)
    end)

    it("ls goes through all pages", function()
      local expected = {}
      for i = 1, 1001 do
        expected[i] = ("%spages/%04d"):format(root, i)
        put(expected[i])
      end
      local output = output_of(
        ("r2creds ls my-bucket %spages/ --recursive --json --mode %s"):format(root, mode),
        variables())
      local keys = {}
      for line in output:gmatch("[^\n]+") do
        local entry = cjson.decode(line)
        assert.equal(5, entry.size)
        assert.equal("5d41402abc4b2a76b9719d911017c592", entry.etag)
        keys[#keys + 1] = entry.key
      end
      assert.same(expected, keys)
    end)

    it("rm deletes one and several, and no other", function()
      put(root .. "rm/1", root .. "rm/2", root .. "rm/3", root .. "rm/33")
      local rm = "r2creds rm --mode " .. mode .. " my-bucket "
      assert.equal("", output_of(rm .. root .. "rm/1", variables()))
      assert.same({ root .. "rm/2", root .. "rm/3", root .. "rm/33" }, keys_below(root .. "rm/"))
      assert.equal("", output_of(rm .. root .. "rm/2 " .. root .. "rm/3", variables()))
      assert.same({ root .. "rm/33" }, keys_below(root .. "rm/"))
      assert.equal("", output_of(rm .. root .. "rm/none", variables()))
    end)
  end)
end

for _, mode in ipairs { "local", "api" } do
  describe("with --mode " .. mode .. ", r2creds", function()
    local folder
    local key = mode .. "/an object.txt"
    local bytes = "every\0byte\r\n\255" .. ("x"):rep(200000)

    before_each(function()
      folder = support.folder()
      support.write(folder .. "/sent", bytes)
    end)

    local function run(lines)
      return output_of("export LC_ALL=C\n" .. lines:gsub("KEY", "--mode " .. mode
        .. " my-bucket '" .. key .. "'"), variables(), folder)
    end

    it("put and get bring a file there and back", function()
      assert.equal("", run "r2creds put KEY sent")
      assert.equal("", run "r2creds get KEY got")
      assert.equal(bytes, support.read(folder .. "/got"))
      assert.equal("text/plain; charset=utf-8", assert(bucket:head(key)).content_type)
      assert.equal("", run "r2creds put KEY sent --content-type image/png")
      assert.equal("image/png", assert(bucket:head(key)).content_type)
    end)

    it("put and get take pipes", function()
      run "cat sent | r2creds put KEY -; r2creds get KEY - | cmp - sent"
      run "mkfifo pipe; cat sent >pipe & r2creds put KEY pipe; r2creds get KEY - | cmp - sent"
    end)

    it("put and get tell in JSON what there is", function()
      local stored = cjson.decode((run "r2creds put KEY sent --json"))
      assert.equal(key, stored.key)
      assert.equal(#bytes, stored.size)
      local found = cjson.decode((run "r2creds get KEY got --json"))
      assert.equal(stored.etag, found.etag)
      assert.equal(#bytes, found.size)
    end)
  end)
end

describe("r2creds", function()
  it("put --no-overwrite leaves what is there", function()
    put("mine")
    local folder = support.folder()
    support.write(folder .. "/sent", "another")
    fails(1, { "412" }, "r2creds put my-bucket mine sent --no-overwrite", variables(), folder)
    assert.equal("hello", assert(bucket:get("mine")).body)
  end)

  it("get leaves a file as it was where it fails, and nothing beside it", function()
    local folder = support.folder()
    support.write(folder .. "/kept", "before")
    fails(1, { "404" }, "r2creds get my-bucket none kept", variables(), folder)
    assert.equal("before", support.read(folder .. "/kept"))
    fails(1, { "404" }, "r2creds get my-bucket none new", variables(), folder)
    assert.same({ "err", "kept", "out" }, support.lines(support.run("ls " .. folder)))
    put("new")
    output_of("r2creds get my-bucket new kept", variables(), folder)
    assert.equal("hello", support.read(folder .. "/kept"))
  end)

  it("get lets nobody read what they could not before, and all else as umask has it", function()
    local folder = support.folder()
    put("new")
    local output = output_of("for mode in 600 640 444; do\ntouch kept; chmod $mode kept\n"
      .. "r2creds get my-bucket new kept; stat -c %a kept; cat kept; rm -f kept; done\n"
      .. "umask 027; r2creds get my-bucket new file; stat -c %a file", variables(), folder)
    assert.equal("600\nhello640\nhello444\nhello640\n", output)
  end)

  it("get tells a disk that is full in one line, and leaves what was there", function()
    local folder = support.folder()
    assert(bucket:put("long", ("x"):rep(5000)))
    support.write(folder .. "/kept", "before")
    fails(1, { "FILE", "File too large" },
      "ulimit -f 4; r2creds get my-bucket long kept", variables(), folder)
    assert.equal("before", support.read(folder .. "/kept"))
    assert.same({ "err", "kept", "out" }, support.lines(support.run("ls " .. folder)))
  end)

  it("put and get say what is wrong with a file", function()
    put("there")
    fails(1, { "none", "No such file" }, "r2creds put my-bucket a none", variables())
    fails(1, { "directory" }, "r2creds put my-bucket a .", variables())
    fails(1, { "FILE", "is no file" }, "r2creds get my-bucket there .", variables())
    fails(1, { "FILE", "is no file" }, "r2creds get my-bucket there /dev/null", variables())
    fails(1, { "FILE", "No such file" }, "r2creds get my-bucket there none/a", variables())
    fails(1, { "FILE", "is no file" }, "mkfifo pipe; r2creds get my-bucket there pipe",
      variables())
    fails(2, { "--json" }, "r2creds get my-bucket there - --json", variables())
    fails(2, { "KEY" }, "r2creds get my-bucket '' a", variables())
  end)
end)

describe("r2creds", function()
  local DENIED = { R2_SECRET_ACCESS_KEY = ("0"):rep(64), CLOUDFLARE_API_TOKEN = make.ABSENT }

  it("ls and rm tell a refusal in one line", function()
    fails(1, { "400" }, "r2creds ls my-bucket", variables(DENIED))
    fails(1, { "400" }, "r2creds rm my-bucket a", variables(DENIED))
    fails(1, { "400" }, "r2creds rm my-bucket a b", variables(DENIED))
  end)

  it("ls and rm say what is wrong with their words", function()
    fails(2, { "prefix", "empty" }, "r2creds ls my-bucket ''", variables())
    fails(2, { "BUCKET" }, "r2creds ls No", variables())
    fails(2, { "key" }, "r2creds rm my-bucket", variables())
    fails(2, { "KEY[2]" }, "r2creds rm my-bucket a ''", variables())
    put("stays")
    fails(2, { "KEY[2]" }, "r2creds rm my-bucket stays ''", variables())
    assert.same({ "stays" }, keys_below("stays"))
  end)

  it("ls prints nothing when there is no answer", function()
    fails(1, {}, "r2creds ls my-bucket", variables { R2_ENDPOINT = "http://127.0.0.1:1" })
  end)
end)
