-- The location for nginx: in docs/transports.md, and so in examples/openresty, which runs here.
local cjson = require "cjson"
local pair = require "spec.support.nginx_pair"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local nginx = require "spec.support.nginx"
local r2_location = require "spec.support.nginx_location"
local start_example = require "spec.support.nginx_example"
local support = require "spec.project.support"
local url, get, requests = pair.url, pair.get, pair.requests
local documented = r2_location.documented
local SECRETS = pair.SECRETS

if nginx.missing() then
  pending(nginx.missing())
  return
end

setup(pair.start)
teardown(pair.stop)
before_each(pair.forget)
after_each(pair.assert_no_secret_is_logged)

local PAGE = support.read("docs/transports.md")

describe("docs/transports.md", function()
  it("has timeouts that add up to less than half of an exchange's time", function()
    local seconds = 0
    for name in ("connect send read"):gmatch("%a+") do
      seconds = seconds + assert(tonumber(
        documented("location"):match("proxy_" .. name .. "_timeout (%d+)s;")))
    end
    assert.is_true(seconds < 30 / 2)
  end)

  it("has Lua that can be read", function()
    for block in PAGE:gmatch("```lua\n(.-)```") do
      assert(load(block))
    end
  end)
end)

describe("examples/openresty", function()
  local CONF = support.read("examples/openresty/nginx.conf")

  local function without_indentation(block)
    local lines = {}
    for line in block:gmatch("[^\n]+") do
      lines[#lines + 1] = line:match("^%s*(.-)%s*$")
    end
    return table.concat(lines, "\n")
  end

  it("has the location and the upstream of docs/transports.md", function()
    for _, start in ipairs { "upstream", "location" } do
      local block = without_indentation(documented(start))
      assert.is_truthy(without_indentation(CONF):find(block, 1, true), start)
    end
  end)

  describe("answers", function()
    local example

    setup(function()
      example = start_example("examples/openresty", {
        ["127.0.0.1:8080"] = "127.0.0.1:@web@",
        ["server api.cloudflare.com:443"] = "server 127.0.0.1:" .. pair.api.ports.good,
        ["/etc/ssl/certs/ca-certificates.crt"] = pair.certificates .. "/ca.pem",
      }, {
        CLOUDFLARE_ACCOUNT_ID = keys.account_id,
        CLOUDFLARE_API_TOKEN = keys.api_token,
        R2_ACCESS_KEY_ID = keys.parent_access_key_id,
        R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
      })
    end)

    local function post(path)
      return assert(pair.http:perform { method = "POST", url = url(example, "web", path),
        body = "", headers = { cookie = "session=of-the-visitor" } })
    end

    it("with a signed credential for the user's folder", function()
      local response = post("/upload-credentials")
      assert.equal(200, response.status)
      assert.equal("no-store", response.headers["cache-control"])
      local answer = cjson.decode(response.body)
      local claims = assert(require("r2.temp_credentials").inspect(answer.sessionToken))
      assert.same({ "uploads/user-42/" }, claims.paths.prefixPaths)
      assert.equal(900, claims.exp - claims.iat)
      assert.same({}, requests())
    end)

    it("with a credential of the API", function()
      local response = post("/upload-credentials-of-the-api")
      assert.equal(200, response.status, example:read("output"))
      assert.equal(("5e55"):rep(16), cjson.decode(response.body).secretAccessKey)
      local request = requests()[1]
      assert.equal("Bearer " .. keys.api_token, request.headers.authorization)
      assert.equal("api.cloudflare.com", request.headers.host)
      assert.is_nil(request.headers.cookie)
      assert.same({ "uploads/user-42/" }, cjson.decode(request.body).prefixes)
    end)

    it("a POST and nothing else", function()
      assert.equal(403, assert(get(example, "web", "/upload-credentials")).status)
    end)

    it("without a secret in its log", function()
      local log = example:read("output")
      assert.is_truthy(log:find("upload-credentials", 1, true))
      leaks.assert_none(SECRETS, log)
      leaks.assert_none({ keys.parent_secret_access_key }, log)
    end)
  end)
end)
