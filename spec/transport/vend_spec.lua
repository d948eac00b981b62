-- r2.vend in nginx: what SDKs and pages get, and from whom they take it; who is refused gets
-- nothing, and nothing is made for them.
local cjson = require "cjson"
local http = require "r2.http"
local keys = require "sandbox.keys"
local leaks = require "spec.support.leaks"
local nginx = require "spec.support.nginx"
local r2 = require "r2"
local r2_location = require "spec.support.nginx_location"
local server = require "spec.support.server"
local servers = require "spec.support.bucket.servers"
local support = require "spec.project.support"
local tc = require "r2.temp_credentials"
local tools = require "spec.project.tools"

if nginx.missing() then
  pending(nginx.missing())
  return
end

local TOKEN = support.read("spec/support/vend_in_nginx.lua")
  :match('TOKEN = "([^"]+)"')
local ORIGIN = "https://app.example.com"

local HTTP = [[
%s
%s
lua_shared_dict state 1m;
server {
    listen 127.0.0.1:@web@;
    access_log access.log;
    set $s3 %s;
    %s
    location = /clock {
        content_by_lua_block { require("spec.support.vend_in_nginx").set_clock() }
    }
    location / { content_by_lua_block { require("spec.support.vend_in_nginx").handle() } }
}
]]

local sandbox, front, h

setup(function()
  sandbox = servers.sandbox()
  local address = sandbox.url:match("^http://(.*)$")
  front = nginx.start(HTTP:format(nginx.lua_paths(),
    r2_location.replaced(r2_location.documented "upstream", "api.cloudflare.com:443", address),
    sandbox.url,
    r2_location.replaced(r2_location.documented "location", "https://r2_api/", "http://r2_api/")))
  h = assert(http.new())
  local bucket = assert(r2.bucket { name = "my-bucket", endpoint = sandbox.url, credentials = {
    access_key_id = keys.parent_access_key_id, secret_access_key = keys.parent_secret_access_key,
  } })
  assert(bucket:put("in/a", "hello"))
  bucket:close()
end)

before_each(function()
  front:clear("audit.log")
  front:clear("access.log")
end)

teardown(function()
  h:close()
  nginx.stop_all()
  server.stop_all()
end)

local function url(path)
  return ("http://127.0.0.1:%d%s"):format(front.ports.web, path)
end

local function ask(path, headers, changes)
  local request = { method = "GET", url = url(path), headers = headers or {} }
  for name, value in pairs(changes or {}) do
    request[name] = value
  end
  return assert(h:perform(request))
end

local function audit()
  return support.lines(front:read("audit.log"))
end

-- Refused: a status, an answer that says nothing, and nothing was made.
local function assert_refused(status, response)
  assert.equal(status, response.status, response.body)
  assert.equal("no-store", response.headers["cache-control"])
  assert.is_nil(response.body:find("ession", 1, true))
  assert.is_string(cjson.decode(response.body).code)
  assert.same({}, audit())
end

local function fingerprint(token)
  return support.run(("printf %%s %s | sha256sum"):format(
    support.quote("r2-audit:" .. token))):sub(1, 16)
end

