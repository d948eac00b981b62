-- Runs inside nginx: many objects put, and then got, at the same time, none of them ever whole in
-- memory, and each of another byte.
-- luacheck: std ngx_lua

local r2 = require "r2"

local many = {}

local PIECE = 64 * 1024

local state = "before" -- of this worker: before, up, down, after

--- For the head of a page that nginx answers: how far the streams have come.
function many.tell()
  ngx.header["x-streams"] = state
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

-- KiB that the worker has in use by Lua, and that it has ever had of the machine.
local function memory()
  collectgarbage()
  collectgarbage()
  local status = read("/proc/self/status")
  return collectgarbage("count"), tonumber(status:match("VmHWM:%s*(%d+)"))
end

-- The byte that an object is made of.
local function byte_of(number)
  return string.char(32 + number)
end

local function body_of(number, bytes)
  local piece, left = byte_of(number):rep(PIECE), bytes
  return function()
    left = left - PIECE
    return left >= 0 and piece or nil
  end
end

-- Calls action(key, number) for each key at the same time.
local function all(count, action)
  local threads = {}
  for i = 1, count do
    threads[i] = assert(ngx.thread.spawn(action, ("streams/%d"):format(i), i))
  end
  for _, thread in ipairs(threads) do
    assert(ngx.thread.wait(thread))
  end
end

local function up(bucket, count, bytes)
  all(count, function(key, number)
    assert(bucket:put(key, body_of(number, bytes), { content_length = bytes }))
  end)
end

-- Hands back how many bytes came, each where it belongs, and how long the longest piece was.
local function down(bucket, count)
  local received, longest = 0, 0
  all(count, function(key, number)
    local byte = byte_of(number)
    assert(bucket:get(key, { output = function(piece)
      assert(piece:byte(1) == byte:byte() and piece:byte(-1) == byte:byte(), "another's bytes")
      received, longest = received + #piece, math.max(longest, #piece)
    end }))
  end)
  return received, longest
end

--- ?over=MODULE&url=…&count=N&bytes=N: prints the bytes that came, the longest piece, and by how
-- many KiB Lua's memory and the worker's peak have grown.
function many.run()
  local arguments = ngx.req.get_uri_args()
  local keys = require "sandbox.keys"
  local bucket = assert(r2.bucket {
    credentials = { access_key_id = keys.parent_access_key_id,
      secret_access_key = keys.parent_secret_access_key },
    name = "my-bucket", endpoint = arguments.url,
    transport = assert(require(arguments.over).new()),
  })
  local count, bytes = tonumber(arguments.count), tonumber(arguments.bytes)
  up(bucket, 1, bytes) -- what is loaded and compiled once, is by now
  down(bucket, 1)
  local lua, peak = memory()
  state = "up"
  up(bucket, count, bytes)
  state = "down"
  local received, longest = down(bucket, count)
  state = "after"
  bucket:close()
  local lua_after, peak_after = memory()
  ngx.print(("%d %d %d %d"):format(received, longest, lua_after - lua, peak_after - peak))
end

return many
