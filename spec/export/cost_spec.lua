-- What it costs to write a credential, counted: nothing is called for each byte of a token.
local r2 = require "r2"

local function credentials(length)
  return {
    access_key_id = ("a1"):rep(16), secret_access_key = ("5ec0"):rep(16),
    session_token = ("dG9rZW4"):rep(length / 7), expires_at = 1700000000,
    bucket = "my-bucket", endpoint = "https://s3.example.com",
  }
end

-- What is compiled tells no hook.
local function interpreted(action)
  if not rawget(_G, "jit") then
    return action()
  end
  jit.off()
  jit.flush()
  local result = action()
  jit.on()
  return result
end

-- How many functions are called by write(given), of C too.
local function calls_of(write, given)
  local count = 0
  debug.sethook(function() count = count + 1 end, "c")
  local text, message = write(given)
  debug.sethook()
  assert(text, message)
  return count
end

for _, format in ipairs(r2.export.formats()) do
  it("r2.export." .. format.name .. " costs no call more for a longer token", function()
    local write = r2.export[format.name]
    local short, long = credentials(70), credentials(7000)
    assert(write(short)) -- the time of the last one is remembered
    local least = interpreted(function() return calls_of(write, short) end)
    assert.is_true(least > 1)
    assert.equal(least, interpreted(function() return calls_of(write, long) end))
  end)
end
