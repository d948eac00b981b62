-- What the sandbox prints when it is ready.
-- luacheck: std ngx_lua

local keys = require "sandbox.keys"

local TEXT = [[
R2 on this machine, at $url
This is a development tool. Its keys are demonstration keys that everybody can read, it keeps
nothing when it ends, and no other machine can reach it.

In another terminal:

    export CLOUDFLARE_BASE_URL=$url/client/v4
    export CLOUDFLARE_ACCOUNT_ID=$account_id
    export CLOUDFLARE_API_TOKEN=$api_token
    export R2_ACCESS_KEY_ID=$parent_access_key_id
    export R2_ENDPOINT=$url
    export R2_BUCKET=my-bucket

and there, in Lua:

    local r2 = require "r2"
    local issuer = assert(r2.from_env())
    local credentials = assert(issuer:download_credentials("my-bucket", { "reports/2026.pdf" }))
    print(credentials)

(Where the library is not installed: `make` in this folder, and start lua5.4 in it with
LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='build/lua5.4/?.so;;' before its name.)

or with the command:

    r2creds mint download my-bucket reports/2026.pdf

or with curl:

    echo "Authorization: Bearer $CLOUDFLARE_API_TOKEN" | curl -H @- --json '{
      "bucket": "my-bucket", "parentAccessKeyId": "'"$R2_ACCESS_KEY_ID"'",
      "permission": "object-read-only", "ttlSeconds": 3600, "objects": ["reports/2026.pdf"]
    }' "$CLOUDFLARE_BASE_URL/accounts/$CLOUDFLARE_ACCOUNT_ID/r2/temp-access-credentials"

To sign with the same parent key, without asking anybody:

    export R2_SECRET_ACCESS_KEY=$parent_secret_access_key

S3 clients reach its objects at $R2_ENDPOINT, path style, region auto, with what these make. Every
bucket is there.

Ctrl-C ends it. What it is asked:
]]

local usage = {}

--- Prints it, once the server listens on that port.
function usage.print(port)
  local values = { url = "http://127.0.0.1:" .. port }
  io.stdout:write((TEXT:gsub("%$(%l[%l_]*)", function(name)
    return values[name] or keys[name]
  end)))
  io.stdout:flush()
end

return usage
