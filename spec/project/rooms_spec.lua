-- The rules of the rooms, as CONTRIBUTING.md has them: who may know whom.
local support = require "spec.project.support"

local MAKEFILE = support.read("Makefile")

-- Rooms of src/ that are a module each; the room that all of them stand on is base.
local ROOMS = {}
for name in MAKEFILE:match("\nMODULES := ([^\n]*)"):gmatch("%S+") do
  ROOMS[#ROOMS + 1] = MAKEFILE:match("\n" .. name .. "_ROOM := (%S+)")
end

local function files(folder, ending)
  local list = ("find %s -name '*%s' | LC_ALL=C sort"):format(folder, ending)
  return support.lines(support.run(list))
end

-- ---- src/ ----

local function room_of(path)
  return path:match("^src/([^/]+)/") or ""
end

-- What a file includes in quotes, as paths from the root; a set.
local function included_by(path)
  local found = {}
  for name in support.read(path):gmatch('#include "([^"\n]*)"') do
    local whole = path:match("^(.*/)") .. name
    found[whole:gsub("[^/]+/%.%./", "")] = true
  end
  return found
end

-- What a file of src/ includes, by whatever way; a set.
local function reaches(path, seen)
  seen = seen or {}
  for name in pairs(included_by(path)) do
    if not seen[name] then
      seen[name] = true
      reaches(name, seen)
    end
  end
  return seen
end

local function includes_library(path, pattern)
  return support.read(path):find("#include <" .. pattern) ~= nil
end

local SOURCES, HEADERS = files("src", ".c"), files("src", ".h")
local ALL = table.move(HEADERS, 1, #HEADERS, #SOURCES + 1, table.move(SOURCES, 1, #SOURCES, 1, {}))

describe("A room of src/", function()
  it("is base, or one of the Makefile's modules; the embedded library has all of them", function()
    local folders = support.lines(support.run("cd src && ls -d */ | tr -d /"))
    local expected = table.move(ROOMS, 1, #ROOMS, 2, { "base" })
    local embedded = {}
    for room in support.read("examples/embed/Makefile"):match("foreach room,([^,]*),")
      :gmatch("%S+") do
      embedded[#embedded + 1] = room
    end
    assert.same(expected, embedded)
    table.sort(expected)
    assert.same(expected, folders)
  end)

  it("knows itself and base, and base only itself", function()
    for _, path in ipairs(ALL) do
      local room = room_of(path)
      for name in pairs(included_by(path)) do
        local other = room_of(name)
        -- The public header is for what it declares.
        local opens = name == "src/r2.h" and support.read(path):find("\nR2_EXPORT ")
        assert.is_truthy(other == room or room ~= "base" and (other == "base" or opens),
          path .. " includes " .. name)
      end
    end
  end)

  it("has no file that is called as one of another room is", function()
    local seen = {}
    for _, path in ipairs(ALL) do
      local name = path:match("[^/]*$")
      assert.is_nil(seen[name], path)
      seen[name] = path
    end
  end)

  it("has a header for what another file calls, and for nothing else", function()
    local wanted = {}
    for _, path in ipairs(ALL) do
      for name in pairs(included_by(path)) do
        if name ~= path:gsub("%.c$", ".h") then
          wanted[name] = true
        end
      end
    end
    for _, path in ipairs(HEADERS) do
      local source = path:gsub("%.h$", ".c")
      local is_there = io.open(source)
      if is_there then
        is_there:close()
        assert.is_true(included_by(source)[path], source .. " does not include its header")
      end
      assert.is_true(wanted[path] or path == "src/r2.h", path .. " is nobody's")
    end
  end)

  it("knows no Lua where it says so", function()
    local checked = 0
    for _, path in ipairs(HEADERS) do
      local opening = support.read(path):match("^/%*.-%*/"):gsub("%s+%*?%s*", " ")
      if opening:find("[Kk]nows no Lua%f[^%a]") and not opening:find("no Lua value") then
        checked = checked + 1
        local known = reaches(path, { [path] = true })
        local source = path:gsub("%.h$", ".c")
        local is_there = io.open(source)
        if is_there then
          is_there:close()
          known = reaches(source, { [source] = true, [path] = true })
        end
        for name in pairs(known) do
          assert.is_false(includes_library(name, "l[ua]+[%a]*%.h>"),
            path .. ": " .. name)
        end
      end
    end
    assert.is_true(checked > 15)
  end)

  it("has libcurl in http alone, and of libcrypto digests alone", function()
    for _, path in ipairs(ALL) do
      assert.is_true(room_of(path) == "http" or not includes_library(path, "curl/"), path)
      local header = support.read(path):match("#include <openssl/([^>]*)>")
      assert.is_true(header == nil or header == "sha.h" or header == "md5.h", path)
    end
  end)
end)

-- ---- lua/ ----

-- The modules of the library that a file requires; a set.
local function required_by(path)
  local found = {}
  for name in support.read(path):gmatch("require%s*%(?%s*[\"']([%w_.]+)[\"']") do
    found[name] = true
  end
  return found
end

describe("A file of lua/", function()
  local function check(folder, is_allowed)
    local checked = 0
    for _, path in ipairs(files(folder, ".lua")) do
      for name in pairs(required_by(path)) do
        checked = checked + 1
        assert.is_true(is_allowed(name, path), path .. " requires " .. name)
      end
    end
    assert.is_true(checked > 0)
  end

  it("knows neither the command nor the sandbox, unless it is the command's", function()
    check("lua", function(name, path)
      local commands = name:find("^r2%.command%f[^%w]") or name == "argparse"
      return not name:find("^sandbox") and
        (not commands or path:find("^lua/r2/command/") ~= nil)
    end)
  end)

  it("that sends knows nothing of credentials", function()
    local known = { ["r2.failure"] = true, ["r2.fields"] = true, ["r2.http"] = true }
    check("lua/r2/transport", function(name)
      return known[name] or name:find("^r2%.transport%.") ~= nil
    end)
  end)

  it("that waits knows nothing of what is waited for", function()
    local known = { ["r2.clock"] = true, ["r2.failure"] = true, ["r2.hidden"] = true }
    check("lua/r2/task", function(name)
      return known[name] or name:find("^r2%.task%.") ~= nil
    end)
  end)

  it("that tries again knows neither issuers nor transports", function()
    check("lua/r2/attempts.lua", function(name)
      return name == "r2.clock" or name == "r2.failure" or name == "r2.task.waiting"
    end)
  end)

  it("that writes a credential for others makes none", function()
    check("lua/r2/export.lua", function(name)
      return not name:find("^r2%.issuer") and name ~= "r2" and name ~= "r2.http"
    end)
  end)
end)

it("A spec, and what specs share, is a topic a file: 600 lines at most", function()
  for _, path in ipairs(support.lines(support.run("find spec -name node_modules -prune"
    .. " -o \\( -name '*.lua' -o -name '*.[ch]' \\) -print"))) do
    local _, lines = support.read(path):gsub("\n", "")
    assert.is_true(lines <= 600, path .. ": " .. lines)
  end
end)
