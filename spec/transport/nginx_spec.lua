-- API mode inside nginx, over both of its transports, against an API in another nginx: real TLS, an
-- API that fails in every way, a worker that must not wait, and every phase of nginx.
--
-- R2_RESTY_HTTP names the folder of lua-resty-http, where nginx does not find it by itself.

local cjson = require "cjson"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local nginx = require "spec.support.nginx"
local r2_location = require "spec.support.nginx_location"
local support = require "spec.project.support"
local values = require "spec.support.values"

local missing = nginx.missing()
if missing then
    pending(missing)
    return
end

local documented, replaced = r2_location.documented, r2_location.replaced
local RESTY = nginx.resty_http()
local PAGE = support.read("docs/transports.md")
local SECRETS = { keys.api_token, ("5e55"):rep(16), "a-session-token-of-the-service" }

-- ---- the servers ----

local API = [[
lua_shared_dict state 1m;
%s
log_format seen '$server_port $request $http_authorization';
ssl_certificate %s/good.pem;
ssl_certificate_key %s/good.key;
map - $other_port { default @other@; }
server {
    listen 127.0.0.1:@plain@;
    listen 127.0.0.1:@other@;
    listen 127.0.0.1:@good@ ssl;
    access_log access.log seen;
    location / { content_by_lua_block { require("spec.support.nginx_api").serve() } }
}
]]

local API_WITH = [[
server {
    listen 127.0.0.1:@%s@ ssl;
    ssl_certificate %s/%s.pem;
    ssl_certificate_key %s/%s.key;
    access_log access.log seen;
    location / { content_by_lua_block { require("spec.support.nginx_api").serve() } }
}
]]

local BAD_CERTIFICATES = { "wrong_host", "expired", "unknown_ca" }

local certificates

