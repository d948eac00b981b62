-- A file that is written beside its place and moved there when it is whole: nobody sees half of
-- it, and where it fails what was there stays. Where nobody is left to remove it, as when nginx
-- ends a handler whose visitor has gone, the collector does.

local fail = require "r2.failure"
local files = require "r2.files"
local local_file = require "r2.bucket.local_file"

local temporary = {}

local Temporary = {}
Temporary.__index = Temporary

-- Something that the collector calls a function for: plain 5.1 has that for userdata alone.
local function guard(collected)
  local newproxy = rawget(_G, "newproxy")
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = collected
    return proxy
  end
  return setmetatable({}, { __gc = collected })
end

-- A name beside the file that no other has: two processes have no table at one address at one time
-- often, and where they have, the second is refused.
local function name_beside(path)
  return ("%s.%d%s.part"):format(path, os.time(), tostring({}):match("0x(%x+)") or "")
end

-- What is there and no file would be replaced by one: a device, for instance.
local function check_place(path)
  local there = files.open(path)
  local status = there and there:status()
  if there then
    there:close()
  end
  if status and status.kind ~= "file" then
    return fail("file", "path", "is there, and is no file, but a " .. status.kind)
  end
  return true
end

--- Makes one for a path.
-- @tparam string path
-- @tparam boolean stays whether it has a name that the next run finds, and is left there
-- @treturn temporary `file` of r2.files, `identity` of it
-- @return nil, message, err with err.kind invalid_request or file
function temporary.of(path, stays)
  if type(path) ~= "string" or path == "" or path:find("%z") then
    return fail("invalid_request", "path", "must be the path of a file")
  end
  local good, message, err = check_place(path)
  if not good then
    return nil, message, err
  end
  local name = stays and path .. ".part" or name_beside(path)
  local file, _, problem = files.open(name, stays and "update" or "create", "666")
  if not file then
    return local_file.failed("path", problem)
  end
  local self = setmetatable({ path = path, name = name, file = file, stays = stays }, Temporary)
  local left = { name = not stays and name }
  self.left, self.guard = left, guard(function()
    if left.name then
      files.remove(left.name)
    end
  end)
  self.identity = local_file.identity(file:status())
  return self
end

--- Moves it to its place.
-- @return true, or nil, message, err with err.kind file
function Temporary:keep()
  local done, _, err = self.file:close()
  if done then
    done, _, err = files.rename(self.name, self.path)
  end
  if not done then
    return local_file.failed("path", err)
  end
  self.left.name = nil
  return true
end

--- Removes it, unless it stays.
function Temporary:drop()
  self.file:close()
  if self.left.name then
    files.remove(self.left.name)
    self.left.name = nil
  end
end

return temporary
