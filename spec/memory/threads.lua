-- Threads at once, each with a Lua state of its own: spec/host/threads.c runs this. It and the
-- modules are built with ThreadSanitizer: whatever two states share without a lock is reported, and
-- makes the program fail.
-- luacheck: read globals threads

local url = ...
local COUNT, ROUNDS = 8, 20

-- Every module, from its first require on, which all threads do at once.
local function work()
  local keys = require "spec.support.keys"
  local make = require "spec.support.make"
  local files = require "r2.files"
  local r2 = require "r2"
  local request = make.request()
  local client = make.client()
  local signing = assert(r2.new(make.config()))
  local asking = assert(r2.new(make.api_config { mode = "api", api_base_url = url }))
  for _ = 1, ROUNDS do
    local credentials = assert(signing:create(request))
    assert(client:verify(credentials.session_token))
    assert(r2.temp_credentials.inspect(credentials.session_token))
    assert(not signing:create { bucket = keys.account_id })
    assert(signing:client_upload_credentials("123", "my-bucket"))
    assert(r2.export.env(credentials))
    local target = assert(r2.sigv4.url(credentials.endpoint, "my-bucket", "a b"))
    assert(r2.sigv4.sign({ method = "GET", url = target }, credentials))
    assert(r2.sigv4.presign({ method = "GET", url = target }, credentials,
      { expires_seconds = 60 }))
    assert(asking:create(request))
    assert(assert(asking:start(request)):wait())
    local h = assert(r2.http.new())
    assert(h:perform { method = "PUT", url = url, body = function() end, output = tostring })
    h:close()
    local file = assert(files.open("README.md"))
    assert(files.digest("sha256", "md5"):read(file))
    file:close()
    assert(not files.open("no such file"))
  end
  client:close()
  signing:close()
  asking:close()
end

if url then
  work()
  return
end

local server = require "spec.support.faulty".start()
local failed = threads(COUNT, server:url("good", "threads"))
server:stop()
print(("%d passed, %d failed"):format(COUNT - failed, failed))
assert(failed == 0)
