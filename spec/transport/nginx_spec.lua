-- API mode inside nginx, over both of its transports: an API that fails in every way, a worker that
-- must not wait, and every phase of nginx.
local cjson = require "cjson"
local pair = require "spec.support.nginx_pair"
local keys = require "spec.support.keys"
local nginx = require "spec.support.nginx"
local support = require "spec.project.support"
local values = require "spec.support.values"
local url, get, text, requests = pair.url, pair.get, pair.text, pair.requests
local with, create, assert_error = pair.with, pair.create, pair.assert_error
local RESTY, TRANSPORTS = pair.RESTY, pair.TRANSPORTS
local sleep = require("r2.http").sleep

if nginx.missing() then
  pending(nginx.missing())
  return
end

setup(pair.start)
teardown(pair.stop)
before_each(pair.forget)
after_each(pair.assert_no_secret_is_logged)

-- How many sockets of this machine are connected to that port; proc(5), /proc/net/tcp.
local function connections_to(port)
  local count = 0
  for line in io.lines("/proc/net/tcp") do
    local remote, state = line:match("^%s*%d+: %x+:%x+ %x+:(%x+) (%x%x) ")
    local open = state == "01" or state == "08" -- ESTABLISHED, CLOSE_WAIT
    count = count + (open and tonumber(remote, 16) == port and 1 or 0)
  end
  return count
end

local function each_transport(run)
  for name, arguments in values.sorted(TRANSPORTS) do
    describe("r2.transport." .. name, function()
      if name == "resty" and not RESTY then
        pending("lua-resty-http is not installed")
      else
        run(name, arguments)
      end
    end)
  end
end

