-- What a script that has no debug library can do to the objects of r2.http.
local http = require "r2.http"

describe("the metatable of an object of r2.http", function()
  it("is out of a script's reach", function()
    local h = assert(http.new())
    local x = assert(h:start { method = "GET", url = "http://127.0.0.1:9/" })
    for _, object in ipairs { h, x } do
      assert.is_false(getmetatable(object))
      assert.has_error(function() setmetatable(object, {}) end)
      assert.is_nil(object.__gc)
      assert.has_error(function() object.poll = nil end)
    end
    h:close()
  end)
end)
