-- r2creds rm: objects deleted.

local fail = require "r2.failure"
local objects = require "r2.command.objects"
local options = require "r2.command.options"
local rm_many = require "r2.command.many.rm"

local KEYS_MAX = 100 -- of one command: the credential names each

local function remover(keys)
  return function(bucket)
    local done, message, err = bucket:delete(#keys == 1 and keys[1] or keys)
    return done and "", message, err
  end
end

local function run(given)
  if given.recursive then
    return rm_many(given)
  elseif given.yes then
    return fail("invalid_request", "yes", "goes with --recursive: nothing else is asked about")
  end
  return objects.with_bucket(given, {
    bucket = given.bucket, objects = given.key,
    actions = #given.key == 1 and { "DeleteObject" } or { "DeleteObject", "DeleteObjects" },
    permission = "object-read-write",
  }, remover(given.key))
end

return {
  name = "rm",
  summary = "Delete objects.",
  description = "Deletes objects, and says nothing when they are gone; one that was not there is "
    .. "gone too. With --recursive it deletes all objects below prefixes: it counts them and asks "
    .. "first. It takes a credential of its own, for these objects or prefixes; where the parent "
    .. "signs it, it can only delete, and list, them.",
  arguments = {
    { name = "bucket", field = "bucket", about = "The bucket." },
    {
      name = "key", field = "objects", count = "1-" .. KEYS_MAX,
      about = "An object, as it is: no * stands for others. With --recursive a prefix, logs/ for "
        .. "one, / for the whole bucket.",
    },
  },
  options = options.all({
    { name = "--recursive", field = "recursive", about = "Every object below the prefix." },
    { name = "--yes", field = "yes", about = "Do not ask." },
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds rm my-bucket reports/2025.pdf
    r2creds rm my-bucket reports/2024.pdf reports/2025.pdf
    r2creds rm my-bucket reports/2024/ --recursive]],
  run = run,
}
