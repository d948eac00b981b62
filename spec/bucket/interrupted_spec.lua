-- Transfers whose connections are cut, and whose answers are lost, each at the right moment:
-- nothing is lost of them, and no upload and no half file is left; asked of the server, and of the
-- disk.
local cutting = require "spec.support.bucket.cutting"
local make = require "spec.support.make"
local server = require "spec.support.server"
local servers = require "spec.support.bucket.servers"
local world = require "spec.support.bucket.world"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local PART = 5 * 2 ^ 20
local SIZE = 3 * PART

local w, inner, path

local function bytes_of(length)
  local lines = {}
  for i = 1, length / 16 do
    lines[i] = ("%015d\n"):format(i)
  end
  return table.concat(lines)
end

local BYTES = bytes_of(SIZE)

local function write(name, text)
  local file = assert(io.open(name, "wb"))
  file:write(text)
  file:close()
end

local function read(name)
  local file = io.open(name, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

setup(function()
  w = world.new(servers.sandbox())
  inner = w.new_transport()
  path = os.tmpname()
  write(path, BYTES)
end)

teardown(function()
  w:close()
  os.remove(path)
  server.stop_all()
end)

-- Which files this process has open: of what specs write, also what has no name any more.
local function files_open()
  local pipe = io.popen("ls -l /proc/$PPID/fd 2>/dev/null")
  local list = pipe:read("*a")
  pipe:close()
  return select(2, list:gsub("-> " .. os.tmpname():match("^(.*/)"):gsub("%p", "%%%0"), ""))
end

local open_before

before_each(function()
  open_before = files_open()
end)

after_each(function()
  assert.equal(open_before, files_open())
end)

-- A bucket whose requests are lost by this plan, once each where nothing else is said.
local function losing(plan, settings, rights)
  return w:bucket(rights, make.changed({
    part_bytes = PART, parallel = 2, transport = cutting.over(inner, plan),
  }, settings))
end

local function is_part(request, number)
  return request.method == "PUT"
    and request.url:find("partNumber=" .. (number or "%d"), 1, false) ~= nil
end

local function is_complete(request)
  return request.method == "POST" and request.url:find("uploadId=", 1, true) ~= nil
end

-- A plan that loses the first request of a kind, or the first `times`.
local function first(is_wanted, loss, times)
  local left = times or 1
  return function(request)
    if left > 0 and is_wanted(request) then
      left = left - 1
      return loss
    end
  end
end

local function assert_nothing_left(key)
  assert.equal(0, #assert(w:bucket():list_uploads { prefix = key }))
end

local function assert_stored(key)
  local back = os.tmpname()
  local found = assert(w:bucket():download(key, back))
  assert.is_true(found.verified)
  assert.is_true(BYTES == read(back))
  os.remove(back)
  assert_nothing_left(key)
end

describe("an upload", function()
  for _, share in ipairs { 0.01, 0.5, 0.99 } do
    it(("whose part is cut off after %d %% sends that again"):format(share * 100), function()
      local key = w:key()
      local bucket = losing(first(function(request) return is_part(request, 2) end,
        { after = math.floor(PART * share) }))
      assert(bucket:upload(path, key))
      assert_stored(key)
    end)
  end

  it("goes on after lost answers: to its beginning, to a part, to its end", function()
    for _, is_wanted in ipairs {
      function(request) return request.url:find("?uploads", 1, true) ~= nil end,
      is_part, is_complete,
    } do
      local key = w:key()
      local bucket = losing(first(is_wanted, { answer = true }))
      assert(bucket:upload(path, key))
      local stored = assert(w:bucket():head(key))
      assert.equal(SIZE, stored.size)
    end
  end)

  it("in one request goes on after a lost answer, and a cut connection", function()
    for _, loss in ipairs { { answer = true }, { after = 1000 } } do
      local key = w:key()
      local bucket = losing(first(function(request) return request.method == "PUT" end, loss),
        { part_bytes = 2 ^ 30 })
      assert(bucket:upload(path, key))
      assert_stored(key)
    end
  end)

  it("that cannot go on says so, and leaves nothing", function()
    local key = w:key()
    local bucket = losing(first(is_part, { answer = true }, 1000))
    local result, _, err = bucket:upload(path, key)
    assert.is_nil(result)
    assert.equal("network", err.kind)
    assert_nothing_left(key)
    assert.equal(404, select(3, w:bucket():head(key)).status)
  end)

  it("whose end is not known, with no right to look, is left as it is", function()
    local key = w:key()
    local bucket = losing(first(is_complete, { answer = true }), nil, {
      actions = { "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
        "AbortMultipartUpload" },
    })
    local result, message, err = bucket:upload(path, key)
    assert.is_nil(result)
    assert.equal("unknown", err.outcome)
    assert.is_false(err.retryable)
    assert.matches("not known", message)
    assert_stored(key)
  end)

  it("with a journal finds out that it had been whole", function()
    local key, journal = w:key(), os.tmpname()
    os.remove(journal)
    local bucket = losing(first(is_complete, { answer = true }, 1000))
    local result = bucket:upload(path, key, { resume = journal })
    assert.is_nil(result)
    assert.is_truthy(read(journal):find("\npart 3 ", 1, true))
    local again = w:bucket(nil, { part_bytes = PART })
    assert(again:upload(path, key, { resume = journal }))
    assert.is_nil(read(journal))
    assert.is_true(again:usage().sent < 10000)
    assert_stored(key)
  end)

  it("asks a provider again when its credential is over in the middle", function()
    local key, made, told = w:key(), {}, {}
    local provider = {
      get = function()
        return made[#made]
      end,
      invalidate = function(_, credentials)
        told[#told + 1] = credentials
        made[#made + 1] = w:credentials { permission = "admin-read-write" }
      end,
    }
    made[1] = w:credentials({ permission = "admin-read-write", ttl_seconds = 60 },
      os.time() - 3600)
    local bucket = w:open { credentials = provider, name = "my-bucket", endpoint = w.url,
      part_bytes = PART }
    assert(bucket:upload(path, key))
    assert.same({ made[1] }, told)
    assert_stored(key)
  end)

  it("with a credential that is over fails as that", function()
    local bucket = w:open { part_bytes = PART, name = "my-bucket", endpoint = w.url,
      credentials = w:credentials({ permission = "admin-read-write", ttl_seconds = 60 },
        os.time() - 3600) }
    local _, _, err = bucket:upload(path, w:key())
    assert.equal("expired", err.kind)
  end)
end)

describe("a download", function()
  local function is_range(request)
    return request.headers.range ~= nil
  end

  for _, share in ipairs { 0.01, 0.5, 0.99 } do
    it(("whose range is cut off after %d %% gets that again"):format(share * 100), function()
      local key, back = w:key(), os.tmpname()
      assert(w:bucket():put(key, BYTES))
      local bucket = losing(first(is_range, { after = math.floor(PART * share) }))
      local found = assert(bucket:download(key, back))
      assert.is_true(found.verified)
      assert.is_true(BYTES == read(back))
      os.remove(back)
    end)
  end

  it("that cannot go on leaves what was there", function()
    local key, back = w:key(), os.tmpname()
    write(back, "what was there")
    assert(w:bucket():put(key, BYTES))
    local bucket = losing(first(is_range, { after = 1000 }, 1000))
    local _, _, err = bucket:download(key, back)
    assert.equal("network", err.kind)
    assert.equal("what was there", read(back))
    local pipe = io.popen("ls -d " .. back .. "*")
    assert.equal(back .. "\n", pipe:read("*a"))
    pipe:close()
    os.remove(back)
  end)

  it("of an object that is replaced meanwhile is none", function()
    local key, back, other = w:key(), os.tmpname(), w:bucket()
    os.remove(back)
    assert(other:put(key, BYTES))
    local bucket = losing(first(function(request)
      if is_range(request) then
        assert(other:put(key, ("x"):rep(SIZE)))
        return true
      end
    end, { after = 1000 }), { parallel = 1 })
    local result, _, err = bucket:download(key, back)
    assert.is_nil(result)
    assert.equal(412, err.status)
    assert.is_nil(read(back))
  end)
end)
