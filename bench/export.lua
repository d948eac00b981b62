-- Measures r2.export on the Lua that runs this; bench/export calls it. Prints for each call its
-- name and the CPU time of one.
local r2 = require "r2"
local stopwatch = require "bench.stopwatch"

local MANY = 64 -- credentials, so that no compiler takes a call on one of them out of a loop

local issuer = assert(r2.new {
  account_id = ("acc0"):rep(8),
  parent_access_key_id = ("1dea"):rep(8),
  parent_secret_access_key = ("5ec0"):rep(16),
})

local requests, credentials = {}, {}
for i = 1, MANY do
  requests[i] = {
    bucket = "my-bucket", permission = r2.permission.OBJECT_READ_ONLY, ttl_seconds = 3600 + i,
    prefixes = { ("users/%d/"):format(i) },
  }
  credentials[i] = assert(issuer:create(requests[i]))
end

local function measured(name, list, call)
  print(name, ("%.12f"):format(stopwatch.best_of_batches(function(count)
    local made
    for i = 1, count do
      made = call(list[i % MANY + 1])
    end
    return made
  end)))
end

measured("create", requests, function(request)
  return issuer:create(request)
end)
for _, format in ipairs(r2.export.formats()) do
  measured(format.name, credentials, r2.export[format.name])
end
