-- What a script inside host.c may do: sign a credential for one object, valid for ten minutes.
-- The keys here open nothing; a real host hands its own to the script, or signs on its behalf.
local tc = require "r2.temp_credentials"

local client = assert(tc.new {
    account_id = ("acc0"):rep(8),
    parent_access_key_id = ("1dea"):rep(8),
    parent_secret_access_key = ("5ec0"):rep(16),
})

local credentials = assert(client:sign {
    bucket = "game-saves",
    permission = tc.permission.OBJECT_READ_WRITE,
    ttl_seconds = 600,
    objects = { "players/42/slot-1.sav" },
})

print(credentials)
print("endpoint: " .. credentials.endpoint)
print("session token: " .. #credentials.session_token .. " bytes")
client:close()
