-- What `make demo` tells: credentials in use. One user's page uploads a file and can do nothing
-- else; a download is for that file alone. The address and the keys come from the environment: the
-- sandbox's, as `story.lua sandbox` takes them for, or yours, for R2 itself.
--   R2_BUCKET=   the bucket; in it nothing but what lies below "uploads/r2-demo-" is touched
--   VERBOSE=1    shows the credentials too; no secret of a key that is yours
local r2 = require "r2"
local text = require "examples.demo.text"

local show = text.show

local BUCKET = os.getenv("R2_BUCKET")
if not BUCKET then
  text.fail("R2_BUCKET must name a bucket, or the sandbox has to run: examples/demo/run")
end

local SANDBOX = arg[1] == "sandbox"
local VERBOSE = text.verbose()

local FILE = ("every byte comes back\0\255\r\n"):rep(4000)

-- A prefix of this run's own: two runs, and what else is in the bucket, do not meet.
local function random_name()
  local file = io.open("/dev/urandom", "rb")
  local bytes = file and file:read(6) or tostring(os.time())
  if file then
    file:close()
  end
  return "r2-demo-" .. bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end)
end

local USER = random_name()
local KEY = "uploads/" .. USER .. "/photo.jpg"
local NEIGHBOURS = "uploads/" .. USER .. "-2/photo.jpg"

-- What ends a run: raised, so that what was put is taken away on every path.
local function give_up(message)
  error({ message = message }, 0)
end

-- What has to succeed.
local function done(result, message, ...)
  if not result then
    give_up(message)
  end
  return result, message, ...
end

-- What has to be refused, and how: S3's code, or the kind that this library tells.
local function refused(step, how, result, message, err)
  if result then
    give_up(step .. " was not refused")
  elseif err.code ~= how and err.kind ~= how then
    give_up(message)
  end
  show(step, { ("refused: %d %s"):format(err.status, how) }, "")
end

local function tell(step, what, credentials)
  show(step, { what }, "")
  if VERBOSE then
    text.show_credentials(credentials, SANDBOX and "full" or "hidden")
    print()
  end
end

local function bucket_of(credentials)
  return done(r2.bucket { credentials = credentials })
end

local function clock_late_by(seconds)
  return function()
    return os.time() - seconds
  end
end

-- ---- the steps ----

local function upload(issuer)
  local credentials = done(issuer:client_upload_credentials(USER, BUCKET))
  tell("signed here", "write-only, for uploads/" .. USER .. "/", credentials)
  local page = bucket_of(credentials)
  local stored = done(page:put(KEY, FILE))
  show("put a photo", { ("%d bytes, etag %s"):format(stored.size, stored.etag) }, "")
  refused("get it", "AccessDenied", page:get(KEY))
  refused("put a neighbour's", "AccessDenied", page:put(NEIGHBOURS, FILE))
  page:close()
end

-- A credential of 15 minutes that ended a minute ago. With the right time nothing would be sent:
-- a clock that is two minutes late leaves it to R2.
local function upload_late()
  local issuer = done(r2.from_env { mode = "local", clock = clock_late_by(960) })
  local credentials = done(issuer:client_upload_credentials(USER, BUCKET))
  issuer:close()
  local ended = done(r2.bucket { credentials = credentials, clock = clock_late_by(120) })
  refused("put once it is over", "expired", ended:put(KEY, FILE))
  ended:close()
end

local function download()
  local asks = (os.getenv("CLOUDFLARE_API_TOKEN") or "") ~= ""
  local issuer = done(r2.from_env { mode = asks and "api" or "local" })
  local credentials = done(issuer:download_credentials(BUCKET, { KEY }))
  tell(asks and "asked of the API" or "signed here", "read-only, for this object"
    .. (asks and "" or " (CLOUDFLARE_API_TOKEN, which would ask the API, is not set)"), credentials)
  local reader = bucket_of(credentials)
  local found = done(reader:get(KEY))
  if found.body ~= FILE then
    give_up("other bytes came back")
  end
  show("get it", { ("%d bytes, the same"):format(found.size) }, "")
  refused("put it", "AccessDenied", reader:put(KEY, "other"))
  reader:close()
  issuer:close()
end

-- Brings the object down as anybody would who has the URL.
local function curl(url)
  local config = os.tmpname() -- a command line is shown to every user of the machine
  local file = done(io.open(config, "w"))
  file:write(('url = "%s"\n'):format(url))
  file:close()
  local proxy = SANDBOX and "--noproxy '*' " or ""
  local pipe = done(io.popen("curl -sS --fail " .. proxy .. "--config " .. config))
  local body = pipe:read("a")
  pipe:close()
  os.remove(config)
  return body
end

local function share(issuer)
  local url = done(issuer:presign("GET", BUCKET, KEY))
  if curl(url) ~= FILE then
    give_up("curl brought other bytes")
  end
  show("a URL, in curl", { "the same bytes, with a credential for this GET alone" }, "")
  if VERBOSE and SANDBOX then
    print("\n" .. url .. "\n")
  end
end

-- Takes away what was put; the neighbour's too, should it have been taken.
local function clean_up(issuer)
  local remover = bucket_of(done(issuer:create {
    bucket = BUCKET, actions = { "DeleteObject" }, objects = { KEY, NEIGHBOURS }, ttl_seconds = 60,
  }))
  for _, key in ipairs { KEY, NEIGHBOURS } do
    done(remover:delete(key))
  end
  remover:close()
  show("deleted", { "with a credential that can do only this" }, "")
end

local function tell_story(issuer)
  upload(issuer)
  upload_late()
  download()
  share(issuer)
end

-- Runs it, and has what was raised as one line.
local function try(part, issuer)
  local succeeded, why = pcall(part, issuer)
  return not succeeded and (type(why) == "table" and why.message or tostring(why)) or nil
end

local function main()
  local issuer, unset = r2.from_env { mode = "local" }
  if not issuer then
    text.fail(unset)
  end
  print(("Credentials in use, on %s, bucket %s.\nA page may upload into the folder of its own user."
    .. " A download is for one object.\n"):format(
      SANDBOX and "a sandbox that plays R2 on this machine" or "R2 ITSELF, WITH YOUR KEYS", BUCKET))
  local problem = try(tell_story, issuer)
  local left = try(clean_up, issuer)
  issuer:close()
  if problem or left then
    text.fail((problem or left) .. (left and "\ndemo: this may still be there: " .. KEY or ""))
  end
  if SANDBOX then
    print [[

VERBOSE=1 make demo    shows the credentials, and how each of the common ones is made
R2_BUCKET=… make demo  does the same on R2 itself, with your keys, below a prefix of its own
make sandbox           leaves the API and R2 running on this machine, to try them]]
  end
end

main()
