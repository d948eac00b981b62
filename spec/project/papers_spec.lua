-- What the papers say of each other and of the project's files: versions, links, targets, paths.
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local papers = require "spec.project.papers"
local support = require "spec.project.support"

local PAGES = papers.PAGES
local CONTRIBUTING = support.read("CONTRIBUTING.md")
local matches_in = papers.matches_in

describe("The version", function()
  local version = r2._VERSION

  it("is the same in Lua, in C and at the top of the CHANGELOG", function()
    assert.equal(version, tc._VERSION)
    assert.equal(version, support.read("CHANGELOG.md"):match("\n## (%S+)"))
  end)

  it("is that of the rock, or the rock is made of what is checked out", function()
    local names = support.lines(support.run("ls *.rockspec"))
    assert.equal(1, #names)
    local rockspec = {}
    assert(loadfile(names[1], "t", rockspec))()
    assert.equal(("%s-%s.rockspec"):format(rockspec.package, rockspec.version), names[1])
    local upstream = rockspec.version:match("^(.*)%-%d+$")
    assert.is_true(upstream == "scm" or upstream == version, rockspec.version)
  end)
end)

describe("What a text points to is there:", function()
  local function slug(heading)
    return (heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-"))
  end

  local function has_heading(text, anchor)
    for heading in ("\n" .. text):gmatch("\n#+ ([^\n]+)") do
      if slug(heading) == anchor then
        return true
      end
    end
    return false
  end

  for _, name in ipairs(PAGES) do
    it("links of " .. name, function()
      local folder = name:match("^.*/") or ""
      for target in support.read(name):gmatch("%]%(([^)%s]+)%)") do
        if not target:find("^https://") then
          local path, anchor = target:match("^([^#]*)#?(.*)$")
          path = path == "" and name or folder .. path
          support.run("test -e " .. support.quote(path))
          assert.is_true(anchor == "" or has_heading(support.read(path), anchor), target)
        end
      end
    end)
  end

  it("every page of docs/, from the README", function()
    local readme = support.read("README.md")
    for _, name in ipairs(PAGES) do
      assert.is_truthy(name == "README.md" or readme:find("](" .. name .. ")", 1, true), name)
    end
  end)

  for name, text in pairs {
    ["README.md"] = support.read("README.md"), ["CONTRIBUTING.md"] = CONTRIBUTING,
  } do
    it("targets of make in " .. name, function()
      local makefile = support.read("Makefile")
      local targets = matches_in(text, "%f[%w]make ([%l]+)%f[^%l]")
      for _, target in ipairs(targets) do
        if text:find("[`\n]make " .. target) then
          assert.is_truthy(makefile:find("\n" .. target .. ":"), target)
        end
      end
      assert.is_true(#targets > 3)
    end)

    it("paths in " .. name, function()
      local top = {}
      for _, entry in ipairs(support.lines(support.run("ls -A"))) do
        top[entry] = true
      end
      for path in text:gmatch("`([%w._-]+/[%w./_-]*)`") do
        if top[path:match("^[^/]+")] then
          local _, status = support.try("test -e " .. path)
          assert.equal(0, status, path)
        end
      end
    end)
  end
end)

describe("No file of the project", function()
  -- Whole paths are put together here, so that this file does not hold what it looks for.
  local FOREIGN = {}
  for _, folder in ipairs { "home", "root", "Users", "work", "tmp", "mnt" } do
    FOREIGN[#FOREIGN + 1] = "/" .. folder .. "/"
  end

  local function shows_a_machine(text)
    for _, folder in ipairs(FOREIGN) do
      if ("\n" .. text):find("[^%w._~)}$-]" .. folder) then
        return folder
      end
    end
  end

  it("shows a path of the machine that it was written on", function()
    local files = support.lines(support.run("find . \\( -name .git -o -name node_modules"
      .. " -o -path ./build -o -path ./r2 \\) -prune"
      .. " -o -type f ! -name '*.o' ! -name '*.so' -print"))
    assert.is_true(#files > 50)
    for _, path in ipairs(files) do
      assert.is_nil(shows_a_machine(support.read(path)), path)
    end
  end)

  it("names where its npm packages were fetched from", function()
    assert.is_nil(support.read("spec/package-lock.json"):find('"resolved"', 1, true))
  end)

  it("could do so unnoticed", function()
    for _, text in ipairs {
      "in " .. FOREIGN[1] .. "me/x", '"' .. FOREIGN[4] .. 'x"', FOREIGN[5],
    } do
      assert.is_truthy(shows_a_machine(text), text)
    end
    assert.is_nil(shows_a_machine("lua/r2/init.lua, $(ROOT)/src, usr/local/share"))
  end)
end)
