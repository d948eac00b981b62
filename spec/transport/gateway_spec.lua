-- examples/openresty/gateway: visitors read what is below the prefix, as R2 would answer it, and
-- nothing else, whatever they send; R2 gets nothing of theirs, and they nothing of R2's errors.
local gateway = require "spec.support.gateway"
local leaks = require "spec.support.leaks"
local sigv4 = require "r2.sigv4"
local support = require "spec.project.support"

local SECRET = "outside-of-the-prefix"
local BIG = ("0123456789abcdef"):rep(131072) -- 2 MiB
-- As docs/gateway.md has it.
local SLICES = support.read("docs/gateway.md"):match("```nginx\n(.-)```")
local PAGE = "this page is not here"

-- The headers that go to R2, and no others.
local SIGNED = { host = true, authorization = true, ["x-amz-date"] = true,
  ["x-amz-content-sha256"] = true, ["x-amz-security-token"] = true }

local function plant(backend)
  for _, key in ipairs { "secret", "site", "sitesecret", "other/secret", "siteX/secret" } do
    backend:put(key, SECRET)
  end
  backend:put("site/a.txt", "the first of all letters", {
    ["content-type"] = "text/plain", ["cache-control"] = "max-age=60", ["x-amz-meta-owner"] = "me",
    ["content-disposition"] = 'inline; filename="a.txt"', ["content-language"] = "en",
  })
  backend:put("site/index.html", "<p>index", { ["content-type"] = "text/html" })
  backend:put("site/in/index.html", "<p>in")
  backend:put("site/404.html", PAGE, { ["content-type"] = "text/html" })
  backend:put("site/with space+plus%25ä?&#.txt", "odd name")
  backend:put("site/big", BIG)
  backend:put("site/files/large", "large")
end

-- What a path, or what a visitor sends, must not come to.
local HOSTILE = {
  "/../secret", "/..", "/%2e%2e/secret", "/.%2e/secret", "/%2e%2e%2fsecret", "/..%2fsecret",
  "/a/../../secret", "/a/%2e%2e/%2e%2e/secret", "/in/..%2f..%2fsecret", "//secret", "///secret",
  "/%2Fsecret", "/%2f%2fsecret", "/..;/secret", "/%252e%252e/secret", "/%252e%252e%252fsecret",
  "/..%5csecret", "/%5c..%5csecret", "/..\\secret", "/%00", "/a.txt%00", "/a.txt%00.html",
  "/%c0%ae%c0%ae/secret", "/%ff", "/%u002e%u002e/secret", "/./../secret", "/%2e/secret",
  "/a%0d%0aX-Amz-Meta: 1", "/%0a", "/\t", "/%7f",
  "/?prefix=", "/?list-type=2&prefix=", "/?location", "/?acl", "/?uploads",
  "/nothing?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a&X-Amz-Signature=b",
  "/nothing?X-Amz-Security-Token=x", "/nothing?versionId=1", "/nothing?response-content-type=a",
  "http://127.0.0.1/secret", "http://gateway/../secret", "https://elsewhere.example/../secret",
  "http://gateway//secret", "*", "secret", "/nothing#/../../secret", "/#", "/@secret", "/~secret",
  "/nothing/" .. ("a"):rep(1100), "/nothing/" .. ("a"):rep(7900), "/" .. ("a"):rep(9000),
  "/" .. ("../"):rep(100) .. "secret", "/" .. ("%2e%2e/"):rep(100) .. "secret", "/site/../secret",
  "/..site/../../secret", "/in/.../secret", "/%E2%80%AE/secret", "/%ef%bc%8e%ef%bc%8e/secret",
}

local METHODS = { "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND",
  "MOVE", "LOCK", "get", "GETT" }

