-- TLS and proxies over libcurl: real certificates, real servers. A server that is not who it should
-- be, and a proxy, must not see the token.

local faults = require "spec.support.faults"
local faulty = require "spec.support.faulty"
local http = require "r2.http"
local keys = require "spec.support.keys"
local log = require "spec.support.log"
local make = require "spec.support.make"
local nginx = require "spec.support.nginx"
local r2 = require "r2"
local refused = require "spec.support.refused"
local support = require "spec.project.support"

if nginx.missing() then
  pending("TLS needs nginx: " .. nginx.missing())
  return
end

local CERTIFICATES = { "good", "wrong_host", "expired", "unknown_ca" }

-- One server for each certificate, with a log of its own, and one that knows only an old TLS.
local SERVER = [[
server {
    listen 127.0.0.1:@%s@ ssl%s;
    listen 127.0.0.2:@%s@ ssl%s;
    ssl_certificate %s/%s.pem;
    ssl_certificate_key %s/%s.key;
    %s
    access_log %s.log seen;
    location / { default_type application/json; return 200 '%s'; }
}
]]

describe("TLS over libcurl", function()
  local folder, server

  local function configuration(name, certificate, options)
    local listen = options.listen or ""
    return SERVER:format(name, listen, name, listen, folder, certificate, folder, certificate,
      options.more or "", name, faults.envelope())
  end

  setup(function()
    folder = nginx.certificates()
    local http_block = { "log_format seen '$server_protocol $ssl_protocol "
      .. "$connection $connection_requests $http_authorization';" }
    for _, name in ipairs(CERTIFICATES) do
      http_block[#http_block + 1] = configuration(name, name, {})
    end
    http_block[#http_block + 1] = configuration("two", "good", { listen = " http2" })
    http_block[#http_block + 1] = configuration("old", "good", {
      more = "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
    })
    server = nginx.start(table.concat(http_block, "\n"))
  end)

  teardown(function()
    nginx.stop_all()
  end)

  local function issuer_for(name, changes, host)
    return assert(r2.new(make.changed(make.api_config {
      mode = "api", ca_file = folder .. "/ca.pem", timeout_seconds = 10,
      api_base_url = ("https://%s:%d/client/v4"):format(host or "127.0.0.1",
        server.ports[name]),
    }, changes)))
  end

  local function refuse(name, changes, host)
    server:clear(name .. ".log")
    local results = { issuer_for(name, changes, host):create(make.request()) }
    local err = refused({ kind = "tls" }, function()
      return table.unpack(results, 1, 3)
    end)
    assert.equal(1, err.attempts)
    assert.is_false(err.retryable)
    assert.equal("", server:read(name .. ".log"))
  end

  it("accepts a server whose certificate the CA file vouches for", function()
    for _, host in ipairs { "127.0.0.1", "localhost" } do
      server:clear("good.log")
      local credentials = assert(issuer_for("good", {}, host):create(make.request()))
      assert.equal(faults.result.accessKeyId, credentials.access_key_id)
      local line = log(server, "good.log", 1)[1]
      assert.is_truthy(line:find("Bearer " .. keys.api_token, 1, true))
      assert.is_truthy(line:find("^HTTP/1%.1 TLSv1%.[23] "))
    end
  end)

  it("speaks HTTP/2 with a server that does", function()
    local sender = assert(http.new { ca_file = folder .. "/ca.pem" })
    local url = ("https://127.0.0.1:%d/a/../b"):format(server.ports.two)
    local response = assert(sender:perform { method = "GET", url = url })
    assert.equal("2", response.http_version)
    assert.equal(200, response.status)
    assert.equal("application/json", response.headers["content-type"])
    assert.equal(faults.envelope(), response.body)
    response = assert(sender:perform { method = "HEAD", url = url })
    assert.equal("", response.body)
    sender:close()
    assert.equal(2, #log(server, "two.log", 2))
    local issuer = issuer_for "two"
    server:clear("two.log")
    for _ = 1, 3 do
      assert(issuer:create(make.request()))
    end
    local connections = {}
    for _, line in ipairs(log(server, "two.log", 3)) do
      local connection = line:match("^HTTP/2%.0 TLSv1%.%d (%d+) ")
      connections[#connections + 1] = assert(connection, line)
    end
    assert.same({ connections[1], connections[1], connections[1] }, connections)
  end)

  for name, says in pairs { wrong_host = "", expired = "expired", unknown_ca = "" } do
    it("refuses a certificate that is " .. name:gsub("_", " "), function()
      refuse(name)
      local _, message = issuer_for(name):create(make.request())
      assert.is_truthy(message:find(says, 1, true))
    end)
  end

  it("refuses a name that the certificate lacks, though the address is right", function()
    refuse("good", {}, "127.0.0.2")
  end)

  it("refuses what only a CA of the CA file could vouch for, without it", function()
    refuse("good", { ca_file = make.ABSENT })
  end)

  it("refuses with another CA's file", function()
    refuse("good", { ca_file = folder .. "/stranger.pem" })
  end)

  it("refuses with a CA file that is empty, no certificate, or not there", function()
    for _, content in ipairs { "", "no certificate" } do
      support.write(folder .. "/odd.pem", content)
      refuse("good", { ca_file = folder .. "/odd.pem" })
    end
    refuse("good", { ca_file = folder .. "/none.pem" })
  end)

  it("refuses TLS 1.1", function()
    refuse("old")
  end)

  it("cannot be told not to verify", function()
    for _, variable in ipairs { "CURL_INSECURE", "NODE_TLS_REJECT_UNAUTHORIZED",
      "PYTHONHTTPSVERIFY" } do
      local printed = support.try(("%s=0 LUA_PATH='lua/?.lua;lua/?/init.lua;;' "
        .. "LUA_CPATH='build/lua5.4/?.so;;' lua5.4 -e '%s'"):format(variable, ([[
                local _, _, err = require("r2.http").new():perform {
                    method = "GET", url = "https://127.0.0.1:%d/" }
                print(err.kind)]]):format(server.ports.unknown_ca)))
      assert.equal("tls\n", printed)
    end
  end)

  describe("with a proxy in the environment", function()
    local proxy

    setup(function()
      proxy = faulty.start()
    end)

    teardown(function()
      proxy:stop()
    end)

    local ASK = [[
            local r2 = require "r2"
            local keys = require "spec.support.keys"
            local issuer = assert(r2.new {
                account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
                api_token = keys.api_token, mode = "api", max_attempts = 1, timeout_seconds = 10,
                api_base_url = arg[1], ca_file = arg[2],
            })
            local credentials, message, err = issuer:create {
                bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 60 }
            print(credentials and "credentials" or err.kind)
            print(message)
        ]]

    -- What a process with all of a proxy's variables makes of the URL.
    local function ask(url, proxy_url)
      proxy_url = proxy_url or ("http://127.0.0.1:%d"):format(proxy.port)
      local script = folder .. "/ask.lua"
      support.write(script, ASK)
      local words = { "env", "LUA_PATH='lua/?.lua;lua/?/init.lua;./?.lua;;'",
        "LUA_CPATH='build/lua5.4/?.so;;'" }
      for _, name in ipairs { "http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY",
        "all_proxy" } do
        words[#words + 1] = name .. "=" .. support.quote(proxy_url)
      end
      local printed = support.try(("%s lua5.4 %s %s %s/ca.pem"):format(
        table.concat(words, " "), script, url, folder))
      assert.is_nil(printed:find(keys.api_token, 1, true))
      return printed:match("^[^\n]*"), printed
    end

    local function seen()
      return proxy:seen("proxy").requests
    end

    local function assert_no_token(request)
      for _, line in ipairs(request.lines) do
        assert.is_nil(line:find("[Aa]uthorization"))
        assert.is_nil(line:find("opens-nothing", 1, true))
      end
    end

    it("goes to loopback without it", function()
      for _, url in ipairs {
        proxy:url("good", "direct"),
        (proxy:url("good", "direct"):gsub("127%.0%.0%.1", "localhost")),
        ("https://127.0.0.1:%d/client/v4"):format(server.ports.good),
        ("https://localhost:%d/client/v4"):format(server.ports.good),
      } do
        assert.equal("credentials", (ask(url)))
      end
      assert.equal(2, #proxy:seen("direct").requests)
      assert.equal(0, #seen())
    end)

    it("shows it a CONNECT for other hosts, and no token", function()
      local before = #seen()
      assert.equal("network", (ask("https://nowhere.invalid/client/v4")))
      local requests = seen()
      assert.equal(before + 1, #requests)
      local request = requests[#requests]
      assert.equal("CONNECT", request.method)
      assert.equal("nowhere.invalid:443", request.target)
      assert_no_token(request)
    end)

    it("shows no password of one that cannot be used", function()
      for _, proxy_url in ipairs {
        "foo://user:hunter2@127.0.0.1:1", "http://user:hunter2@[::1",
        "http://user:hunter2@127.0.0.1:99999999",
      } do
        local kind, printed = ask("https://nowhere.invalid/client/v4", proxy_url)
        assert.equal("network", kind)
        assert.is_nil(printed:find("hunter2", 1, true))
        assert.is_truthy(printed:find("proxy", 1, true))
      end
    end)

    it("sends nothing but TLS through it", function()
      local before = #seen()
      assert.equal("network", (ask("https://tunnel.invalid/client/v4")))
      local requests = seen()
      assert.equal(before + 1, #requests)
      local request = requests[#requests]
      assert_no_token(request)
      assert.is_truthy(request.tunnelled:find("^1603"), "no TLS handshake")
      local token = keys.api_token:gsub(".", function(c) return ("%02x"):format(c:byte()) end)
      assert.is_nil(request.tunnelled:find(token, 1, true))
    end)
  end)
end)
