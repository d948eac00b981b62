-- Signs from finalizers that collect while the state closes: what a call works with may be
-- finalized in the middle of it. Prints a line for each result that is another than before. The
-- specs of both modules run this: collecting.lua sigv4|temp_credentials.
local make = require "spec.support.make"

local signers = {}

function signers.temp_credentials(tc)
  local client, request = make.client(), make.request()
  return function()
    local signed, credentials = pcall(client.sign, client, request, make.NOW)
    local all = make.changed(make.config(), request)
    return signed and credentials.session_token or tc(all, make.NOW).session_token
  end
end

function signers.sigv4(sigv4)
  local request = { method = "GET", url = "https://s3.example.com/b/k?a=" .. ("x"):rep(3000) }
  local key = { access_key_id = "id", secret_access_key = "secret" }
  return function()
    return assert(sigv4.sign(request, key, { now = 1 })).authorization
      .. assert(sigv4.presign(request, key, { now = 1 }))
  end
end

local kept, sign, expected = {}, nil, nil

local function when_closing()
  collectgarbage("setpause", 0)
  collectgarbage("setstepmul", 1000000)
  for _ = 1, 50 do
    collectgarbage("restart")
    if sign() ~= expected then
      print("another result")
    end
  end
end

sign = signers[arg[1]](require("r2." .. arg[1]))
expected = sign()
for i = 1, 3 do
  if newproxy then -- 5.1 and LuaJIT: only userdata have finalizers
    kept[i] = newproxy(true)
    getmetatable(kept[i]).__gc = when_closing
  else
    kept[i] = setmetatable({}, { __gc = when_closing })
  end
end
print("it closes")
