-- Where the cases of r2.bucket happen: a server that answers as R2 does, one that answers as R2
-- should not, and a transport. Runs under busted, and inside nginx.
--
--   local w = world.new { url = …, faulty_port = …, new_transport = function() … end }
--   w:bucket()                                   -- with every right
--   w:bucket { actions = { "PutObject" } }       -- with that one
--   w:fault "s3-etag-lies"                       -- whatever it is asked, this comes of it
local cjson = require "cjson"
local keys = require "sandbox.keys"
local make = require "spec.support.make"
local r2 = require "r2"
local tc = require "r2.temp_credentials"

local world = {}
world.__index = world

local NAME = "my-bucket"

--- @tparam table options
--   url of the server; credentials, where it knows permanent ones alone; faulty_port of
--   spec/support/fault_server.lua; new_transport a function that makes one; about, for the names of
--   what is run once
function world.new(options)
  local made = make.changed(options, { runs = 0, opened = {} })
  made.signer = assert(tc.new {
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key,
    endpoint = options.url,
  })
  return setmetatable(made, world)
end

--- Signs a credential for the bucket.
function world:credentials(changes, now)
  return assert(self.signer:sign(make.changed(
    { bucket = NAME, ttl_seconds = 3600 }, changes), now))
end

function world:open(settings)
  local defaults = { random = function() return 0 end, transport = self.new_transport() }
  local bucket = assert(r2.bucket(make.changed(defaults, settings)))
  self.opened[#self.opened + 1] = bucket
  return bucket
end

--- A bucket of the server.
-- @tparam ?table changes of the credential's request
-- @tparam ?table settings
function world:bucket(changes, settings)
  local credentials = self.permanent
    or self:credentials(changes or { permission = "admin-read-write" })
  return self:open(make.changed(
    { credentials = credentials, name = NAME, endpoint = self.url }, settings))
end

--- A bucket that shows a fault; `bucket.run` is not there: w:seen(bucket) tells what it was asked.
function world:fault(fault, settings)
  world.last = (world.last or 0) + 1
  local run = ("run%d%d"):format(self.number or 0, world.last)
  local credentials = assert(self.signer:sign {
    bucket = fault .. "-" .. run, permission = "admin-read-write", ttl_seconds = 3600,
  })
  local bucket = self:open(make.changed({
    credentials = credentials, endpoint = "http://127.0.0.1:" .. self.faulty_port,
  }, settings))
  self.runs_of = self.runs_of or {}
  self.runs_of[bucket] = { run = run, credentials = credentials }
  return bucket
end

--- The credentials of a bucket that shows a fault.
function world:credentials_of(bucket)
  return self.runs_of[bucket].credentials
end

--- Asks without the library's S3 side.
function world:ask(url, request)
  return assert(self.new_transport().perform(make.changed(
    { method = "GET", url = url, headers = {}, timeout_seconds = 20 }, request)))
end

--- requests: { method, target, headers, body, body_length }…; connections
function world:seen(bucket)
  local url = ("http://127.0.0.1:%d/-/seen/%s"):format(self.faulty_port,
    self.runs_of[bucket].run)
  return cjson.decode(self:ask(url).body)
end

--- A key that no other case has.
function world:key(name)
  world.last = (world.last or 0) + 1
  return ("%s%d/%s"):format(self.about, world.last, name or "a")
end

--- Closes the buckets of a case.
function world:close()
  for _, bucket in ipairs(self.opened) do
    bucket:close()
  end
  self.opened, self.runs_of = {}, {}
end

return world