local function start_api()
    local http = { API:format(nginx.lua_paths(), certificates, certificates) }
    for _, name in ipairs { "chain", table.unpack(BAD_CERTIFICATES) } do
        http[#http + 1] = API_WITH:format(name, certificates, name, certificates, name)
    end
    return nginx.start(table.concat(http))
end

-- A server whose own settings are hostile to the location.
local FRONT = [[
%s
lua_shared_dict outcomes 1m;
lua_ssl_trusted_certificate %s/ca.pem;
lua_ssl_verify_depth 3;
%s
ssl_certificate %s/good.pem;
ssl_certificate_key %s/good.key;
proxy_cache_path cache keys_zone=cache:1m;
server {
    listen 127.0.0.1:@web@;
    listen 127.0.0.1:@http2@ ssl http2;
    access_log access.log;
    log_subrequest on;
    proxy_pass_request_headers on;
    proxy_set_header Cookie $http_cookie;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_intercept_errors on;
    proxy_cache cache;
    proxy_cache_methods GET HEAD POST;
    proxy_cache_valid any 1m;
    error_page 307 404 429 500 502 503 504 /static;
    add_header X-Of-The-Server yes always;
    location / { content_by_lua_block { ngx.status = 404 ngx.print("of the site itself") } }
    location = /static { return 200 "a static page"; }
    location = /create { content_by_lua_block { require("spec.support.nginx_front").create() } }
    location = /kept {
        content_by_lua_block { require("spec.support.nginx_front").create_with_kept() }
    }
    location = /worker { content_by_lua_block { ngx.print(ngx.worker.pid()) } }
    location = /outcome { content_by_lua_block { require("spec.support.nginx_front").outcome() } }
    location = /accel { proxy_pass http://127.0.0.1:@web@/accelerated; }
    location = /accelerated { add_header X-Accel-Redirect /r2-good/ok/client/v4/x; return 200; }
    location = /exec { content_by_lua_block { return ngx.exec("/r2-good/ok/client/v4/x") } }
    location = /phases {
        set_by_lua_block $dummy { require("spec.support.nginx_front").here() }
        rewrite_by_lua_block { require("spec.support.nginx_front").here() }
        access_by_lua_block { require("spec.support.nginx_front").here() }
        content_by_lua_block {
            local front = require "spec.support.nginx_front"
            front.here()
            front.in_timer()
        }
        header_filter_by_lua_block { require("spec.support.nginx_front").here() }
        body_filter_by_lua_block { require("spec.support.nginx_front").here() }
        log_by_lua_block { require("spec.support.nginx_front").here() }
    }
    %s
}
]]

local INIT = [[
init_by_lua_block {
    local front = require "spec.support.nginx_front"
    front.set_bases("%s", "https://api.cloudflare.com/ok/client/v4")
    front.keep { transport = "nginx", location = "/r2-good/",
        base = "https://api.cloudflare.com/ok/client/v4" }
    front.here()
}
init_worker_by_lua_block { require("spec.support.nginx_front").here() }
]]

-- Two addresses, as a name often has.
local function twice(text)
    return (text:gsub("    server .-\n", "%0%0"))
end

local function start_front(api)
    local upstreams, locations = {}, {}
    local function add(name, port, timeout)
        upstreams[#upstreams + 1] = twice(r2_location.upstream(name, "127.0.0.1:" .. port))
        locations[#locations + 1] = r2_location.location(name, certificates, timeout)
    end
    for _, name in ipairs { "good", "plain", "chain", table.unpack(BAD_CERTIFICATES) } do
        add(name, api.ports[name])
    end
    add("api", api.ports.good)
    add("quick", api.ports.good, "200ms")
    add("nobody", 1)
    add("sandbox", api.ports.plain)
    locations[#locations] = replaced(locations[#locations], "pass https://", "pass http://")
    local base = ("https://127.0.0.1:%d/ok/client/v4"):format(api.ports.good)
    local proxies = {}
    for i, name in ipairs { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy" } do
        proxies[i] = ("env %s=http://127.0.0.1:%d;"):format(name, api.ports.plain)
    end
    return nginx.start(FRONT:format(nginx.lua_paths(RESTY ~= "" and RESTY or nil), certificates,
        table.concat(upstreams) .. INIT:format(base), certificates, certificates,
        table.concat(locations)), table.concat(proxies))
end

-- ---- what the specs say to them ----

local api, front, http

setup(function()
    certificates = nginx.certificates()
    api = start_api()
    front = start_front(api)
    http = require("r2.http").new { ca_file = certificates .. "/ca.pem" }
end)

teardown(function()
    if http then
        http:close()
    end
    nginx.stop_all()
end)

local function url(server, port, path, arguments)
    local query = {}
    for name, value in pairs(arguments or {}) do
        query[#query + 1] = name .. "=" .. tostring(value):gsub("[^%w%-._~]", function(byte)
            return ("%%%02X"):format(byte:byte())
        end)
    end
    local scheme = port == "http2" and "https" or "http"
    return ("%s://127.0.0.1:%d%s%s"):format(scheme, server.ports[port], path,
        #query > 0 and "?" .. table.concat(query, "&") or "")
end

local function get(server, port, path, arguments, headers)
    return http:perform { method = "GET", url = url(server, port, path, arguments),
        headers = headers or {}, timeout_seconds = 60 }
end

local function text(...)
    return assert(get(...)).body
end

-- The requests that the API has got.
local function requests()
    local list = {}
    for _, line in ipairs(support.lines(api:read("requests.log"))) do
        list[#list + 1] = cjson.decode(line)
    end
    return list
end

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

before_each(function()
    text(api, "plain", "/_reset")
    api:clear("requests.log")
    api:clear("access.log")
    if front:read("error.log") ~= "" then
        front:clear("error.log")
    end
end)

after_each(function()
    for _, name in ipairs { "error.log", "access.log", "output" } do
        leaks.assert_none(SECRETS, front:read(name))
    end
end)

-- Each transport with the arguments of its issuer: `server` is whom it asks, `fault` what happens.
local TRANSPORTS = {
    nginx = function(server, fault)
        return { transport = "nginx", location = "/r2-" .. server .. "/",
            base = "https://api.cloudflare.com/" .. fault .. "/client/v4" }
    end,
    resty = function(server, fault)
        local port = server == "nobody" and 1 or api.ports[server] or api.ports.good
        return { transport = "resty",
            base = ("https://127.0.0.1:%d/%s/client/v4"):format(port, fault) }
    end,
}

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

local function with(arguments, more)
    for name, value in pairs(more or {}) do
        arguments[name] = value
    end
    return arguments
end

local function create(arguments, headers)
    return cjson.decode(text(front, "web", "/create", arguments, headers))
end

local function assert_error(kind, outcome, says)
    assert.equal(3, outcome.results)
    assert.equal(kind, outcome.err.kind, outcome.message)
    assert.equal(outcome.message, outcome.err.message)
    assert.is_nil(outcome.message:find("%c"))
    local again = kind == "network" or kind == "timeout" or outcome.err.retryable == true
    assert.equal(again, outcome.err.retryable or false)
    for _, piece in ipairs(says or {}) do
        assert.is_truthy(outcome.message:find(piece, 1, true), outcome.message)
    end
    leaks.assert_none(SECRETS, outcome)
end

-- ---- what holds for both ----

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
            api_token = keys.api_token, ca_file = certificates .. "/ca.pem", mode = "api",
            user_agent = "a-program/1.0",
            api_base_url = ("https://127.0.0.1:%d/ok/client/v4"):format(api.ports.good),
        }:create { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 900,
            objects = { "a/key" } })
        local ours, libcurls = table.unpack(requests())
        assert.equal("HTTP/1.1", ours.protocol)
        local host = name == "nginx" and "api.cloudflare.com" or "127.0.0.1:" .. api.ports.good
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
            local response = assert(http:perform { method = method, body = body or nil,
                url = url(front, "web", "/create", arguments("good", "ok")) })
            local outcome = cjson.decode(response.headers["x-outcome"])
            assert.is_table(outcome.credentials, outcome.message)
        end
        local head, post = table.unpack(requests())
        assert.equal("POST", head.method)
        assert.equal(head.body, post.body)
    end)

    it("keeps its connection", function()
        for _ = 1, 10 do
            assert.is_table(create(arguments("good", "ok")).credentials)
        end
        local connections = {}
        for _, request in ipairs(requests()) do
            connections[request.connection] = true
        end
        assert.equal(10, #requests())
        assert.is_truthy(next(connections))
        assert.is_nil(next(connections, (next(connections))))
    end)

    it("uses no proxy of the environment", function()
        assert.is_table(create(arguments("good", "ok")).credentials)
        assert.equal(1, #requests())
        assert.equal(api.ports.good, requests()[1].port)
        assert.is_nil(api:read("access.log"):find(api.ports.plain .. " POST", 1, true))
        assert.is_nil(api:read("access.log"):find("CONNECT", 1, true))
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
            assert.is_nil(api:read("access.log"):find(keys.api_token, 1, true))
        end)
    end

    -- The location has its own short time, 200 ms.
    local SHORT = name == "nginx" and 5 or 0.6
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
        no_http = { "bad_response", 1, status = name == "nginx" and 200 or nil },
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
            }))
            assert_error(expected[1], outcome, expected.says)
            assert.equal(expected[2], outcome.err.attempts, outcome.message)
            assert.equal(expected[2], #requests())
            assert.equal(expected.status, outcome.err.status)
            assert.equal(expected.retry_after, outcome.err.retry_after)
            for _, request in ipairs(requests()) do
                assert.equal(api.ports.good, request.port)
            end
            assert.equal("a static page", text(front, "web", "/static"))
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
        local process = "/proc/" .. text(front, "web", "/worker")
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
            sent = tonumber(text(api, "plain", "/_sent"))
            if sent >= 0 then
                break
            end
        end
        assert.is_true(sent > 0 and sent < 50)
    end)

    it("leaves no connection behind when time is over", function()
        local function fill()
            local under_way = {}
            for i = 1, 20 do
                under_way[i] = http:start { method = "GET", url = url(front, "web", "/create", with(
                    arguments("quick", "silent"), { timeout = 0.5, attempts = 1 })) }
            end
            for _, one in ipairs(under_way) do
                assert_error("timeout", cjson.decode(assert(one:wait(30)).body))
            end
        end
        local before = connections_to(api.ports.good)
        fill()
        assert.is_true(connections_to(api.ports.good) <= before)
    end)

    it("does not stop the worker: 50 answers come after the worker has served a page", function()
        local under_way = {}
        for i = 1, 50 do
            local asked = with(arguments("good", "held"), { timeout = 60 })
            under_way[i] = http:start { method = "GET", timeout_seconds = 60,
                url = url(front, "web", "/create", asked) }
        end
        local others = require("r2.http").new()
        local deadline = os.time() + 30
        repeat
            for _, one in ipairs(under_way) do
                assert.is_false(one:poll())
            end
            local held = others:perform { method = "GET", url = url(api, "plain", "/_held") }
        until held and held.body == "50" or os.time() > deadline

        local page = assert(others:perform { method = "GET", url = url(front, "web", "/static") })
        assert.equal("a static page", page.body)
        assert.equal(50, #requests())
        for _, one in ipairs(under_way) do
            assert.is_false(one:poll())
        end
        assert(others:perform { method = "GET", url = url(api, "plain", "/_release") })
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
            outcome = cjson.decode(text(front, "web", "/outcome",
                { phase = phase, transport = name }))
            if next(outcome) then
                break
            end
        end
        return outcome
    end

    local WORKS = { rewrite = true, access = true, content = true, timer = name == "resty" }
    for _, phase in ipairs { "init", "init_worker", "set", "rewrite", "access", "content",
        "header_filter", "body_filter", "log", "timer" } do
        it((WORKS[phase] and "works" or "is unsupported") .. " in the phase " .. phase, function()
            text(front, "web", "/phases")
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
        local response = assert(get(front, "http2", "/create", arguments("good", "ok")))
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

describe("r2.transport.resty", function()
    local described = RESTY and it or pending

    described("ends in time although a byte comes now and then", function()
        for attempt = 1, 3 do
            local outcome = create(with(TRANSPORTS.resty("good", "slow_body"),
                { timeout = 0.5, attempts = 1 }))
            assert_error("timeout", outcome)
            assert.equal(attempt, #requests())
        end
    end)

    described("does not wait for ever on a negative length", function()
        local outcome = create(TRANSPORTS.resty("good", "negative_length"))
        assert_error("bad_response", outcome)
        assert.equal("a static page", text(front, "web", "/static"))
    end)

    described("needs a resolver for names, and says so", function()
        local outcome = create { transport = "resty", base = "https://api.r2.example/client/v4" }
        assert_error("invalid_config", outcome, { "resolver", "api.r2.example" })
    end)

    described("asks no name server who localhost is", function()
        local base = ("http://localhost:%d/ok/client/v4"):format(api.ports.plain)
        local outcome = create { transport = "resty", base = base }
        assert.is_table(outcome.credentials, outcome.message)
        assert.equal("localhost:" .. api.ports.plain, requests()[1].headers.host)
    end)

    described("passes over what only says that an answer will come", function()
        local outcome = create(with(TRANSPORTS.resty("good", "interim"), { attempts = 1 }))
        assert.is_table(outcome.credentials, outcome.message)
        assert_error("bad_response", create(TRANSPORTS.resty("good", "only_interim")))
    end)

    described("reads no more of an answer than its framing may take", function()
        assert_error("bad_response", create(TRANSPORTS.resty("good", "framing")), { "8 MiB" })
        assert.equal("a static page", text(front, "web", "/static"))
    end)

    described("is what an issuer takes by itself", function()
        local arguments = TRANSPORTS.resty("good", "ok")
        arguments.transport = nil
        local outcome = create(arguments)
        assert.is_table(outcome.credentials, outcome.message)
    end)
end)

describe("r2.transport.nginx", function()
    it("serves an issuer that was made before the worker", function()
        local outcome = cjson.decode(text(front, "web", "/kept"))
        assert.is_table(outcome.credentials, outcome.message)
    end)

    it("adds no line to the access log", function()
        front:clear("access.log")
        for _ = 1, 3 do
            create(TRANSPORTS.nginx("good", "ok"))
        end
        text(front, "web", "/static")
        local _, lines = front:read("access.log"):gsub("/create", "")
        assert.is_true(lines <= 3)
    end)

    it("uses the location /r2-api/ when none is named", function()
        local outcome = create { transport = "nginx",
            base = "https://api.cloudflare.com/ok/client/v4" }
        assert.is_table(outcome.credentials, outcome.message)
    end)

    it("asks another API through another location", function()
        local origin = "http://127.0.0.1:" .. api.ports.plain
        local outcome = create { transport = "nginx", location = "/r2-sandbox/", origin = origin,
            base = origin .. "/ok/client/v4" }
        assert.is_table(outcome.credentials, outcome.message)
    end)

    it("asks nobody for a URL of another origin", function()
        for _, base in ipairs { "https://api.cloudflare.com.example/client/v4",
            "http://127.0.0.1:8787/client/v4", "https://api.cloudflare.com:8443/client/v4" } do
            assert_error("invalid_config", create { transport = "nginx", base = base },
                { "https://api.cloudflare.com", "api_base_url" })
        end
        assert.same({}, requests())
    end)

    it("says when its location is not there", function()
        local outcome = create(TRANSPORTS.nginx("missing", "ok"))
        assert_error("invalid_config", outcome, { "/r2-missing/", "docs/transports.md" })
        assert.is_nil(outcome.err.status)
    end)

    it("has a location that nobody enters from outside", function()
        local response = assert(get(front, "web", "/r2-good/ok/client/v4/x"))
        assert.equal("of the site itself", assert(get(front, "web", "/other")).body)
        assert.not_equal("", response.body)
        assert.same({}, requests())
    end)

    it("has a location that asks without a token when it is entered in another way", function()
        for _, path in ipairs { "/accel", "/exec" } do
            get(front, "web", path, nil, { authorization = "Basic of-the-visitor" })
        end
        for _, request in ipairs(requests()) do
            assert.is_nil(request.headers.authorization)
            assert.is_nil(request.headers.cookie)
        end
        assert.equal(2, #requests())
    end)

    it("ends a body that trickles on, with the visitor's connection", function()
        local response, _, err = get(front, "web", "/create",
            with(TRANSPORTS.nginx("good", "slow_body"), { timeout = 0.3, attempts = 1 }))
        assert.is_nil(response)
        assert.equal("network", err.kind)
        assert.is_truthy(front:read("error.log"):find("still coming after twice the time", 1, true))
        assert.equal("a static page", text(front, "web", "/static"))
    end)

    it("ends a body that has no end, with the visitor's connection", function()
        local response, _, err = get(front, "web", "/create",
            with(TRANSPORTS.nginx("good", "endless_body"), { attempts = 1 }))
        assert.is_nil(response)
        assert.equal("network", err.kind)
        assert.is_truthy(front:read("error.log"):find("longer than 128 MiB", 1, true))
        assert.equal("a static page", text(front, "web", "/static"))
    end)

    it("takes no option that it does not know", function()
        for _, arguments in ipairs {
            { location = "r2-api" }, { location = "/r2-api" }, { location = "/r2-api?/" },
            { origin = "https://api.cloudflare.com/" }, { origin = "http://api.cloudflare.com" },
        } do
            local outcome = create(with({ transport = "nginx",
                base = "https://api.cloudflare.com/client/v4" }, arguments))
            assert_error("invalid_config", outcome)
            assert.equal(next(arguments), outcome.err.field)
        end
    end)
end)

-- ---- without lua-resty-http ----

describe("Without lua-resty-http", function()
    local bare

    setup(function()
        -- Found by nobody, wherever it is installed.
        bare = nginx.start(nginx.lua_paths() .. [[
            init_by_lua_block { package.preload["resty.http"] = function()
                error("module 'resty.http' not found:")
            end }
            server {
                listen 127.0.0.1:@web@;
                location / { content_by_lua_block { require("spec.support.nginx_front").create() } }
            }
        ]])
    end)

    for name, arguments in pairs {
        ["an issuer without a transport"] = {},
        ["r2.transport.resty"] = { transport = "resty" },
    } do
        it(name .. " says what to install and what to give", function()
            local outcome = cjson.decode(text(bare, "web", "/", arguments))
            assert_error("invalid_config", outcome, { "lua-resty-http", "r2.transport.nginx" })
            assert.equal("transport", outcome.err.field)
        end)
    end
end)

describe("Outside of nginx", function()
    it("neither transport can be made", function()
        for _, name in ipairs { "resty", "nginx" } do
            local transport, message, err = require("r2.transport." .. name).new()
            assert.is_nil(transport)
            assert.equal("invalid_config", err.kind)
            assert.is_truthy(message:find("inside nginx", 1, true))
        end
        assert.is_false(require("r2.transport.resty").is_installed())
    end)
end)

-- ---- the example ----

describe("docs/transports.md", function()
    it("has the location and the upstream of the README", function()
        for _, start in ipairs { "upstream", "location" } do
            assert.is_truthy(PAGE:find("```nginx\n" .. documented(start) .. "```", 1, true), start)
        end
    end)

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

    it("points to what is there", function()
        for target in PAGE:gmatch("%]%(([^)#%s]+)") do
            if not target:find("^https://") then
                assert.is_truthy(io.open("docs/" .. target), target)
            end
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

    it("has the location and the upstream of the README", function()
        for _, start in ipairs { "upstream", "location" } do
            local block = without_indentation(documented(start))
            assert.is_truthy(without_indentation(CONF):find(block, 1, true), start)
        end
    end)

    describe("answers", function()
        local example

        setup(function()
            local conf = CONF
            for this, that in pairs {
                ["127.0.0.1:8080"] = "127.0.0.1:@web@",
                ["server api.cloudflare.com:443"] = "server 127.0.0.1:" .. api.ports.good,
                ["/etc/ssl/certs/ca-certificates.crt"] = certificates .. "/ca.pem",
                ['lua_package_path "$prefix/?.lua;;";'] =
                    nginx.lua_paths(nginx.ROOT .. "/examples/openresty"),
                ["error_log stderr info;"] = "error_log stderr info;" ..
                    (support.run("id -u"):find("^0%s") and " user root;" or ""),
            } do
                conf = replaced(conf, this, that)
            end
            example = nginx.start_with(conf, {
                CLOUDFLARE_ACCOUNT_ID = keys.account_id,
                CLOUDFLARE_API_TOKEN = keys.api_token,
                R2_ACCESS_KEY_ID = keys.parent_access_key_id,
                R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
            })
        end)

        local function post(path)
            return assert(http:perform { method = "POST", url = url(example, "web", path),
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
