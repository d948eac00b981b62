-- Who the sandbox's S3 side believes: signatures in headers and in URLs, session tokens, clocks.
-- What it says to the others is what R2 says, where that is known.
local cjson = require "cjson"
local keys = require "sandbox.keys"
local make = require "spec.support.make"
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local sha256 = require "spec.support.sha256"
local sigv4 = require "r2.sigv4"
local socket = require "socket"
local token = require "spec.support.token"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

describe("the sandbox's S3 side", function()
  local bucket

  setup(function()
    bucket = s3.start()
    bucket:put("a", "bytes")
  end)

  teardown(server.stop_all)

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  -- A credential that may read the whole bucket, with what a case changes of it.
  local function credentials(changes)
    local good = bucket:sign { permission = "object-read-write" }
    return make.changed({
      access_key_id = good.access_key_id, secret_access_key = good.secret_access_key,
      session_token = good.session_token,
    }, changes)
  end

  -- A credential around a token with these claims, signed as the parent signs.
  local function forged(changes, secret)
    local now = os.time()
    local claims = {
      sub = cjson.encode(keys.account_id), iss = cjson.encode(keys.parent_access_key_id),
      aud = cjson.encode("127.0.0.1:" .. bucket.server.port), paths = make.ABSENT,
      iat = ("%d"):format(now), exp = ("%d"):format(now + 3600),
    }
    for name, claim in pairs(changes or {}) do
      claims[name] = claim
    end
    local jwt = token.jwt {
      secret = secret or keys.parent_secret_access_key, payload = token.payload(claims),
    }
    return {
      access_key_id = keys.parent_access_key_id, secret_access_key = sha256.hex(jwt),
      session_token = token.wrap(jwt),
    }
  end

  -- ---- what is believed ----

  for what, as in values.sorted {
    ["the parent key"] = function() return s3.PARENT end,
    ["a credential signed here"] = credentials,
    ["a token that was made elsewhere"] = function() return forged() end,
    ["a token with actions alone"] = function()
      return forged { scope = make.ABSENT, actions = '["GetObject"]' }
    end,
  } do
    for how, expires in values.sorted { ["in headers"] = false, ["in a URL"] = 60 } do
      it(("believes %s, %s"):format(what, how), function()
        local got = bucket:as(as()):must { key = "a", expires = expires or nil }
        assert.equal("bytes", got.body)
      end)
    end
  end

  for _, region in ipairs { "auto", "us-east-1" } do
    it("takes the region " .. region, function()
      assert.equal(200, bucket:ask({ key = "a", region = region }).status)
      assert.equal(200, bucket:ask({ key = "a", region = region, expires = 60 }).status)
    end)
  end

  it("misleads about another region, as R2 does", function()
    for _, expires in ipairs { false, 60 } do
      assert.equal("403 SignatureDoesNotMatch", outcome(bucket:ask {
        key = "a", region = "eu-west-1", expires = expires or nil,
      }))
    end
  end)

  it("takes URLs for GET, HEAD, PUT and DELETE, and for nothing else", function()
    local as = bucket:as(credentials())
    assert.equal(200, as:ask({ method = "PUT", key = "p", body = "x", expires = 60 }).status)
    assert.equal("x", as:ask({ key = "p", expires = 60 }).body)
    assert.equal("1", as:ask({ method = "HEAD", key = "p", expires = 60 })
      .headers["content-length"])
    assert.equal(204, as:ask({ method = "DELETE", key = "p", expires = 60 }).status)
    local url = sigv4.presign({
      method = "GET", url = sigv4.url(bucket.url, s3.BUCKET, "p", { uploads = "" }),
    }, s3.PARENT)
    local response = bucket.http:perform { method = "POST", url = url, body = "" }
    assert.equal(501, response.status)
  end)

  it("reads headers and parameters as Signature V4 does", function()
    local spaced = { ["x-amz-meta-a"] = "a  b   c", ["content-type"] = "text/a;  b=c" }
    bucket:put("spaced", "x", spaced)
    for _, values_of in ipairs { { "b", "a" }, { "a b", "a+b", "a%b", "" } } do
      for _, expires in ipairs { false, 60 } do
        assert.equal(200, bucket:ask({
          key = "a", query = { ["x-id"] = values_of, b = "", ["a-b"] = "=&" },
          expires = expires or nil,
        }).status)
      end
    end
  end)

  it("reads a + in a query as the space that was signed", function()
    bucket:put("a b/c", "x")
    local url = sigv4.url(bucket.url, s3.BUCKET, nil, { ["list-type"] = 2, prefix = "a b/" })
    local response = assert(bucket.http:perform {
      method = "GET", url = url:gsub("%%20", "+"),
      headers = assert(sigv4.sign({ method = "GET", url = url }, s3.PARENT)),
    })
    assert.equal(200, response.status)
    assert.same({ "a b/c" }, s3.texts(response.body, "Key"))
  end)

  -- ---- signatures ----

  for what, case in values.sorted {
    ["another secret"] = { credentials = { secret_access_key = ("0"):rep(64) } },
    ["no session token"] = { credentials = { session_token = make.ABSENT } },
    ["another method"] = { sent = { method = "HEAD" } },
    ["another key"] = { sent = { key = "b" } },
    ["a parameter more"] = { sent = { query = { uploads = "" } } },
  } do
    for how, expires in values.sorted { ["in headers"] = false, ["in a URL"] = 60 } do
      it(("refuses a signature with %s, %s"):format(what, how), function()
        local as = credentials(case.credentials)
        local asked = { method = "GET", url = sigv4.url(bucket.url, s3.BUCKET, "a") }
        local sent = make.changed({ method = "GET", key = "a" }, case.sent)
        local url = sigv4.url(bucket.url, s3.BUCKET, sent.key, sent.query)
        local request = { method = sent.method, url = url }
        if expires then
          local signed = assert(sigv4.presign(asked, as, { expires_seconds = expires }))
          request.url = url .. (url:find("?", 1, true) and "&" or "?")
            .. signed:match("%?(.*)$")
        else
          request.headers = assert(sigv4.sign(asked, as,
            { payload_hash = sigv4.hash("") }))
        end
        local response = assert(bucket.http:perform(request))
        assert.equal(403, response.status)
        if sent.method ~= "HEAD" then
          assert.matches("<Code>SignatureDoesNotMatch</Code>", response.body, 1, true)
        end
      end)
    end
  end

  it("shows what it has signed, session token and all, as R2 does", function()
    local as = credentials { secret_access_key = ("0"):rep(64) }
    local response = bucket:as(as):ask { key = "a" }
    assert.matches(as.session_token, response.body, 1, true)
    local canonical = s3.text(response.body, "CanonicalRequest")
    assert.matches("^GET\n/my%-bucket/a\n\nhost:127.0.0.1:%d+\nx%-amz%-", canonical)
    assert.matches("\n" .. sha256.hex(canonical) .. "$", s3.text(response.body, "StringToSign"))
    assert.matches("^%x+$", s3.text(response.body, "SignatureProvided"))
    assert.matches("^47 45 54 0a 2f ", s3.text(response.body, "CanonicalRequestBytes"))
  end)

  -- Headers that are changed, or added, after all was signed.
  for what, case in values.sorted {
    ["no authorization"] = { { authorization = make.ABSENT }, "400 InvalidArgument" },
    ["another scheme"] = { { authorization = "Bearer x" }, "400 InvalidRequest" },
    ["no hash of the body"] = {
      { ["x-amz-content-sha256"] = make.ABSENT }, "400 InvalidRequest",
    },
    ["no date"] = { { ["x-amz-date"] = make.ABSENT }, "400 InvalidArgument" },
    ["a date that is none"] = {
      { ["x-amz-date"] = "20261301T000000Z" }, "400 InvalidArgument",
    },
    ["another header that was signed"] = {
      { ["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD" }, "403 SignatureDoesNotMatch",
    },
    ["a header of S3 that nobody signed"] = {
      { ["x-amz-copy-source"] = "my-bucket/b" }, "403 AccessDenied",
    },
    ["a condition of R2 that nobody signed"] = {
      { ["cf-copy-destination-if-match"] = "*" }, "403 AccessDenied",
    },
  } do
    it("refuses " .. what, function()
      assert.equal(case[2], outcome(bucket:ask { key = "a", unsigned = case[1] }))
    end)
  end

  it("takes headers that nobody signed and that are not S3's own", function()
    assert.equal(206, bucket:ask({ key = "a", unsigned = { range = "bytes=0-0" } }).status)
  end)

  -- Parts of a good Authorization header, changed.
  for what, case in values.sorted {
    ["no signature"] = { ", Signature=%x+", "", "400 InvalidRequest" },
    ["a signature that is cut off"] = {
      "(Signature=%x+)%x", "%1", "403 SignatureDoesNotMatch",
    },
    ["a signature with more behind it"] = {
      "(Signature=%x+)", "%10", "403 SignatureDoesNotMatch",
    },
    ["an empty signature"] = { "Signature=%x+", "Signature=", "403 SignatureDoesNotMatch" },
    ["a key id that nobody has"] = {
      "Credential=%x+", "Credential=" .. ("0"):rep(32), "401 Unauthorized",
    },
    ["no key id"] = { "Credential=%x+", "Credential=", "401 Unauthorized" },
    ["a credential without its service"] = { "/s3/", "/", "400 InvalidArgument" },
    ["another service"] = { "/s3/", "/sts/", "400 InvalidArgument" },
    ["another ending"] = { "aws4_request", "aws5_request", "400 InvalidArgument" },
    ["another day"] = { "/%d%d%d%d", "/1999", "400 InvalidArgument" },
    ["the host not signed"] = { "host;", "", "401 Unauthorized" },
    ["another algorithm"] = { "AWS4%-HMAC%-SHA256", "AWS4-HMAC-SHA1", "400 InvalidRequest" },
  } do
    it("refuses an authorization with " .. what, function()
      local signed = assert(sigv4.sign({
        method = "GET", url = sigv4.url(bucket.url, s3.BUCKET, "a"),
      }, s3.PARENT, { payload_hash = sigv4.hash("") }))
      local changed, count = signed.authorization:gsub(case[1], case[2], 1)
      assert.equal(1, count)
      assert.equal(case[3], outcome(bucket:ask {
        key = "a", unsigned = make.changed(signed, { authorization = changed }),
      }))
    end)
  end

  for what, case in values.sorted {
    ["no life"] = { "X%-Amz%-Expires=%d+&?", "", "400 InvalidArgument" },
    ["a life that is no number"] = { "Expires=60", "Expires=x", "400 InvalidArgument" },
    ["a life of no time"] = { "Expires=60", "Expires=0", "403 ExpiredRequest" },
    ["a life that is too long"] = { "Expires=60", "Expires=604801", "400 InvalidArgument" },
    ["another life"] = { "Expires=60", "Expires=61", "403 SignatureDoesNotMatch" },
    ["no algorithm"] = { "X%-Amz%-Algorithm=[^&]+&?", "", "400 InvalidArgument" },
    ["another algorithm"] = { "AWS4%-HMAC%-SHA256", "AWS4-HMAC-SHA1", "400 InvalidRequest" },
    ["no signature"] = { "&X%-Amz%-Signature=%x+", "", "400 InvalidArgument" },
    ["a date that is none"] = {
      "X%-Amz%-Date=%d+T", "X-Amz-Date=2026T", "400 InvalidArgument",
    },
    ["no credential"] = { "X%-Amz%-Credential=[^&]+&?", "", "400 InvalidArgument" },
  } do
    it("refuses a URL with " .. what, function()
      local url = assert(sigv4.presign({
        method = "GET", url = sigv4.url(bucket.url, s3.BUCKET, "a"),
      }, s3.PARENT, { expires_seconds = 60 }))
      local changed, count = url:gsub(case[1], case[2], 1)
      assert.equal(1, count)
      local response = assert(bucket.http:perform { method = "GET", url = changed })
      response.code = response.body:match("<Code>(%w+)</Code>")
      assert.equal(case[3], outcome(response))
    end)
  end

  -- ---- the body ----

  it("holds a body against its hash, and keeps nothing else", function()
    local case = {
      method = "PUT", key = "hashed", body = "hello", payload_hash = ("0"):rep(64),
    }
    assert.equal("400 XAmzContentSHA256Mismatch", outcome(bucket:ask(case)))
    assert.equal(404, bucket:ask({ key = "hashed" }).status)
    case.payload_hash = "UNSIGNED-PAYLOAD"
    assert.equal(200, bucket:ask(case).status)
  end)

  it("holds no body against its hash too", function()
    assert.equal("400 XAmzContentSHA256Mismatch",
      outcome(bucket:ask { key = "a", payload_hash = sigv4.hash("x") }))
  end)

  -- The library signs no such thing: the header is put there, and signed, by hand.
  for payload, expected in values.sorted {
    ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] = "501 NotImplemented",
    ["STREAMING-UNSIGNED-PAYLOAD-TRAILER"] = "501 NotImplemented",
    ["a-hash"] = "400 InvalidArgument",
    [("AB"):rep(32)] = "400 InvalidArgument",
  } do
    it("refuses the payload " .. payload, function()
      local date = os.date("!%Y%m%dT%H%M%SZ")
      local headers = ("host:127.0.0.1:%d\nx-amz-content-sha256:%s\nx-amz-date:%s\n"):format(
        bucket.server.port, payload, date)
      local names = "host;x-amz-content-sha256;x-amz-date"
      local canonical = "PUT\n/my-bucket/streamed\n\n" .. headers .. "\n" .. names .. "\n"
        .. payload
      local scope = date:sub(1, 8) .. "/auto/s3/aws4_request"
      local key = "AWS4" .. keys.parent_secret_access_key
      for part in scope:gmatch("[^/]+") do
        key = sha256.hmac(key, part)
      end
      local signature = sha256.hmac(key, ("AWS4-HMAC-SHA256\n%s\n%s\n%s"):format(date, scope,
        sha256.hex(canonical)))
      local response = assert(bucket.http:perform {
        method = "PUT", url = bucket.url .. "/my-bucket/streamed", body = "x",
        headers = {
          ["x-amz-content-sha256"] = payload, ["x-amz-date"] = date,
          authorization = ("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, "
            .. "Signature=%s"):format(keys.parent_access_key_id, scope, names,
            (signature:gsub(".", function(c) return ("%02x"):format(c:byte()) end))),
        },
      })
      response.code = response.body:match("<Code>(%w+)</Code>")
      assert.equal(expected, outcome(response))
    end)
  end

  -- Sends bytes on a connection of their own, and hands back the status of each answer.
  local function statuses(bytes)
    local connection = assert(socket.connect("127.0.0.1", bucket.server.port))
    connection:settimeout(10)
    assert(connection:send(bytes))
    local answers, found = assert(connection:receive("*a")), {}
    connection:close()
    for status in answers:gmatch("HTTP/1.1 (%d+) ") do
      found[#found + 1] = status
    end
    return table.concat(found, " ")
  end

  local function head_of(method, key, headers, credentials_of)
    local lines = { ("%s /my-bucket/%s HTTP/1.1"):format(method, key),
      "host: 127.0.0.1:" .. bucket.server.port }
    local signed = credentials_of and assert(sigv4.sign({
      method = method, url = sigv4.url(bucket.url, s3.BUCKET, key),
    }, credentials_of)) or {}
    for _, part in ipairs { headers, signed } do
      for name, value in pairs(part) do
        lines[#lines + 1] = name .. ": " .. value
      end
    end
    return table.concat(lines, "\r\n") .. "\r\n\r\n"
  end

  it("takes nothing of a body that it refused for the next request", function()
    local body = head_of("DELETE", "a", {}, s3.PARENT):rep(100)
    assert.equal("400 200", statuses(
      head_of("PUT", "a", { ["content-length"] = #body }) .. body
      .. head_of("HEAD", "a", { connection = "close" }, s3.PARENT)))
    assert.equal("bytes", bucket:must({ key = "a" }).body)
  end)

  -- ---- clocks ----

  for what, case in values.sorted {
    ["14 minutes behind"] = { -14 * 60, "200 " },
    ["14 minutes ahead"] = { 14 * 60, "200 " },
    ["16 minutes behind"] = { -16 * 60, "403 RequestTimeTooSkewed" },
    ["16 minutes ahead"] = { 16 * 60, "403 RequestTimeTooSkewed" },
  } do
    it(("answers %q to a clock that is %s"):format(case[2], what), function()
      assert.equal(case[2], outcome(bucket:ask { key = "a", now = os.time() + case[1] }))
    end)
  end

  it("takes a URL as long as it says, and no longer", function()
    local now = os.time()
    assert.equal(200, bucket:ask({ key = "a", now = now - 3000, expires = 3600 }).status)
    assert.equal("403 ExpiredRequest",
      outcome(bucket:ask { key = "a", now = now - 3700, expires = 3600 }))
    assert.equal("403 RequestTimeTooSkewed",
      outcome(bucket:ask { key = "a", now = now + 3600, expires = 3600 }))
  end)

  -- ---- session tokens ----

  it("says of an expired credential what R2 says: that its signature is wrong", function()
    local now = os.time()
    local over = bucket:sign({ permission = "object-read-only", ttl_seconds = 60 }, now - 61)
    local as = bucket:as {
      access_key_id = over.access_key_id, secret_access_key = over.secret_access_key,
      session_token = over.session_token, expires_at = now + 60,
    }
    -- The library would not sign with what it knows to be over.
    local jwt = token.read(over.session_token)
    assert.is_true(jwt.claims.exp <= now)
    assert.equal("403 SignatureDoesNotMatch", outcome(as:ask { key = "a" }))
    assert.equal("403 SignatureDoesNotMatch", outcome(as:ask { key = "a", expires = 50 }))
    assert.equal("403 SignatureDoesNotMatch",
      outcome(as:ask { method = "PUT", key = "a", body = "over" }))
    assert.equal("bytes", bucket:must({ key = "a" }).body)
  end)

  for what, as in values.sorted {
    ["is no base64"] = function() return credentials { session_token = "???" } end,
    ["is no token"] = function() return credentials { session_token = "aGVsbG8=" } end,
    ["has a character more"] = function()
      local good = credentials()
      return make.changed(good, { session_token = good.session_token .. "A" })
    end,
    ["another parent signed"] = function() return forged(nil, ("0"):rep(64)) end,
    ["is of another account"] = function()
      return forged { sub = cjson.encode(("0"):rep(32)) }
    end,
    ["is of another parent"] = function()
      return forged { iss = cjson.encode(("0"):rep(32)) }
    end,
    ["is for another endpoint"] = function() return forged { aud = '"127.0.0.1:1"' } end,
    ["has scope and actions"] = function() return forged { actions = '["GetObject"]' } end,
    ["has neither"] = function() return forged { scope = make.ABSENT } end,
    ["is from the future"] = function()
      local later = ("%d"):format(os.time() + 600)
      return forged { iat = later }
    end,
  } do
    it("refuses a token that " .. what, function()
      local response = bucket:as(as()):ask { key = "a" }
      assert.equal("400 InvalidArgument", outcome(response))
      assert.equal("X-Amz-Security-Token", s3.text(response.body, "Message"))
    end)
  end

  for what, changes in values.sorted {
    ["a scope that is not known"] = { scope = '"object-write-only"' },
    ["a scope that is a list"] = { scope = '["object-read-only"]' },
    ["actions that are no list"] = { scope = make.ABSENT, actions = '"GetObject"' },
    ["actions that are not known"] = {
      scope = make.ABSENT, actions = '["*", "s3:GetObject", "getobject", "(read settings)"]',
    },
    ["no actions"] = { scope = make.ABSENT, actions = "[]" },
    ["paths that are null"] = { paths = "null" },
    ["paths that are empty"] = { paths = "{}" },
    ["paths that are a text"] = { paths = '"a"' },
    ["an empty prefix"] = { paths = '{"prefixPaths":[""],"objectPaths":[]}' },
    ["no bucket"] = { bucket = make.ABSENT },
  } do
    it("lets nobody in with " .. what, function()
      local refusals = { ["403 AccessDenied"] = true, ["400 InvalidArgument"] = true }
      for _, case in ipairs { { key = "a" }, { query = { cors = "" } } } do
        local refused = outcome(bucket:as(forged(changes)):ask(case))
        assert(refusals[refused], refused)
      end
    end)
  end

  it("takes the longest token that the library makes by itself, in a URL too", function()
    local prefixes = {}
    for i = 1, 90 do
      prefixes[i] = ("users/%04d/%s/"):format(i, ("x"):rep(30))
    end
    local long = bucket:sign { permission = "object-read-only", objects = { "a" },
      prefixes = prefixes }
    assert.is_true(#long.session_token > 7500)
    for _, expires in ipairs { false, 60 } do
      assert.equal("bytes",
        bucket:as(long):must({ key = "a", expires = expires or nil }).body)
    end
  end)

  -- ---- what it prints ----

  it("prints nothing of a URL's query, where the credential is", function()
    local as = credentials()
    assert.equal(200, bucket:as(as):ask({ key = "a", expires = 60 }).status)
    bucket:must { key = "a" }
    local printed = bucket.server.read("output")
    assert.matches("\nGET /my%-bucket/a 200 GetObject\n", printed)
    assert.is_nil(printed:find(as.session_token:sub(1, 40), 1, true))
    assert.is_nil(printed:find("X-Amz-", 1, true))
  end)

  it("gives each answer an id", function()
    local first, second = bucket:ask({ key = "a" }), bucket:ask({ key = "none" })
    assert.matches("^%x+%-SBX$", first.headers["cf-ray"])
    assert.matches("^%x+%-SBX$", second.headers["cf-ray"])
    assert.not_equal(first.headers["cf-ray"], second.headers["cf-ray"])
  end)

  it("sends no 100 Continue, as R2 sends none", function()
    assert.equal("200", statuses(head_of("PUT", "expected", {
      ["content-length"] = 5, expect = "100-continue", connection = "close",
    }, s3.PARENT) .. "hello"))
  end)
end)
