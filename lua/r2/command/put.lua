-- r2creds put: a file, or standard input, becomes an object.

local files = require "r2.command.files"
local json = require "r2.json"
local objects = require "r2.command.objects"
local options = require "r2.command.options"

-- The narrowest that Cloudflare's API is documented to make; nobody gets to see it.
local PERMISSION = "object-read-write"

local function putter(given, body)
  return function(bucket)
    local stored, message, err = bucket:put(given.key, body, {
      content_type = given.content_type, if_none_match = given.no_overwrite and "*" or nil,
    })
    if not stored then
      return nil, message, err
    elseif not given.json then
      return ""
    end
    return json.object {
      { "key", given.key }, { "size", stored.size }, { "etag", stored.etag },
    } .. "\n"
  end
end

local function run(given)
  local body, message, err = files.open_body(given.file)
  if not body then
    return nil, message, err
  end
  local output
  output, message, err = objects.with_bucket(given, {
    bucket = given.bucket, objects = { given.key }, actions = { "PutObject" },
    permission = PERMISSION,
  }, putter(given, body))
  body:close()
  return output, message, err
end

return {
  name = "put",
  summary = "Upload a file as an object.",
  description = "Uploads a file of up to 5 GiB as an object, in one request, and says nothing when "
    .. "it is there; what was there before is overwritten. It takes a credential of its own, for "
    .. "this object; where the parent signs it, it can only put it.",
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
    { name = "--json", field = "json", about = "Print JSON: key, size and etag." },
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds put my-bucket reports/2026.pdf report.pdf
    pg_dump shop | r2creds put my-bucket backups/shop.sql - --no-overwrite]],
  run = run,
}
