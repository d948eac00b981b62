-- Many small objects up, listed, down and away with r2.bucket; bench/objects runs it.
--   objects.lua FOLDER OTHER COUNT AT_ONCE   files 1 to COUNT of a folder go up, and come down into
--                                            the other one; address and keys are the environment's
local r2 = require "r2"
local together = require "r2.task.together"

local folder, other, count, at_once = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
local prefix = ("bench%d/"):format(at_once)

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local issuer = assert(r2.from_env { mode = "local" })
local transport = assert(require("r2.transport.curl").new())
local bucket = assert(r2.bucket {
  credentials = assert(issuer:service_credentials(os.getenv("R2_BUCKET"), prefix)),
  transport = transport,
})

-- Does something with each number, so many at a time.
local function each(action)
  local next_number = 1
  assert(together.run(transport, at_once, function()
    while next_number <= count do
      local number = next_number
      next_number = number + 1
      action(number)
    end
    return true
  end))
end

each(function(number)
  assert(bucket:put(prefix .. number, read(folder .. "/" .. number)))
end)
local keys = {}
for entry in bucket:list { prefix = prefix } do
  keys[#keys + 1] = entry.key
end
assert(#keys == count)
each(function(number)
  write(other .. "/" .. number, assert(bucket:get(prefix .. number)).body)
end)
assert(bucket:delete(keys))
