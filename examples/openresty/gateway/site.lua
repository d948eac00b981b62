-- What is served, and with what. nginx.conf says how to start.
local gateway = require "gateway"
local r2 = require "r2"

local BUCKET, PREFIX = "my-bucket", "site/"

local issuer = assert(r2.from_env { mode = "local" })

return {
  gateway = gateway.new {
    -- It reads objects below the prefix, by their names, and nothing else.
    credentials = assert(r2.provider(issuer, {
      bucket = BUCKET,
      actions = { "GetObject", "HeadObject" },
      prefixes = { PREFIX },
      ttl_seconds = 3600,
    })),
    bucket = BUCKET,
    prefix = PREFIX,
    index = "index.html",
    presign = function(method, key)
      return issuer:presign(method, BUCKET, key, { expires_seconds = 300 })
    end,
  },
}
