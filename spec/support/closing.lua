-- Signs from finalizers while the state closes: closing.lua sigv4|credentials. They run from the
-- newest object to the oldest: one comes before the end of what signs, and one behind it. The specs
-- of both modules run this.
local signers = {}
local kept = {}
local action

local function when_closing(act)
  local object
  if newproxy then -- 5.1 and LuaJIT: only userdata have finalizers
    object = newproxy(true)
    getmetatable(object).__gc = act
  else
    object = setmetatable({}, { __gc = act })
  end
  kept[#kept + 1] = object
end

function signers.sigv4(sigv4)
  local request = {
    method = "GET", url = "https://s3.example.com/b/k?a=" .. ("%C3%A9"):rep(1000),
  }
  local key = {
    access_key_id = "id", secret_access_key = "secret", session_token = ("t"):rep(5000),
  }
  return function()
    assert(sigv4.sign(request, key, { now = 1 }))
    assert(sigv4.presign(request, key, { now = 1 }))
  end
end

function signers.temp_credentials(tc)
  local make = require "spec.support.make"
  local client = make.client()
  local all = make.changed(make.config(), make.request())
  return function()
    pcall(client.sign, client, make.request()) -- it may have been closed before
    local credentials = assert(tc(all))
    assert(tc.inspect(credentials.session_token))
    assert(tc.secret_from_api_token("token"))
  end
end

local function sign()
  action()
  io.write("signed\n")
end

-- The library before all of them: 5.1 and LuaJIT unload it where it stands in that order.
local name = arg[1]
require("r2." .. name)
package.loaded["r2." .. name] = nil
when_closing(sign)
action = signers[name](require("r2." .. name))
when_closing(sign)
