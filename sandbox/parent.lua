-- The sandbox's parent key as a client of the library: it signs what the API's side hands out, and
-- verifies what the S3 side is shown. Both are for the S3 endpoint of this server.
-- luacheck: std ngx_lua

local keys = require "sandbox.keys"
local tc = require "r2.temp_credentials"

local parent = {}

local client

--- The client; to be called while a request is answered, which knows the port.
function parent.client()
  client = client or assert(tc.new {
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key,
    endpoint = "http://127.0.0.1:" .. ngx.var.server_port,
    max_token_bytes = 1024 * 1024,
  })
  return client
end

return parent
