-- Programs with a Lua inside, for specs that run an example in one.
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local hosts = {}

local BUILD = os.getenv("BUILD") or "build"

hosts.ROOT = support.lines(support.run("pwd"))[1]

--- Whether a program is here.
function hosts.has(program)
  local _, status = support.try("PATH=$PATH:/usr/sbin:/usr/games command -v " .. program)
  return status == 0
end

--- Shell words that give a command an empty environment but for these variables, and this library
-- and what specs share for one version of Lua. @folder@ is a server's own.
function hosts.environment(version, variables)
  local root = hosts.ROOT
  local build = BUILD:find("^/") and BUILD or root .. "/" .. BUILD
  return ("env -i HOME=@folder@ XDG_RUNTIME_DIR=@folder@ PWD=%s PATH=\"$PATH:/usr/sbin:/usr/games\""
    .. " LUA_PATH=%s LUA_CPATH=%s %s"):format(support.quote(root),
    support.quote(("%s/lua/?.lua;%s/lua/?/init.lua;%s/?.lua;;"):format(root, root, root)),
    support.quote(("%s/lua%s/?.so;;"):format(build, version)), r2creds.words(variables))
end

--- Puts that in front of a program. Returns the command's output, standard error among it.
function hosts.run(version, variables, command)
  local words = hosts.environment(version, variables):gsub("@folder@", support.folder())
  return support.run(("timeout 60 %s %s"):format(words, command))
end

return hosts
