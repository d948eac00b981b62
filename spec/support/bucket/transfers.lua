-- Files that go up and come down as a whole, in parts, and again after an interruption.
local assert = require "luassert"
local leaks = require "spec.support.leaks"
local refused = require "spec.support.refused"
local files = require "r2.files"

local case, list = require("spec.support.bucket.cases")()

local PART = 5 * 2 ^ 20
local LONG = 2 * PART + 12345 -- three parts

-- ---- files ----

local made = {}

-- A path where nothing is.
local function new_path()
  local path = os.tmpname()
  os.remove(path)
  made[#made + 1] = path
  return path
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

-- So many bytes, no part of which is like another.
local function bytes_of(length)
  local lines = {}
  for i = 1, math.ceil(length / 16) do
    lines[i] = ("%015d\n"):format(i)
  end
  return table.concat(lines):sub(1, length)
end

local LONG_BYTES = bytes_of(LONG)

local function new_file(text)
  local path = new_path()
  write(path, text)
  return path
end

-- What lies beside a path, with its name in front.
local function beside(path)
  local pipe = io.popen("ls -d " .. path .. "* 2>/dev/null")
  local names = pipe:read("*a")
  pipe:close()
  return names
end

-- Asks how many uploads there are; Cloudflare's simulator cannot tell.
local function assert_uploads(count, bucket, key)
  local page, message, err = bucket:list_uploads { prefix = key }
  if page or err.status ~= 501 then
    assert.equal(count, #assert(page, message))
  end
end

local function sent_by(bucket, action)
  local before = bucket:usage()
  local results = { action() }
  local after = bucket:usage()
  return after.sent - before.sent, after.received - before.received, results
end

-- A progress that stops the transfer once so many bytes have gone.
local function stop_after(bytes)
  return function(done)
    return done < bytes
  end
end

-- Expects that it was stopped. Called once, unlike what `refused` is given.
local function stopped(action)
  local result, _, err = action()
  assert.is_nil(result)
  assert.equal("cancelled", err.kind)
end

local function in_parts(w, settings)
  settings = settings or {}
  settings.part_bytes = PART
  return w:bucket(nil, settings)
end

-- ---- up and down ----

for name, text in pairs { ["an empty file"] = "", ["a short file"] = "hello\0\r\n" } do
  case(name .. " goes up and comes down in one request", function(w)
    local bucket, key = w:bucket(), w:key("a.txt")
    local stored = assert(bucket:upload(new_file(text), key, { metadata = { a = "b" } }))
    assert.equal(#text, stored.size)
    assert.is_nil(stored.parts)
    local path = new_path()
    local found = assert(bucket:download(key, path))
    assert.equal(text, read(path))
    assert.is_true(found.verified)
    assert.equal("text/plain", found.content_type:match("^[^;]*"))
    assert.same({ a = "b" }, found.metadata)
    assert.equal(path .. "\n", beside(path))
  end)
end

case("a long file goes up in parts, and comes down in ranges", function(w)
  local bucket, key = in_parts(w), w:key()
  local path, back = new_file(LONG_BYTES), new_path()
  local up, down = {}, {}
  local stored = assert(bucket:upload(path, key, { progress = function(done, total)
    up[#up + 1] = done
    assert.equal(LONG, total)
  end }))
  assert.equal(3, stored.parts)
  assert.equal(LONG, stored.size)
  assert_uploads(0, bucket, key)
  local found = assert(bucket:download(key, back, { progress = function(done)
    down[#down + 1] = done
  end }))
  assert.is_true(LONG_BYTES == read(back))
  assert.equal(LONG, found.size)
  for _, told in ipairs { up, down } do
    assert.equal(LONG, told[#told])
    for i = 2, #told do
      assert.is_true(told[i] >= told[i - 1])
    end
  end
end)

case("a long file is verified, however it comes", function(w)
  local bucket, key = in_parts(w), w:key()
  local path = new_path()
  assert(bucket:upload(new_file(LONG_BYTES), key))
  assert.is_true(assert(bucket:download(key, path)).verified)
  assert.is_true(assert(w:bucket():download(key, path)).verified)
  assert.is_false(assert(bucket:download(key, path, { verify = false })).verified)
  assert(bucket:put(w:key("whole"), LONG_BYTES))
  assert.is_true(LONG_BYTES == read(path))
end, { sandbox = true })

case("what was put in one request comes in ranges, and is verified", function(w)
  local bucket, key = in_parts(w), w:key()
  assert(bucket:put(key, LONG_BYTES))
  local path = new_path()
  assert.is_true(assert(bucket:download(key, path)).verified)
  assert.is_true(LONG_BYTES == read(path))
end)

case("a file that is there is replaced when the new one is whole, and not before", function(w)
  local bucket, key = in_parts(w), w:key()
  local path = new_file("what was there")
  assert(bucket:put(key, LONG_BYTES))
  stopped(function()
    return bucket:download(key, path, { progress = stop_after(PART) })
  end)
  assert.equal("what was there", read(path))
  assert.equal(path .. "\n", beside(path))
  assert(bucket:download(key, path))
  assert.is_true(LONG_BYTES == read(path))
end)

case("what was stopped leaves no upload", function(w)
  local bucket, key = in_parts(w), w:key()
  local path = new_file(LONG_BYTES)
  stopped(function()
    return bucket:upload(path, key, { progress = stop_after(PART + 1) })
  end)
  assert_uploads(0, bucket, key)
  assert.equal(404, select(3, bucket:head(key)).status)
end)

case("what a progress raises is raised, and leaves no upload and no file", function(w)
  local bucket, key = in_parts(w), w:key()
  local path, back = new_file(LONG_BYTES), new_path()
  local function raise(done)
    if done > PART then
      error("raised by the program", 0)
    end
  end
  local ended, problem = pcall(bucket.upload, bucket, path, key, { progress = raise })
  assert.is_false(ended)
  assert.equal("raised by the program", problem)
  assert_uploads(0, bucket, key)
  assert(bucket:put(key, LONG_BYTES))
  ended, problem = pcall(bucket.download, bucket, key, back, { progress = raise })
  assert.is_false(ended)
  assert.equal("raised by the program", problem)
  assert.equal("", beside(back))
end, { pcall = true })

-- ---- files that cannot be ----

case("what is no file, or cannot be one, is told of the path", function(w)
  local bucket, key = w:bucket(), w:key()
  local missing = new_path()
  local function upload(path)
    return function() return bucket:upload(path, key) end
  end
  local err = refused({ kind = "file", field = "path" }, upload(missing))
  assert.equal("ENOENT", err.code)
  refused({ kind = "file", field = "path", says = { "a folder" } }, upload("/"))
  refused({ kind = "file", field = "path" }, upload("/dev/null"))
  refused({ kind = "invalid_request", field = "path" }, upload(nil))
  refused({ kind = "invalid_request", field = "path" }, upload("a\0b"))
  assert.equal(404, select(3, bucket:head(key)).status)
  assert(bucket:put(key, "hello"))
  local function download(path)
    return function() return bucket:download(key, path) end
  end
  refused({ kind = "file", field = "path", says = { "a folder" } }, download("/"))
  refused({ kind = "file", field = "path", says = { "a device" } }, download("/dev/null"))
  refused({ kind = "file", field = "path" }, download(missing .. "/no/folder"))
  refused({ kind = "invalid_request", field = "path" }, download(nil))
end)

case("an object that is not there makes no file", function(w)
  local bucket, path = w:bucket(), new_path()
  local err = refused({ kind = "api", starts = false }, function()
    return bucket:download(w:key(), path)
  end)
  assert.equal(404, err.status)
  assert.equal("", beside(path))
end)

for name, change in pairs {
  ["grows"] = function(path)
    local file = assert(io.open(path, "ab"))
    file:write("more")
    file:close()
  end,
  ["shrinks"] = function(path)
    write(path, "short")
  end,
} do
  case("a file that " .. name .. " while it goes up is told, and leaves no upload", function(w)
    local bucket, key = in_parts(w, { parallel = 1 }), w:key()
    local path, changed = new_file(LONG_BYTES), false
    refused({ kind = "file", field = "path" }, function()
      return bucket:upload(path, key, { progress = function(done)
        if done > PART and not changed then
          changed = true
          change(path)
        end
      end })
    end)
    assert_uploads(0, bucket, key)
  end, { pcall = true })
end

-- ---- again ----

case("an upload with a journal sends only what is missing", function(w)
  local bucket, key = in_parts(w, { parallel = 1 }), w:key()
  local path, journal = new_file(LONG_BYTES), new_path()
  stopped(function()
    return bucket:upload(path, key, { resume = journal, progress = stop_after(PART + 1) })
  end)
  assert_uploads(1, bucket, key)
  local text = read(journal)
  assert.is_truthy(text:find("\npart 1 ", 1, true))
  assert.is_nil(text:find("\npart 2 ", 1, true))
  leaks.assert_none({ w:credentials({ permission = "admin-read-write" }).session_token }, text)
  local status = assert(files.open(journal)):status()
  assert.equal("600", status.permissions)
  local sent, _, results = sent_by(bucket, function()
    return bucket:upload(path, key, { resume = journal })
  end)
  assert(results[1], results[2])
  assert.is_true(sent >= LONG - PART and sent < LONG - PART + 10000, sent)
  assert.equal("", beside(journal))
  assert.equal(LONG, assert(bucket:head(key)).size)
end)

case("a download with a journal gets only what is missing", function(w)
  local bucket, key = in_parts(w, { parallel = 1 }), w:key()
  local path, journal = new_path(), new_path()
  assert(bucket:put(key, LONG_BYTES))
  stopped(function()
    return bucket:download(key, path, { resume = journal, progress = stop_after(PART + 1) })
  end)
  assert.equal(path .. ".part\n", beside(path))
  local _, received, results = sent_by(bucket, function()
    return bucket:download(key, path, { resume = journal })
  end)
  assert(results[1], results[2])
  assert.is_true(results[1].verified)
  assert.is_true(received >= LONG - PART and received < LONG - PART + 10000, received)
  assert.is_true(LONG_BYTES == read(path))
  assert.equal(path .. "\n", beside(path))
  assert.equal("", beside(journal))
end)

-- Leaves a journal behind.
local function interrupted(bucket, key, path)
  local journal = new_path()
  stopped(function()
    return bucket:upload(path, key, { resume = journal, progress = stop_after(PART + 1) })
  end)
  return journal
end

case("a journal of something else is refused, and stays", function(w)
  local bucket, key = in_parts(w, { parallel = 1 }), w:key()
  local path = new_file(LONG_BYTES)
  local journal = interrupted(bucket, key, path)
  local before, stored = read(journal), w:key()
  assert(bucket:put(stored, LONG_BYTES))
  local function refuse(says, other_path, other_key, other)
    refused({ kind = "file", field = "resume", says = { says } }, function()
      return (other or bucket):upload(other_path or path, other_key or key, { resume = journal })
    end)
    assert.equal(before, read(journal))
  end
  refuse("key", nil, w:key())
  refuse("modification time", new_file(LONG_BYTES))
  refuse("size of parts", nil, nil, w:bucket(nil, { part_bytes = PART + 1 }))
  refused({ kind = "file", field = "resume", says = { "no journal of a download" } }, function()
    return bucket:download(stored, new_path(), { resume = journal })
  end)
  write(path, LONG_BYTES .. "more")
  refuse("whose size")
end, { pcall = true, sandbox = true })

case("a part that is another one on the disk is not taken over", function(w)
  local bucket, key = in_parts(w, { parallel = 1 }), w:key()
  local path = new_file(LONG_BYTES)
  local journal = interrupted(bucket, key, path)
  local text = read(journal)
  write(journal, (text:gsub("(\npart 1 %S+ )%x", "%1g"):gsub("g(%x+\n)", "0%1")))
  local other = read(journal):match("\npart 1 %S+ (%x+)")
  if other == text:match("\npart 1 %S+ (%x+)") then
    write(journal, (text:gsub("(\npart 1 %S+ )%x", "%11")))
  end
  refused({ kind = "file", field = "path", says = { "was changed" } }, function()
    return bucket:upload(path, key, { resume = journal })
  end)
end, { pcall = true })

case("what is no journal, a link, or in use, is refused, and stays", function(w)
  local bucket, key = in_parts(w), w:key()
  local path, journal = new_file(LONG_BYTES), new_path()
  local function refuse(says)
    refused({ kind = "file", field = "resume", says = { says } }, function()
      return bucket:upload(path, key, { resume = journal })
    end)
    assert_uploads(0, bucket, key)
  end
  write(journal, "a letter")
  refuse("no journal")
  assert.equal("a letter", read(journal))
  local locked = assert(files.open(journal, "update"))
  assert(locked:lock())
  refuse("in use")
  locked:close()
  os.remove(journal)
  os.execute(("ln -s %s %s"):format(path, journal))
  refuse("a link")
  assert.is_true(LONG_BYTES == read(path))
  os.remove(journal)
  refused({ kind = "invalid_request", field = "resume" }, function()
    return bucket:upload(path, key, { resume = 1 })
  end)
end, { pcall = true })

case("options that are not known, or wrong, are refused before anything is sent", function(w)
  local bucket, key = w:bucket(), w:key()
  local path = new_file("hello")
  for field, options in pairs {
    resum = { resum = "a" }, progress = { progress = 1 }, if_none_match = { if_none_match = "*" },
  } do
    refused({ kind = "invalid_request", field = field }, function()
      return bucket:upload(path, key, options)
    end)
  end
  for field, options in pairs {
    verify = { verify = 1 }, output = { output = print }, range = { range = { 1 } },
  } do
    refused({ kind = "invalid_request", field = field }, function()
      return bucket:download(key, path, options)
    end)
  end
  assert.equal(0, bucket:usage().class_a)
end)

case("files that the specs have made are removed", function()
  for _, path in ipairs(made) do
    os.remove(path)
    os.remove(path .. ".part")
  end
  made = {}
end)

return list
