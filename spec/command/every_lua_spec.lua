-- The command runs on every Lua.

local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local output_of = r2creds.output_of

teardown(support.remove_folders)

describe("r2creds runs on", function()
  for _, lua in ipairs(support.LUAS) do
    it(lua.name, function()
      local name = lua.name .. ' "$(command -v r2creds)" '
      local output = output_of(('LUA_CPATH=$(echo "$LUA_CPATH" | sed s/lua5.4/lua%s/)\n'
        .. "%s mint upload my-bucket | %s verify\n%s presign GET my-bucket a --json\n"
        .. "%s --help"):format(lua.version, name, name, name, name))
      assert.matches("\nverified +yes", output)
      assert.matches('\n{"method":"GET","url":"https://', output, 1, true)
      assert.equal(output_of("r2creds --help"), output:match("\n(Usage: .*)$"))
    end)
  end
end)
