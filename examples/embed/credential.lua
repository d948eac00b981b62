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

local sigv4 = require "r2.sigv4"
local url = assert(sigv4.url(credentials.endpoint, credentials.bucket, "players/42/slot-1.sav"))
local headers = assert(sigv4.sign({ method = "GET", url = url }, credentials))
print("a request to " .. url .. " is signed with " .. #headers.authorization .. " bytes")

local http = assert(require "r2.http".new())
print("and could be sent: " .. tostring(http))
http:close()
