-- Files that go up and come down while memory runs out: in one request, and in parts.
local make = require "spec.support.make"
local scripted = require "spec.support.bucket.scripted"
local spec = require "spec.memory.operations"

local PART = 5 * 2 ^ 20
local HELLO = "5d41402abc4b2a76b9719d911017c592" -- the MD5 of "hello"

-- To read a file takes much memory, and that is Lua's own affair.
local function load_modules()
  local bucket = scripted.new {}
  bucket:upload("no such file", "a")
  bucket:download("a", "/no such folder/a")
  require "r2.bucket.journal"
end

local function file_of(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  return path
end

-- What R2 would answer, whichever request comes.
local function answer(request)
  if type(request.body) == "function" then
    while request.body(65536) do -- luacheck: ignore 542
    end -- a digest is taken of what is read
  end
  local answers = {
    HEAD = scripted.good(), GET = scripted.good(), PUT = scripted.good(), DELETE = { status = 204,
      headers = {}, body = "" },
  }
  if request.method == "GET" then
    request.output("hello")
  elseif request.method == "POST" then
    return scripted.document("<InitiateMultipartUploadResult><UploadId>u</UploadId>"
      .. "</InitiateMultipartUploadResult>")
  end
  return answers[request.method]
end

local function new_bucket(settings)
  return scripted.new({}, make.changed({
    transport = { perform = answer, sleep = function() end }, max_attempts = 1,
  }, settings))
end

spec.operation("bucket:upload in one request", function()
  load_modules()
  return new_bucket, file_of("hello")
end, function(make_bucket, path)
  return make_bucket():upload(path, "a.txt")
end, function(stored, message)
  assert(stored, message)
  assert(stored.size == 5 and stored.etag == HELLO)
  return stored
end)

spec.operation("bucket:upload in parts, one of which is not what was sent", function()
  load_modules()
  return new_bucket, file_of(("x"):rep(PART + 1))
end, function(make_bucket, path)
  return make_bucket { part_bytes = PART }:upload(path, "a.txt")
end, spec.refused("bad_response"))

spec.operation("bucket:download", function()
  load_modules()
  return new_bucket, os.tmpname()
end, function(make_bucket, path)
  return make_bucket():download("a.txt", path)
end, function(found, message)
  assert(found, message)
  assert(found.size == 5 and found.verified)
  return found
end)

return spec
