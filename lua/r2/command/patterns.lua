-- The patterns of an issuer as commands of `r2creds mint`: their arguments, and the call. A field
-- is how the library calls an argument.

-- AWS tools ask a credential_process again 15 minutes before a credential ends.
local PROCESS_TTL_SECONDS = 3600

local BUCKET = { name = "bucket", field = "bucket", about = "The bucket." }

return {
  {
    name = "upload",
    about = "Write only, for an hour.",
    arguments = { BUCKET },
    takes_paths = true,
    example = "r2creds mint upload my-bucket --prefix incoming/ --ttl 15m",
    create = function(issuer, given)
      return issuer:upload_credentials(given.bucket, {
        ttl_seconds = given.ttl_seconds, prefixes = given.prefixes, objects = given.objects,
      })
    end,
  },
  {
    name = "client-upload",
    about = "Write only, below uploads/USER/, for 15 minutes.",
    arguments = {
      {
        name = "user", field = "user_id", about = "The user's id: no slash, no control characters.",
      },
      BUCKET,
    },
    example = "r2creds mint client-upload user-42 my-bucket --format sdk",
    create = function(issuer, given)
      local for_process = given.format == "process" and PROCESS_TTL_SECONDS or nil
      return issuer:client_upload_credentials(given.user, given.bucket,
        { ttl_seconds = given.ttl_seconds or for_process })
    end,
  },
  {
    name = "download",
    about = "Read only, exactly these objects, for an hour.",
    arguments = {
      BUCKET, { name = "key", field = "object_keys", count = "+", about = "An object." },
    },
    example = "r2creds mint download my-bucket a.pdf b.pdf --ttl 5m",
    create = function(issuer, given)
      return issuer:download_credentials(given.bucket, given.key,
        { ttl_seconds = given.ttl_seconds })
    end,
  },
  {
    name = "service",
    about = "Read and write, below one prefix, for 12 hours.",
    arguments = {
      BUCKET, { name = "prefix", field = "service_prefix", about = "Ends with a slash." },
    },
    example = "r2creds mint service my-bucket backups/db/ --format rclone",
    create = function(issuer, given)
      return issuer:service_credentials(given.bucket, given.prefix,
        { ttl_seconds = given.ttl_seconds })
    end,
  },
}