for name in pairs(gateway.BACKENDS) do
  describe("A gateway before the " .. name, function()
    if gateway.missing(name) then
      pending(gateway.missing(name))
      return
    end

    local front, backend

    setup(function()
      front = gateway.start(name)
      backend = front.backend
      plant(backend)
    end)

    before_each(function()
      front:sent()
    end)

    teardown(gateway.stop_all)

    -- All that went out reads objects below the prefix, with headers of the gateway's own alone.
    local function assert_only_read(sent, allowed)
      for _, request in ipairs(sent) do
        local path = request.line:match("^GET ([^ ?]*) HTTP/1%.1$")
          or request.line:match("^HEAD ([^ ?]*) HTTP/1%.1$")
        assert(path, request.line)
        assert.is_truthy(path:find("/my-bucket/site/", 1, true), request.line)
        for segment in path:gmatch("[^/]+") do
          local plain = segment:gsub("%%2[eE]", ".")
          assert(plain ~= "." and plain ~= "..", request.line)
        end
        for header in pairs(request.headers) do
          assert.is_true(SIGNED[header] or allowed ~= nil and allowed[header] == true, header)
        end
      end
    end

    it("gives what an object says of itself, and nothing of R2's", function()
      local response = front:ask("/a.txt")
      assert.equal(200, response.status)
      assert.equal("the first of all letters", response.body)
      local direct = backend:must { key = "site/a.txt" }
      for _, header in ipairs { "content-type", "content-length", "etag", "last-modified",
        "cache-control", "content-disposition", "content-language", "accept-ranges" } do
        assert.equal(direct.headers[header], response.headers[header], header)
      end
      assert.equal("nosniff", response.headers["x-content-type-options"])
      for header in pairs(response.headers) do
        assert.is_nil(header:find("^x%-amz") or header:find("^cf%-"), header)
      end
      local head = front:ask("/a.txt", nil, "HEAD")
      assert.equal(200, head.status)
      assert.equal(response.headers.etag, head.headers.etag)
      assert.equal("24", head.headers["content-length"])
      assert_only_read(front:sent())
    end)

    it("has an index in each folder, odd names, and a page for what is not there", function()
      assert.equal("<p>index", front:ask("/").body)
      assert.equal("<p>in", front:ask("/in/").body)
      assert.equal("odd name", front:ask("/with%20space+plus%2525%C3%A4%3F&%23.txt").body)
      local response = front:ask("/nothing")
      assert.equal(404, response.status)
      assert.equal(PAGE, response.body)
      assert.equal("text/html", response.headers["content-type"])
      assert.equal(404, front:ask("/in").status)
      assert.equal(404, front:ask("/nothing", nil, "HEAD").status)
      assert_only_read(front:sent())
    end)

    -- Cold: an object that the cache has not seen, and R2 answers; warm: nginx does.
    local function each_case(check)
      local etag = backend:must { key = "site/big" }.headers.etag
      local modified = backend:must { key = "site/big" }.headers["last-modified"]
      local long_ago = "Sat, 01 Jan 2000 00:00:00 GMT"
      local after = os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 86400)
      for _, headers in ipairs {
        {}, { range = "bytes=0-0" }, { range = "bytes=100-199" }, { range = "bytes=-10" },
        { range = "bytes=1500000-1500099" }, { range = "bytes=2097151-" },
        { range = "bytes=2097152-" }, { range = "bytes=9999999-99999999" },
        { ["if-none-match"] = etag }, { ["if-none-match"] = '"other"' },
        { ["if-match"] = etag }, { ["if-match"] = '"other"' },
        { ["if-modified-since"] = modified }, { ["if-modified-since"] = long_ago },
        { ["if-unmodified-since"] = after }, { ["if-unmodified-since"] = long_ago },
        { range = "bytes=5-9", ["if-match"] = etag }, { range = "bytes=5-9", ["if-match"] = '"o"' },
        { range = "bytes=5-9", ["if-none-match"] = etag },
      } do
        check(headers)
      end
    end

    local function assert_same(path, key, headers, about)
      local direct = backend:ask { key = key, headers = headers }
      local response = front:ask(path, headers)
      assert.equal(direct.status, response.status, about)
      if response.status < 300 then
        assert.equal(direct.headers["content-range"], response.headers["content-range"], about)
        assert.equal(sigv4.hash(direct.body), sigv4.hash(response.body), about)
      end
      if response.status < 400 then
        assert.equal(direct.headers.etag, response.headers.etag, about)
      end
    end

    it("answers one range and the conditions as R2 does, cold and warm", function()
      local count = 0
      each_case(function(headers)
        count = count + 1
        local about = next(headers) and ("%s: %s"):format(next(headers)) or "all"
        local key = "site/cold" .. count
        backend:put(key, BIG)
        local own = {}
        for header, value in pairs(headers) do -- what has the same bytes has the same ETag
          own[header] = value
        end
        if own["if-modified-since"] and not own["if-modified-since"]:find("2000") then
          own["if-modified-since"] = backend:must { key = key }.headers["last-modified"]
        end
        assert_same("/cold" .. count, key, own, "cold " .. about)
        front:ask("/cold" .. count)
        front:sent()
        assert_same("/cold" .. count, key, own, "warm " .. about)
        assert.same({}, front:sent())
      end)
    end)

    it("asks R2 for no more than a range that begins far in, where nothing is kept", function()
      backend:put("site/far", BIG)
      local response = front:ask("/far", { range = "bytes=2000000-2000009" })
      assert.equal(206, response.status)
      assert.equal(BIG:sub(2000001, 2000010), response.body)
      local sent = front:sent()
      assert.equal("bytes=2000000-2000009", sent[1].headers.range)
      assert_only_read(sent, { range = true })
    end)

    it("asks R2 nothing that the cache has", function()
      for _ = 1, 2 do
        for _, method in ipairs { "GET", "HEAD" } do
          front:ask("/a.txt", nil, method)
          front:ask("/nothing", nil, method)
          front:ask("/a.txt?other=" .. method, { cookie = "other" }, method)
        end
      end
      front:sent()
      for _, method in ipairs { "GET", "HEAD" } do
        assert.equal(200, front:ask("/a.txt?and=another", nil, method).status)
        assert.equal(404, front:ask("/nothing", nil, method).status)
      end
      assert.same({}, front:sent())
    end)

    it("reads nothing outside of the prefix, whatever the path is", function()
      for _, target in ipairs(HOSTILE) do
        local status, text = front:target(target)
        assert.is_nil(text:find(SECRET, 1, true), target)
        assert(status == nil or status == 400 or status == 404 or status == 414 or status == 403
          or status == 200 and text:find("<p>index", 1, true),
          ("%s: %s"):format(target, tostring(status)))
      end
      assert_only_read(front:sent())
    end)

    it("sends R2 no header of a visitor's", function()
      local long = ("h"):rep(7000)
      for _, headers in ipairs {
        { authorization = "Bearer theirs", cookie = "session=theirs" },
        { ["x-amz-security-token"] = "theirs", ["x-amz-date"] = "20000101T000000Z" },
        { ["x-amz-content-sha256"] = "theirs", ["x-amz-copy-source"] = "/my-bucket/secret" },
        { ["x-forwarded-for"] = "1.1.1.1", ["x-forwarded-host"] = "x", forwarded = "for=1" },
        { ["x-original-url"] = "/secret", ["x-rewrite-url"] = "/secret" },
        { ["x-http-method-override"] = "DELETE", ["x-method-override"] = "PUT" },
        { range = "bytes=0-1,3-4" }, { range = "bytes=5-2" }, { range = "items=0-1" },
        { range = "bytes=" .. ("0-1,"):rep(500) .. "0-1" }, { ["accept-encoding"] = "gzip" },
        { referer = "http://visitor", ["user-agent"] = "visitor", ["x-long"] = long },
        { ["cf-copy-destination-if-match"] = "x", ["x-accel-redirect"] = "/secret" },
      } do
        for _, path in ipairs { "/a.txt", "/nothing-" .. next(headers) } do
          local response = front:ask(path, headers)
          assert.is_nil((response.body or ""):find(SECRET, 1, true))
          assert(response.status == 200 or response.status == 206 or response.status == 404
            or response.status == 416, response.status)
        end
      end
      assert.equal(404, (front:send("GET /other-host HTTP/1.1\r\nHost: elsewhere.example\r\n"
        .. "TE: trailers\r\nUpgrade: h2c\r\nProxy-Authorization: theirs\r\nTrailer: x\r\n"
        .. "Keep-Alive: 9\r\nConnection: close, x-amz-date\r\nX_Amz_Date: 1\r\n\r\n")))
      assert_only_read(front:sent())
    end)

    it("reads only, by any other method nothing is sent", function()
      for _, method in ipairs(METHODS) do
        local status, text = front:target("/a.txt", method)
        assert(status == 405 or status == 400, method .. ": " .. text)
      end
      assert.equal("GET, HEAD", front:ask("/a.txt", nil, "DELETE").headers.allow)
      local status = front:send("POST /a.txt HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n"
        .. "Connection: close\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: g\r\n\r\n")
      assert.equal(405, status)
      assert.same({}, front:sent())
    end)

    it("sends no body on, and none of it becomes a request", function()
      local status = front:send("GET /with-body HTTP/1.1\r\nHost: g\r\nContent-Length: 37\r\n"
        .. "Connection: close\r\n\r\nGET /my-bucket/secret HTTP/1.1\r\nA: b\r\n\r\n")
      assert.equal(404, status)
      assert_only_read(front:sent())
    end)

    it("passes on nothing of R2's errors, and of no answer that is not an object", function()
      for status, told in pairs {
        [201] = "?", [300] = 502, [301] = 502, [307] = 502, [400] = 502, [401] = 502, [402] = 502,
        [403] = 502, [409] = 502, [411] = 502, [412] = 412, [416] = 416, [418] = 502, [429] = 503,
        [451] = 502, [480] = "?", [500] = 503, [501] = 503, [503] = 503, [504] = 503, [599] = "?",
      } do
        for _, method in ipairs { "GET", "HEAD" } do
          local response = front:ask(("/answer-%d/%s"):format(status, method), nil, method)
          if told ~= "?" then
            assert.equal(told, response.status)
          end
          for header, value in pairs(response.headers) do
            assert.is_nil((header .. value):find("what-nobody", 1, true), header)
          end
          assert.is_nil((response.body or ""):find("Error", 1, true), status)
          assert.equal("no-store", response.headers["cache-control"])
          assert.matches(method == "GET" and "^%d%d%d [%a ]+\n$" or "^$", response.body or "")
        end
      end
    end)
  end)
