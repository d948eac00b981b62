-- Objects in the sandbox's S3 side: what was put is what is got, whole or in part, if the
-- conditions hold; and copies.
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local sigv4 = require "r2.sigv4"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local HELLO = '"5d41402abc4b2a76b9719d911017c592"' -- printf hello | md5sum
local EMPTY = '"d41d8cd98f00b204e9800998ecf8427e"'
local PAST, FUTURE = "Sun, 06 Nov 1994 08:49:37 GMT", "Sat, 06 Nov 2094 08:49:37 GMT"

describe("the sandbox's S3 side", function()
  local bucket

  setup(function()
    bucket = s3.start()
  end)

  before_each(function()
    bucket:put("a", "hello")
  end)

  teardown(server.stop_all)

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  -- ---- put and got ----

  it("gives back what was put, with its ETag and its time", function()
    local before = os.time()
    assert.equal(HELLO, bucket:put("a", "hello").headers.etag)
    local got = bucket:must { key = "a" }
    assert.equal("hello", got.body)
    assert.equal(HELLO, got.headers.etag)
    assert.equal("application/octet-stream", got.headers["content-type"])
    assert.equal("bytes", got.headers["accept-ranges"])
    local times = {}
    for time = before, os.time() do
      times[os.date("!%a, %d %b %Y %H:%M:%S GMT", time)] = true
    end
    assert.is_true(times[got.headers["last-modified"]])
    local head = bucket:must { method = "HEAD", key = "a" }
    for _, name in ipairs { "etag", "last-modified", "content-type", "content-length" } do
      assert.equal(got.headers[name], head.headers[name])
    end
  end)

  it("takes an empty object, and one of 20 MiB, and hashes both", function()
    assert.equal(EMPTY, bucket:put("empty", "").headers.etag)
    assert.equal("", bucket:must({ key = "empty" }).body)
    local large = ("0123456789abcdef"):rep(20 * 65536)
    local etag = bucket:put("large", large).headers.etag
    -- yes 0123456789abcdef | tr -d '\n' | head -c 20971520 | md5sum
    assert.equal('"b6b64c5717af7d9fa35958bb5ff62366"', etag)
    local pieces = {}
    local case = { method = "GET", url = sigv4.url(bucket.url, s3.BUCKET, "large") }
    case.headers = sigv4.sign(case, s3.PARENT)
    case.output = function(piece)
      pieces[#pieces + 1] = piece
      return true
    end
    assert(bucket.http:perform(case))
    assert.is_true(table.concat(pieces) == large)
  end)

  it("keeps metadata, and nothing that is none", function()
    local kept = {
      ["content-type"] = "text/html; charset=utf-8", ["cache-control"] = "no-cache",
      ["content-disposition"] = 'attachment; filename="x"', ["content-encoding"] = "br",
      ["content-language"] = "de", expires = "Thu, 01 Jan 2037 00:00:00 GMT",
      ["x-amz-meta-a"] = "1", ["x-amz-meta-a_b.c"] = "=?UTF-8?B?w6Q=?=",
    }
    local sent = { ["x-amz-acl"] = "private", ["x-amz-storage-class"] = "STANDARD" }
    for name, value in pairs(kept) do
      sent[name] = value
    end
    bucket:put("a", "hello", sent)
    for _, method in ipairs { "GET", "HEAD" } do
      local headers = bucket:must({ method = method, key = "a" }).headers
      for name, value in pairs(kept) do
        assert.equal(value, headers[name])
      end
      assert.is_nil(headers["x-amz-acl"])
    end
    bucket:put("a", "hello")
    assert.is_nil(bucket:must({ key = "a" }).headers["x-amz-meta-a"])
  end)

  it("refuses metadata of more than 8192 bytes", function()
    local most = 8192 - #"a" - #"bc"
    for bytes, expected in pairs { [most] = "200 ", [most + 1] = "400 MetadataTooLarge" } do
      assert.equal(expected, outcome(bucket:ask {
        method = "PUT", key = "a", body = "hello",
        headers = {
          ["x-amz-meta-a"] = ("x"):rep(4096), ["x-amz-meta-bc"] = ("x"):rep(bytes - 4096),
        },
      }))
    end
  end)

  it("holds Content-MD5 against the body", function()
    for md5, expected in values.sorted {
      ["XUFAKrxLKna5cZ2REBfFkg=="] = "200 ", ["1B2M2Y8AsgTpgAmY7PhCfg=="] = "400 BadDigest",
      ["aGVsbG8="] = "400 InvalidDigest", ["?"] = "400 InvalidDigest",
    } do
      local case = { method = "PUT", key = "md5", body = "hello",
        headers = { ["content-md5"] = md5 } }
      assert.equal(expected, outcome(bucket:ask(case)))
    end
  end)

  it("wants to know how long a body is", function()
    local pieces = { "hello" }
    local request = { method = "PUT", url = sigv4.url(bucket.url, s3.BUCKET, "chunked") }
    request.headers = sigv4.sign(request, s3.PARENT)
    request.body = function() return table.remove(pieces) end
    local response = bucket.http:perform(request)
    assert.equal(411, response.status)
    assert.matches("<Code>MissingContentLength</Code>", response.body, 1, true)
  end)

  for name, value in values.sorted {
    ["x-amz-acl"] = "odd", ["x-amz-tagging"] = "a=b", ["x-amz-expected-bucket-owner"] = "a",
    ["x-amz-server-side-encryption"] = "aws:kms", ["x-amz-storage-class"] = "STANDARD_IA",
    ["x-amz-object-lock-mode"] = "GOVERNANCE", ["x-amz-website-redirect-location"] = "/",
    ["x-amz-server-side-encryption-customer-algorithm"] = "AES256",
  } do
    it(("refuses %s: %s, which it would not do"):format(name, value), function()
      assert.equal("501 NotImplemented", outcome(bucket:ask {
        method = "PUT", key = "not", body = "x", headers = { [name] = value },
      }))
      assert.equal(404, bucket:ask({ key = "not" }).status)
    end)
  end

  it("says of a key that is not there that it is not", function()
    assert.equal("404 NoSuchKey", outcome(bucket:ask { key = "none" }))
    local head = bucket:ask { method = "HEAD", key = "none" }
    assert.equal(404, head.status)
    assert.equal("", head.body)
  end)

  it("deletes, and says nothing when there is nothing", function()
    for _ = 1, 2 do
      local response = bucket:ask { method = "DELETE", key = "a" }
      assert.equal(204, response.status)
      assert.equal(404, bucket:ask({ key = "a" }).status)
    end
  end)

  -- ---- ranges ----

  for header, expected in values.sorted {
    ["bytes=0-1"] = { "206 ", "he", "bytes 0-1/5" },
    ["bytes=3-"] = { "206 ", "lo", "bytes 3-4/5" },
    ["bytes=0-"] = { "206 ", "hello", "bytes 0-4/5" },
    ["bytes=-2"] = { "206 ", "lo", "bytes 3-4/5" },
    ["bytes=-9"] = { "206 ", "hello", "bytes 0-4/5" },
    ["bytes=4-100"] = { "206 ", "o", "bytes 4-4/5" },
    ["bytes=0-99999999999999999999999"] = { "206 ", "hello", "bytes 0-4/5" },
    ["bytes=5-"] = { "416 InvalidRange" },
    ["bytes=9-10"] = { "416 InvalidRange" },
    ["bytes=99999999999999999999999-"] = { "416 InvalidRange" },
    ["bytes=-0"] = { "416 InvalidRange" },
    ["bytes=5-2"] = { "400 InvalidArgument" },
    ["bytes=0-0,2-3"] = { "400 InvalidArgument" },
    ["items=0-1"] = { "400 InvalidArgument" },
    ["bytes=-"] = { "400 InvalidArgument" },
    ["bytes=a-b"] = { "400 InvalidArgument" },
    ["bytes= 0-1"] = { "400 InvalidArgument" },
  } do
    it(("answers %s to a range of %s"):format(expected[1], header), function()
      local response = bucket:ask { key = "a", headers = { range = header } }
      assert.equal(expected[1], outcome(response))
      assert.equal(expected[3], response.headers["content-range"])
      if expected[2] then
        assert.equal(expected[2], response.body)
        assert.equal(HELLO, response.headers.etag)
        assert.equal("bytes", response.headers["accept-ranges"])
      end
    end)
  end

  it("looks at the form of a range before it looks for the object", function()
    for header, expected in pairs { ["bytes=0-1"] = "404 NoSuchKey",
      ["bytes=5-2"] = "400 InvalidArgument", ["bytes=-0"] = "416 InvalidRange" } do
      local response = bucket:ask { key = "none", headers = { range = header } }
      assert.equal(expected, outcome(response))
    end
  end)

  it("has no range of an empty object", function()
    bucket:put("empty", "")
    for _, header in ipairs { "bytes=0-", "bytes=-1", "bytes=0-0" } do
      assert.equal("416 InvalidRange",
        outcome(bucket:ask { key = "empty", headers = { range = header } }))
    end
  end)

  it("looks at no range of HEAD, and at no If-Range", function()
    local head = bucket:must { method = "HEAD", key = "a", headers = { range = "bytes=0-1" } }
    assert.equal("200 5", head.status .. " " .. head.headers["content-length"])
    assert.equal(206, bucket:ask({
      key = "a", headers = { range = "bytes=0-1", ["if-range"] = '"x"' },
    }).status)
  end)

  -- ---- conditions ----

  for what, case in values.sorted {
    ["its own ETag"] = { { ["if-match"] = HELLO }, 200, 200 },
    ["a list that has it"] = { { ["if-match"] = '"x", ' .. HELLO .. ' ,"y"' }, 200, 200 },
    ["any ETag"] = { { ["if-match"] = "*" }, 200, 200 },
    ["another ETag"] = { { ["if-match"] = '"x"' }, 412, 412 },
    ["its own, weak"] = { { ["if-match"] = "W/" .. HELLO }, 412, 412 },
    ["an empty condition"] = { { ["if-match"] = "" }, 200, 200 },
    ["not its own ETag"] = { { ["if-none-match"] = HELLO }, 304, 412 },
    ["not its own, weak"] = { { ["if-none-match"] = "W/" .. HELLO }, 304, 412 },
    ["not any ETag"] = { { ["if-none-match"] = "*" }, 304, 412 },
    ["not another ETag"] = { { ["if-none-match"] = '"x"' }, 200, 200 },
    ["an ETag without quotes"] = { { ["if-match"] = "x" }, 400, 400 },
    ["a list that is cut off"] = { { ["if-none-match"] = HELLO .. ',"x' }, 400, 400 },
    ["changed since long ago"] = { { ["if-modified-since"] = PAST }, 200, 200 },
    ["changed since the future"] = { { ["if-modified-since"] = FUTURE }, 304, 412 },
    ["changed since no date"] = { { ["if-modified-since"] = "rubbish" }, 200, 200 },
    ["unchanged since long ago"] = { { ["if-unmodified-since"] = PAST }, 412, 412 },
    ["unchanged since the future"] = { { ["if-unmodified-since"] = FUTURE }, 200, 200 },
    ["unchanged since no date"] = { { ["if-unmodified-since"] = "rubbish" }, 412, 412 },
    ["its own ETag over a date"] = {
      { ["if-match"] = HELLO, ["if-unmodified-since"] = PAST }, 200, 200,
    },
    ["not another ETag over a date"] = {
      { ["if-none-match"] = '"x"', ["if-modified-since"] = FUTURE }, 200, 200,
    },
    ["two that both fail"] = {
      { ["if-match"] = '"x"', ["if-none-match"] = HELLO }, 412, 412,
    },
  } do
    it(("reads with %s: %d"):format(what, case[2]), function()
      local response = bucket:ask { key = "a", headers = case[1] }
      assert.equal(case[2], response.status)
      local head = bucket:ask { method = "HEAD", key = "a", headers = case[1] }
      assert.equal(case[2], head.status)
      if case[2] == 304 then
        assert.equal("", response.body)
        assert.equal(HELLO, response.headers.etag)
      end
    end)

    it(("writes with %s: %d"):format(what, case[3]), function()
      local response = bucket:ask {
        method = "PUT", key = "a", body = "new", headers = case[1],
      }
      assert.equal(case[3], response.status)
      assert.equal(case[3] == 200 and "new" or "hello", bucket:must({ key = "a" }).body)
    end)
  end

  it("takes an object's own second for later than the object", function()
    local time = bucket:must({ key = "a" }).headers["last-modified"]
    assert.equal(412, bucket:ask({ key = "a", headers = { ["if-unmodified-since"] = time } })
      .status)
    assert.equal(304, bucket:ask({ key = "a", headers = { ["if-modified-since"] = time } })
      .status)
  end)

  it("answers a condition before a range, and the range's form before both", function()
    local headers = { ["if-none-match"] = "*", range = "bytes=9-" }
    assert.equal(304, bucket:ask({ key = "a", headers = headers }).status)
    headers.range = "rubbish"
    assert.equal(400, bucket:ask({ key = "a", headers = headers }).status)
  end)

  for what, case in values.sorted {
    ["not any ETag"] = { { ["if-none-match"] = "*" }, 200 },
    ["any ETag"] = { { ["if-match"] = "*" }, 412 },
    ["changed since long ago"] = { { ["if-modified-since"] = PAST }, 412 },
    ["unchanged since long ago"] = { { ["if-unmodified-since"] = PAST }, 200 },
  } do
    it(("creates with %s: %d"):format(what, case[2]), function()
      bucket:ask { method = "DELETE", key = "created" }
      assert.equal(case[2], bucket:ask({
        method = "PUT", key = "created", body = "x", headers = case[1],
      }).status)
    end)
  end

  it("lets one of two win who both create", function()
    bucket:ask { method = "DELETE", key = "raced" }
    local exchanges = {}
    for i = 1, 8 do
      exchanges[i] = bucket:start {
        method = "PUT", key = "raced", headers = { ["if-none-match"] = "*" },
        body = ("%d"):format(i):rep(1000),
      }
    end
    local created = {}
    for i = 1, 8 do
      local response = assert(exchanges[i]:wait())
      if response.status == 200 then
        created[#created + 1] = i
      else
        assert.equal(412, response.status)
      end
    end
    assert.equal(1, #created)
    assert.equal(("%d"):format(created[1]):rep(1000), bucket:must({ key = "raced" }).body)
  end)

  -- ---- copies ----

  local function copy(to, source, headers)
    headers = headers or {}
    headers["x-amz-copy-source"] = source
    return bucket:ask { method = "PUT", key = to, headers = headers }
  end

  it("copies bytes and metadata, and the copy lasts longer", function()
    bucket:put("from", "hello", { ["content-type"] = "text/a", ["x-amz-meta-a"] = "1" })
    local response = copy("to", "/my-bucket/from")
    assert.equal(200, response.status)
    assert.equal(HELLO, s3.text(response.body, "ETag"))
    assert.matches("^%d+%-%d+%-%d+T%d+:%d+:%d+%.%d%d%dZ$",
      s3.text(response.body, "LastModified"))
    bucket:put("from", "changed")
    bucket:must { method = "DELETE", key = "from" }
    local got = bucket:must { key = "to" }
    assert.equal("hello text/a 1", table.concat({ got.body, got.headers["content-type"],
      got.headers["x-amz-meta-a"] }, " "))
  end)

  it("copies onto itself, again and again", function()
    for _ = 1, 3 do
      assert.equal(200, copy("a", "my-bucket/a").status)
    end
    assert.equal("hello", bucket:must({ key = "a" }).body)
  end)

  for directive, expected in values.sorted {
    COPY = { "1", "x", nil }, REPLACE = { nil, "y", "3" }, MERGE = { "1", "y", "3" },
  } do
    it(("copies with the directive %s"):format(directive), function()
      bucket:put("from", "hello", { ["x-amz-meta-a"] = "1", ["x-amz-meta-b"] = "x" })
      assert.equal(200, copy("to", "my-bucket/from", {
        ["x-amz-metadata-directive"] = directive, ["x-amz-meta-b"] = "y",
        ["x-amz-meta-c"] = "3",
      }).status)
      local headers = bucket:must({ key = "to" }).headers
      for i, name in ipairs { "a", "b", "c" } do
        assert.equal(expected[i], headers["x-amz-meta-" .. name])
      end
    end)
  end

  it("knows no other directive", function()
    assert.equal("400 InvalidArgument",
      outcome(copy("to", "my-bucket/a", { ["x-amz-metadata-directive"] = "KEEP" })))
  end)

  for source, expected in values.sorted {
    ["my-bucket/a"] = "200 ", ["/my-bucket/a"] = "200 ", ["my-bucket%2Fa"] = "200 ",
    ["my-bucket/%61"] = "200 ", ["my-bucket/none"] = "404 NoSuchKey",
    ["my-bucket//a"] = "404 NoSuchKey", ["other-bucket/a"] = "404 NoSuchKey",
    ["no-such-bucket/a"] = "404 NoSuchBucket", ["my-bucket"] = "400 InvalidArgument",
    ["my-bucket/"] = "400 InvalidArgument", ["/"] = "400 InvalidArgument",
  } do
    it(("answers %s to a copy of %s"):format(expected, source), function()
      assert.equal(expected, outcome(copy("to", source)))
    end)
  end

  for what, case in values.sorted {
    ["a source that is the same"] = { { ["x-amz-copy-source-if-match"] = HELLO }, 200 },
    ["a source that is another"] = { { ["x-amz-copy-source-if-match"] = '"x"' }, 412 },
    ["a source that is not the same"] = { { ["x-amz-copy-source-if-none-match"] = "*" }, 412 },
    ["a source of long ago"] = { { ["x-amz-copy-source-if-unmodified-since"] = PAST }, 412 },
    ["a target that is not there"] = { { ["cf-copy-destination-if-none-match"] = "*" }, 412 },
    ["a target that is there"] = { { ["cf-copy-destination-if-match"] = "*" }, 200 },
  } do
    it(("copies with %s: %d"):format(what, case[2]), function()
      bucket:put("target", "old")
      assert.equal(case[2], copy("target", "my-bucket/a", case[1]).status)
      assert.equal(case[2] == 200 and "hello" or "old", bucket:must({ key = "target" }).body)
    end)
  end

  it("hashes a large object as it hashes a small one", function()
    local text = ("r2"):rep(300 * 1024)
    -- yes r2 | tr -d '\n' | head -c 614400 | sha256sum
    local hash = "2c73191aa0da4f8a67f9e834083df2282a1fee24f5bad52fd2bf495327bf5633"
    bucket:must { method = "PUT", key = "signed", body = text, payload_hash = hash }
    assert.equal("400 XAmzContentSHA256Mismatch", outcome(bucket:ask {
      method = "PUT", key = "signed", body = text .. "x", payload_hash = hash,
    }))
  end)
end)
