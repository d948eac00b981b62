-- The third part of `make demo`: credentials in use. One user's page uploads a file and can do
-- nothing else; a download is for that file alone. The sandbox plays R2, which examples/demo/run
-- starts; its address and its keys come from the environment, as yours would.
local r2 = require "r2"
local text = require "examples.demo.text"

local fail, show = text.fail, text.show

local BUCKET = os.getenv("R2_BUCKET")
if not BUCKET then
  fail("the sandbox has to run: sandbox/run lua5.4 examples/demo/used.lua")
end

local KEY, NEIGHBOURS = "uploads/user-1/photo.jpg", "uploads/user-2/photo.jpg"
local FILE = ("every byte comes back\0\255\r\n"):rep(4000)

-- What has to succeed, or the demo ends.
local function done(result, message, ...)
  if not result then
    fail(message)
  end
  return result, message, ...
end

-- What has to be refused, with this code of S3's.
local function refused(step, code, result, message, err)
  if result then
    fail(step .. " was not refused")
  elseif err.code ~= code then
    fail(message)
  end
  show(step, { ("refused: %d %s"):format(err.status, err.code) }, "")
end

local function bucket_of(credentials)
  return done(r2.bucket { credentials = credentials })
end

local function clock_late_by(seconds)
  return function()
    return os.time() - seconds
  end
end

-- A credential of 15 minutes that ended 5 seconds ago.
local function expired_credentials()
  local issuer = done(r2.from_env { mode = "local", clock = clock_late_by(905) })
  local credentials = done(issuer:client_upload_credentials("user-1", BUCKET))
  issuer:close()
  return credentials
end

-- Brings the object down as anybody would who has the URL.
local function curl(url)
  local config = os.tmpname() -- a command line is shown to every user of the machine
  local file = done(io.open(config, "w"))
  file:write(('url = "%s"\n'):format(url))
  file:close()
  local pipe = done(io.popen("curl -sS --fail --noproxy '*' --config " .. config))
  local body = pipe:read("a")
  pipe:close()
  os.remove(config)
  return body
end

print("\n8. Credentials in use\n   A page may upload into the folder of its own user. A download "
  .. "is for one object.\n")

local issuer = done(r2.from_env { mode = "local" })
local page = bucket_of(done(issuer:client_upload_credentials("user-1", BUCKET)))
show("signed here", { "write-only, for uploads/user-1/" }, "")
local stored = done(page:put(KEY, FILE))
show("put a photo", { ("%d bytes, etag %s"):format(stored.size, stored.etag) }, "")
refused("get it", "AccessDenied", page:get(KEY))
refused("put a neighbour's", "AccessDenied", page:put(NEIGHBOURS, FILE))
page:close()

-- With the right time nothing would be sent: a clock that is a minute late leaves it to R2.
local ended = done(r2.bucket { credentials = expired_credentials(), clock = clock_late_by(60) })
local late, why, err = ended:put(KEY, FILE)
if late then
  fail("an expired credential was taken")
elseif err.kind ~= "expired" then
  fail(why)
end
show("put once it is over", { ("refused: %d, %s"):format(err.status, err.kind) }, "")
ended:close()

local asks = done(r2.from_env { mode = "api" })
local download = bucket_of(done(asks:download_credentials(BUCKET, { KEY })))
show("asked of the API", { "read-only, for this object" }, "")
local found = done(download:get(KEY))
if found.body ~= FILE then
  fail("other bytes came back")
end
show("get it", { ("%d bytes, the same"):format(found.size) }, "")
refused("put it", "AccessDenied", download:put(KEY, "other"))
download:close()
asks:close()

if curl(done(issuer:presign("GET", BUCKET, KEY))) ~= FILE then
  fail("curl brought other bytes")
end
show("a URL, in curl", { "the same bytes, with a credential for this GET alone" }, "")

local remover = bucket_of(done(issuer:create {
  bucket = BUCKET, actions = { "DeleteObject" }, objects = { KEY }, ttl_seconds = 60,
}))
done(remover:delete(KEY))
show("deleted", { "with a credential that can do only this" }, "")
remover:close()
issuer:close()

print("\nAll of it on this machine. `make sandbox` leaves the API and R2 running, to try them.")