end

describe("A gateway", function()
  if gateway.missing("sandbox") then
    pending(gateway.missing("sandbox"))
    return
  end

  local front

  before_each(function()
    front = gateway.start("sandbox")
    plant(front.backend)
  end)

  after_each(gateway.stop_all)

  it("leaves no token and no signature in a log, whatever fails", function()
    assert.equal(200, front:ask("/a.txt").status)
    front:ask("/answer-500/x")
    front:ask("/answer-403/x")
    local headers = front:sent()[1].headers
    front:cut()
    assert.equal(503, front:ask("/big").status)
    local log = front:log()
    assert.matches("connect%(%) failed", log)
    assert.matches("gateway: R2 answered 403", log)
    leaks.assert_none({
      headers["x-amz-security-token"], headers.authorization:match("Signature=(%x+)"),
    }, log)
    assert.is_nil(log:find("X%-Amz"))
  end)

  it("may take slices, each of which is signed by itself", function()
    if not support.run("nginx -V 2>&1"):find("http_slice_module", 1, true) then
      return pending "this nginx has no slices"
    end
    gateway.stop_all()
    front = gateway.start("sandbox", {
      ["proxy_cache_max_range_offset 1m;"] = SLICES,
      ['proxy_cache_key "$request_method $uri";'] = "",
      ["proxy_cache_valid 200 10m;"] = "proxy_cache_valid 200 206 10m;",
    })
    plant(front.backend)
    local response = front:ask("/big", { range = "bytes=1500000-1500009" })
    assert.equal(206, response.status)
    assert.equal(BIG:sub(1500001, 1500010), response.body)
    local sent = front:sent()
    assert.equal(1, #sent)
    assert.equal("bytes=1048576-2097151", sent[1].headers.range)
    assert.is_true(BIG == front:ask("/big").body)
    sent = front:sent()
    assert.equal(1, #sent) -- the second slice is there
    assert.equal("bytes=0-1048575", sent[1].headers.range)
    assert.is_true(BIG == front:ask("/big").body)
    assert.same({}, front:sent())
  end)

  it("keeps nothing alive that is over by what a visitor says to have", function()
    local headers = { ["cache-control"] = "max-age=1" }
    front.backend:put("site/short", BIG, headers)
    assert.equal(200, front:ask("/short").status)
    front.backend:put("site/short", BIG:upper(), headers)
    front.backend:put("site/probe", "probe", headers)
    local etag = front.backend:must { key = "site/short" }.headers.etag
    front:ask("/probe")
    front:sent()
    repeat -- until what was kept after it is over
      front:ask("/probe")
    until #front:sent() > 0
    front:ask("/short", { range = "bytes=2000000-2000009", ["if-none-match"] = etag })
    front:ask("/short", { range = "bytes=2000000-2000009",
      ["if-modified-since"] = "Fri, 01 Jan 2100 00:00:00 GMT" })
    assert.is_true(BIG:upper() == front:ask("/short").body)
  end)

  it("goes on with what the cache has while R2 is away", function()
    front:ask("/a.txt")
    front:cut()
    assert.equal("the first of all letters", front:ask("/a.txt").body)
  end)

  it("says that nothing is there where the page that would is not there either", function()
    front.backend:must { method = "DELETE", key = "site/404.html" }
    local response = front:ask("/nothing")
    assert.equal(404, response.status)
    assert.equal("404 not found\n", response.body)
  end)

  it("sends visitors on to R2 for files, by a URL for that one", function()
    local response = front:ask("/files/large")
    assert.equal(302, response.status)
    assert.equal("no-store", response.headers["cache-control"])
    local url = response.headers.location
    assert.matches("/my%-bucket/site/files/large%?.*X%-Amz%-Expires=300&", url)
    assert.equal("large", assert(front.http:perform { method = "GET", url = url }).body)
    assert.equal(403, assert(front.http:perform { method = "HEAD", url = url }).status)
    local head = front:ask("/files/large", nil, "HEAD").headers.location
    assert.equal(200, assert(front.http:perform { method = "HEAD", url = head }).status)
    for _, target in ipairs { "/files/../../secret", "/files/%2e%2e/%2e%2e/secret",
      "/files/%5csecret", "/files/%ff" } do
      local status, text = front:target(target)
      assert(status == 404 or status == 400, target)
      assert.is_nil(text:find("X-Amz-Signature", 1, true), target)
    end
    assert.equal(405, front:ask("/files/large", nil, "DELETE").status)
    leaks.assert_none({ url:match("X%-Amz%-Signature=(%x+)") }, front:log())
  end)

  it("is another's fault, and told so, where its key is refused", function()
    gateway.stop_all()
    front = gateway.start("sandbox", nil, { R2_SECRET_ACCESS_KEY = ("0"):rep(64) })
    local response = front:ask("/a.txt")
    assert.equal(502, response.status)
    assert.equal("502 bad gateway\n", response.body)
    assert.matches("gateway: R2 answered 4%d%d", front:log())
  end)
end)
