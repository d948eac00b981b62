-- r2creds put: a file, or standard input, becomes an object.

local bar = require "r2.command.bar"
local fail = require "r2.failure"
local files = require "r2.command.files"
local json = require "r2.json"
local objects = require "r2.command.objects"
local options = require "r2.command.options"
local parts = require "r2.bucket.parts"

-- The narrowest that Cloudflare's API is documented to make; nobody gets to see it.
local PERMISSION = "object-read-write"

local IN_PARTS = {
  "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
  "AbortMultipartUpload",
}

local function told(given, stored, message, err)
  if not stored then
    return objects.told("body", message, err)
  elseif not given.json then
    return ""
  end
  return json.object {
    { "key", given.key }, { "size", stored.size }, { "etag", stored.etag },
  } .. "\n"
end

local function with_bucket(given, actions, use)
  return objects.with_bucket(given, {
    bucket = given.bucket, objects = { given.key }, actions = actions, permission = PERMISSION,
  }, use)
end

-- In one request: what comes through a pipe, and what must not overwrite.
local function put(given)
  local body, message, err = files.open_body(given.file)
  if not body then
    return nil, message, err
  end
  local output
  output, message, err = with_bucket(given, { "PutObject" }, function(bucket)
    return told(given, bucket:put(given.key, body, {
      content_type = given.content_type, if_none_match = given.no_overwrite and "*" or nil,
    }))
  end)
  body:close()
  return output, message, err
end

-- A file that is none of these, of any size.
local function upload(given, size)
  local actions = parts.size(size) and IN_PARTS or { "PutObject" }
  return with_bucket(given, actions, function(bucket)
    return told(given, bar.around(given.file, function(progress)
      return bucket:upload(given.file, given.key, {
        content_type = given.content_type, progress = progress, resume = given.resume,
      })
    end))
  end)
end

local function run(given)
  local good, message, err = files.check_name(given.file)
  if not good then
    return nil, message, err
  end
  local size = files.size(given.file)
  if size and not given.no_overwrite then
    return upload(given, size)
  elseif given.resume then
    return fail("invalid_request", "resume", "goes with a file, and not with --no-overwrite")
  end
  return put(given)
end

return {
  name = "put",
  summary = "Upload a file as an object.",
  description = "Uploads a file as an object, a large one in parts, and says nothing when it is "
    .. "there; what was there before is overwritten. It takes a credential of its own, for this "
    .. "object; where the parent signs it, it can only put it. What comes through a pipe, and what "
    .. "must not overwrite, goes in one request, which takes 5 GiB.",
  arguments = {
    { name = "bucket", field = "bucket", about = "The bucket." },
    { name = "key", field = "objects", about = "The object." },
    { name = "file", field = "body", about = "The file; - is standard input." },
  },
  options = options.all({
    {
      name = "--content-type", value = "TYPE", field = "content_type",
      about = "What it is, text/plain for one; by default what the key's ending says.",
      convert = options.filled, must = "must not be empty",
    },
    {
      name = "--no-overwrite", field = "no_overwrite",
      about = "Fail when the object is there already.",
    },
    objects.RESUME,
    { name = "--json", field = "json", about = "Print JSON: key, size and etag." },
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds put my-bucket reports/2026.pdf report.pdf
    r2creds put my-bucket backups/disk.img disk.img --resume disk.journal
    pg_dump shop | r2creds put my-bucket backups/shop.sql - --no-overwrite]],
  run = run,
}
