-- A file that is written beside its place and moved there when all of it is: nobody sees half of
-- it, and where it fails what was there stays.

local fail = require "r2.failure"
local system = require "r2.files"
local files = require "r2.command.files"

-- Who may read and change it: as with what it replaces, and else as with any new file.
-- @return nil, message, err where something is there that no file would replace: a device, for one
local function permissions_at(path)
  local status = system.status(path)
  if not status then
    return "666"
  elseif status.kind ~= "file" then
    return fail("file", "output", "is there, and is no file")
  end
  return status.permissions:sub(-3)
end

local function fill(file, temporary, path, write)
  local result, message, err = write(file)
  local closed, _, failure = file:close()
  if result and not closed then
    return fail("file", "output", failure.reason)
  elseif not result then
    return nil, message, err
  end
  local moved
  moved, _, failure = system.rename(temporary, path)
  if not moved then
    return fail("file", "output", failure.reason)
  end
  return result
end

--- @tparam string path
-- @tparam function write what is called with the open file
-- @return what that returns
-- @return nil, message, err; then nothing is left
return function(path, write)
  local permissions
  local good, message, err = files.check_name(path)
  if good then
    permissions, message, err = permissions_at(path)
  end
  if not permissions then
    return nil, message, err
  end
  local file, temporary, failure = system.create_beside(path, permissions)
  if not file then
    return fail("file", "output", failure.reason)
  end
  local ended, result
  ended, result, message, err = pcall(fill, file, temporary, path, write)
  if not ended or not result then
    system.remove(temporary)
  end
  if not ended then -- by Ctrl-C
    error(result, 0)
  end
  return result, message, err
end
