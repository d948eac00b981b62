-- nginx with a configuration of examples/, as it is shipped but for ports, where this library is,
-- and who runs it.
local nginx = require "spec.support.nginx"
local replaced = require("spec.support.nginx_location").replaced
local support = require "spec.project.support"

--- @tparam string folder with an nginx.conf, and the modules that it requires
-- @tparam table changes this -> that
-- @tparam table environment
-- @treturn table as from nginx.start_with
return function(folder, changes, environment)
  local conf = support.read(folder .. "/nginx.conf")
  conf = replaced(conf, 'lua_package_path "$prefix/?.lua;;";',
    nginx.lua_paths(nginx.ROOT .. "/" .. folder))
  conf = replaced(conf, "error_log stderr info;", "error_log stderr info;"
    .. (support.run("id -u"):find("^0%s") and " user root;" or ""))
  for this, that in pairs(changes) do
    conf = replaced(conf, this, that)
  end
  return nginx.start_with(conf, environment)
end