describe("a location for SDKs", function()
  for _, mode in ipairs { "local", "api" } do
    it("gives them a credential of an hour, mode " .. mode, function()
      local response = ask("/sdk/" .. mode, { authorization = TOKEN })
      assert.equal(200, response.status, response.body)
      assert.equal("no-store", response.headers["cache-control"])
      assert.equal("application/json", response.headers["content-type"])
      local given = cjson.decode(response.body)
      local claims = assert(tc.inspect(given.Token))
      assert.same({ "in/" }, claims.paths.prefixPaths)
      assert.equal(3600, claims.exp - claims.iat)
      assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", given.Expiration)
      assert.equal(response.body, ask("/sdk/" .. mode, { authorization = TOKEN }).body)
      local lines = audit()
      assert.equal(1, #lines)
      local who, what, ends, digits = lines[1]:match("^(.-)|(.-)|(%d+)|(%x+)$")
      assert.equal("build-host", who)
      assert.same({ bucket = "my-bucket", permission = "object-read-only", prefixes = { "in/" } },
        cjson.decode(what))
      assert.is_true(math.abs(ends - claims.exp) <= 1)
      assert.equal(fingerprint(given.Token), digits)
      for _, secret in ipairs { given.Token, given.SecretAccessKey } do
        for i = 1, #secret - 15, 8 do
          leaks.assert_none({ secret:sub(i, i + 15) }, lines[1] .. front:read("error.log"))
        end
      end
    end)
  end

  it("refuses a token that is wrong, missing, cut short or sent twice, and other methods",
    function()
      for _, headers in ipairs {
        {}, { authorization = "" }, { authorization = TOKEN:sub(1, -2) },
        { authorization = TOKEN .. "x" }, { authorization = "Bearer " .. TOKEN },
        { authorization = TOKEN:upper() }, { ["x-authorization"] = TOKEN },
      } do
        assert_refused(401, ask("/sdk/local", headers))
        assert_refused(401, ask("/sdk/api", headers))
      end
      local twice = support.run(("curl -s -o /dev/null -w '%%{http_code}' -H 'Authorization: x'"
        .. " -H 'Authorization: %s' %s"):format(TOKEN, url("/sdk/local")))
      assert.is_true(twice == "401" or twice == "400", twice)
      for _, method in ipairs { "POST", "PUT", "DELETE" } do
        local response =
          ask("/sdk/local", { authorization = TOKEN }, { method = method, body = "" })
        assert.equal(405, response.status)
        assert.equal("GET", response.headers.allow)
      end
    end)

  it("takes the token from a file, as it is now", function()
    assert.equal(401, ask("/filed/local", { authorization = TOKEN }).status)
    support.write(front.folder .. "/token", "short\n")
    assert.equal(401, ask("/filed/local", { authorization = "short" }).status)
    for _, token in ipairs { TOKEN, TOKEN .. "-another" } do
      support.write(front.folder .. "/token", token .. "\n")
      assert.equal(200, ask("/filed/local", { authorization = token }).status)
    end
    assert.equal(401, ask("/filed/local", { authorization = TOKEN }).status)
  end)

  it("gives out nothing that the audit did not take", function()
    local response = ask("/unnoted/local", { authorization = TOKEN })
    assert.equal(500, response.status)
    assert.is_nil(response.body:find("Token", 1, true))
  end)

  -- Real SDKs. What each prints when it has listed the sandbox.
  local CLIENTS = {
    ["the AWS CLI"] = { has = "aws", command = tools.AWS .. " --endpoint-url %s s3api"
      .. " list-objects-v2 --bucket my-bucket --prefix in/ --query 'Contents[0].Key' --output text",
      most = 1 },
    boto3 = { has = "python", most = 2, command = tools.PYTHON .. [[ -c "
import boto3
s3 = boto3.client('s3', endpoint_url='%s', region_name='auto')
for i in range(100): found = s3.list_objects_v2(Bucket='my-bucket', Prefix='in/')
print(found['Contents'][0]['Key'])"]] },
    ["the AWS SDK for JavaScript"] = { has = "node", most = 2,
      command = "node spec/sdk/container.mjs %s in/ 20" },
  }

  -- What a client prints that takes its credentials from that location.
  local function printed_by(command, path)
    return support.run(("env -u AWS_PROFILE -u AWS_ACCESS_KEY_ID HOME=%s"
      .. " AWS_REGION=auto AWS_DEFAULT_REGION=auto AWS_EC2_METADATA_DISABLED=true"
      .. " NODE_NO_WARNINGS=1"
      .. " AWS_CONTAINER_CREDENTIALS_FULL_URI=%s AWS_CONTAINER_AUTHORIZATION_TOKEN=%s %s")
      :format(front.folder, url(path), TOKEN, command))
  end

  for name, client in pairs(CLIENTS) do
    it(("serves %s, which fetches %d times at most"):format(name, client.most), function()
      if tools.HAS[client.has] == false then
        return pending(name .. " is not here")
      end
      assert.equal("in/a\n", printed_by(client.command:format(sandbox.url), "/sdk/local"))
      local _, fetched = front:read("access.log"):gsub("GET /sdk/local", "")
      assert.is_true(fetched >= 1 and fetched <= client.most, fetched)
    end)
  end

  it("is asked by the AWS SDK for JavaScript itself for another one, once, before the end",
    function()
      if tools.HAS.node == false then
        return pending("the AWS SDK for JavaScript is not here")
      end
      local looks = cjson.decode(printed_by(("node spec/sdk/renewed.mjs %s %s"):format(sandbox.url,
        url("/clock")), "/timed/local"))
      local asked = {}
      for path in front:read("access.log"):gmatch("GET (%S+)") do
        asked[#asked + 1] = path
      end
      assert.equal(3, #looks)
      local first, second = looks[1].seen[1], looks[3].seen[1]
      local with_six, with_four = looks[2].ahead, looks[3].ahead
      assert.same({
        "/timed/local", ("/clock?ahead=%d"):format(with_six), ("/clock?ahead=%d"):format(with_four),
        "/timed/local",
      }, asked)
      assert.equal(2, #audit())
      assert.same({ { first }, { first }, { second } },
        { looks[1].seen, looks[2].seen, looks[3].seen })
      local before, after = assert(tc.inspect(first)), assert(tc.inspect(second))
      assert.is_true(after.exp - before.exp >= with_four, after.exp - before.exp)
    end)
end)

describe("a location for pages", function()
  local function post(mode, headers, changes)
    local all = {
      origin = ORIGIN, ["content-type"] = "application/json", ["x-session"] = "user-42",
    }
    for name, value in pairs(headers or {}) do
      all[name] = value or nil
    end
    local request = { method = "POST", body = '{"folder":"a"}' }
    for name, value in pairs(changes or {}) do
      request[name] = value
    end
    return ask("/page/" .. mode, all, request)
  end

  for _, mode in ipairs { "local", "api" } do
    it("gives a user a credential for what the program says, mode " .. mode, function()
      local response = post(mode)
      assert.equal(200, response.status, response.body)
      assert.equal("no-store", response.headers["cache-control"])
      assert.equal("Origin", response.headers.vary)
      assert.equal(ORIGIN, response.headers["access-control-allow-origin"])
      assert.equal("true", response.headers["access-control-allow-credentials"])
      local given = cjson.decode(response.body)
      local claims = assert(tc.inspect(given.sessionToken))
      assert.same({ "uploads/user-42/" }, claims.paths.prefixPaths)
      assert.equal(900, claims.exp - claims.iat)
      assert.equal("my-bucket", given.bucket)
      assert.equal(sandbox.url, given.endpoint)
      assert.matches("^user%-42|.*|%d+|" .. fingerprint(given.sessionToken) .. "$", audit()[1])
      post(mode)
      post(mode, { ["x-session"] = "user-43" })
      assert.equal(mode == "api" and 2 or 3, #audit()) -- what the API makes is kept a while
      assert.matches("^user%-43|", audit()[#audit()])
    end)
  end

  it("answers what a browser asks before it posts", function()
    local response = ask("/page/local", { origin = ORIGIN,
      ["access-control-request-method"] = "POST" }, { method = "OPTIONS" })
    assert.equal(204, response.status)
    assert.equal("POST", response.headers["access-control-allow-methods"])
    assert.equal("content-type", response.headers["access-control-allow-headers"])
    assert.same({}, audit())
  end)

  it("refuses other origins, none, and one that only looks like it", function()
    for _, origin in ipairs { false, "null", "https://app.example.com.evil.example",
      "http://app.example.com", "https://app.example.com:444", "https://APP.example.com" } do
      local response = post("local", { origin = origin })
      assert_refused(403, response)
      assert.is_nil(response.headers["access-control-allow-origin"])
      assert.equal("Origin", response.headers.vary)
    end
  end)

  it("refuses other methods and bodies, and whom nobody knows", function()
    assert_refused(405, post("local", nil, { method = "PUT" }))
    for _, media in ipairs { false, "text/plain", "application/x-www-form-urlencoded",
      "application/jsonp", "text/plain; application/json" } do
      assert_refused(415, post("local", { ["content-type"] = media }))
    end
    assert_refused(401, post("local", { ["x-session"] = false }))
    for _, body in ipairs { "", "{", "1", '"a"', "null" } do
      assert_refused(400, post("local", nil, { body = body }))
    end
    assert_refused(413, post("local", nil, { body = '{"a":"' .. ("x"):rep(70000) .. '"}' }))
    assert_refused(403, post("local", nil, { body = '{"folder":"none"}' }))
    for _, mode in ipairs { "local", "api" } do
      local response = post(mode, nil, { body = '{"folder":"broken"}' })
      assert_refused(503, response)
      assert.is_nil(response.body:find("prefix", 1, true))
    end
  end)
end)
