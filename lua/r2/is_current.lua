-- Whether a path leads to what was opened and locked: another program may have put its own there in
-- between. A link does not.

local files = require "r2.files"

--- @tparam string path
-- @tparam file file
-- @treturn boolean
return function(path, file)
  local one, other = files.status(path, "link"), file:status()
  return one ~= nil and other ~= nil and one.inode == other.inode and one.device == other.device
end
