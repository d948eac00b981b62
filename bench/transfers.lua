-- A large file up and down with r2.bucket; bench/transfers runs it.
--   transfers.lua up FILE | down FILE | down-unverified FILE
local r2 = require "r2"

local direction, path = arg[1], arg[2]
local issuer = assert(r2.from_env { mode = "local" })
local bucket = assert(r2.bucket {
  credentials = assert(issuer:service_credentials(os.getenv("R2_BUCKET"), "bench/")),
  ca_file = os.getenv("BENCH_CA_FILE"),
})
if direction == "up" then
  assert(bucket:upload(path, "bench/large"))
else
  assert(bucket:download("bench/large", path, { verify = direction == "down" }))
end
