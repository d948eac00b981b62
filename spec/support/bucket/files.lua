-- Files put and got: Lua's own, and those of r2.files.
local assert = require "luassert"
local files = require "r2.files"
local refused = require "spec.support.refused"

local case, list = require("spec.support.bucket.cases")()

local function md5(text)
  return files.digest("md5"):update(text):hex("md5")
end

local BODIES = {
  ["no byte"] = "", ["a byte"] = "\0", ["a megabyte and a bit"] = ("\0\1\r\n\254\255"):rep(180000),
}

-- Ways to open the files of either kind; each gives a function that reads a file to its end.
local KINDS = {
  ["a file"] = {
    open = io.open, modes = { read = "rb", write = "wb" }, temporary = io.tmpfile,
    read_all = function(file)
      return file:read("*a")
    end,
  },
  ["a file of r2.files"] = {
    open = files.open, modes = { read = "read", write = "update" },
    temporary = function()
      local path = os.tmpname()
      local file = assert(files.open(path, "update"))
      os.remove(path)
      return file
    end,
    read_all = function(file)
      local pieces = {}
      for piece in function() return file:read() end do
        pieces[#pieces + 1] = piece
      end
      return table.concat(pieces)
    end,
  },
}

-- A temporary file with that content, opened.
local function filled(kind, content)
  local file = assert(kind.temporary())
  assert(file:write(content))
  assert(file:seek("set", 0))
  return file
end

for what, kind in pairs(KINDS) do
  for name, body in pairs(BODIES) do
    case(("%s of %s comes back, into one"):format(what, name), function(w)
      local bucket, key = w:bucket(), w:key()
      local file = filled(kind, "before" .. body)
      assert(file:seek("set", 6))
      assert.same({ etag = md5(body), size = #body }, assert(bucket:put(key, file)))
      file:close()
      file = filled(kind, "")
      local got = assert(bucket:get(key, { output = file }))
      assert.is_nil(got.body)
      assert.equal(#body, got.size)
      assert(file:seek("set", 0))
      assert.is_true(kind.read_all(file) == body)
      file:close()
    end)
  end

  case(("a part of %s goes up"):format(what), function(w)
    local bucket, key = w:bucket(), w:key()
    local file = filled(kind, "0123456789")
    assert(file:seek("set", 2))
    assert(bucket:put(key, file, { content_length = 3 }))
    assert.equal("234", assert(bucket:get(key)).body)
    file:close()
  end)

  case(("%s that is full is told as such"):format(what), function(w)
    local bucket, key = w:bucket(), w:key()
    if not io.open("/dev/full") then
      return
    end
    for _, body in ipairs { "short", ("x"):rep(1000000) } do
      assert(bucket:put(key, body))
      local full = assert(kind.open("/dev/full", kind.modes.write))
      local err = refused({ kind = "file", field = "output", says = { "No space left" } },
        function()
          return bucket:get(key, { output = full })
        end)
      assert.equal("output cannot be written: No space left on device", err.message)
      assert.equal(kind.open == files.open and "ENOSPC" or nil, err.code)
      full:close()
    end
  end)

  case(("a folder opened as %s is told as such"):format(what), function(w)
    local bucket, key = w:bucket(), w:key()
    local folder = kind.open("/", kind.modes.read)
    if folder then
      local err = refused({ kind = "file", field = "body" }, function()
        return bucket:put(key, folder)
      end)
      assert.equal("body cannot be read: Is a directory", err.message)
      assert.equal(kind.open == files.open and "EISDIR" or nil, err.code)
      folder:close()
    end
  end)
end

case("a file that becomes shorter is told as such, and not put", function(w)
  local bucket, key = w:bucket(), w:key()
  assert(bucket:put(key, "before"))
  local shrinking = { left = 2 }
  function shrinking:read(room)
    self.left = self.left - 1
    return room ~= 0 and self.left >= 0 and ("x"):rep(10) or nil
  end
  local err = refused({ kind = "file", field = "body", says = { "shorter" } }, function()
    return bucket:put(key, shrinking, { content_length = 100 })
  end)
  assert.is_false(err.retryable)
  assert.equal("before", assert(bucket:get(key)).body)
end)

return list
