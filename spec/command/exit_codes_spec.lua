-- The exit codes of r2creds: in the code, in its help and in docs/command.md.

local tc = require "r2.temp_credentials"
local exit_codes = require "r2.command.exit_codes"
local papers = require "spec.project.papers"
local r2creds = require "spec.command.r2creds"

describe("An exit code", function()
  it("was considered for each kind of error", function()
    assert.same(papers.keys_of(tc._kinds), papers.keys_of(exit_codes.BY_KIND))
    for _, code in pairs(exit_codes.BY_KIND) do
      assert.is_true(code > 0 and code < 64)
    end
  end)

  it("is in docs/command.md and, but for Ctrl-C, in the help", function()
    local help = r2creds.output_of("r2creds --help"):match("Exit codes: (.-)\n\n")
    local documented = {}
    for _, cells in ipairs(papers.rows("r2creds")) do
      documented[cells[1]] = true
    end
    for name, code in pairs(exit_codes) do
      if name ~= "BY_KIND" then
        assert.is_true(documented[("%d"):format(code)], name)
        assert.is_true(name == "INTERRUPTED"
          or help:find("%f[%d]" .. code .. " ") ~= nil, name)
      end
    end
  end)
end)
