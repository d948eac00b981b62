-- The site.lua of a gateway before Cloudflare's simulator, which has its buckets below a path and
-- takes no session tokens. Nothing else of the example is another one.
local gateway = require "gateway"

local permanent = {
  access_key_id = ("1dea"):rep(8), secret_access_key = ("5ec7"):rep(16),
  endpoint = os.getenv("R2_ENDPOINT"),
}

return {
  gateway = gateway.new {
    credentials = {
      get = function() return permanent end,
      invalidate = function() end,
    },
    bucket = "cdn-cgi", -- of the path /cdn-cgi/local/r2/s3/my-bucket
    prefix = "local/r2/s3/my-bucket/site/",
    index = "index.html",
  },
}
