-- r2creds cors: the rule by which a page may upload.
local r2creds = require "spec.command.r2creds"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local sandbox, bucket

setup(function()
  sandbox = r2creds.sandbox()
  bucket = r2creds.bucket(sandbox)
end)

teardown(function()
  bucket:close()
  server.stop_all()
  support.remove_folders()
end)

local function run(words, changes)
  local output, errors, status =
    r2creds.run("r2creds cors " .. words, r2creds.sandbox_variables(sandbox, changes))
  return output, errors, status
end

for _, mode in ipairs { "local", "api" } do
  it("sets, prints and deletes its own rule, and leaves those of others, by " .. mode, function()
    assert(bucket:delete_cors())
    local _, errors, status = run("my-bucket --mode " .. mode)
    assert.equal("r2creds: no page may: there is no rule\n", errors)
    assert.equal(0, status)
    assert(bucket:set_cors { { id = "other", allowed_origins = { "https://o.example" },
      allowed_methods = { "GET" } } })
    for _ = 1, 2 do
      _, errors, status = run("my-bucket --origin https://app.example.com --origin "
        .. "http://127.0.0.1:8080 --mode " .. mode)
      assert.equal("r2creds: R2 goes by it in half a minute\n", errors)
      assert.equal(0, status)
    end
    local rules = assert(bucket:cors())
    assert.equal(2, #rules)
    assert.equal("other", rules[1].id)
    assert.same({ "https://app.example.com", "http://127.0.0.1:8080" }, rules[2].allowed_origins)
    local output = run("my-bucket --mode " .. mode)
    assert.matches('"allowed_origins":%["https://app.example.com","http://127.0.0.1:8080"%]',
      output)
    run("my-bucket --delete --mode " .. mode)
    assert.equal("other", assert(bucket:cors())[1].id)
    assert.equal(1, #assert(bucket:cors()))
    assert(bucket:delete_cors())
    run("my-bucket --origin https://app.example.com")
    run("my-bucket --delete")
    assert.same({}, assert(bucket:cors()))
  end)
end

it("refuses what is no origin", function()
  for _, origin in ipairs { "https://app.example.com/", "app.example.com", "'*'", "''", "null",
    "https://a/b" } do
    r2creds.fails(2, { "--origin takes an origin" }, "r2creds cors my-bucket --origin " .. origin,
      r2creds.sandbox_variables(sandbox))
  end
  r2creds.fails(2, { "--delete goes without --origin" },
    "r2creds cors my-bucket --delete --origin https://a.example",
    r2creds.sandbox_variables(sandbox))
end)
