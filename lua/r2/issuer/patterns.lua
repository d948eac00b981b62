-- What most programs need, as methods of an issuer. A pattern says by itself what is open, and its
-- options cannot widen that. It reads nothing that a script could have changed, so the names of the
-- permissions are written out here; who can change Lua's own functions is beyond that.

local fail = require "r2.failure"
local fields = require "r2.fields"
local mint = require "r2.issuer.mint"
local object = require "r2.issuer.object"

local patterns = {}

local READ, WRITE, READ_WRITE = "object-read-only", "object-write-only", "object-read-write"

local read_ttl_option = fields.reader("invalid_request", "options", { "ttl_seconds" })
local read_upload_options =
  fields.reader("invalid_request", "options", { "ttl_seconds", "prefixes", "objects" })

-- Arguments, the fields of the request that they become, and what each must be. One that is `alone`
-- is the field's only item.
local USER_ID = {
  name = "user_id", field = "prefixes", alone = true,
  must_be = "must be a string of 1 to 1015 bytes of UTF-8, not . or .., "
    .. "without /, \\ and control characters",
}
local OBJECT_KEYS = {
  name = "object_keys", field = "objects", must_be = "must be a list of one or more strings",
}
local SERVICE_PREFIX = {
  name = "service_prefix", field = "prefixes", alone = true,
  must_be = "must be a string of 2 to 1024 bytes of UTF-8 that ends with \"/\" but does not begin "
    .. "so, without . and .. segments",
}

local function refuse(argument)
  return fail("invalid_request", argument.name, argument.must_be)
end

-- Passes a credential through; an error about the field is told in terms of the argument.
local function told(argument, credentials, message, err)
  if credentials then
    return credentials
  elseif not argument or err.field ~= argument.field then
    return nil, message, err
  end
  return fail.renamed(err, argument.name, not argument.alone and err.item or nil)
end

-- Creates from a pattern's request and what its options may add. R2 normalizes keys to Unicode's
-- NFC, and two names that become one there would share a folder: a path made of an argument must be
-- in it.
local function create(issuer, request, options, read, argument)
  if options ~= nil then
    local copy, message, err = read(options)
    if not copy then
      return nil, message, err
    end
    for name, value in next, copy do
      request[name] = value
    end
  end
  local nfc = argument ~= nil
  return told(argument, mint.create(issuer, request, nfc))
end

--- A write-only credential, for an hour.
-- @tparam string bucket
-- @tparam ?table options ttl_seconds (1 to 604800, default 3600), prefixes, objects
-- @return as from issuer:create
function patterns:upload_credentials(bucket, options)
  local issuer = object.open(self)
  object.check_options(options, 2, "upload_credentials")
  return create(issuer, {
    bucket = bucket,
    permission = WRITE,
    ttl_seconds = 3600,
  }, options, read_upload_options)
end

-- A slash, or a dot segment, would leave the user's own folder. NUL is %z in the patterns of 5.1;
-- the second pattern is the control characters of Latin-1 in UTF-8.
local UNSAFE_IN_USER_ID = "[%z\1-\31\127/\\]"
local LATIN_CONTROL = "\194[\128-\159]"
local PREFIX_MAX = 1024

local function is_user_id(id)
  return type(id) == "string" and id ~= "" and id ~= "." and id ~= ".."
    and #id <= PREFIX_MAX - #"uploads//"
    and not id:find(UNSAFE_IN_USER_ID) and not id:find(LATIN_CONTROL)
end

--- A write-only credential for one user's folder, uploads/<user_id>/, for 15 minutes.
-- @tparam string user_id 1 to 1015 bytes of UTF-8 in Unicode's NFC, not "." or "..", without slash,
--   backslash and control characters; never a number, whose text depends on the Lua that prints it
-- @tparam string bucket
-- @tparam ?table options ttl_seconds (1 to 604800, default 900)
-- @return as from issuer:create
function patterns:client_upload_credentials(user_id, bucket, options)
  local issuer = object.open(self)
  object.check_options(options, 3, "client_upload_credentials")
  if not is_user_id(user_id) then
    return refuse(USER_ID)
  end
  return create(issuer, {
    bucket = bucket,
    permission = WRITE,
    ttl_seconds = 900,
    prefixes = { "uploads/" .. user_id .. "/" },
  }, options, read_ttl_option, USER_ID)
end

--- A read-only credential for exactly these objects, for an hour.
-- @tparam string bucket
-- @tparam table object_keys a list of one or more keys in Unicode's NFC
-- @tparam ?table options ttl_seconds (1 to 604800, default 3600)
-- @return as from issuer:create
function patterns:download_credentials(bucket, object_keys, options)
  local issuer = object.open(self)
  object.check_options(options, 3, "download_credentials")
  if object_keys == nil then -- left out of the request it would open the whole bucket
    return refuse(OBJECT_KEYS)
  end
  return create(issuer, {
    bucket = bucket,
    permission = READ,
    ttl_seconds = 3600,
    objects = object_keys,
  }, options, read_ttl_option, OBJECT_KEYS)
end

-- Whether a program may take another folder for it: one that goes up, or starts at the root.
local function is_service_prefix(prefix)
  return type(prefix) == "string" and prefix:sub(-1) == "/" and prefix:sub(1, 1) ~= "/"
    and not ("/" .. prefix):find("/%.%.?/")
end

--- A read-write credential for one service's prefix, for 12 hours.
-- @tparam string bucket
-- @tparam string service_prefix in Unicode's NFC, ends with a slash: "backups" would open
--   "backups-old/" too; it does not begin with one, and has no segment "." or ".."
-- @tparam ?table options ttl_seconds (1 to 604800, default 43200)
-- @return as from issuer:create
function patterns:service_credentials(bucket, service_prefix, options)
  local issuer = object.open(self)
  object.check_options(options, 3, "service_credentials")
  if not is_service_prefix(service_prefix) then
    return refuse(SERVICE_PREFIX)
  end
  return create(issuer, {
    bucket = bucket,
    permission = READ_WRITE,
    ttl_seconds = 43200,
    prefixes = { service_prefix },
  }, options, read_ttl_option, SERVICE_PREFIX)
end

return patterns
