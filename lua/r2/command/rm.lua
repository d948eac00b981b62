-- r2creds rm: objects deleted.

local objects = require "r2.command.objects"
local options = require "r2.command.options"

local KEYS_MAX = 100 -- of one command: the credential names each

local function remover(keys)
  return function(bucket)
    local done, message, err = bucket:delete(#keys == 1 and keys[1] or keys)
    return done and "", message, err
  end
end

local function run(given)
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
    .. "gone too. It takes a credential of its own, which names these objects; where the parent "
    .. "signs it, it can only delete them.",
  arguments = {
    { name = "bucket", field = "bucket", about = "The bucket." },
    {
      name = "key", field = "objects", count = "1-" .. KEYS_MAX,
      about = "An object, as it is: no * stands for others.",
    },
  },
  options = options.ISSUER,
  help = options.KEYS_HELP .. [[


Examples:
    r2creds rm my-bucket reports/2025.pdf
    r2creds rm my-bucket reports/2024.pdf reports/2025.pdf]],
  run = run,
}
