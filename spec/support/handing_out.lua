-- What the examples of HAProxy and of Prosody do alike: a server hands out credentials over HTTP,
-- signed by itself and asked of the API, and answers others meanwhile.
local assert = require "luassert"
local faulty = require "spec.support.faulty"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local r2 = require "r2"
local r2creds = require "spec.command.r2creds"
local sandbox_keys = require "sandbox.keys"
local server = require "spec.support.server"
local support = require "spec.project.support"
local tc = require "r2.temp_credentials"

-- Asks; login is "NAME:PASSWORD". Returns the body and the status.
local function ask(url, login)
  local output = support.run(("curl -s -m 30 -u %s -H 'Host: localhost' -w '\\n%%{http_code}' %s")
    :format(login, url))
  local body, status = output:match("^(.*)\n(%d+)$")
  return body, tonumber(status)
end

local function credentials_in(body)
  local credentials = { expires_at = tonumber(body:match('"expires_at":(%d+)')) }
  for _, name in ipairs {
    "access_key_id", "secret_access_key", "session_token", "bucket", "endpoint",
  } do
    credentials[name] = assert(body:match('"' .. name .. '":"([^"]*)"'), body)
  end
  return credentials
end

-- Keys for a service in place of Cloudflare's.
local function asking(url)
  return {
    CLOUDFLARE_ACCOUNT_ID = keys.account_id, CLOUDFLARE_API_TOKEN = keys.api_token,
    R2_ACCESS_KEY_ID = keys.parent_access_key_id, CLOUDFLARE_BASE_URL = url,
    R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
  }
end

--- Declares the specs. Needs it(), setup() and teardown() of a describe() around it.
-- @tparam table busted its it, pending
-- @tparam function start(variables) starts the server in one thread; somebody:insecure is let in.
--   Returns it, and the address below which signed, asked and objects are
return function(busted, start)
  local it, pending = busted.it, busted.pending

  local function with_sandbox()
    local sandbox = r2creds.sandbox()
    local s, url = start(r2creds.sandbox_variables(sandbox))
    return sandbox, url, s
  end

  it("signs a write-only credential for the user's own folder", function()
    local s, url = start(asking("http://127.0.0.1:1"))
    local body, status = ask(url .. "/signed", "somebody:insecure")
    assert.equal(200, status)
    local claims = assert(tc.inspect(credentials_in(body).session_token))
    assert.same({ "uploads/somebody/" }, claims.paths.prefixPaths)
    assert.same(r2.actions().WRITE_ONLY, claims.actions)
    s.stop()
  end)

  it("lets nobody else in", function()
    local s, url = start(asking("http://127.0.0.1:1"))
    for _, path in ipairs { "/signed", "/asked" } do
      local body, status = ask(url .. path, "somebody:else")
      assert.equal(401, status)
      assert.is_nil(body:find("session_token", 1, true))
    end
    s.stop()
  end)

  it("asks the API for a credential that opens the user's own folder alone", function()
    if not server.has_nginx() then
      return pending("the sandbox needs nginx with its Lua module")
    end
    local sandbox, url = with_sandbox()
    local body, status = ask(url .. "/asked", "somebody:insecure")
    assert.equal(200, status)
    local bucket = assert(r2.bucket { credentials = credentials_in(body) })
    assert(bucket:put("uploads/somebody/a", "hello"))
    local stored, _, err = bucket:put("uploads/else/a", "hello")
    assert.is_nil(stored)
    assert.equal(403, err.status)
    assert.equal("hello", assert(r2creds.bucket(sandbox):get("uploads/somebody/a")).body)
  end)

  it("answers others while the API is silent", function()
    local api, folder = faulty.start(), support.folder()
    local run = api:new_run()
    local s, url = start(asking(api:url("held-credential", run)))
    local waiting <close> = assert(io.popen(("exec curl -s -m 60 -u somebody:insecure"
      .. " -H 'Host: localhost' -o %s/body -w '%%{http_code}' %s/asked"):format(folder, url)))
    while #api:seen(run).requests == 0 do
      support.run("sleep 0.01")
    end
    local _, status = ask(url .. "/signed", "somebody:insecure")
    assert.equal(200, status)
    api:release(run)
    assert.equal("200", waiting:read("a"))
    assert(credentials_in(support.read(folder .. "/body")))
    s.stop()
    api:stop()
  end)

  it("puts, gets and lists objects over its own client, and tells when there is no server",
    function()
      if not server.has_nginx() then
        return pending("the sandbox needs nginx with its Lua module")
      end
      local sandbox, url, s = with_sandbox()
      local body, status = ask(url .. "/objects", "somebody:insecure")
      assert.equal("70000 bytes, 1 listed, no server: network", body)
      assert.equal(200, status)
      assert.equal(("x"):rep(70000),
        assert(r2creds.bucket(sandbox):get("a folder/ü+&.txt")).body)
      leaks.assert_none({ keys.api_token, sandbox_keys.api_token,
        sandbox_keys.parent_secret_access_key }, s.read("output"))
    end)
end
