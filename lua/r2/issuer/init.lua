-- The issuer: a client of the C module, the modes, and the patterns that most programs need.

local tc = require "r2.temp_credentials"
local api = require "r2.issuer.api"
local fail = require "r2.failure"
local fields = require "r2.fields"
local pending = require "r2.issuer.pending"

local Issuer = {}
Issuer.__index = Issuer

-- These three blame the caller of the method.
local function check_issuer(issuer, level)
  if getmetatable(issuer) ~= Issuer then
    error("r2: no issuer; call its methods as issuer:method(...)", level or 3)
  end
end

local function check_open(issuer)
  check_issuer(issuer, 4)
  if not issuer.client then
    error("r2: this issuer is closed", 3)
  end
end

local function check_table(value, position, name)
  if type(value) ~= "table" then
    error(("bad argument #%d to '%s' (table expected, got %s)"):format(
      position, name, type(value)), 3)
  end
end

local function check_options(options, position, name)
  if options ~= nil and type(options) ~= "table" then
    error(("bad argument #%d to '%s' (table or nil expected, got %s)"):format(
      position, name, type(options)), 3)
  end
end

local LAST_SECOND = 253402300799 -- of the year 9999

-- Signs at the time that the issuer's clock tells. One that tells none is refused, not replaced by
-- the machine's.
local function sign(issuer, request)
  if not issuer.clock then
    return issuer.client:sign(request)
  end
  local now = issuer.clock()
  if type(now) ~= "number" or not (now >= 0 and now < LAST_SECOND + 1) then
    return fail("invalid_request", "clock",
      "must return Unix seconds: a number from 0 to 253402300799")
  end
  return issuer.client:sign(request, now)
end

-- Local when it can: with a parent secret, and for its own parent key. Without an API token there
-- is nothing to fall back on, so the client gets to say what is wrong.
local function signs(issuer, request)
  if issuer.mode ~= "auto" then
    return issuer.mode == "local"
  end
  local parent = rawget(request, "parent_access_key_id")
  return issuer.can_sign and
    (parent == nil or parent == issuer.parent_access_key_id or not issuer.can_ask)
end

-- ---- transports ----

-- Inside nginx libcurl would stall the worker, so it is never the default there; and nginx decides
-- whom it trusts.
local function default_transport(issuer)
  local ngx = rawget(_G, "ngx")
  if type(ngx) ~= "table" or not ngx.socket then
    return require "r2.transport.curl".new { ca_file = issuer.ca_file }
  elseif issuer.ca_file then
    return fail("invalid_config", "ca_file",
      "has no effect inside nginx: set lua_ssl_trusted_certificate there")
  end
  return require "r2.transport.resty".new()
end

-- Refusals and tokens are read with it: that it is missing must not come out as late as that.
local function has_cjson()
  if package.loaded.cjson then
    return true
  end
  local found, message = pcall(require, "cjson")
  if not found and not tostring(message):find("module 'cjson' not found", 1, true) then
    error(message, 0) -- it is there: memory is out, or it was built for another Lua
  end
  return found
end

-- The issuer's transport; the default is made when it is first needed.
local function transport_of(issuer)
  if not has_cjson() then
    return fail("invalid_config", nil,
      "asking Cloudflare's API needs the Lua library lua-cjson, which is not installed")
  end
  if not issuer.transport then
    local transport, message, err = default_transport(issuer)
    if not transport then
      return nil, message, err
    end
    issuer.transport, issuer.own_transport = transport, transport
  end
  return issuer.transport
end

--- Makes one credential: signs it, or asks Cloudflare's API, by the issuer's mode.
-- @tparam table request see `client:sign` in the C module; besides, `parent_access_key_id` names
--   another parent of the account for this one request, which goes through the API
-- @treturn table credentials: access_key_id, secret_access_key, session_token, expires_at (Unix
--   seconds, whole), bucket, endpoint
-- @return nil, message, err with err.kind invalid_request, unsupported; from the API also network,
--   tls, timeout, rate_limited, api, bad_response, and err.attempts
-- @raise when the request is no table, or the issuer is closed
function Issuer:create(request)
  check_open(self)
  check_table(request, 1, "create")
  if signs(self, request) then
    return sign(self, request)
  end
  local transport, message, err = transport_of(self)
  if not transport then
    return nil, message, err
  end
  return api.ask(self, transport, request)
end

--- Begins to make one credential and returns at once. Signed ones are ready at once.
-- @tparam table request as for issuer:create
-- @treturn pending see r2.issuer.pending: poll, wait, cancel
-- @return nil, message, err with err.kind invalid_request, or unsupported: the transport can only
--   perform
-- @raise as issuer:create
function Issuer:start(request)
  check_open(self)
  check_table(request, 1, "start")
  if signs(self, request) then
    return pending.ready(self:create(request))
  end
  local transport, message, err = transport_of(self)
  if not transport then
    return nil, message, err
  elseif not transport.start then
    return fail("unsupported", "transport", "must have a function start: this one can only perform")
  end
  return pending.ask(self, transport, request)
