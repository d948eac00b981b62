-- r2.http against a server of its own: spec/support/fault_server.lua. What a faulty service does to
-- an issuer is in spec/issuer/faults_spec.lua.
local cjson = require "cjson"
local collector = require "spec.support.collector"
local faulty = require "spec.support.faulty"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local values = require "spec.support.values"
local http = require "r2.http"

local SECRET = "Bearer demonstration-token-that-opens-nothing-2"
local server, h

setup(function()
    server = faulty.start()
end)

teardown(function()
    server:stop()
end)

before_each(function()
    h = assert(http.new())
end)

after_each(function()
    h:close()
end)

-- A request for a fault in a run of its own; returns the run too.
local function request(fault, changes, path)
    local run = server:new_run()
    local url = server:url(fault, run) .. (path or "")
    return make.changed({ method = "GET", url = url }, changes), run
end

-- Performs, and returns the answer, decoded where it is an echo.
local function get(fault, changes, path)
    local response = assert(h:perform((request(fault, changes, path))))
    return response, fault == "echo" and #response.body > 0 and cjson.decode(response.body) or nil
end

local function refuse(kind, changes, fault, hides)
    local asked = request(fault or "echo", changes)
    return refused({ kind = kind, starts = false, hides = hides }, function()
        return h:perform(asked)
    end)
end

-- The object can still do its work.
local function assert_works()
    assert.equal(200, get("good").status)
end

local function temporary_file(content)
    local name = os.tmpname()
    local file = assert(io.open(name, "wb"))
    assert(file:write(content))
    file:close()
    return name
end

-- What is alive, looked at every few megabytes of a long body: when Lua would collect by itself is
-- its own affair.
local function watch_memory()
    local before = collector.bytes_in_use()
    local watch = { bytes = 0 }
    function watch:note(place)
        if place % 2 ^ 22 < 2 ^ 16 then
            self.bytes = math.max(self.bytes, collector.bytes_in_use() - before)
        end
    end
    return watch
end

local function every_byte()
    local bytes = {}
    for i = 0, 255 do
        bytes[i + 1] = string.char(i)
    end
    return table.concat(bytes)
end

-- ---- what is refused ----

describe("http.new", function()
    for field, wrong in pairs {
        ca_file = { "", 5, "a\0b", false, {} },
        timeout_seconds = { 0, -1, 0 / 0, 1 / 0, "30", 604801, false },
        connect_timeout_seconds = { 0, -1, 0 / 0, 1 / 0, "30", 604801, false },
        max_header_bytes = { 0, -1, 1.5, 0 / 0, 2 ^ 41, "1", false },
        max_body_bytes = { 0, -1, 1.5, 0 / 0, 2 ^ 41, "1", false },
        verify = { false, true },
        insecure = { true },
        proxy = { "http://127.0.0.1:1" },
    } do
        it("refuses a wrong " .. field, function()
            for _, value in ipairs(wrong) do
                refused({ kind = "invalid_config", field = field }, function()
                    return http.new { [field] = value }
                end)
            end
        end)
    end

    it("refuses options in disguise", function()
        for _, disguise in values.sorted(values.disguises) do
            refused({ kind = "invalid_config" }, function()
                return http.new(disguise { ca_file = "a.pem" })
            end)
        end
    end)

    it("raises when the options are no table", function()
        for _, options in ipairs { 1, "ca.pem", true } do
            assert.has_error(function() http.new(options) end)
        end
    end)

    it("takes options at their bounds", function()
        http.new({
            timeout_seconds = 604800, connect_timeout_seconds = 1e-9, max_header_bytes = 1,
            max_body_bytes = 2 ^ 40, ca_file = "no-such-file-yet.pem",
        }):close()
        http.new({}):close()
    end)
end)