each_transport(function(name, arguments)
  it("brings a credential", function()
    local outcome = create(arguments("good", "ok"))
    assert.is_table(outcome.credentials, outcome.message)
    assert.equal(("5e55"):rep(16), outcome.credentials.secret_access_key)
    assert.equal("my-bucket", outcome.credentials.bucket)
  end)

  it("sends what libcurl sends, and nothing of the visitor's", function()
    local visitor = { cookie = "session=of-the-visitor", ["x-of-the-visitor"] = "yes",
      authorization = "Basic of-the-visitor", traceparent = "00-of-the-visitor",
      ["user-agent"] = "of-the-visitor", ["accept-encoding"] = "gzip", range = "bytes=0-10",
      ["if-modified-since"] = "Mon, 01 Jan 2035 00:00:00 GMT" }
    local outcome = create(with(arguments("good", "ok"), { agent = "a-program/1.0" }), visitor)
    assert.is_table(outcome.credentials, outcome.message)
    assert(require("r2").new {
      account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
      api_token = keys.api_token, ca_file = pair.certificates .. "/ca.pem", mode = "api",
      user_agent = "a-program/1.0",
      api_base_url = ("https://127.0.0.1:%d/ok/client/v4"):format(pair.api.ports.good),
    }:create { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 900,
      objects = { "a/key" } })
    local ours, libcurls = table.unpack(requests())
    assert.equal("HTTP/1.1", ours.protocol)
    local host = name == "nginx" and "api.cloudflare.com"
      or "127.0.0.1:" .. pair.api.ports.good
    assert.equal(host, ours.headers.host)
    assert.equal(host:match("^[^:]+"), ours.sni)
    for _, request in ipairs { ours, libcurls } do
      request.headers.host, request.headers.connection, request.sni = nil, nil, nil
      request.headers["accept-encoding"], request.protocol, request.connection = nil, nil, nil
    end
    assert.same(libcurls, ours)
  end)

  it("answers a visitor who asks with HEAD, and one who sends a body", function()
    for method, body in pairs { HEAD = false, POST = ("of the visitor "):rep(10000) } do
      local response = assert(pair.http:perform { method = method, body = body or nil,
        url = url(pair.front, "web", "/create", arguments("good", "ok")) })
      local outcome = cjson.decode(response.headers["x-outcome"])
      assert.is_table(outcome.credentials, outcome.message)
    end
    local head, post = table.unpack(requests())
    assert.equal("POST", head.method)
    assert.equal(head.body, post.body)
  end)

  it("uses no proxy of the environment", function()
    assert.is_table(create(arguments("good", "ok")).credentials)
    assert.equal(1, #requests())
    assert.equal(pair.api.ports.good, requests()[1].port)
    local log = pair.api:read("access.log")
    assert.is_nil(log:find(pair.api.ports.plain .. " POST", 1, true))
    assert.is_nil(log:find("CONNECT", 1, true))
  end)

  it("accepts a chain of certificates", function()
    assert.is_table(create(arguments("chain", "ok")).credentials)
  end)

  for server, what in values.sorted { plain = "no TLS", wrong_host = "another name",
    expired = "an expired certificate", unknown_ca = "an authority of its own" } do
    it("refuses, and tells nothing to, a server with " .. what, function()
      for _ = 1, 5 do -- nginx gives up on a server that fails, where it is let
        local outcome = create(arguments(server, "ok"))
        assert_error("tls", outcome)
        assert.equal(1, outcome.err.attempts)
      end
      assert.same({}, requests())
      assert.is_nil(pair.api:read("access.log"):find(keys.api_token, 1, true))
    end)
  end

  -- The location has its own short time, 200 ms; to the other transport each attempt's is told.
  local SHORT = 60
  local FAULTS = {
    -- fault = { kind, how often it is asked, and what else is to be seen }
    closed_before = { "network", 3 },
    closed_in_head = { "network", 3 },
    closed_in_body = { "network", 3 },
    closed_in_chunk = { "network", 3 },
    silent = { "timeout", 2, timeout = SHORT },
    silent_in_body = { "timeout", 1, timeout = 0.19 },
    slow_head = { "timeout", 2, timeout = SHORT },
    endless_head = { "bad_response", 1 },
    endless_line = { "bad_response", 1 },
    no_http = { "bad_response", 1 },
    long_body = { "bad_response", 1 },
    long_chunks = { "bad_response", 1 },
    empty = { "bad_response", 1, status = 200 },
    redirect = { "bad_response", 1, status = 307 },
    html_502 = { "api", 3, status = 502 },
    html_504 = { "api", 3, status = 504 },
    accelerated = { "api", 3, status = 500 },
    echo = { "api", 1, status = 400, says = { "[redacted]" } },
    limited = { "rate_limited", 1, status = 429, retry_after = 60,
      says = { "10000 slow down", "230b030023ae2822-SJC" } },
  }
  for fault, expected in values.sorted(FAULTS) do
    it("calls it " .. expected[1] .. ": " .. fault, function()
      local outcome = create(with(arguments(expected.timeout and "quick" or "good", fault), {
        timeout = expected.timeout, attempts = expected[2],
        each = expected.timeout == SHORT and 0.3 or nil,
      }))
      assert_error(expected[1], outcome, expected.says)
      assert.equal(expected[2], outcome.err.attempts, outcome.message)
      assert.equal(expected[2], #requests())
      assert.equal(expected.status, outcome.err.status)
      assert.equal(expected.retry_after, outcome.err.retry_after)
      for _, request in ipairs(requests()) do
        assert.equal(pair.api.ports.good, request.port)
      end
      assert.equal("a static page", text(pair.front, "web", "/static"))
    end)
  end

  it("calls it network: refused", function()
    local outcome = create(arguments("nobody", "ok"))
    assert_error("network", outcome)
    assert.equal(3, outcome.err.attempts)
  end)

  for fault, count in values.sorted {
    fails_twice = 3, until_closed = 1, longer_than_said = 1, small_chunks = 1,
  } do
    it("brings a credential all the same: " .. fault, function()
      local outcome = create(arguments("good", fault))
      assert.is_table(outcome.credentials, outcome.message)
      assert.equal(count, #requests())
      outcome = create(with(arguments("good", "ok"), { attempts = 1 }))
      assert.is_table(outcome.credentials, outcome.message)
    end)
  end

  it("does not keep 100 MB that come", function()
    local process = "/proc/" .. text(pair.front, "web", "/worker")
    local function peak() -- kB
      return tonumber(support.read(process .. "/status"):match("VmHWM:%s*(%d+) kB"))
    end
    for _, fault in ipairs { "long_body", "long_chunks" } do
      support.write(process .. "/clear_refs", "5") -- the peak begins anew; proc(5)
      local before = peak()
      assert_error("bad_response", create(arguments("good", fault)))
      assert.is_true(peak() - before < 20000)
    end
  end)

  it("hangs up on a body that is said to be long", function()
    assert_error("bad_response", create(arguments("good", "long_body")))
    local sent
    for _ = 1, 1000 do
      sent = tonumber(text(pair.api, "plain", "/_sent"))
      if sent >= 0 then
        break
      end
      sleep(0.01)
    end
    assert.is_true(sent > 0 and sent < 50)
  end)

  it("leaves no connection behind when time is over", function()
    local function fill()
      local under_way = {}
      for i = 1, 20 do
        local asked = with(arguments("quick", "silent"), { timeout = 0.5, attempts = 1 })
        under_way[i] = pair.http:start { method = "GET",
          url = url(pair.front, "web", "/create", asked) }
      end
      for _, one in ipairs(under_way) do
        assert_error("timeout", cjson.decode(assert(one:wait(30)).body))
      end
    end
    local before = connections_to(pair.api.ports.good)
    fill()
    assert.is_true(connections_to(pair.api.ports.good) <= before)
  end)

  it("does not stop the worker: 50 answers come after the worker has served a page", function()
    local under_way = {}
    for i = 1, 50 do
      local asked = with(arguments("good", "held"), { timeout = 60 })
      under_way[i] = pair.http:start { method = "GET", timeout_seconds = 60,
        url = url(pair.front, "web", "/create", asked) }
    end
    local others = require("r2.http").new()
    local deadline = os.time() + 30
    repeat
      for _, one in ipairs(under_way) do
        assert.is_false(one:poll())
      end
      local held = others:perform { method = "GET", url = url(pair.api, "plain", "/_held") }
    until held and held.body == "50" or os.time() > deadline

    local page = assert(others:perform { method = "GET",
      url = url(pair.front, "web", "/static") })
    assert.equal("a static page", page.body)
    assert.equal(50, #requests())
    for _, one in ipairs(under_way) do
      assert.is_false(one:poll())
    end
    assert(others:perform { method = "GET", url = url(pair.api, "plain", "/_release") })
    for _, one in ipairs(under_way) do
      local outcome = cjson.decode(assert(one:wait(30)).body)
      assert.is_table(outcome.credentials, outcome.message)
    end
    others:close()
  end)

  -- Waits for what is noted after an answer was sent.
  local function outcome_in(phase)
    local outcome
    for _ = 1, 1000 do
      outcome = cjson.decode(text(pair.front, "web", "/outcome",
        { phase = phase, transport = name }))
      if next(outcome) then
        break
      end
      sleep(0.01)
    end
    return outcome
  end

  local WORKS = { rewrite = true, access = true, content = true, timer = name == "resty" }
  for _, phase in ipairs { "init", "init_worker", "set", "rewrite", "access", "content",
    "header_filter", "body_filter", "log", "timer" } do
    it((WORKS[phase] and "works" or "is unsupported") .. " in the phase " .. phase, function()
      text(pair.front, "web", "/phases")
      local outcome = outcome_in(phase)
      assert.is_nil(outcome.raised)
      if WORKS[phase] then
        assert.is_table(outcome.credentials, outcome.message)
      else
        assert_error("unsupported", outcome, name == "nginx" and { "r2.transport.resty" })
      end
    end)
  end

  it((name == "resty" and "works" or "is unsupported") .. " for a client of HTTP/2", function()
    local response = assert(get(pair.front, "http2", "/create", arguments("good", "ok")))
    assert.equal("2", response.http_version)
    local outcome = cjson.decode(response.body)
    if name == "resty" then
      assert.is_table(outcome.credentials, outcome.message)
    else
      assert_error("unsupported", outcome, { "r2.transport.resty" })
    end
  end)

  it("refuses plain HTTP to another machine", function()
    local _, _, err = require("r2").new { account_id = keys.account_id, mode = "api",
      parent_access_key_id = keys.parent_access_key_id, api_token = keys.api_token,
      api_base_url = "http://api.cloudflare.com/client/v4" }
    assert.equal("invalid_config", err.kind)
  end)
end)
