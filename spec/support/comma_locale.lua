-- Reads JSON in the locale that is named, whose decimal point is a comma, and before and after it:
-- comma_locale.lua NAME. spec/credentials/json_spec.lua runs it.
local make = require "spec.support.make"
local tc = require "r2.temp_credentials"
local token = require "spec.support.token"

local client, api = make.client(), make.api_client()
local session_token = client:sign(make.request(), make.NOW).session_token
-- What no program writes so, and is JSON all the same.
local odd = token.forge {
  payload = token.payload { iat = "17000000.00e2", exp = "170000.3600E+4", nbf = "1.5" }
    :gsub('"nbf":1.5', '"x":[1.5,-0.25,2,1e-2]'),
}
local halves = token.forge { payload = '{"x":[1.5,-0.25,2,1e-2,0.1]}' }

local function read()
  assert(client:verify(session_token, make.NOW))
  assert(client:verify(odd, make.NOW))
  assert(tc.inspect(session_token))
  local x = assert(tc.inspect(halves)).x
  assert(#x == 5 and x[1] * 2 == 3 and x[2] * 4 == -1 and x[3] == 2 and x[4] * 100 == 1)
  assert(x[5] * 10 == 1)
  local _, _, err = api:response(403, {},
    '{"messages":[1.5,2],"errors":[{"code":10000,"message":"no"},{"code":2}]}', make.NOW,
    make.request())
  assert(err.code == 10000 and err.errors[2].code == 2)
  assert(api:response(200, {}, '{"success":true,"took":0.5,"result":{"accessKeyId":"a",'
    .. '"secretAccessKey":"b","sessionToken":"' .. session_token .. '"}}', make.NOW,
    make.request()))
end

-- lua-cjson keeps the decimal point that it saw when it was loaded.
for _, order in ipairs { { "C", "comma", "C" }, { "comma", "C", "comma" } } do
  package.loaded.cjson = nil
  for _, name in ipairs(order) do
    name = name == "comma" and arg[1] or name
    assert(os.setlocale(name, "numeric") == name, "no such locale")
    pcall(require, "cjson")
    read()
  end
end
print("read")
