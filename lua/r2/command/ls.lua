-- r2creds ls: the objects of a bucket, or below a prefix. All pages are there before anything is
-- printed, so that half a list is never taken for all.

local json = require "r2.json"
local objects = require "r2.command.objects"
local options = require "r2.command.options"
local text = require "r2.command.text"
local times = require "r2.command.times"

local function as_json(entry)
  return json.object {
    { "prefix", entry.prefix },
    { "key", entry.key },
    { "size", entry.size },
    { "etag", entry.etag },
    { "last_modified", entry.last_modified },
  }
end

local function as_text(entry)
  if entry.prefix then
    return ("%24s  %12s  %s"):format("", "", text.plain(entry.prefix))
  end
  return ("%-24s  %12.0f  %s"):format(times.moment(entry.last_modified), entry.size,
    text.plain(entry.key))
end

local function lister(given)
  local write = given.json and as_json or as_text
  return function(bucket)
    local lines = {}
    local listed, message, err = objects.each(bucket, {
      prefix = given.prefix, delimiter = not given.recursive and "/" or nil,
    }, function(entry)
      lines[#lines + 1] = write(entry) .. "\n"
    end)
    return listed and table.concat(lines), message, err
  end
end

local function run(given)
  return objects.with_bucket(given, {
    bucket = given.bucket, prefixes = given.prefix and { given.prefix },
    actions = { "ListObjectsV2" }, permission = "object-read-only",
  }, lister(given))
end

return {
  name = "ls",
  summary = "List objects.",
  description = "Lists the objects of a bucket, or those whose keys begin with a prefix: when each "
    .. "was changed, its bytes, its key. It takes a credential of its own, which can list these "
    .. "and nothing else.",
  arguments = {
    { name = "bucket", field = "bucket", about = "The bucket." },
    {
      name = "prefix", field = "prefixes", count = "?", about = "What keys begin with.",
      convert = options.filled, must = "must not be empty",
    },
  },
  options = options.all({
    {
      name = "--recursive", field = "recursive",
      about = "Every object, and not what has a further slash as one prefix.",
    },
    { name = "--json", field = "json", about = "Print JSON, one object a line." },
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds ls my-bucket
    r2creds ls my-bucket reports/ --recursive --json]],
  run = run,
}
