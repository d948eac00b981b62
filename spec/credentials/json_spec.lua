-- JSON from outside, in session tokens and in answers of the API: read the same whatever the
-- locale, and whatever happens meanwhile.
local answers = require "spec.support.api_answers"
local cjson = require "cjson"
local make = require "spec.support.make"
local tc = require "r2.temp_credentials"
local token = require "spec.support.token"

local NOW = make.NOW

local function interpreter()
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  return arg[first]
end

local function output_of(command)
  local process = assert(io.popen(command .. " 2>&1"))
  local output = process:read("*a")
  process:close()
  return output
end

describe("JSON is read alike", function()
  local folder

  setup(function()
    folder = output_of("mktemp -d"):gsub("%s+$", "")
    local file = assert(io.open(folder .. "/source", "w"))
    file:write('comment_char %\nescape_char /\nLC_NUMERIC\ndecimal_point ","\n',
      'thousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n')
    file:close()
  end)

  teardown(function()
    output_of("rm -rf '" .. folder .. "'")
  end)

  it("where the decimal point is a comma, and before and after", function()
    output_of(("cd '%s' && localedef -c -i source -f ANSI_X3.4-1968 ./comma"):format(folder))
    if not io.open(folder .. "/comma/LC_NUMERIC") then
      return pending("a locale needs localedef and Debian's package locales")
    end
    local command = ("LOCPATH='%s' exec '%s' spec/support/comma_locale.lua comma"):format(
      folder, interpreter())
    assert.equal("read\n", output_of(command))
  end)
end)

describe("A number in JSON", function()
  local function number(text)
    return assert(tc.inspect(token.forge { payload = '{"x":' .. text .. "}" })).x
  end

  it("is what lua-cjson reads", function()
    for _, text in ipairs {
      "0", "-0", "1", "-1", "10", "0.5", "-0.5", "1e3", "1E3", "1e+3", "1e-3", "12.5e-1",
      "123456789012345", "1234567890123456789", "0.1", "0.30000000000000004", "1.7e9",
      "2.2250738585072014e-308", "4.9e-324", "1.7976931348623157e308", "1e400", "-1e400",
      "1e-400", "0e999999999999", "0.000000000000000000000000000000000000000000000000001",
      "100000000000000000000000000000000000000000000000000000000000000000000000000000000000",
      ("9"):rep(500), "0." .. ("0"):rep(500) .. "1e501", ("1"):rep(300) .. "e-299",
      "1e" .. ("0"):rep(100) .. "1", "9007199254740992", "9007199254740993", "1700000000.0",
    } do
      assert.equal(cjson.decode("[" .. text .. "]")[1], number(text), text)
    end
  end)

  it("is an integer when it is whole", function()
    for text, shown in pairs {
      ["1700000000"] = "1700000000", ["1.7e9"] = "1700000000", ["-5"] = "-5", ["10.0"] = "10",
    } do
      assert.equal(shown, tostring(number(text)))
    end
  end)
end)

describe("A string in JSON", function()
  local function string(text)
    return assert(tc.inspect(token.forge { payload = '{"x":"' .. text .. '"}' })).x
  end

  it("is what lua-cjson reads", function()
    for _, text in ipairs {
      "", "plain", [[\"\\\/\b\f\n\r\t]], [[\u0041\u00e9\u20ac\ud83d\ude00]], [[\u0000x]],
      [[a\\]], [[\\u0041]], "caf\195\169", "\127", [[\uFFFF\uABCD]], ("x\\n"):rep(5000),
      ("long "):rep(5000),
    } do
      assert.equal(cjson.decode('["' .. text .. '"]')[1], string(text))
    end
  end)

  it("has U+FFFD for half of a pair that stands alone", function()
    local none = "\239\191\189"
    for text, expected in pairs {
      [ [[\ud800]] ] = none, [ [[\udc00]] ] = none, [ [[a\uDBFFb]] ] = "a" .. none .. "b",
      [ [[\ud800\u0041]] ] = none .. "A",
      [ [[\ud800\ud83d\ude00]] ] = none .. "\240\159\152\128",
      [ [[\udc00\ud800]] ] = none .. none, [ [[\ud83dude00]] ] = none .. "ude00",
    } do
      assert.equal(expected, string(text))
    end
  end)

  it("with half a pair costs an error of the API neither its code nor its text", function()
    local err = answers.refuse("api", {
      status = 403, body = [[{"errors":[{"code":10000,"message":"a\ud800b"}]}]],
    })
    assert.equal(10000, err.code)
    assert.equal("a\239\191\189b", err.errors[1].message)
  end)
end)

describe("What is raised while a token is read", function()
  local client, session_token

  setup(function()
    client = make.client()
    session_token = token.forge()
  end)

  local function is_right(claims, message)
    assert.equal("my-bucket", assert(claims, message).bucket)
  end

  it("by a hook of the debug library goes upward", function()
    local raised = 0
    for calls = 1, 10 do
      local left = calls
      local function hook()
        left = left - 1
        if left == 0 then
          error("interrupted!", 0)
        end
      end
      local ok, claims, message = pcall(function()
        debug.sethook(hook, "c")
        local found, why = client:verify(session_token, NOW)
        debug.sethook()
        return found, why
      end)
      debug.sethook()
      if ok then
        is_right(claims, message)
      else
        raised = raised + 1
        assert.equal("interrupted!", claims)
      end
    end
    assert.is_true(raised > 0)
  end)

  if not rawget(_G, "jit") then -- LuaJIT's own stack is the one that ends there
    it("is not taken for a bad token where the C stack ends", function()
      local deepest = 0
      local function deeper(depth)
        deepest = depth
        is_right(client:verify(session_token, NOW))
        ;("x"):gsub("x", function() deeper(depth + 1) end)
      end
      local ok, message = pcall(deeper, 1)
      assert.is_false(ok)
      assert.is_truthy(tostring(message):find("overflow", 1, true), message)
      assert.is_true(deepest > 50)
    end)
  end
end)

describe("An answer without a body, or of none but blanks,", function()
  it("is no credential, and no error has a code", function()
    local client = make.api_client()
    for _, body in ipairs { false, "", " ", "\n\t", "\0" } do
      for status, kind in pairs { [200] = "bad_response", [500] = "api" } do
        local _, _, err = client:response(status, nil, body or nil, NOW, make.request())
        assert.equal(kind, err.kind)
        assert.is_nil(err.code)
      end
    end
    local nothing = '{"accessKeyId":"","secretAccessKey":"","sessionToken":""}'
    for _, body in ipairs {
      "{}", "[]", '""', '{"success":true}', '{"success":true,"result":""}',
      '{"success":true,"result":' .. nothing .. "}",
    } do
      local _, _, err = client:response(200, nil, body, NOW, make.request())
      assert.equal("bad_response", err.kind)
    end
  end)
end)
