-- r2creds get: an object becomes a file, or standard output. The file is there when all of it is.

local bar = require "r2.command.bar"
local fail = require "r2.failure"
local files = require "r2.command.files"
local get_many = require "r2.command.many.get"
local json = require "r2.json"
local objects = require "r2.command.objects"
local options = require "r2.command.options"

-- What is printed of an object that has come.
local function teller(given)
  return function(key, found)
    return given.json and json.object {
      { "key", key }, { "size", found.size }, { "etag", found.etag },
      { "content_type", found.content_type }, { "last_modified", found.last_modified },
    } .. "\n" or ""
  end
end

local function getter(given)
  return function(bucket)
    local found, message, err
    if given.file == "-" then
      found, message, err = bucket:get(given.key, { output = io.stdout })
    else
      found, message, err = bar.around(given.file, function(progress)
        return bucket:download(given.key, given.file, {
          progress = progress, resume = given.resume,
        })
      end)
    end
    if not found then
      return objects.told("output", message, err)
    end
    return teller(given)(given.key, found)
  end
end

local function run(given)
  if given.json and given.file == "-" then
    return fail("invalid_request", "json", "goes with a file: the object itself is printed")
  elseif given.resume and given.file == "-" then
    return fail("invalid_request", "resume", "goes with a file")
  end
  local good, message, err = files.check_name(given.file)
  if not good then
    return nil, message, err
  end
  if given.recursive then
    return get_many(given, teller(given))
  end
  return objects.with_bucket(given, {
    bucket = given.bucket, objects = { given.key },
    actions = given.file == "-" and { "GetObject" } or { "GetObject", "HeadObject" },
    permission = "object-read-only",
  }, getter(given))
end

return {
  name = "get",
  summary = "Download objects as files.",
  description = "Downloads an object to a file, a large one in ranges. The file is there when all "
    .. "of it is: until then, and where it fails, a file of that name stays as it was. With "
    .. "--recursive all objects below a prefix become files in a folder; a key that would lead "
    .. "out of it is refused before any of them is written. It takes a credential of its own, "
    .. "which can read these objects and nothing else.",
  arguments = {
    { name = "bucket", field = "bucket", about = "The bucket." },
    {
      name = "key", field = "objects",
      about = "The object; with --recursive a prefix, logs/ for one, / for the whole bucket.",
    },
    {
      name = "file", field = "output",
      about = "The file; - is standard output. With --recursive a folder.",
    },
  },
  options = options.all({
    {
      name = "--json", field = "json",
      about = "Print JSON: key, size, etag, content_type and last_modified.",
    },
    { name = "--recursive", field = "recursive", about = "Every object below the prefix." },
    objects.PARALLEL,
    objects.RESUME,
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds get my-bucket reports/2026.pdf report.pdf
    r2creds get my-bucket reports/ reports --recursive
    r2creds get my-bucket backups/shop.sql - | psql shop]],
  run = run,
}
