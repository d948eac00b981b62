-- Work on files that takes long: hashing, and joining parts. It runs in a thread of nginx' and a
-- Lua of its own, where nothing of nginx' is: it takes and hands back plain values.

local files = require "r2.files"

local hashing = {}

local PIECE = 65536 -- bytes; longer strings are slow in LuaJIT

local function read_all(path, digest)
  local file = assert(files.open(path))
  local size = digest:read(file)
  file:close()
  return assert(size)
end

--- Hashes a file.
-- @treturn string MD5 in hexadecimal digits
-- @treturn string SHA-256
function hashing.hash(path)
  local digest = files.digest("md5", "sha256")
  read_all(path, digest)
  return digest:hex("md5"), digest:hex("sha256")
end

--- Only the MD5, which costs two thirds.
function hashing.md5(path)
  local digest = files.digest("md5")
  read_all(path, digest)
  return digest:hex("md5")
end

-- Appends bytes of a file to another one.
local function append(target, path, first, last)
  local source = assert(files.open(path))
  while first <= last do
    local piece = assert(source:read_at(first, math.min(PIECE, last - first + 1)))
    assert(target:write(piece))
    first = first + #piece
  end
  source:close()
end

--- Makes one file of several.
-- @tparam string path of the new file
-- @tparam table parts a list of paths, and of sizes
function hashing.join(path, parts)
  local target = assert(files.open(path, "create"))
  for _, part in ipairs(parts) do
    append(target, part.path, 0, part.size - 1)
  end
  assert(target:close())
end

--- Makes a file of some bytes of another one, and hashes it.
-- @treturn string MD5
function hashing.cut(path, source, first, last)
  local target = assert(files.open(path, "create"))
  append(target, source, first, last)
  assert(target:close())
  return hashing.md5(path)
end

return hashing
