-- Signs from finalizers while the state closes. They run from the newest object to the oldest: one
-- comes before the signer's own, and one behind it. sigv4_spec.lua runs this.
local sigv4
local kept = {}

local function when_closing(action)
    local object
    if newproxy then -- 5.1 and LuaJIT: only userdata have finalizers
        object = newproxy(true)
        getmetatable(object).__gc = action
    else
        object = setmetatable({}, { __gc = action })
    end
    kept[#kept + 1] = object
end

local request = {
    method = "GET", url = "https://s3.example.com/b/k?a=" .. ("%C3%A9"):rep(1000),
}
local key = {
    access_key_id = "id", secret_access_key = "secret", session_token = ("t"):rep(5000),
}

local function sign()
    assert(sigv4.sign(request, key, { now = 1 }))
    assert(sigv4.presign(request, key, { now = 1 }))
    io.write("signed\n")
end

-- The library before all of them: 5.1 and LuaJIT unload it where it stands in that order.
require "r2.sigv4"
package.loaded["r2.sigv4"] = nil
when_closing(sign)
sigv4 = require "r2.sigv4"
when_closing(sign)
