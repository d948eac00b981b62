-- A host may have taken libraries of Lua's away: what the library does without them.
local hosts = require "spec.support.hosts"
local keys = require "spec.support.keys"
local support = require "spec.project.support"

local PROGRAM = [[
%s = nil
local r2 = require "r2"
local issuer = assert(r2.new { account_id = "%s", parent_access_key_id = "%s",
  parent_secret_access_key = "%s" })
local made = assert(issuer:upload_credentials("my-bucket"))
for _, format in ipairs(r2.export.formats()) do
  assert(r2.export[format.name](made))
end
assert(issuer:presign("GET", "my-bucket", "a"))
assert(issuer:verify(made.session_token))
assert(assert(r2.provider(issuer, { bucket = "my-bucket", permission = "object-read-only",
  ttl_seconds = 60 })):get())
assert(r2.bucket { credentials = made })
local task = assert(issuer:start { bucket = "my-bucket", permission = "object-read-only",
  ttl_seconds = 60 })
assert(task:poll().session_token)
local _, message = r2.from_env { mode = "local" }
print(message)
]]

for _, lua in ipairs(support.LUAS) do
  for _, gone in ipairs { "os", "io", "debug" } do
    it(("signs, exports and keeps fresh on %s without %s"):format(lua.name, gone), function()
      local folder = support.folder()
      support.write(folder .. "/program.lua", PROGRAM:format(gone, keys.account_id,
        keys.parent_access_key_id, keys.parent_secret_access_key))
      local output = hosts.run(lua.version, {}, ("%s %s/program.lua 2>&1"):format(lua.name, folder))
      assert.matches(gone == "os" and "^the environment cannot be read: this host has no os.getenv"
        or "environment variable R2_SECRET_ACCESS_KEY", output)
    end)
  end
end

teardown(support.remove_folders)
