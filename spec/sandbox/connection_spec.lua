-- What many exchanges in a row cost: one connection, and no memory. spec/sandbox/sandbox_spec.lua
-- makes very many.

local collector = require "spec.support.collector"
local faults = require "spec.support.faults"
local log = require "spec.support.log"
local make = require "spec.support.make"
local nginx = require "spec.support.nginx"
local r2 = require "r2"
local support = require "spec.project.support"

if nginx.missing() then
  pending("connections need nginx: " .. nginx.missing())
  return
end

local CONF = [[
log_format seen '$connection $connection_requests $ssl_session_reused $status';
keepalive_requests 1000000;
keepalive_timeout 600s;
server {
    listen 127.0.0.1:@tls@ ssl;
    ssl_certificate %s/good.pem;
    ssl_certificate_key %s/good.key;
    access_log tls.log seen;
    location / { default_type application/json; return 200 '%s'; }
}
]]

describe("exchanges in a row", function()
  local folder, server

  setup(function()
    folder = nginx.certificates()
    server = nginx.start(CONF:format(folder, folder, faults.envelope()))
  end)

  teardown(function()
    nginx.stop_all()
  end)

  local function issuer_for(url, random)
    return assert(r2.new(make.api_config {
      mode = "api", api_base_url = url, ca_file = folder .. "/ca.pem", random = random,
    }))
  end

  -- Connection -> how many requests it brought. There are to be `count` in all.
  local function connections(name, count)
    local lines, requests = log(server, name, count), {}
    assert.equal(count, #lines)
    for _, line in ipairs(lines) do
      local connection, number, reused = line:match("^(%d+) (%d+) (%S+) 200$")
      requests[connection] = (requests[connection] or 0) + 1
      assert.equal(requests[connection], tonumber(number))
      assert.not_equal("r", reused)
    end
    return requests
  end

  for _, way in ipairs {
    { "create", function(issuer) return issuer:create(make.request()) end },
    { "start", function(issuer) return assert(issuer:start(make.request())):wait() end },
  } do
    it("by issuer:" .. way[1] .. " take one connection and one handshake", function()
      server:clear("tls.log")
      local issuer = issuer_for(("https://127.0.0.1:%d"):format(server.ports.tls))
      for _ = 1, 1000 do
        assert(way[2](issuer))
      end
      issuer:close()
      local requests = connections("tls.log", 1000)
      assert.equal(1000, requests[next(requests)])
      assert.is_nil(next(requests, (next(requests))))
    end)
  end

  it("that fail take no memory and no descriptors", function()
    local issuer = issuer_for("http://127.0.0.1:1", function() return 0 end)
    local request = make.request()
    local function many(count)
      for _ = 1, count do
        assert.is_nil((issuer:create(request)))
        assert(issuer:start(request)):cancel()
      end
      return collector.bytes_in_use(), collector.resident_bytes()
    end
    many(500)
    local open = support.descriptors()
    support.assert_no_growth(function() return many(1000) end)
    assert.equal(open, support.descriptors())
  end)
end)
