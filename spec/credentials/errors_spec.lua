-- What an error consists of: its message is the field, the item and the reason, each of which a
-- program gets by itself.
local make = require "spec.support.make"
local sigv4 = require "r2.sigv4"
local tc = require "r2.temp_credentials"

local ABSENT = make.ABSENT

local function sign(changes)
  return make.client():sign(make.request(changes), make.NOW)
end

-- What went wrong -> field, item, reason, and what is called.
local CASES = {
  ["a value that is missing"] = { "bucket", nil, "^is required and must be a bucket's name",
    function() return sign { bucket = ABSENT } end },
  ["a value that is wrong"] = { "bucket", nil, "^must be a bucket's name",
    function() return sign { bucket = "A" } end },
  ["an item of a list"] = { "prefixes", 2, "^must be 1 to 1024 bytes",
    function() return sign { prefixes = { "a/", "" } } end },
  ["a list that is empty"] = { "objects", nil, "^must not be empty: list one or more strings$",
    function() return sign { objects = {} } end },
  ["a field that is not known"] = { "prefix", nil, "^is not a known field; known are: bucket",
    function() return sign { prefix = "a/" } end },
  ["a field whose name may be a secret"] = { nil, nil, "^the request has a field that is not known",
    function() return sign { [("x"):rep(32)] = 1 } end },
  ["a table with a name that is wrong"] = { "headers", "x-amz-date", "^must be left out",
    function()
      return sigv4.sign({ method = "GET", url = "https://example.com/b",
        headers = { ["x-amz-date"] = "now" } }, { access_key_id = "i", secret_access_key = "s" })
    end },
  ["a table with a name that may be a secret"] = { "headers", "...", "^must have a name of letters",
    function()
      return sigv4.sign({ method = "GET", url = "https://example.com/b",
        headers = { ["a b"] = "now" } }, { access_key_id = "i", secret_access_key = "s" })
    end },
  ["a token"] = { "session_token", nil, "^must be a session token of R2",
    function() return tc.inspect("x") end },
}

describe("An error about", function()
  for what, case in pairs(CASES) do
    it(what .. " names field, item and reason, and makes its message of them", function()
      local field, item, reason, call = case[1], case[2], case[3], case[4]
      local result, message, err = call()
      assert.is_nil(result)
      assert.equal(message, err.message)
      assert.equal(field, err.field)
      assert.equal(item, err.item)
      assert.matches(reason, err.reason)
      local blamed = (field or "") .. (item and "[" .. item .. "]" or "")
      assert.equal(message, blamed == "" and err.reason or blamed .. " " .. err.reason)
    end)
  end

  it("whatever has a kind that the library knows", function()
    for what, case in pairs(CASES) do
      local _, _, err = case[4]()
      assert.is_true(tc._kinds[err.kind], what)
    end
  end)
end)
