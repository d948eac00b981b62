-- Commands of the machine, on every Lua: what specs hold this library's files against.

local shell = {}

function shell.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Runs lines of a shell that have to succeed, as this user of it would, without the checkers that
-- this process may run under. Returns what they printed.
function shell.run(lines)
  local command = "env -u LD_PRELOAD LC_ALL=C sh -c %s 2>&1; printf '\\n%%s' $?"
  local pipe = assert(io.popen(command:format(shell.quote(lines))))
  local output, status = pipe:read("*a"):match("^(.*)\n(%d+)$")
  pipe:close()
  if status ~= "0" then
    error(("%s\nended with status %s:\n%s"):format(lines, tostring(status), output), 2)
  end
  return output
end

--- The same for what prints one line, and the words of that.
function shell.words(lines)
  local words = {}
  for word in shell.run(lines):gmatch("%S+") do
    words[#words + 1] = word
  end
  return words
end

--- Whether there is such a command.
function shell.has(name)
  return shell.run("command -v " .. name .. " || true") ~= ""
end

--- A command that runs lines of Lua on the Lua that runs this, with what is built for it, in any
-- folder and under no checker.
function shell.lua(lines)
  local interpreter = 0
  while arg[interpreter - 1] do
    interpreter = interpreter - 1
  end
  local build = os.getenv("SERVER_BUILD") or os.getenv("BUILD") or "build"
  if not build:find("^/") then
    build = shell.words("pwd")[1] .. "/" .. build
  end
  return ("env LUA_CPATH=%s %s -e %s"):format(
    shell.quote(("%s/lua%s/?.so;;"):format(build, _VERSION:match("[%d.]+"))),
    arg[interpreter], shell.quote(lines))
end

local folders = {}

--- An empty folder; shell.remove_folders() removes them all.
function shell.folder()
  local folder = shell.words("mktemp -d")[1]
  folders[#folders + 1] = folder
  return folder
end

function shell.remove_folders()
  while #folders > 0 do
    shell.run("rm -rf " .. shell.quote(table.remove(folders)))
  end
end

--- The number of this process.
function shell.process()
  local file = assert(io.open("/proc/self/stat"))
  local number = file:read("*l"):match("^%d+")
  file:close()
  return number
end

--- How many descriptors of this process lead to a path that begins so.
function shell.descriptors(path)
  return tonumber(shell.run(("ls -l /proc/%s/fd | grep -c -F ' -> %s' || true"):format(
    shell.process(), path)))
end

return shell
