-- examples/openresty/vending, as it is shipped: but for ports and the paths of modules.
local cjson = require "cjson"
local http = require "r2.http"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local nginx = require "spec.support.nginx"
local start_example = require "spec.support.nginx_example"
local support = require "spec.project.support"
local tc = require "r2.temp_credentials"

if nginx.missing() then
  pending(nginx.missing())
  return
end

local TOKEN = "a-token-of-sixteen-characters-at-least"

local example, h

setup(function()
  local folder = support.folder()
  support.write(folder .. "/token", TOKEN .. "\n")
  example = start_example("examples/openresty/vending", {
    ["127.0.0.1:8080"] = "127.0.0.1:@pages@",
    ["listen 127.0.0.1:8081"] = "listen 127.0.0.1:@sdks@",
  }, {
    CLOUDFLARE_ACCOUNT_ID = keys.account_id, R2_ACCESS_KEY_ID = keys.parent_access_key_id,
    R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key, R2_VEND_TOKEN_FILE = folder .. "/token",
  })
  h = assert(http.new())
end)

teardown(function()
  h:close()
  leaks.assert_none({ keys.parent_secret_access_key, TOKEN }, example:read("output"))
  nginx.stop_all()
end)

local function ask(port, path, method, headers, body)
  return assert(h:perform { method = method, headers = headers, body = body,
    url = ("http://127.0.0.1:%d%s"):format(example.ports[port], path) })
end

it("hands out to SDKs that have the token", function()
  assert.equal(401, ask("sdks", "/r2", "GET", {}).status)
  local response = ask("sdks", "/r2", "GET", { authorization = TOKEN })
  assert.equal(200, response.status, response.body)
  local claims = assert(tc.inspect(cjson.decode(response.body).Token))
  assert.same({ "backups/" }, claims.paths.prefixPaths)
  assert.equal("object-read-write", claims.scope)
end)

it("hands out to pages, so many a minute", function()
  local headers = { origin = "https://app.example.com", ["content-type"] = "application/json" }
  local response = ask("pages", "/credentials", "POST", headers, "{}")
  assert.equal(200, response.status, response.body)
  local claims = assert(tc.inspect(cjson.decode(response.body).sessionToken))
  assert.same({ "uploads/user-42/" }, claims.paths.prefixPaths)
  assert.is_nil(claims.scope)
  local refused = 0
  for _ = 1, 30 do
    local status = ask("pages", "/credentials", "POST", headers, "{}").status
    refused = refused + (status == 503 and 1 or 0)
  end
  assert.is_true(refused > 0)
end)

it("notes what it hands out, in a line without a secret", function()
  local output = example:read("output")
  assert.matches("handed out to sdks%-of%-this%-machine: .*backups/.* until %d+, %x+", output)
  assert.matches("handed out to user%-42: .*uploads/user%-42/", output)
end)
