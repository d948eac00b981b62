-- A file that is written beside its place and moved there when all of it is: nobody sees half of
-- it, and where it fails what was there stays.

local fail = require "r2.failure"
local system = require "r2.files"
local files = require "r2.command.files"

-- A name beside the file that no other has: two processes have no table at one address at one time
-- often, and where they have, the second is refused.
local function name_beside(path)
  return ("%s.%d%s.part"):format(path, os.time(), tostring({}):match("0x(%x+)") or "")
end

-- What is there and no file would be replaced by one: a device, for instance.
local function check_place(path)
  local there = system.open(path)
  local status = there and there:status()
  if there then
    there:close()
  end
  if status and status.kind ~= "file" then
    return fail("file", "output", "is there, and is no file")
  end
  return true
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
  local good, message, err = files.check_name(path)
  if good then
    good, message, err = check_place(path)
  end
  if not good then
    return nil, message, err
  end
  local temporary = name_beside(path)
  local file, _, failure = system.open(temporary, "create", "666")
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
