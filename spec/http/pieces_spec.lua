-- What bodies of requests cost: counted, in bytes that Lua allocates.
local faulty = require "spec.support.faulty"
local http = require "r2.http"

local server, h

setup(function()
  server = faulty.start()
  h = assert(http.new())
end)

teardown(function()
  h:close()
  server:stop()
end)

-- Sends the same piece so many times; returns the bytes that Lua has allocated meanwhile.
local function allocated(piece, count)
  local run, left = server:new_run(), count
  local request = {
    method = "PUT", url = server:url("good", run), content_length = #piece * count,
    body = function()
      left = left - 1
      return left >= 0 and piece or nil
    end,
  }
  collectgarbage()
  collectgarbage("stop")
  local before = collectgarbage("count")
  local response, message = h:perform(request)
  local after = collectgarbage("count")
  collectgarbage("restart")
  assert(response, message)
  assert.equal(#piece * count, server:seen(run).requests[1].body_length)
  return (after - before) * 1024
end

describe("a piece of a body", function()
  for name, size in pairs {
    ["as long as there is room for"] = 65536,
    ["longer than there is room for"] = 65537,
    ["much longer than there is room for"] = 2 ^ 20,
    ["of many megabytes"] = 2 ^ 24,
  } do
    it(name .. " is not copied by Lua", function()
      local bytes = allocated(("x"):rep(size), math.floor(2 ^ 24 / size))
      assert.is_true(bytes < 2 ^ 16, ("%d bytes"):format(bytes))
    end)
  end
end)
