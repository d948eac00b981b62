-- Signing from a finalizer while the state closes. Under a checker of memory, what is left at the
-- end shows.

local function interpreter()
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  return arg[first]
end

describe("Signing while the state closes", function()
  it("leaves nothing behind, before and after the client's own end", function()
    local process = assert(io.popen(("exec %s spec/support/closing.lua temp_credentials 2>&1")
      :format(interpreter())))
    local output = process:read("*a")
    process:close()
    assert.equal("signed\nsigned\n", output)
  end)

  for _, module in ipairs { "temp_credentials", "sigv4" } do
    it("gives what it gave before, though a finalizer collects: " .. module, function()
      local process = assert(io.popen(("exec %s spec/support/collecting.lua %s 2>&1")
        :format(interpreter(), module)))
      local output = process:read("*a")
      process:close()
      assert.equal("it closes\n", output)
    end)
  end
end)

describe("A client's metatable", function()
  it("is out of a script's reach", function()
    local client = require("spec.support.make").client()
    assert.is_false(getmetatable(client))
    assert.has_error(function()
      setmetatable(client, {})
    end)
  end)
end)
