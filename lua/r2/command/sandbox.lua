-- r2creds sandbox: finds the files of the sandbox, and runs it.

local files = require "r2.command.files"
local options = require "r2.command.options"
local quoted = require "r2.shell".quoted

-- The folder that the library is in, with its final slash: lua/ in a checkout, share/lua/5.x/ where
-- it is installed.
local BASE = debug.getinfo(1, "S").source:match("^@(.*)r2/command/sandbox%.lua$")

-- In the tree of a LuaRocks the files lie with the rock, by the version of Lua.
local VERSION = BASE and BASE:match("lua/(5%.%d)/$") or "5.?"

-- From there: in a checkout, where `make install` puts it, where LuaRocks does.
local SCRIPTS = {
  "../sandbox/run",
  "../../r2-temp-credentials/sandbox/run",
  "../../../lib/luarocks/rocks-" .. VERSION .. "/r2-temp-credentials/*/sandbox/run",
}

-- Where the C module may be that nginx's LuaJIT loads.
local MODULES = { "../build/lua5.1", "../../../lib/lua/5.1" }

-- The first file of that name, in which a shell's asterisks count.
local function file_at(place)
  local list = io.popen("ls -d " .. quoted(BASE) .. place .. " 2>/dev/null")
  local file = list and list:read("*l")
  if list then
    list:close()
  end
  return file
end

-- The first file there is; the places may hold a shell's asterisks. The first of them counts in a
-- checkout only: elsewhere the folder beside lua/ is anybody's.
local function find(places, name)
  for i = file_at("../Makefile") and 1 or 2, #places do
    local found = file_at(places[i] .. name)
    if found then
      return found
    end
  end
end

-- The exit code, which each Lua tells in its own way.
local function code_of(good, how, code)
  if type(good) == "number" then -- 5.1 has what wait(2) says
    return good % 256 == 0 and good / 256 or 1
  end
  return how == "exit" and code or 1
end

local function run(given)
  local script = BASE and find(SCRIPTS, "")
  if not script then
    return files.failed(
      "the sandbox was not installed with the library; in a checkout there is `make sandbox`")
  end
  local module = find(MODULES, "/r2/temp_credentials.so")
  if not module then
    return files.failed("the sandbox runs in nginx's LuaJIT, which loads this library as "
      .. "built for Lua 5.1, and that is not here: build or install it for 5.1 too")
  end
  local folder = module:match("^(.*)/r2/temp_credentials%.so$")
  local code = code_of(os.execute(("exec env PORT=%s WATCH=1 MODULES=\"$(cd %s && pwd)\" sh %s")
    :format(quoted(given.port or "8787"), quoted(folder), quoted(script))))
  if code == 0 then
    return ""
  end
  return nil, nil, { status_code = code } -- it has said why
end

return {
  name = "sandbox",
  summary = "Run R2's API on this machine, to try things.",
  description = "Runs R2's API on this machine until Ctrl-C, with demonstration keys, for this "
    .. "machine alone. It needs nginx with its Lua module, and this library for Lua 5.1.",
  options = {
    {
      name = "--port", value = "PORT", field = "port", about = "Where it listens; 8787 by default.",
      convert = options.filled, must = "must be a number from 1 to 65535",
    },
  },
  help = [[
Example:
    r2creds sandbox --port 8788]],
  run = run,
}
