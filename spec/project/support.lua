-- What the specs of the project itself share: commands, folders of their own, the rock.

local support = {}

support.LUAS = {
  { name = "lua5.4", version = "5.4" },
  { name = "luajit", version = "5.1" },
  { name = "lua5.1", version = "5.1" },
  { name = "lua5.2", version = "5.2" },
  { name = "lua5.3", version = "5.3" },
}

-- The environment of a user who has set nothing, in place of the one that runs the specs.
local CLEAN = "env -u MAKE -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u LUA_PATH -u LUA_CPATH "
  .. "-u CC -u CFLAGS -u CPPFLAGS -u LDFLAGS -u WERROR -u PREFIX -u DESTDIR "
  .. "-u LUA_VERSIONS -u LUAS -u FILTER -u WRAP -u JOBS "

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end
support.quote = quote

-- Runs a shell command. Returns what it printed, to standard error too, and its exit status.
function support.try(command)
  local pipe = assert(io.popen(CLEAN .. "sh -c " .. quote(command .. "\n") .. " 2>&1 </dev/null"))
  local output = pipe:read("a")
  local _, _, status = pipe:close()
  return output, status
end

-- The same for a command that has to succeed.
function support.run(command)
  local output, status = support.try(command)
  if status ~= 0 then
    error(("%s\nended with status %d:\n%s"):format(command, status, output), 2)
  end
  return output
end

function support.lines(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    lines[#lines + 1] = line
  end
  return lines
end

function support.read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

function support.write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

-- How many descriptors this process has open. All but pipes: the command that lists them comes and
-- goes with its own.
function support.descriptors()
  local pid = support.read("/proc/self/stat"):match("^%d+")
  return tonumber(support.run(("ls -l /proc/%s/fd | grep -v -c pipe:"):format(pid)))
end

local ROUNDS = 5
local GROWTH_MAX = 256 * 1024 -- bytes a round, of Lua's memory and of the process's

-- Runs round(), which hands back how many bytes Lua and the process have, a few times. What leaks
-- grows in every round; what allocators keep for later, in some.
function support.assert_no_growth(round)
  local least_bytes, least_resident = math.huge, math.huge
  local bytes, resident = round()
  for _ = 2, ROUNDS do
    local bytes_after, resident_after = round()
    least_bytes = math.min(least_bytes, bytes_after - bytes)
    least_resident = math.min(least_resident, (resident_after or 0) - (resident or 0))
    bytes, resident = bytes_after, resident_after
  end
  assert(least_bytes < GROWTH_MAX, least_bytes)
  assert(least_resident < GROWTH_MAX, least_resident)
end

-- An empty folder; support.remove_folders() removes them all.
local folders = {}
function support.folder()
  local folder = support.lines(support.run("mktemp -d"))[1]
  folders[#folders + 1] = folder
  return folder
end

function support.remove_folders()
  while #folders > 0 do
    support.run("rm -rf " .. quote(table.remove(folders)))
  end
end

-- A copy of the project as it is checked out: nothing that was built or fetched.
function support.copy_of_project()
  local copy = support.folder()
  support.run("tar --exclude=./.git --exclude=./build --exclude=./r2 --exclude=node_modules"
    .. " --exclude='*.o' --exclude='*.so' -cf - . | tar -xf - -C " .. copy)
  return copy
end

-- Makes the rock for one version of Lua into a tree of its own and returns the tree's folder. The
-- user's LuaRocks settings stay out of it.
function support.make_rock(version)
  local tree = support.folder()
  support.run(("cd %s && HOME=%s luarocks --lua-version=%s make --deps-mode=none --tree %s")
    :format(support.copy_of_project(), support.folder(), version, tree))
  return tree
end

-- The paths that a Lua needs to find modules below one prefix and nowhere else.
function support.only_below(prefix, version)
  local share, lib = prefix .. "/share/lua/" .. version, prefix .. "/lib/lua/" .. version
  return ("LUA_PATH='%s/?.lua;%s/?/init.lua' LUA_CPATH='%s/?.so'"):format(share, share, lib)
end

-- Signs with a clock that stands still, and prints the session token, then the file of each part of
-- the library that was loaded.
local SIGN = [[
local r2 = require "r2"
local issuer = assert(r2.new {
    account_id = ("acc0"):rep(8),
    parent_access_key_id = ("1dea"):rep(8),
    parent_secret_access_key = ("5ec0"):rep(16),
    clock = function() return 1700000000 end,
})
print(assert(issuer:download_credentials("a-bucket", { "a/key" })).session_token)
print((debug.getinfo(r2.new, "S").source:gsub("^@", "")))
for line in io.lines("/proc/self/maps") do
    local object = line:match("r%-xp.- (/.*/r2/[^/]*%.so)$")
    if object then
        print(object)
    end
end
]]

-- What the library in this tree makes of SIGN; that it is right is what
-- spec/credentials/vectors_spec.lua says.
local function expected_token()
  local r2 = require "r2"
  local issuer = assert(r2.new {
    account_id = ("acc0"):rep(8),
    parent_access_key_id = ("1dea"):rep(8),
    parent_secret_access_key = ("5ec0"):rep(16),
    clock = function()
      return 1700000000
    end,
  })
  return assert(issuer:download_credentials("a-bucket", { "a/key" })).session_token
end

-- Fails unless that Lua, started in another folder, signs with the library below the prefix and
-- loads no part of it from anywhere else.
function support.assert_signs(lua, version, prefix)
  local script = support.folder() .. "/sign.lua"
  support.write(script, SIGN)
  local printed = support.lines(support.run(("cd / && %s %s %s"):format(
    support.only_below(prefix, version), lua, script)))
  assert(printed[1] == expected_token(), "another session token than this tree makes")
  local objects = 0
  for i = 2, #printed do
    local below = printed[i]:sub(1, #prefix + 1) == prefix .. "/"
    assert(below, "loaded from elsewhere: " .. printed[i])
    objects = objects + (printed[i]:find("%.so$") and 1 or 0)
  end
  assert(objects > 0, "no object of the library was loaded")
end

return support
