--- A bucket of R2: objects put, got, listed, copied and deleted over its S3 side, with a temporary
-- credential or any other.
-- @module r2.bucket

local config = require "r2.bucket.config"
local default_transport = require "r2.transport.default"
local object = require "r2.bucket.object"
local usage = require "r2.bucket.usage"

local Bucket = {}

local TOPICS = {
  "objects", "copying", "deleting", "listing", "multipart", "completing", "uploads", "settings",
  "presigning", "uploading", "downloading",
}
for _, topic in ipairs(TOPICS) do
  for name, method in next, (require("r2.bucket." .. topic)) do
    Bucket[name] = method
  end
end

--- What R2 bills of what this bucket has asked for, and the bytes of objects and documents.
-- @treturn table class_a and class_b, operations (developers.cloudflare.com/r2/pricing/), attempts
--   that were repeated too; sent and received, bytes of bodies
function Bucket:usage()
  local copy = {}
  for name, count in next, object.state(self).usage do
    copy[name] = count
  end
  return copy
end

--- Forgets the credentials, and closes the connections, unless it was given a transport. All other
-- methods but usage raise afterwards; closing twice is fine.
function Bucket:close()
  local bucket = object.state(self)
  if not bucket.closed then
    bucket.closed, bucket.source = true, nil
    if bucket.own_transport and bucket.own_transport.close then
      bucket.own_transport.close()
    end
  end
end

local class = object.class
class.__index, class.__close = Bucket, Bucket.close

function class:__tostring()
  local bucket = object.state(self)
  local name = bucket.name or bucket.source and bucket.source:bucket()
  return "r2 bucket" .. (bucket.closed and " (closed)" or name and " " .. name or "")
end

-- The bucket's transport; the default is made when it is first needed.
local function get_transport(bucket)
  if not bucket.transport then
    local transport, message, err = default_transport(bucket.ca_file)
    if not transport then
      return nil, message, err
    end
    bucket.transport, bucket.own_transport = transport, transport
  end
  return bucket.transport
end

--- Makes a bucket. Nothing is opened or sent.
-- @function bucket
-- @tparam table settings
--   credentials required: a table as issuer:create returns it, or a provider: a table with
--   get(self), which returns one, and invalidate(self, credentials), which is told that R2 calls
--   these over;
--   name, endpoint default the credentials' own;
--   transport default libcurl, in nginx lua-resty-http; ca_file path of a PEM file, for libcurl;
--   max_attempts 1 to 10, default 3;
--   timeout_seconds of silence, less than 1 KiB in that time, default 60;
--   deadline_seconds for a whole call, default none;
--   part_bytes of uploads and downloads in parts, 5 MiB to 5 GiB less 5 MiB, default by the size;
--   parallel 1 to 64, how many parts at a time, default 4;
--   clock a function that returns Unix seconds; random a function that returns 0 to 1
-- @treturn bucket
-- @return nil, message, err with err.kind invalid_config
-- @raise when the settings are no table
return function(settings)
  if type(settings) ~= "table" then
    error(("bad argument #1 to 'bucket' (table expected, got %s)"):format(type(settings)), 2)
  end
  local bucket, message, err = config.read(settings)
  if not bucket then
    return nil, message, err
  end
  bucket.usage, bucket.get_transport = usage.new(), get_transport
  return object.new(bucket)
end
