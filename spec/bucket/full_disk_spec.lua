-- A disk that is full is heard, every time: LuaJIT's compiled code calls fwrite and fflush a second
-- time when they fail, and by then the buffer that could not be written is forgotten.
local outputs = require "r2.bucket.output"

-- Calls what writes and flushes until it is compiled.
local function warm_up()
  local null = assert(io.open("/dev/null", "wb"))
  local output = assert(outputs.of(null))
  local take = output:begin()
  for _ = 1, 1000 do
    take("short")
    output:finish()
  end
  null:close()
end

-- What is said of an output to a device on which nothing fits.
local function failure_of(pieces)
  local full = assert(io.open("/dev/full", "wb"))
  local output = assert(outputs.of(full))
  local take = output:begin()
  for _, piece in ipairs(pieces) do
    if take(piece) == false then
      full:close()
      return output.failure[3]
    end
  end
  local _, message = output:finish()
  full:close()
  return message
end

describe("a full disk", function()
  if not io.open("/dev/full", "rb") then
    pending("there is no /dev/full")
    return
  end

  setup(warm_up)

  for name, pieces in pairs {
    ["at the end"] = { "short" },
    ["meanwhile"] = { ("x"):rep(3000), ("x"):rep(3000), "y" },
    ["at once"] = { ("x"):rep(10000) },
  } do
    it("is heard " .. name .. ", however often", function()
      for _ = 1, 20 do
        assert.matches("cannot be written: .*No space left on device", failure_of(pieces) or "")
      end
    end)
  end
end)
