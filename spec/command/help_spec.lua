-- r2creds --help, and that its examples work.

local r2 = require "r2"
local papers = require "spec.project.papers"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local output_of = r2creds.output_of

teardown(support.remove_folders)

local function help_of(command)
  return output_of("r2creds " .. command .. " --help")
end

-- The commands in the help of one, as it calls them.
local function commands_in(command)
  local names = {}
  local list = help_of(command):match("\nCommands:\n(.-)\n\n") or ""
  for name in list:gmatch("%f[^\0\n]   (%S+)") do
    names[#names + 1] = name
  end
  return names
end

-- Every command, and those of each: "", "mint", "mint upload", …
local COMMANDS = { "" }
for _, name in ipairs(commands_in "") do
  COMMANDS[#COMMANDS + 1] = name
  for _, inner in ipairs(commands_in(name)) do
    COMMANDS[#COMMANDS + 1] = name .. " " .. inner
  end
end

-- What spec/command/outside_spec.lua, objects_spec.lua and exec_spec.lua run.
local NEEDS_A_SERVER = {
  sandbox = true, exec = true, cors = true, doctor = true,
  put = true, get = true, ls = true, rm = true,
}

describe("r2creds --help", function()
  local examples = 0

  for _, command in ipairs(COMMANDS) do
    it("is there for r2creds " .. command .. ", and fits a terminal", function()
      local help = help_of(command)
      assert.matches("^Usage: r2creds " .. command:gsub("%-", "%%-"), help)
      assert.matches("\nExamples?:\n", help)
      for line in help:gmatch("[^\n]+") do
        assert.is_true(#line <= 80, line)
      end
      assert.equal(help, output_of("r2creds " .. command .. " -h"))
    end)

    it("has examples that work, of r2creds " .. command, function()
      for line in help_of(command):match("\nExamples?:\n(.*)$"):gmatch("[^\n]+") do
        line = line:match("^    (.*)$")
        if not NEEDS_A_SERVER[line:match("r2creds (%l+)") or ""] then
          local output = output_of('eval "$(r2creds mint upload my-bucket)"\n' .. line)
          assert.is_true(output ~= "" or line:find("eval", 1, true) ~= nil, line)
          examples = examples + 1
        end
      end
    end)
  end

  it("had examples", function()
    assert.is_true(examples >= 15)
  end)

  it("names every command that docs/command.md names, and no other", function()
    assert.is_true(#COMMANDS >= 10)
    assert.same(papers.names_in(papers.rows("r2creds"), 1), papers.sorted(commands_in ""))
  end)

  it("names every format", function()
    for _, format in ipairs(r2.export.formats()) do
      local line = ("\n    %-11s%s\n"):format(format.name, format.about)
      assert.is_truthy((help_of "mint":gsub("\n               +", " ")):find(line, 1, true), line)
    end
  end)

  it("is laid out as it was written: no line of it is broken by what prints it", function()
    for _, command in ipairs(COMMANDS) do
      local help, names = nil, {}
      for name in command:gmatch("%S+") do
        names[#names + 1] = name
      end
      if names[1] then
        local found = require("r2.command." .. names[1])
        for _, inner in ipairs(names[2] and found.commands or {}) do
          found = inner.name == names[2] and inner or found
        end
        help = found.help
      end
      for line in (help or ""):gmatch("[^\n]+") do
        assert.is_true(#line <= 80, line)
        assert.is_truthy(help_of(command):find(line, 1, true), line)
      end
    end
  end)

  it("needs no keys", function()
    assert.equal("r2creds " .. r2._VERSION .. "\n", output_of("r2creds --version", {}))
    assert.equal(help_of "mint", output_of("r2creds mint --help", {}))
  end)
end)
