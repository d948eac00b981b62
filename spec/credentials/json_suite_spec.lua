-- What is JSON: the cases of JSONTestSuite as a member of claims, that are decoded and that are
-- searched, and of an answer.

local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local sigv4 = require "r2.sigv4"
local tc = require "r2.temp_credentials"
local token = require "spec.support.token"

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

-- name -> text, and the names in their order.
local function read_cases()
  local cases, names = {
    n_structure_100000_opening_arrays = ("["):rep(100000),
    n_structure_open_array_object = ('[{"":'):rep(50000) .. "\n",
  }, {}
  for line in io.lines("spec/vectors/json_suite.txt") do
    local name, text = line:match("^(%l_%S+) (%S*)$")
    if name then
      cases[name] = decode(text)
    end
  end
  for name in pairs(cases) do
    names[#names + 1] = name
  end
  table.sort(names)
  return cases, names
end

local function unsigned_token(payload)
  return token.wrap(table.concat({
    base64.encode_url(token.HEADER), base64.encode_url(payload),
    base64.encode_url(("\0"):rep(32)),
  }, "."))
end

-- Whether the claims are taken where they become a table.
local function decodes(text)
  return tc.inspect(unsigned_token('{"exp":1,"x":' .. text .. "}")) ~= nil
end

-- Whether they are where one of them is looked for: without expires_at, the end of a credential.
local function finds(text)
  local signed, _, err = sigv4.sign({ method = "GET", url = "https://s3.example/" }, {
    access_key_id = "key", secret_access_key = "secret",
    session_token = unsigned_token('{"exp":1,"x":' .. text .. "}"),
  }, { now = 2 })
  assert(signed or err.kind == "expired")
  return not signed
end

describe("JSON of JSONTestSuite", function()
  local cases, names = read_cases()
  local decoded, found = {}, {}

  setup(function()
    for _, name in ipairs(names) do
      decoded[name] = decodes(cases[name])
      found[name] = finds(cases[name])
    end
  end)

  it("is there", function()
    assert.equal(318, #names)
  end)

  it("is taken where it must be", function()
    for _, name in ipairs(names) do
      assert.is_true(decoded[name] or not name:find("^y_"), name)
    end
  end)

  it("is refused where it must be", function()
    for _, name in ipairs(names) do
      assert.is_false(decoded[name] and name:find("^n_") ~= nil, name)
    end
  end)

  it("is taken or refused alike, wherever it is read", function()
    for _, name in ipairs(names) do
      assert.equal(decoded[name], found[name], name)
    end
  end)

  it("is a part of an answer where it is one of claims", function()
    local client = assert(tc.new(make.config { api_token = keys.api_token }))
    local answer = '{"result":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c"},'
      .. '"success":true,"x":%s}'
    for _, name in ipairs(names) do
      local body = answer:gsub("%%s", function() return cases[name] end)
      local made = client:response(200, nil, body, make.NOW, make.request())
      assert.equal(decoded[name], made ~= nil, name)
    end
  end)
end)
