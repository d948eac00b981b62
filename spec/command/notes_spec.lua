-- What r2creds says beside what it was asked for.
local r2creds = require "spec.command.r2creds"
local server = require "spec.support.server"
local support = require "spec.project.support"

teardown(function()
  server.stop_all()
  support.remove_folders()
end)

it("says what it waits for where standard input is a terminal", function()
  for _, command in ipairs { "inspect", "verify" } do
    local output = r2creds.run(("printf 'no token\\n\\004' | script -qec 'r2creds %s' /dev/null")
      :format(command))
    assert.matches("r2creds: reading standard input; Ctrl%-D ends it", output)
  end
  local _, errors = r2creds.run("r2creds mint upload my-bucket | r2creds inspect")
  assert.equal("", errors)
end)

it("says what a time is a number of", function()
  r2creds.fails(2, { "--ttl must be a whole number of seconds from 1 to 604800" },
    "r2creds mint upload my-bucket --ttl 8d")
end)

it("says that a key begins with a slash", function()
  local _, errors = r2creds.run("r2creds presign GET my-bucket /a")
  assert.equal("r2creds: note: the key /a begins with a slash, and is another one than a\n", errors)
  _, errors = r2creds.run("r2creds presign GET my-bucket a/")
  assert.equal("", errors)
  if server.has_nginx() then
    local variables = r2creds.sandbox_variables(r2creds.sandbox())
    _, errors = r2creds.run("printf 1 | r2creds put my-bucket //a -", variables)
    assert.matches("the key //a begins with a slash, and is another one than a\n$", errors)
    _, errors = r2creds.run("r2creds rm my-bucket b //a", variables)
    assert.matches("the key //a begins with a slash", errors)
    _, errors = r2creds.run("r2creds rm my-bucket / --recursive --yes", variables)
    assert.is_nil(errors:find("slash", 1, true))
  end
end)
