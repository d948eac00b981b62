-- A large file up and down: as a program of its own, and inside nginx, where a page is answered
-- meanwhile.
--   large_file.lua URL FILE BACK   prints the KiB of memory that it has ever had
-- luacheck: std ngx_lua+max
local r2 = require "r2"

local large_file = {}

local state = "before" -- of this worker: before, under way, after

-- KiB that the process has ever had.
local function peak()
  local file = assert(io.open("/proc/self/status"))
  local text = file:read("*a")
  file:close()
  return tonumber(text:match("VmHWM:%s*(%d+)"))
end

local function bucket_of(url, transport)
  local keys = require "sandbox.keys"
  return assert(r2.bucket {
    credentials = { access_key_id = keys.parent_access_key_id,
      secret_access_key = keys.parent_secret_access_key },
    name = "my-bucket", endpoint = url, transport = transport,
  })
end

local function move(bucket, path, back)
  assert(bucket:upload(path, "large"))
  assert(assert(bucket:download("large", back)).verified)
end

function large_file.main(url, path, back)
  local bucket = bucket_of(url)
  move(bucket, path, back)
  bucket:close()
  print(peak())
end

--- ?over=MODULE&url=…&path=…&back=…: prints by how many KiB the worker's memory has grown.
function large_file.run()
  local arguments = ngx.req.get_uri_args()
  local before = peak()
  local bucket = bucket_of(arguments.url, assert(require(arguments.over).new()))
  state = "under way"
  move(bucket, arguments.path, arguments.back)
  state = "after"
  bucket:close()
  ngx.print(peak() - before)
end

--- Answers at once, whatever else the worker does.
function large_file.page()
  ngx.print(state)
end

--- ?over=…&url=…&back=…: begins a download that its visitor does not wait for.
function large_file.begin()
  local arguments = ngx.req.get_uri_args()
  local bucket = bucket_of(arguments.url, assert(require(arguments.over).new()))
  state = "under way"
  bucket:download("large", arguments.back, { progress = function()
    ngx.print("x")
    ngx.flush()
  end })
  state = "after"
end

--- The descriptors that the worker has open of files below a folder, after collecting.
function large_file.left()
  collectgarbage()
  collectgarbage()
  local pipe = io.popen("ls -l /proc/" .. ngx.worker.pid() .. "/fd | grep -F "
    .. ngx.req.get_uri_args().folder)
  ngx.print(pipe:read("*a"))
  pipe:close()
end

if arg and arg[0] and arg[0]:find("large_file", 1, true) then
  large_file.main(arg[1], arg[2], arg[3])
end

return large_file