end

--- Wipes the keys. Every other method raises afterwards; closing twice is fine.
function Issuer:close()
  check_issuer(self)
  if self.client then
    self.client:close()
    self.client = nil
    if self.own_transport and self.own_transport.close then
      self.own_transport.close()
    end
  end
end

Issuer.__close = Issuer.close

function Issuer:__tostring()
  return "r2 issuer" .. (self.client and " (" .. self.mode .. ")" or " (closed)")
end

-- ---- patterns ----

local read_ttl_option = fields.reader("invalid_request", "options", { "ttl_seconds" })
local read_upload_options =
  fields.reader("invalid_request", "options", { "ttl_seconds", "prefixes", "objects" })

-- A pattern makes a field of its argument: an error about the one is told in terms of the other.
local function renamed(field, argument, credentials, message, err)
  if credentials then
    return credentials
  elseif not field or err.field ~= field then
    return nil, message, err
  end
  local rest = message:sub(#field + 1):gsub("leave it out, or ", "") -- an argument cannot be
  if field == "prefixes" then -- a pattern has one, and its argument is no list
    rest = rest:gsub("^%[1%]", "")
  end
  err.field, err.message = argument, argument .. rest
  return nil, err.message, err
end

-- Creates from a pattern's request and what its options may add.
local function create_with(issuer, request, options, read, field, argument)
  if options ~= nil then
    local copy, message, err = read(options)
    if not copy then
      return nil, message, err
    end
    for name, value in next, copy do
      request[name] = value
    end
  end
  return renamed(field, argument, issuer:create(request))
end

--- A write-only credential, for an hour.
-- @tparam string bucket
-- @tparam ?table options ttl_seconds (1 to 604800, default 3600), prefixes, objects
-- @return as from issuer:create
function Issuer:upload_credentials(bucket, options)
  check_open(self)
  check_options(options, 2, "upload_credentials")
  return create_with(self, {
    bucket = bucket,
    permission = tc.permission.OBJECT_WRITE_ONLY,
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
-- @tparam string user_id 1 to 1015 bytes of UTF-8, not "." or "..", without slash, backslash and
--   control characters; never a number, whose text depends on the Lua that prints it
-- @tparam string bucket
-- @tparam ?table options ttl_seconds (1 to 604800, default 900)
-- @return as from issuer:create
function Issuer:client_upload_credentials(user_id, bucket, options)
  check_open(self)
  check_options(options, 3, "client_upload_credentials")
  if not is_user_id(user_id) then
    return fail("invalid_request", "user_id",
      "must be a string of 1 to 1015 bytes, not . or .., without /, \\ and control characters")
  end
  return create_with(self, {
    bucket = bucket,
    permission = tc.permission.OBJECT_WRITE_ONLY,
    ttl_seconds = 900,
    prefixes = { "uploads/" .. user_id .. "/" },
  }, options, read_ttl_option, "prefixes", "user_id")
end

--- A read-only credential for exactly these objects, for an hour.
-- @tparam string bucket
-- @tparam table object_keys a list of one or more keys
-- @tparam ?table options ttl_seconds (1 to 604800, default 3600)
-- @return as from issuer:create
function Issuer:download_credentials(bucket, object_keys, options)
  check_open(self)
  check_options(options, 3, "download_credentials")
  if object_keys == nil then -- left out of the request it would open the whole bucket
    return fail("invalid_request", "object_keys", "must be a list of one or more strings")
  end
  return create_with(self, {
    bucket = bucket,
    permission = tc.permission.OBJECT_READ_ONLY,
    ttl_seconds = 3600,
    objects = object_keys,
  }, options, read_ttl_option, "objects", "object_keys")
end

-- Whether a program may take another folder for it: one that goes up, or starts at the root.
local function is_service_prefix(prefix)
  return type(prefix) == "string" and prefix:sub(-1) == "/" and prefix:sub(1, 1) ~= "/"
    and not ("/" .. prefix):find("/%.%.?/")
end

--- A read-write credential for one service's prefix, for 12 hours.
-- @tparam string bucket
-- @tparam string service_prefix ends with a slash: "backups" would open "backups-old/" too; it does
--   not begin with one, and has no segment "." or ".."
-- @tparam ?table options ttl_seconds (1 to 604800, default 43200)
-- @return as from issuer:create
function Issuer:service_credentials(bucket, service_prefix, options)
  check_open(self)
  check_options(options, 3, "service_credentials")
  if not is_service_prefix(service_prefix) then
    return fail("invalid_request", "service_prefix",
      "must be a string that ends with \"/\" but does not begin so, without . and .. segments")
  end
  return create_with(self, {
    bucket = bucket,
    permission = tc.permission.OBJECT_READ_WRITE,
    ttl_seconds = 43200,
    prefixes = { service_prefix },
  }, options, read_ttl_option, "prefixes", "service_prefix")
end

return Issuer
