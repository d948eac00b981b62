-- Operations of r2.files. A file that is left open would be seen: descriptors are counted.
local spec = require "spec.memory.operations"

local files = require "r2.files"

local operation, refused = spec.operation, spec.refused

local BYTES = ("0123456789abcdef"):rep(10000)
local SHA256 = "48705161f98666a9d694f3b8e9d1bc5b842fa1ff0e85d710150616c433af9aae" -- sha256sum's
local SELF = "spec/memory/operations/files.lua"

-- An open file with these bytes, and no name any more.
local function opened()
  local path = os.tmpname()
  local file = assert(files.open(path, "update"))
  assert(files.remove(path))
  assert(file:write_at(0, BYTES))
  return file
end

operation("require 'r2.files'", function()
  spec.forget "r2.files"
  return "r2.files"
end, require, function(module)
  assert(module.open("/"):status().kind == "folder")
  return module.digest("md5"):hex("md5")
end)

operation("files.open, read and close", function()
  return SELF
end, function(path)
  local file = assert(files.open(path))
  local text = file:read()
  assert(file:read() == nil)
  file:close()
  return text
end, function(text)
  local file = assert(io.open(SELF, "rb"))
  assert(text == file:read("*a"))
  file:close()
  return text
end)

operation("files.open, and left to the collector", function()
  return "/"
end, function(path)
  return files.open(path):status().kind
end, function(kind)
  assert(kind == "folder")
  return kind
end)

for what, arguments in pairs {
  ["what is not there"] = { "/nowhere/at/all", "read" },
  ["a folder to write"] = { "/", "update" },
  ["what is there already"] = { "/", "create" },
  ["what is no file"] = { "/", "file" },
  ["a device as one's own"] = { "/dev/null", "own" },
} do
  operation("files.open of " .. what, function()
    return arguments[1], arguments[2]
  end, files.open, refused("file"))
end

operation("file:write, write_at, read_at, truncate and status", opened, function(file)
  assert(file:write("0123") and file:write_at(#BYTES, "end") and file:lock())
  local last = file:read_at(#BYTES - 1)
  assert(file:truncate(#BYTES))
  return last, file:status()
end, function(last, status)
  assert(last == "fend" and status.size == #BYTES and status.permissions == "600")
  return last, status.kind
end)

operation("file:seek and reserve", opened, function(file)
  local last = file:seek("end", -6)
  return last, file:read(), file:reserve(#BYTES + 1)
end, function(last, text, reserved)
  assert(last == #BYTES - 6 and text == "abcdef" and type(reserved) == "boolean")
  return text
end)

operation("file:reserve of more than any disk has", opened, function(file)
  return file:reserve(2 ^ 53 - 1)
end, refused("file"))

operation("files.status", function()
  return SELF
end, files.status, function(status)
  assert(status.kind == "file")
  return status.kind
end)

operation("files.status of what is not there", function()
  return "/nowhere/at/all"
end, files.status, refused("file"))

-- It leaves no file behind whose name nobody was told.
operation("files.create_beside", function()
  local path = os.tmpname()
  assert(files.remove(path))
  return path
end, files.create_beside, function(file, name)
  local path = name:gsub("%.%x+%.part$", "")
  local pipe = io.popen("ls " .. path .. "*")
  local _, others = pipe:read("*a"):gsub("%.part\n", "")
  pipe:close()
  assert(others == 1 and file:write("new") and files.rename(name, path) and files.remove(path))
  return others
end)

operation("files.names", function()
  return "spec/memory/operations"
end, files.names, function(names)
  table.sort(names)
  assert(#names > 3 and names[1]:find("%.lua$"))
  return #names
end)

for what, call in pairs { names = files.names, make_folder = files.make_folder } do
  operation("files." .. what .. " of a file", function()
    return SELF
  end, call, refused("file"))
end

operation("files.make_folder of one that is there", function()
  return "spec"
end, files.make_folder, function(made)
  assert(made == false)
  return "there"
end)

operation("file:write on a full disk", function()
  return assert(files.open("/dev/full", "update"))
end, function(file)
  return file:write("x")
end, refused("file"))

operation("digest:read, hex and bytes", opened, function(file)
  local digest = files.digest("md5", "sha256"):update("")
  local length = digest:read(file)
  return length, digest:hex("sha256"), digest:bytes("md5")
end, function(length, hex, bytes)
  assert(length == #BYTES and hex == SHA256 and #bytes == 16)
  return bytes
end)

-- Again after it was interrupted it finds what is left, and replaces it.
operation("files.rename and remove", function()
  local path = os.tmpname()
  assert(files.remove(path))
  return path
end, function(path)
  assert(files.open(path, "update")):close()
  assert(files.rename(path, path .. ".new"))
  return files.remove(path .. ".new")
end, function(done, message)
  assert(done, message)
  return done
end)

return spec
