-- What a Lua says that finds what was built for another one, as docs/hosts.md has it.
local support = require "spec.project.support"

local BUILD = os.getenv("BUILD") or "build"
local BUILDS = { "5.1", "5.2", "5.3", "5.4" }
local NAMES = { LuaJIT = "luajit" }

-- A row for each Lua of the page: its name, and a cell for each build.
local function rows()
  local found = {}
  local text = support.read("docs/hosts.md"):match("\n## The wrong build\n(.-)\n## ")
  for line in text:gmatch("\n|([^\n]*)") do
    local cells = {}
    for cell in line:gmatch("%s*(.-)%s*|") do
      cells[#cells + 1] = cell:gsub("`", "")
    end
    found[#found + 1] = #cells == 5 and cells[2]:find("^l") and cells or nil
  end
  return found
end

local ROWS = rows()

-- Which of several names is missed first is the linker's affair.
local function assert_needs(build, name)
  local needed = support.run(("nm -D --undefined-only -P %s/lua%s/r2/temp_credentials.so"):format(
    BUILD, build))
  assert.is_truthy(("\n" .. needed):find("\n" .. name .. " ", 1, true), name)
end

it("The page has each Lua", function()
  assert.equal(#support.LUAS, #ROWS)
end)

for _, cells in ipairs(ROWS) do
  local lua = NAMES[cells[1]] or "lua" .. cells[1]
  for i, build in ipairs(BUILDS) do
    it(("%s with what is built for %s"):format(lua, build), function()
      local output = support.run(("LUA_CPATH='%s/lua%s/?.so' LUA_PATH='lua/?.lua' %s -e %s"):format(
        BUILD, build, lua, support.quote(
          'local ok, message = pcall(require, "r2.temp_credentials")'
          .. ' io.write(ok and "loads" or message)')))
      if cells[i + 1] == "loads" then
        assert.equal("loads", output)
      else
        assert.matches("undefined symbol: luaL?_", output)
        assert_needs(build, cells[i + 1])
      end
    end)
  end
end
