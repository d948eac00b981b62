-- r2creds put: a file, or standard input, becomes an object.

local bar = require "r2.command.bar"
local fail = require "r2.failure"
local files = require "r2.command.files"
local json = require "r2.json"
local objects = require "r2.command.objects"
local options = require "r2.command.options"
local parts = require "r2.bucket.parts"
local put_many = require "r2.command.many.put"

-- The narrowest that Cloudflare's API is documented to make; nobody gets to see it.
local PERMISSION = "object-read-write"

local IN_PARTS = {
  "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload",
  "AbortMultipartUpload",
}

-- What is printed of an object that is there.
local function teller(given)
  return function(key, stored)
    return given.json and json.object {
      { "key", key }, { "size", stored.size }, { "etag", stored.etag },
    } .. "\n" or ""
  end
end

local function told(given, stored, message, err)
  if not stored then
    return objects.told("body", message, err)
  end
  return teller(given)(given.key, stored)
end

local function with_bucket(given, actions, use)
  return objects.with_bucket(given, {
    bucket = given.bucket, objects = { given.key }, actions = actions, permission = PERMISSION,
  }, use)
end

-- In one request: what comes through a pipe, and what must not overwrite.
local function put(given, file)
  local body, message, err = files.open_body(file)
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
local function upload(given, file, size)
  local actions = parts.size(size) and IN_PARTS or { "PutObject" }
  return with_bucket(given, actions, function(bucket)
    return told(given, bar.around(file, function(progress)
      return bucket:upload(file, given.key, {
        content_type = given.content_type, progress = progress, resume = given.resume,
      })
    end))
  end)
end

local function run(given)
  if given.recursive or #given.file > 1 then
    return put_many(given, IN_PARTS, PERMISSION, teller(given))
  end
  local file = given.file[1]
  local good, message, err = files.check_name(file)
  if not good then
    return nil, message, err
  end
  local size = files.size(file)
  if size and not given.no_overwrite then
    return upload(given, file, size)
  elseif given.resume then
    return fail("invalid_request", "resume", "goes with a file, and not with --no-overwrite")
  end
  return put(given, file)
end

return {
  name = "put",
  summary = "Upload files as objects.",
  description = "Uploads a file as an object, a large one in parts, and says nothing when it is "
    .. "there; what was there before is overwritten. Several files, and with --recursive what is "
    .. "in folders, go below a prefix: their keys are its words and their paths. It takes a "
    .. "credential of its own, for this object or prefix; where the parent signs it, it can only "
    .. "put. What comes through a pipe, and what must not overwrite, goes in one request, which "
    .. "takes 5 GiB.",
  arguments = {
    { name = "bucket", field = "bucket", about = "The bucket." },
    {
      name = "key", field = "objects",
      about = "The object; of several files the prefix, logs/ for one, / for the whole bucket.",
    },
    {
      name = "file", field = "body", count = "+",
      about = "The file; - is standard input. With --recursive a folder stands for what is in it; "
        .. "links in it are left out.",
    },
  },
  options = options.all({
    {
      name = "--content-type", value = "TYPE", field = "content_type",
      about = "What it is, text/plain for one; by default what the key's ending says.",
      convert = options.filled, must = "must not be empty",
    },
    {
      name = "--no-overwrite", field = "no_overwrite",
      about = "Fail when the object is there already; of several files, leave it.",
    },
    { name = "--recursive", field = "recursive", about = "Take folders, and those in them." },
    objects.PARALLEL,
    objects.RESUME,
    { name = "--json", field = "json", about = "Print JSON: key, size and etag." },
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds put my-bucket reports/2026.pdf report.pdf
    r2creds put my-bucket backups/disk.img disk.img --resume disk.journal
    r2creds put my-bucket site/ public --recursive
    pg_dump shop | r2creds put my-bucket backups/shop.sql - --no-overwrite]],
  run = run,
}
