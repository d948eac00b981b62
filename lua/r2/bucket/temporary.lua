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

-- Who may read and change it: as with what it replaces, and else as with any new file.
-- @return nil, message, err where something is there that no file would replace: a device, for one
local function permissions_at(path)
  local status = files.status(path)
  if not status then
    return "666"
  elseif status.kind ~= "file" then
    return fail("file", "path", "is there, and is no file, but a " .. status.kind)
  end
  return status.permissions:sub(-3)
end

-- Opens it. Hands back the file and its name.
local function open(path, stays, permissions)
  if not stays then
    return files.create_beside(path, permissions)
  end
  local name = path .. ".part"
  local file, message, err = files.open(name, "own", permissions)
  return file, file and name or message, err
end

-- Nothing has come yet: a new one goes.
local function reserve(self, size)
  local reserved, _, err = self.file:reserve(size)
  if reserved == nil then
    self.left.name = (not self.stays or self.identity.size == 0) and self.name
    self:drop()
    return local_file.failed("path", err)
  end
  return self
end

--- Makes one for a path.
-- @tparam string path
-- @tparam boolean stays whether it has a name that the next run finds, and is left there
-- @tparam number size bytes that it will have: they are known to fit on the disk, where that can be
-- @treturn temporary `file` of r2.files, `identity` of it
-- @return nil, message, err with err.kind invalid_request or file
function temporary.of(path, stays, size)
  if type(path) ~= "string" or path == "" or path:find("%z") then
    return fail("invalid_request", "path", "must be the path of a file")
  end
  local permissions, message, err = permissions_at(path)
  if not permissions then
    return nil, message, err
  end
  local file, name, problem = open(path, stays, permissions)
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
  return reserve(self, size)
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