describe("a request", function()
    local function check(field, changes, hides)
        local asked, run = request("echo", changes)
        for _, method in ipairs { "perform", "start" } do
            refused({ kind = "invalid_request", field = field, hides = hides }, function()
                return h[method](h, asked)
            end)
        end
        assert.equal(0, #server:seen(run).requests)
    end

    for field, wrong in pairs {
        method = {
            make.ABSENT, "", "GET X", "GET\r\n", "G\0T", " GET", "GET:", "G(T", "caf\233", 5,
        },
        headers = { "a: b", 5, true },
        body = { 5, true, false },
        output = { 5, true, "file" },
        progress = { 5, true, {}, "p" },
        compressed = { 1, "yes" },
        content_length = { -1, 1.5, "5", 0 / 0, 1 / 0, 2 ^ 60 },
        timeout_seconds = { 0, -1, 0 / 0, 1 / 0, "30", 604801 },
        body_length = { 5 },
        proxy = { "http://127.0.0.1:1" },
        follow = { true },
    } do
        it("is refused with a wrong " .. field, function()
            for _, value in ipairs(wrong) do
                check(field, { [field] = value })
            end
        end)
    end

    for _, url in ipairs {
        "", "/", "//127.0.0.1/", "127.0.0.1", "https:", "https://", "https:///x",
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "http://example.com/", "http://192.168.0.1/",
        "http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://127.1/",
        "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.0.0.256/",
        "http://[::ffff:127.0.0.1]/", "http://[::2]/", "http://[::1", "http://[::1].example.com/",
        "https://user@example.com/", "https://user:word@example.com/", "https://:word@example.com/",
        "http://127.0.0.1@example.com/", "http://127.0.0.1:1@example.com/",
        "http://127.0.0.1:80\\@example.com/", "https://example.com\\@evil.example/",
        "https://example.com/a\\b", "https://example.com/a#b", "https://example.com#b",
        "https://example.com/a b", "https://example.com/a\tb", "https://example.com/a\r\nb",
        "https://example.com/a\nX: y", "https://example.com/a\0b", "https://example.com/caf\233",
        "https://example.com/\127", "https://ex ample.com/", "https://exa\0mple.com/",
        "https://example.com:0/", "https://example.com:65536/", "https://example.com:/",
        "https://example.com:80x/", "https://example.com:-1/", "https://%65xample.com/",
        "https://caf\195\169.example/", " https://example.com/", "https://example.com/ ",
        "https://-/", "https://.example.com/", "https://example..com/",
    } do
        it(("is refused with the URL %q"):format(url), function()
            check("url", { url = url })
        end)
    end

    it("is refused without a URL, or with one that is no string", function()
        for _, url in ipairs { make.ABSENT, 5, true, false, {} } do
            check("url", { url = url })
        end
    end)

    it("does not repeat a refused URL", function()
        check("url", { url = "https://user:" .. SECRET .. "@example.com/" }, { SECRET })
    end)

    for _, name in ipairs {
        "", "a b", "a:", "a\r", "a\n", "a\0", "a\0b", "caf\233", "a\127", "(a)", "a,b", "a/b",
        "a@b", "host", "Host", "content-length", "Content-Length", "transfer-encoding",
        "Transfer-Encoding", "expect", "Expect", "connection", "Connection",
        "TE", "trailer", "upgrade", "keep-alive", "proxy-connection", "Proxy-Authorization", 1,
    } do
        it(("is refused with a header named %q"):format(name), function()
            check("headers", { headers = { [name] = "1" } })
        end)
    end

    for _, value in ipairs {
        "a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rb", "a\0b", "\0", "\1", "a\27[31m", "\127",
    } do
        it(("is refused with the header value %q"):format(value), function()
            check("headers", { headers = { ["x-a"] = value } })
            check("headers", { headers = { authorization = SECRET .. value } }, { SECRET })
        end)
    end

    it("is refused with a header value that is no string", function()
        for _, value in ipairs { 5, true, false, {} } do
            check("headers", { headers = { ["x-a"] = value } })
        end
    end)

    it("is refused when it or its headers are in disguise", function()
        for _, disguise in values.sorted(values.disguises) do
            local asked = disguise((request "echo"))
            refused({ kind = "invalid_request" }, function()
                return h:perform(asked)
            end)
            check("headers", { headers = disguise { ["x-a"] = "1" } })
        end
    end)

    it("that is no table raises", function()
        for _, asked in ipairs { 5, "GET /", true } do
            assert.has_error(function() h:perform(asked) end)
            assert.has_error(function() h:start(asked) end)
        end
        assert.has_error(function() h:perform() end)
    end)
end)

-- ---- what goes out ----

describe("the path", function()
    for _, path in ipairs {
        "/a/../b/./c//d", "/..", "/.", "/a/.", "/%2e%2e/%2E/x", "/a%2Fb%00%20", "//", "/a?b=/../c",
        "?x=1", "?", "/a?", "/a??b", "/~!$&'()*+,;=:@", "/%zz%", "/\"<>[]^`{|}", "/a%25b",
    } do
        it(("goes out as it is: %q"):format(path), function()
            local asked, run = request("echo", {}, path)
            assert(h:perform(asked))
            assert.equal("/echo/" .. run .. path, server:seen(run).requests[1].target)
        end)
    end

    it("may be left out", function()
        local asked, run = request "echo"
        assert(h:perform(asked))
        assert.equal("/echo/" .. run, server:seen(run).requests[1].target)
    end)

    it("may be long", function()
        local long = "/" .. ("k"):rep(8000)
        local _, seen = get("echo", {}, long)
        assert.equal(long, seen.target:sub(-8001))
    end)
end)

describe("the head of a request", function()
    it("has what it needs and nothing of the program's own", function()
        local _, seen = get("echo")
        assert.equal("GET", seen.method)
        assert.equal("1.1", seen.version)
        assert.same({ "Host: 127.0.0.1:" .. server.port, "Accept: */*" }, seen.lines)
    end)

    it("has the headers that are given", function()
        local _, seen = get("echo", { headers = {
            ["X-Case"] = "Kept", ["x-spaces"] = "a  b\tc", ["x-latin"] = "caf\195\169",
            ["x-empty"] = "", ["x-blank"] = " \t ", ["x-semicolon"] = "a;b:c, d",
            ["user-agent"] = "spec", accept = "text/plain",
            authorization = SECRET, ["!#$%&'*+-.^_`|~09"] = "odd",
        } })
        assert.equal("Kept", seen.headers["x-case"])
        assert.equal("a  b\tc", seen.headers["x-spaces"])
        assert.equal("caf\195\169", seen.headers["x-latin"])
        assert.equal("", seen.headers["x-empty"])
        assert.equal("", seen.headers["x-blank"])
        assert.equal("a;b:c, d", seen.headers["x-semicolon"])
        assert.equal("spec", seen.headers["user-agent"])
        assert.equal("text/plain", seen.headers.accept)
        assert.equal(SECRET, seen.headers.authorization)
        assert.equal("odd", seen.headers["!#$%&'*+-.^_`|~09"])
        assert.equal(11, #seen.lines)
    end)

    it("may be long", function()
        local long = ("v"):rep(60000)
        local _, seen = get("echo", { headers = { ["x-long"] = long } })
        assert.equal(long, seen.headers["x-long"])
    end)

    for _, method in ipairs {
        "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "X-y.z",
    } do
        it("has the method " .. method, function()
            local _, seen = get("echo", { method = method })
            assert.equal(method, seen.method)
            assert.is_nil(seen.headers["content-type"])
            assert.is_nil(seen.headers["transfer-encoding"])
            assert.equal(0, seen.body_length)
            _, seen = get("echo", { method = method, body = "x=1" })
            assert.equal(method, seen.method)
            assert.equal("3", seen.headers["content-length"])
            assert.equal("x=1", seen.body)
        end)
    end
end)

describe("a request without a body", function()
    for method, length in values.sorted { GET = false, DELETE = false, PUT = "0", POST = "0",
        PATCH = "0" } do
        it("that is a " .. method .. (length and " says so" or " says nothing of it"), function()
            local _, seen = get("echo", { method = method })
            assert.equal(length or nil, seen.headers["content-length"])
            assert.is_nil(seen.headers["content-type"])
            assert.is_nil(seen.headers["transfer-encoding"])
        end)
    end
end)

describe("HEAD", function()
    it("has no body", function()
        for _, body in ipairs { "x", function() end } do
            local asked = request("echo", { method = "HEAD", body = body })
            refused({ kind = "invalid_request", field = "body" }, function()
                return h:perform(asked)
            end)
        end
    end)

    it("gets the headers and no body", function()
        local response = get("big", { method = "HEAD" }, "/1000000000")
        assert.equal(200, response.status)
        assert.equal("1000000000", response.headers["content-length"])
        assert.equal("", response.body)
        assert_works()
    end)
end)

-- ---- bodies of requests ----

-- A body's function that returns these pieces, one by one.
local function pieces(list)
    local at = 0
    return function()
        at = at + 1
        return list[at]
    end
end

describe("a body", function()
    it("may be any bytes", function()
        local bytes = every_byte():gsub("[\128-\255]", "") -- what JSON brings back as it was
        local _, seen = get("echo", { method = "PUT", body = bytes })
        assert.equal(bytes, seen.body)
        assert.equal("128", seen.headers["content-length"])
        assert.is_nil(seen.headers["content-type"])
        assert.is_nil(seen.headers.expect)
    end)

    it("may be empty", function()
        for _, method in ipairs { "POST", "PUT" } do
            local _, seen = get("echo", { method = method, body = "" })
            assert.equal("0", seen.headers["content-length"])
            assert.equal(0, seen.body_length)
        end
    end)

    it("has the content type that is given, whatever the case of its name", function()
        for _, name in ipairs { "content-type", "Content-Type", "CONTENT-TYPE" } do
            local _, seen = get("echo", { method = "POST", body = "{}",
                headers = { [name] = "application/json" } })
            assert.equal("application/json", seen.headers["content-type"])
        end
    end)

    it("may be large, without a wait for leave to send it", function()
        local body = ("0123456789abcdef"):rep(65536 * 2)
        local asked, run = request("echo", { method = "PUT", body = body })
        local response = assert(h:perform(make.changed(asked, { output = function() end })))
        assert.equal(200, response.status)
        local seen = server:seen(run).requests[1]
        assert.equal(body, seen.body)
        assert.is_nil(seen.headers.expect)
    end)

    it("may be told its length", function()
        local _, seen = get("echo", { method = "PUT", body = "abc", content_length = 3 })
        assert.equal("abc", seen.body)
        for _, length in ipairs { 0, 2, 4 } do
            local asked = request("echo", { method = "PUT", body = "abc", content_length = length })
            refused({ kind = "invalid_request", field = "content_length" }, function()
                return h:perform(asked)
            end)
        end
    end)

    it("may come from a function, in chunks", function()
        local _, seen = get("echo", { method = "PUT", body = pieces { "a", "bc", "", "def" } })
        assert.equal("abcdef", seen.body)
        assert.equal("chunked", seen.headers["transfer-encoding"])
        assert.is_nil(seen.headers["content-length"])
        assert.is_nil(seen.headers["content-type"])
        assert.is_nil(seen.headers.expect)
    end)

    it("may come from a function, with its length", function()
        local _, seen = get("echo",
            { method = "PUT", body = pieces { "a", "bc", "def" }, content_length = 6 })
        assert.equal("abcdef", seen.body)
        assert.equal("6", seen.headers["content-length"])
        assert.is_nil(seen.headers["transfer-encoding"])
    end)

    it("may come from a function that has nothing", function()
        local _, seen = get("echo", { method = "PUT", body = pieces {} })
        assert.equal(0, seen.body_length)
        _, seen = get("echo", { method = "PUT", body = pieces {}, content_length = 0 })
        assert.equal(0, seen.body_length)
        assert.equal("0", seen.headers["content-length"])
    end)

    it("may come from a function that returns much at once, or many empty strings", function()
        local much = ("0123456789abcdef"):rep(65536)
        local asked, run = request("good", { method = "PUT", body = pieces { much, "end" } })
        assert(h:perform(asked))
        assert.equal(much .. "end", server:seen(run).requests[1].body)
        local calls = 0
        local _, seen = get("echo", { method = "PUT", body = function()
            calls = calls + 1
            return calls <= 20000 and "" or calls == 20001 and "x" or nil
        end })
        assert.equal("x", seen.body)
    end)

    it("asks its function for no more than there is room for", function()
        local rooms = {}
        get("echo", { method = "PUT", body = function(room)
            rooms[#rooms + 1] = room
            return #rooms <= 3 and ("x"):rep(room) or nil
        end })
        assert.equal(4, #rooms)
        for _, room in ipairs(rooms) do
            assert.is_true(room > 0 and room % 1 == 0)
        end
    end)

    it("may come from a file", function()
        local content = every_byte():sub(1, 128):rep(3000)
        local name = temporary_file(content)
        for _, length in ipairs { make.ABSENT, #content } do
            local file = assert(io.open(name, "rb"))
            local _, seen = get("echo", { method = "PUT", body = file, content_length = length })
            assert.equal("file", io.type(file))
            file:close()
            assert.equal(content, seen.body)
        end
        os.remove(name)
    end)

    it("may come from whatever can read", function()
        local reader = { left = { "ab", "cd" } }
        function reader:read(room)
            assert(room > 0)
            return table.remove(self.left, 1)
        end
        local _, seen = get("echo", { method = "PUT", body = reader })
        assert.equal("abcd", seen.body)
    end)

    it("that is shorter or longer than its length is an error, and not sent as if whole", function()
        for _, case in ipairs { { "abc", 4 }, { "abc", 2 }, { "abc", 1000000 } } do
            refuse("invalid_request", { method = "PUT", body = pieces { case[1] },
                content_length = case[2] })
            assert_works()
        end
    end)

    it("that cannot be read raises what its function raised", function()
        local object = { "an object" }
        for _, problem in ipairs { "a text", object, true } do
            local asked = request("echo",
                { method = "PUT", body = function() error(problem, 0) end })
            local ok, raised = pcall(h.perform, h, asked)
            assert.is_false(ok)
            assert.equal(problem, raised)
        end
        local closed = assert(io.tmpfile())
        closed:close()
        assert.has_error(function()
            h:perform((request("echo", { method = "PUT", body = closed })))
        end)
        assert.has_error(function()
            h:perform((request("echo", { method = "PUT", body = {} })))
        end)
        local fussy = setmetatable({}, { __index = function() error("no such method", 0) end })
        assert.has_error(function()
            h:perform((request("echo", { method = "PUT", body = fussy })))
        end, "no such method")
        assert_works()
    end)

    it("stops the exchange when its function says so", function()
        for _, stop in ipairs {
            function() return false end,
            function() return nil, "disk on fire" end,
            function() return 5 end,
            function() return {} end,
            function() return true end,
        } do
            local asked, run = request("echo", { method = "PUT", body = stop })
            refused({ kind = "cancelled" }, function() return h:perform(asked) end)
            assert.is_true(#server:seen(run).requests <= 2)
        end
        local asked = request("echo",
            { method = "PUT", body = function() return nil, "disk\r\non\0fire" end })
        refused({ kind = "cancelled", says = { "disk  on" } }, function()
            return h:perform(asked)
        end)
        assert_works()
    end)

    it("may be refused by the server before it has been sent", function()
        local sent = 0
        local response = h:perform((request("refused-early", { method = "PUT", body = function(room)
            sent = sent + room
            return sent < 2 ^ 28 and ("x"):rep(room) or nil
        end })))
        assert.is_true(response == nil or response.status == 413)
        assert.is_true(sent < 2 ^ 28)
        assert_works()
    end)

    it("of many megabytes is never in memory as a whole", function()
        local left, piece = 64 * 2 ^ 20, ("x"):rep(65536)
        local highest = watch_memory()
        local asked, run = request("good", { method = "PUT", body = function()
            highest:note(left)
            left = left - #piece
            return left >= 0 and piece or nil
        end })
        assert(h:perform(asked))
        assert.equal(64 * 2 ^ 20, server:seen(run).requests[1].body_length)
        assert.is_true(highest.bytes < 4 * 2 ^ 20, "grew by " .. highest.bytes)
    end)
end)

-- ---- answers ----

describe("an answer", function()
    it("is status, headers, body and version", function()
        local response = get("headers")
        assert.same({
            status = 200, body = "ok", http_version = "1.1",
            headers = {
                ["x-twice"] = "one, two", ["x-empty"] = "", ["x-spaces"] = "a b",
                ["x-folded"] = "one  two: three\tfour", ["x-colon"] = "a:b: c",
                ["x-latin"] = "caf\233", ["set-cookie"] = "a=1; Path=/, b=2",
                ["content-length"] = "2",
            },
        }, response)
    end)

    it("may have a line feed only at the end of its lines", function()
        local response = get("bare-lines")
        assert.equal("1", response.headers["x-one"])
        assert.equal("ok", response.body)
    end)

    it("may come behind interim ones, of which nothing stays", function()
        local response = get("interim")
        assert.equal(200, response.status)
        assert.same({ ["x-final"] = "3", ["content-length"] = "2" }, response.headers)
        assert.equal("ok", response.body)
    end)

    it("may be empty", function()
        for fault, status in pairs { empty = 200, ["status-204"] = 204 } do
            local response = get(fault)
            assert.equal(status, response.status)
            assert.equal("", response.body)
        end
        assert_works()
    end)

    it("of an error is an answer", function()
        local response = get("error")
        assert.equal(404, response.status)
        assert.equal("no such thing", response.body)
    end)

    it("may be as long as max_body_bytes, and not longer", function()
        h:close()
        h = assert(http.new { max_body_bytes = 100000 })
        assert.equal(100000, #get("big", {}, "/100000").body)
        local err = refused({ kind = "bad_response" }, function()
            return h:perform((request("big", {}, "/100001")))
        end)
        assert.is_false(err.retryable)
        assert_works()
    end)

    it("may be a megabyte by default", function()
        assert.equal(1048576, #get("big", {}, "/1048576").body)
        refused({ kind = "bad_response" }, function()
            return h:perform((request("big", {}, "/1048577")))
        end)
    end)

    it("may have headers of max_header_bytes, and not more", function()
        h:close()
        h = assert(http.new { max_header_bytes = 5000 })
        assert.equal("ok", get("header", {}, "/5000").body)
        refused({ kind = "bad_response" }, function()
            return h:perform((request("header", {}, "/5001")))
        end)
        assert_works()
    end)

    it("may have many headers by default", function()
        assert.equal("ok", get("header", {}, "/200000").body)
    end)
end)

describe("an output", function()
    it("may be a function, which gets the body piece by piece", function()
        local got, length = {}, 0
        local response = get("big", { output = function(piece)
            got[#got + 1] = piece
            length = length + #piece
        end }, "/3000000")
        assert.is_nil(response.body)
        assert.equal("3000000", response.headers["content-length"])
        assert.equal(3000000, length)
        assert.equal(("0123456789abcdef"):rep(187500), table.concat(got))
    end)

    it("may be a file", function()
        local name = os.tmpname()
        local file = assert(io.open(name, "wb"))
        get("big", { output = file }, "/300000")
        assert.equal("file", io.type(file))
        file:close()
        file = assert(io.open(name, "rb"))
        assert.equal(("0123456789abcdef"):rep(18750), file:read("*a"))
        file:close()
        os.remove(name)
    end)

    it("may be whatever can write", function()
        local writer = {}
        function writer:write(piece)
            self[#self + 1] = piece
            return self
        end
        get("big", { output = writer }, "/40")
        assert.equal("0123456789abcdef0123456789abcdef01234567", table.concat(writer))
    end)

    it("takes bodies of any length: the bound is for what is kept", function()
        local length = 0
        local highest = watch_memory()
        get("big", { output = function(piece)
            length = length + #piece
            highest:note(length)
        end }, "/67108864")
        assert.equal(67108864, length)
        assert.is_true(highest.bytes < 4 * 2 ^ 20, "grew by " .. highest.bytes)
    end)

    it("gets nothing of an error, whose body is kept within the bound", function()
        local got = 0
        local function output()
            got = got + 1
        end
        local response = get("error", { output = output })
        assert.equal("no such thing", response.body)
        refuse("bad_response", { output = output }, "big-error")
        assert.equal(0, got)
    end)

    it("is not called for an empty body", function()
        local got = 0
        local response = get("empty", { output = function() got = got + 1 end })
        assert.equal(200, response.status)
        assert.is_nil(response.body)
        assert.equal(0, got)
    end)

    it("that raises ends the exchange, and its error comes out at each poll", function()
        local problem = { "an object" }
        local calls = 0
        local x = assert(h:start((request("big", { output = function()
            calls = calls + 1
            error(problem)
        end }, "/3000000"))))
        for _ = 1, 3 do
            local ok, raised = pcall(x.wait, x)
            assert.is_false(ok)
            assert.equal(problem, raised)
        end
        assert.equal(1, calls)
        assert_works()
    end)

    it("ends the exchange by returning false, or nil and a text", function()
        local calls = 0
        refuse("cancelled", { output = function() calls = calls + 1 return false end }, "good")
        local err = refuse("cancelled",
            { output = function() calls = calls + 1 return nil, "disk full" end }, "good")
        assert.is_truthy(err.message:find("disk full", 1, true))
        assert.is_falsy(err.retryable)
        assert.is_true(calls <= 4)
        assert_works()
    end)

    it("goes on when it returns anything else", function()
        for _, value in ipairs { true, 0, "", {} } do
            assert.equal(200, get("good", { output = function() return value end }).status)
        end
        assert.equal(200, get("good", { output = function() return nil end }).status)
        assert.equal(200, get("good", { output = function() return nil, 5 end }).status)
    end)

    it("cannot yield", function()
        local thread = coroutine.create(function()
            return h:perform((request("good", { output = function() coroutine.yield() end })))
        end)
        local ok, message = coroutine.resume(thread)
        assert.is_false(ok)
        assert.is_truthy(message:find("yield"))
        assert_works()
    end)
end)

describe("progress", function()
    it("tells how far it is", function()
        local last = { 0, 0, 0, 0 }
        local body = ("x"):rep(500000)
        local response = get("big", { method = "PUT", body = body, output = function() end,
            progress = function(sent, to_send, received, to_receive)
                assert.is_true(sent >= last[1] and received >= last[3])
                assert.is_true(sent <= #body and received <= 700000)
                last = { sent, to_send, received, to_receive }
            end }, "/700000")
        assert.equal(200, response.status)
        assert.same({ 500000, 500000, 700000, 700000 }, last)
    end)

    it("counts in integers where Lua has them", function()
        get("good", { progress = function(...)
            for i = 1, 4 do
                local value = select(i, ...)
                assert.equal(math.type and "integer" or nil, math.type and math.type(value) or nil)
            end
        end })
    end)

    it("ends the exchange like an output does", function()
        refuse("cancelled", { progress = function() return false end })
        refuse("cancelled", { progress = function() return nil, "enough" end })
        local ok, raised = pcall(h.perform, h,
            (request("good", { progress = function() error("oh", 0) end })))
        assert.is_false(ok)
        assert.equal("oh", raised)
        assert_works()
    end)
end)

describe("a compressed answer", function()
    it("is asked for only when that is said", function()
        local _, seen = get("echo")
        assert.is_nil(seen.headers["accept-encoding"])
        _, seen = get("echo", { compressed = false })
        assert.is_nil(seen.headers["accept-encoding"])
        _, seen = get("echo", { compressed = true })
        assert.is_truthy(seen.headers["accept-encoding"]:find("gzip", 1, true))
        _, seen = get("echo")
        assert.is_nil(seen.headers["accept-encoding"])
    end)
end)

-- ---- step by step ----

describe("an exchange", function()
    it("is false at each poll while the server is silent, and then the answer", function()
        local asked, run = request "held"
        local x = assert(h:start(asked))
        server:wait_until(run, function(seen)
            assert.equal(false, (x:poll()))
            return #seen.requests == 1
        end)
        for _ = 1, 1000 do
            assert.equal(false, (x:poll()))
            assert.equal(1, select("#", x:poll()))
        end
        assert.equal(false, (x:wait(0)))
        assert.equal(false, (x:wait(-1)))
        assert.equal(false, (x:wait(0.001)))
        server:release(run)
        local response = assert(x:wait())
        assert.equal("released", response.body)
        assert.equal(response, (x:poll()))
        assert.equal(response, (x:wait(0)))
    end)

    it("is false while half of a body is there", function()
        local got = {}
        local asked, run = request("halved", { output = function(piece) got[#got + 1] = piece end })
        local x = assert(h:start(asked))
        repeat
            assert.equal(false, (x:poll()))
        until #got > 0
        for _ = 1, 100 do
            assert.equal(false, (x:poll()))
        end
        assert.equal("01234", table.concat(got))
        server:release(run)
        assert.equal(200, assert(x:wait()).status)
        assert.equal("0123456789", table.concat(got))
    end)

    it("goes beside others, and ends in its own time", function()
        local runs, all = {}, {}
        for i = 1, 20 do
            local asked
            asked, runs[i] = request "held"
            all[i] = assert(h:start(asked))
        end
        for i = 20, 1, -1 do
            server:release(runs[i])
            assert.equal("released", assert(all[i]:wait()).body)
            if i > 1 then
                assert.equal(false, (all[i - 1]:poll()))
            end
        end
    end)

    it("is driven by whichever is polled", function()
        local asked, run = request "held"
        local first, second = assert(h:start(asked)), assert(h:start((request "good")))
        assert.equal(200, assert(second:wait()).status)
        server:release(run)
        assert.equal("released", assert(first:wait()).body)
    end)

    it("may be polled from another coroutine than the one that began it", function()
        local x = coroutine.wrap(function()
            return assert(h:start((request("good", { output = function() end }))))
        end)()
        collectgarbage()
        for _ = 1, 2 do
            assert.equal(200, coroutine.wrap(function() return x:wait() end)().status)
        end
    end)

    it("says how long it can be left alone", function()
        local asked, run = request("held", { timeout_seconds = 60 })
        local x = assert(h:start(asked))
        for _ = 1, 10 do
            x:poll()
            local seconds = x:timeout()
            assert.is_true(seconds >= 0 and seconds <= 1)
        end
        server:release(run)
        assert(x:wait())
        assert.equal(0, x:timeout())
    end)

    it("ends when its time is over", function()
        for _, over in ipairs { { timeout_seconds = 0.05 }, { timeout_seconds = 1e-9 } } do
            local asked = request("held", over)
            local err = refused({ kind = "timeout" }, function() return h:perform(asked) end)
            assert.is_true(err.retryable)
        end
        local x = assert(h:start((request("held", { timeout_seconds = 0.05 }))))
        local _, _, err = x:wait(20)
        assert.equal("timeout", err.kind)
        assert_works()
    end)

    it("has the http object's time when it is given none", function()
        h:close()
        h = assert(http.new { timeout_seconds = 0.05 })
        local asked = request "held"
        refused({ kind = "timeout" }, function() return h:perform(asked) end)
    end)

    it("raises for arguments that make no sense", function()
        local x = assert(h:start((request "good")))
        assert.has_error(function() x:wait("long") end)
        assert.has_error(function() x.poll(h) end)
        assert.has_error(function() x.poll({}) end)
        assert.has_error(function() x.poll() end)
        assert.has_error(function() x.cancel(io.stdout) end)
        assert.has_error(function() h.perform(x, (request "good")) end)
        assert.has_error(function() h.start({}, (request "good")) end)
        assert.has_error(function() h.close() end)
        assert(x:wait())
    end)
end)

describe("cancelling", function()
    it("ends an exchange and its connection", function()
        local asked, run = request("held", { headers = { authorization = SECRET } })
        local x = assert(h:start(asked))
        server:wait_until(run, function(seen)
            x:poll()
            return #seen.requests == 1
        end)
        x:cancel()
        for _ = 1, 2 do
            local err = refused({ kind = "cancelled", hides = { SECRET } }, function()
                return x:poll()
            end)
            assert.is_falsy(err.retryable)
        end
        x:cancel()
        assert.equal("cancelled", select(3, x:wait()).kind)
        assert.equal(0, x:timeout())
        server:wait_until(run, function(seen) return seen.gone == 1 end)
        assert_works()
    end)

    it("before anything was sent sends nothing", function()
        local asked, run = request "good"
        local x = assert(h:start(asked))
        x:cancel()
        assert.equal("cancelled", select(3, x:poll()).kind)
        assert_works()
        assert.equal(0, #server:seen(run).requests)
    end)

    it("leaves what has ended", function()
        local x = assert(h:start((request "good")))
        local response = assert(x:wait())
        x:cancel()
        assert.equal(response, (x:poll()))
    end)

    it("leaves the others", function()
        local asked, run = request "held"
        local first, second = assert(h:start(asked)), assert(h:start((request "held")))
        first:poll()
        second:cancel()
        server:release(run)
        assert.equal("released", assert(first:wait()).body)
    end)
end)

describe("a function of an exchange", function()
    -- Performs a large GET whose output does that at its first piece.
    local function with_output(act)
        local x, result
        local called = false
        x = assert(h:start((request("big", { output = function()
            if not called then
                called = true
                result = act(x)
            end
        end }, "/3000000"))))
        return x, function() return result end
    end

    it("may cancel its own exchange", function()
        local x = with_output(function(x) x:cancel() end)
        refused({ kind = "cancelled" }, function() return x:wait() end)
        assert_works()
    end)

    it("may cancel another", function()
        local asked, run = request "held"
        local other = assert(h:start(asked))
        local x = with_output(function() other:cancel() end)
        assert.equal(200, assert(x:wait()).status)
        refused({ kind = "cancelled" }, function() return other:poll() end)
        server:release(run)
    end)

    it("may drop and collect its own exchange", function()
        local calls, x = 0, nil -- luacheck: ignore
        local asked, run = request("big", { output = function()
            calls = calls + 1
            x = nil -- luacheck: ignore
            collectgarbage()
            collectgarbage()
        end }, "/100000000")
        x = assert(h:start(asked)) -- luacheck: ignore
        local other = assert(h:start((request "held")))
        server:wait_until(run, function(seen)
            other:poll() -- drives them both
            collectgarbage()
            return seen.gone == 1
        end)
        assert.is_true(calls > 0)
        other:cancel()
        assert_works()
    end)

    it("may drop and collect another", function()
        local asked, run = request "held"
        local other = assert(h:start(asked))
        server:wait_until(run, function(seen)
            other:poll()
            return #seen.requests == 1
        end)
        local x = with_output(function()
            other = nil
            collectgarbage()
            collectgarbage()
        end)
        assert.equal(200, assert(x:wait()).status)
        assert.is_nil(other)
        server:wait_until(run, function(seen) return seen.gone == 1 end)
    end)

    for name, act in pairs {
        poll = function(x) return x:poll() end,
        wait = function(x) return x:wait() end,
        timeout = function(x) return x:timeout() end,
        perform = function() return h:perform((request "good")) end,
        start = function() return h:start((request "good")) end,
        close = function() return h:close() end,
    } do
        it("cannot call " .. name .. ": that raises, and the exchange goes on", function()
            local x, result = with_output(function(x)
                local ok, message = pcall(act, x)
                return { ok, message }
            end)
            assert.equal(200, assert(x:wait()).status)
            assert.is_false(result()[1])
            assert.is_truthy(result()[2]:find("inside", 1, true))
            assert_works()
        end)
    end

    it("may use another http object", function()
        local another = assert(http.new())
        local x, result = with_output(function()
            return another:perform((request "good"))
        end)
        assert.equal(200, assert(x:wait()).status)
        assert.equal(200, result().status)
        another:close()
    end)

    it("may be a method of the exchange's own world, which is collected with it", function()
        local weak = setmetatable({}, { __mode = "v" })
        do
            local x
            local asked = request("held", { output = function() return x end })
            x = assert(h:start(asked))
            weak.exchange = x
        end
        collectgarbage()
        collectgarbage()
        assert.is_nil(weak.exchange)
        assert_works()
    end)
end)

-- ---- lives and deaths ----

describe("an exchange that nobody holds", function()
    it("is ended when it is collected", function()
        local asked, run = request "held"
        local x = assert(h:start(asked))
        server:wait_until(run, function(seen)
            x:poll()
            return #seen.requests == 1
        end)
        x = nil -- luacheck: ignore
        collectgarbage()
        collectgarbage()
        server:wait_until(run, function(seen) return seen.gone == 1 end)
    end)

    it("is not missed when it has ended", function()
        for _ = 1, 50 do
            assert(assert(h:start((request "good"))):wait())
        end
        collectgarbage()
        assert_works()
    end)

    it("keeps its http object alive", function()
        local x
        do
            local own = assert(http.new())
            x = assert(own:start((request "good")))
        end
        collectgarbage()
        collectgarbage()
        assert.equal(200, assert(x:wait()).status)
    end)

    it("may go before its http object, after it, or with it", function()
        for order = 1, 200 do
            local own = assert(http.new())
            local all = {}
            for i = 1, 3 do
                local asked = request("held", { output = function() return all end })
                all[i] = assert(own:start(asked))
                if (order + i) % 2 == 0 then
                    all[i]:poll()
                end
            end
            if order % 3 == 0 then
                all = nil -- luacheck: ignore
                collectgarbage()
            elseif order % 3 == 1 then
                own = nil -- luacheck: ignore
                collectgarbage()
            end
        end
        collectgarbage()
        collectgarbage()
        assert_works()
    end)
end)

describe("closing", function()
    for name, changes in pairs {
        ["ends what is under way, and says so"] = {},
        ["tells no progress any more"] = { progress = function() end },
    } do it(name, function()
        local asked, run = request("held", changes)
        local x = assert(h:start(asked))
        server:wait_until(run, function(seen)
            x:poll()
            return #seen.requests == 1
        end)
        h:close()
        refused({ kind = "cancelled" }, function() return x:poll() end)
        assert.equal("cancelled", select(3, x:wait()).kind)
        assert.equal(0, x:timeout())
        x:cancel()
        server:wait_until(run, function(seen) return seen.gone == 1 end)
    end) end

    it("leaves answers that are there", function()
        local x = assert(h:start((request "good")))
        local response = assert(x:wait())
        h:close()
        assert.equal(response, (x:poll()))
    end)

    it("twice is fine; anything else raises", function()
        h:close()
        h:close()
        local closed = "r2.http: this object is closed"
        assert.has_error(function() h:perform((request "good")) end, closed)
        assert.has_error(function() h:start((request "good")) end, closed)
    end)
end)

describe("a finalizer that runs while an answer is handed out", function()
    -- Waits for it, with finalizers running `act` all the time. Waiting allocates nothing on most
    -- Luas, so they run when the result is made.
    local function provoke(act)
        local x = assert(h:start((request "headers")))
        local armed = true
        local function arm()
            collector.on_collect(function()
                if armed then
                    pcall(act, x)
                    arm()
                end
            end)
        end
        local results
        collector.hostile(function()
            collectgarbage()
            arm()
            results = { x:wait() }
        end)
        armed = false
        return results
    end

    it("may poll the same exchange", function()
        for _ = 1, 20 do
            local results = provoke(function(x) x:poll() end)
            assert.equal("ok", assert(results[1], results[2]).body)
            assert.equal("one, two", results[1].headers["x-twice"])
        end
    end)

    it("may cancel it", function()
        for _ = 1, 20 do
            local results = provoke(function(x) x:cancel() end)
            assert.is_true(results[1] and results[1].body == "ok" or results[3].kind == "cancelled")
        end
    end)

    it("may close the http object", function()
        for _ = 1, 20 do
            local results = provoke(function() h:close() end)
            assert.is_true(results[1] and results[1].body == "ok" or results[3].kind == "cancelled")
            h = assert(http.new())
        end
    end)

    it("may make other requests", function()
        for _ = 1, 5 do
            local inner = 0
            local results = provoke(function()
                if inner < 3 then
                    inner = inner + 1
                    assert(h:perform((request "good")))
                end
            end)
            assert.equal("ok", assert(results[1], results[2]).body)
        end
    end)
end)

describe("a hostile collector", function()
    it("does no harm", function()
        collector.hostile(function()
            for _ = 1, 3 do
                local got = {}
                local response = get("big", {
                    method = "PUT", body = pieces { "a", "b", "c" }, headers = { ["x-a"] = "1" },
                    output = function(piece) got[#got + 1] = piece end, progress = function() end,
                }, "/100000")
                assert.equal(200, response.status)
                assert.equal(100000, #table.concat(got))
            end
        end)
    end)
end)

-- ---- connections ----

describe("connections", function()
    it("are used again", function()
        local run = server:new_run()
        for _ = 1, 50 do
            assert(h:perform { method = "GET", url = server:url("echo", run) })
        end
        local seen = server:seen(run)
        assert.equal(50, #seen.requests)
        assert.equal(1, seen.connections)
    end)

    it("carry nothing of one request into the next", function()
        local run = server:new_run()
        local url = server:url("echo", run)
        assert(h:perform {
            method = "PUT", url = url, body = pieces { "abc" }, compressed = true,
            headers = { authorization = SECRET, ["x-one"] = "1", ["content-type"] = "text/plain" },
            output = function() end, progress = function() end, timeout_seconds = 5,
        })
        assert(h:perform { method = "POST", url = url, body = "x=1" })
        assert(h:perform { method = "HEAD", url = url })
        local response = assert(h:perform { method = "GET", url = url })
        local seen = cjson.decode(response.body)
        assert.equal("GET", seen.method)
        assert.same({ "Host: 127.0.0.1:" .. server.port, "Accept: */*" }, seen.lines)
        assert.equal(0, seen.body_length)
    end)

    it("are not shared between http objects", function()
        local run = server:new_run()
        for _ = 1, 3 do
            local own = assert(http.new())
            assert(own:perform { method = "GET", url = server:url("good", run) })
            own:close()
        end
        assert.equal(3, server:seen(run).connections)
    end)

    it("that the server has closed are opened anew", function()
        local run = server:new_run()
        assert(h:perform { method = "GET", url = server:url("good", run) })
        h:perform { method = "GET", url = server:url("refused-early", run) }
        assert(h:perform { method = "GET", url = server:url("good", run) })
        assert.equal(2, server:seen(run).connections)
    end)
end)

describe("an error", function()
    it("has no secret of the request, and says in one line what happened", function()
        for name, url in pairs {
            refused = "http://127.0.0.1:" .. faulty.free_port() .. "/",
            slammed = "http://127.0.0.1:" .. server.slamming_port .. "/",
            hung_up = "http://127.0.0.1:" .. server.hanging_up_port .. "/",
            plain = "https://127.0.0.1:" .. server.port .. "/",
            unknown = "https://nowhere.invalid/",
        } do
            local kind = name == "plain" and "tls" or "network"
            local err = refused({ kind = kind, hides = { SECRET } }, function()
                return h:perform { method = "POST", url = url, body = SECRET,
                    headers = { authorization = SECRET } }
            end)
            assert.equal(name ~= "plain", err.retryable)
            leaks.assert_none({ SECRET }, { tostring(h) })
        end
    end)
end)

-- ---- what takes long elsewhere ----

-- The command that runs this Lua.
local LUA = jit and "luajit" or _VERSION:lower():gsub(" ", "")

-- A library to be preloaded, and whether it could be made.
local function build_stuck_resolver()
    local library = os.tmpname()
    local status = os.execute(("env -u LD_PRELOAD ${CC:-cc} -shared -fPIC -o %s"
        .. " spec/support/stuck_resolver.c -lpthread 2>/dev/null && test -d /proc/self/task")
        :format(library))
    return library, status == true or status == 0
end

local AGENT = [[
    local http = require "r2.http"
    local act, stuck = %q, %q
    local function is_stuck()
        local file = io.open(stuck)
        return file and file:close()
    end
    local h = http.new()
    local x = assert(h:start {
        method = "GET", url = "https://stuck.example/",
        timeout_seconds = act == "timeout" and 0.05 or 600,
    })
    repeat x:poll() until is_stuck()
    if act == "timeout" then
        print(select(3, x:wait()).kind)
    elseif act == "cancel" then
        x:cancel()
        print(select(3, x:poll()).kind)
    elseif act == "close" then
        h:close()
        print(select(3, x:poll()).kind)
    elseif act == "collect" then
        x = nil
        collectgarbage()
        collectgarbage()
        print "collected"
    end
    print "end"
]]

describe("a name server that does not answer", function()
    local library, is_built

    setup(function()
        library, is_built = build_stuck_resolver()
    end)

    teardown(function()
        os.remove(library)
    end)

    for act, result in pairs {
        timeout = "timeout\n", cancel = "cancelled\n", close = "cancelled\n",
        collect = "collected\n", leave = "",
    } do
        it("is not waited for at the end of an exchange: " .. act, function()
            if not is_built then
                return pending("nothing can be preloaded here")
            end
            local stuck, script = os.tmpname(), temporary_file("")
            os.remove(stuck)
            local file = assert(io.open(script, "w"))
            file:write(AGENT:format(act, stuck))
            file:close()
            -- Whoever waits for the name waits for ever, so this bound decides nothing else.
            local pipe = assert(io.popen(("R2_STUCK=%s LD_PRELOAD=\"$LD_PRELOAD %s\" "
                .. "timeout 60 %s %s 2>&1; echo status $?"):format(stuck, library, LUA,
                script)))
            local output = pipe:read("*a")
            pipe:close()
            os.remove(stuck)
            os.remove(script)
            assert.equal(result .. "end\nstatus 0\n", output)
        end)
    end
end)

describe("a finalizer called by hand", function()
    it("takes its own objects only", function()
        local x = assert(h:start((request "held")))
        for _, class in ipairs { h, x } do
            local gc = debug.getmetatable(class).__gc
            for _, wrong in ipairs { class == h and x or h, io.stdout, {}, 5 } do
                assert.has_error(function() gc(wrong) end)
            end
            assert.has_error(function() gc() end)
        end
        debug.getmetatable(x).__gc(x)
        assert.equal("cancelled", select(3, x:poll()).kind)
        debug.getmetatable(h).__gc(h)
        debug.getmetatable(h).__gc(h)
        assert.has_error(function() h:perform((request "good")) end)
    end)

    it("does not close what libcurl is at work with", function()
        local closed
        local response = assert(h:perform((request("good", { output = function()
            closed = pcall(debug.getmetatable(h).__gc, h)
        end }))))
        assert.equal(200, response.status)
        assert.is_false(closed)
    end)
end)

describe("http.now", function()
    it("goes forward only", function()
        local last = http.now()
        for _ = 1, 100 do
            local now = http.now()
            assert.is_true(now >= last)
            last = now
        end
    end)
end)

describe("http.sleep", function()
    it("lasts at least as long as it says", function()
        local before = http.now()
        http.sleep(0.01)
        assert.is_true(http.now() - before >= 0.01)
        http.sleep(0)
    end)

    it("raises for a time that is none", function()
        for _, seconds in ipairs { -1, 0 / 0, 1 / 0, 604801, "long", {} } do
            assert.has_error(function() http.sleep(seconds) end)
        end
        assert.has_error(function() http.sleep() end)
    end)
end)
