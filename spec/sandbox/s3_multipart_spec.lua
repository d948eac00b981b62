-- Objects in parts, in the sandbox's S3 side.
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local sigv4 = require "r2.sigv4"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local PART = 5 * 1024 * 1024 -- bytes, the least

describe("an object in parts, in the sandbox's S3 side,", function()
  local bucket

  -- The same bytes for every spec: making them is what takes long.
  local full = ("0123456789abcdef"):rep(PART / 16)
  local FULL_HASH = sigv4.hash(full)

  setup(function()
    bucket = s3.start()
  end)

  teardown(server.stop_all)

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  local function create(key, headers)
    local response = bucket:must {
      method = "POST", key = key, query = { uploads = "" }, headers = headers,
    }
    return s3.text(response.body, "UploadId")
  end

  local function send(key, id, number, body)
    return bucket:ask {
      method = "PUT", key = key, query = { uploadId = id, partNumber = number }, body = body,
      payload_hash = body == full and FULL_HASH or nil,
    }
  end

  -- Sends parts in their order. Returns their ETags.
  local function send_all(key, id, ...)
    local etags = {}
    for number, body in ipairs { ... } do
      etags[number] = send(key, id, number, body).headers.etag
    end
    return etags
  end

  local function completion(key, id, parts)
    local document = { "<CompleteMultipartUpload>" }
    for _, part in ipairs(parts) do
      document[#document + 1] = ("<Part><PartNumber>%s</PartNumber><ETag>%s</ETag></Part>")
        :format(part[1], (part[2]:gsub('"', "&quot;")))
    end
    document[#document + 1] = "</CompleteMultipartUpload>"
    return {
      method = "POST", key = key, query = { uploadId = id }, body = table.concat(document),
    }
  end

  local function complete(key, id, parts)
    return bucket:ask(completion(key, id, parts))
  end

  local function size_of(key)
    local response = bucket:ask { method = "HEAD", key = key }
    return response.status == 200 and tonumber(response.headers["content-length"]) or nil
  end

  it("is there when it is complete, and not before", function()
    local id = create("a", { ["content-type"] = "text/a", ["x-amz-meta-a"] = "1" })
    local etags = send_all("a", id, full, full, "end")
    assert.is_nil(size_of("a"))
    local response = complete("a", id, { { 1, etags[1] }, { 2, etags[2] }, { 3, etags[3] } })
    assert.equal(200, response.status)
    -- yes 0123456789abcdef | tr -d '\n' | head -c 5242880 | md5sum, twice, and md5sum of `end`;
    -- md5sum of these as bytes.
    assert.equal('"b5d6ae2a313118b510cf2da31b438781-3"', s3.text(response.body, "ETag"))
    local head = bucket:must { method = "HEAD", key = "a" }
    assert.equal(2 * PART + 3, tonumber(head.headers["content-length"]))
    assert.equal('"b5d6ae2a313118b510cf2da31b438781-3"', head.headers.etag)
    assert.equal("text/a", head.headers["content-type"])
    assert.equal("1", head.headers["x-amz-meta-a"])
    local function range(first, last)
      local headers = { range = ("bytes=%d-%d"):format(first, last) }
      return bucket:must({ key = "a", headers = headers }).body
    end
    assert.equal("def0123", range(PART - 3, PART + 3))
    assert.equal("efend", range(2 * PART - 2, 2 * PART + 2))
  end)

  it("replaces what was there only when it is complete", function()
    bucket:put("b", "old")
    local id = create("b")
    local etags = send_all("b", id, "new")
    assert.equal("old", bucket:must({ key = "b" }).body)
    assert.equal(200, complete("b", id, { { 1, etags[1] } }).status)
    assert.equal("new", bucket:must({ key = "b" }).body)
    assert.matches("%-1\"$", bucket:must({ key = "b" }).headers.etag)
  end)

  it("takes parts out of order, with gaps, some of them, and ETags without quotes", function()
    local id = create("c")
    local second = send("c", id, 7000, "end").headers.etag
    local first = send("c", id, 3, full).headers.etag
    send("c", id, 5, full)
    assert.equal(200, complete("c", id, { { 7000, second:sub(2, -2) }, { 3, first } }).status)
    assert.equal(PART + 3, size_of("c"))
  end)

  it("has the last of two parts of a number, and the ETag of that", function()
    local id = create("d")
    local old = send("d", id, 1, "one").headers.etag
    local new = send("d", id, 1, "two").headers.etag
    assert.not_equal(old, new)
    assert.equal("400 InvalidPart", outcome(complete("d", id, { { 1, old } })))
    assert.equal(200, complete("d", id, { { 1, new } }).status)
    assert.equal("two", bucket:must({ key = "d" }).body)
  end)

  it("may end with an empty part", function()
    local id = create("e")
    local etags = send_all("e", id, full, "")
    assert.equal(200, complete("e", id, { { 1, etags[1] }, { 2, etags[2] } }).status)
    assert.equal(PART, size_of("e"))
  end)

  for what, case in values.sorted {
    ["a small part before the last"] = { { "small", "end" }, "400 EntityTooSmall" },
    ["a part that is longer"] = { { full, full .. "x", full }, "400 InvalidPart" },
    ["a part that is shorter"] = { { full .. "x", full, "end" }, "400 InvalidPart" },
    ["a last part that is longer"] = { { full, full .. "x" }, "400 InvalidPart" },
  } do
    it("is refused with " .. what .. ", and goes on", function()
      local id = create("f")
      local etags, parts = send_all("f", id, table.unpack(case[1])), {}
      for number, etag in ipairs(etags) do
        parts[number] = { number, etag }
      end
      assert.equal(case[2], outcome(complete("f", id, parts)))
      assert.is_nil(size_of("f"))
      assert.equal(200, send("f", id, 1, "x").status)
      assert.equal(204, bucket:ask({
        method = "DELETE", key = "f", query = { uploadId = id },
      }).status)
    end)
  end

  it("is refused with parts that are not there, twice there, or none", function()
    local id = create("g")
    local etag = send("g", id, 1, "x").headers.etag
    for _, case in ipairs {
      { { { 2, etag } }, "400 InvalidPart" }, { { { 1, '"x"' } }, "400 InvalidPart" },
      { { { 1, etag }, { 1, etag } }, "400 InvalidPart" },
      { { { 0, etag } }, "400 InvalidPart" }, { { { 10001, etag } }, "400 InvalidPart" },
      { {}, "400 MalformedXML" }, { { { "x", etag } }, "400 MalformedXML" },
      { { { "1.5", etag } }, "400 MalformedXML" },
    } do
      assert.equal(case[2], outcome(complete("g", id, case[1])))
    end
    assert.equal("400 MalformedXML", outcome(bucket:ask {
      method = "POST", key = "g", query = { uploadId = id }, body = "<Complete/>",
    }))
    assert.equal(200, complete("g", id, { { 1, etag } }).status)
  end)

  it("is complete once", function()
    local id = create("h")
    local etags = send_all("h", id, "x")
    assert.equal(200, complete("h", id, { { 1, etags[1] } }).status)
    assert.equal("404 NoSuchUpload", outcome(complete("h", id, { { 1, etags[1] } })))
    assert.equal("404 NoSuchUpload", outcome(send("h", id, 2, "x")))
    -- To give up what has ended changes nothing.
    assert.equal(204, bucket:ask({ method = "DELETE", key = "h", query = { uploadId = id } })
      .status)
    assert.equal("x", bucket:must({ key = "h" }).body)
  end)

  it("is whole when others try to end it meanwhile", function()
    local id, parts = create("v"), {}
    for number = 1, 6 do
      parts[number] = { number, send("v", id, number, full).headers.etag }
    end
    local completing = bucket:start(completion("v", id, parts))
    local response
    repeat
      assert.equal(204, bucket:ask({
        method = "DELETE", key = "v", query = { uploadId = id },
      }).status)
      response = completing:poll()
    until response ~= false
    -- Whoever comes first ends it; what comes later finds it ended.
    local whole = response.status == 200
    assert.is_true(whole or response.status == 404, response.body)
    assert.equal(whole and 6 * PART or nil, size_of("v"))
  end)

  it("can be given up, twice", function()
    local id = create("i")
    send("i", id, 1, "x")
    for _ = 1, 2 do
      assert.equal(204, bucket:ask({
        method = "DELETE", key = "i", query = { uploadId = id },
      }).status)
    end
    assert.equal("404 NoSuchUpload", outcome(send("i", id, 2, "x")))
    assert.is_nil(size_of("i"))
  end)

  it("is not another key's, or another bucket's", function()
    local id = create("j")
    assert.equal("404 NoSuchUpload", outcome(send("k", id, 1, "x")))
    for _, method in ipairs { "GET", "DELETE" } do
      assert.equal("404 NoSuchUpload",
        outcome(bucket:ask { method = method, key = "k", query = { uploadId = id } }))
      assert.equal("404 NoSuchUpload", outcome(bucket:ask {
        method = method, bucket = "other-bucket", key = "j", query = { uploadId = id },
      }))
    end
  end)

  for number, expected in values.sorted {
    ["0"] = "400 InvalidArgument", ["10001"] = "400 InvalidArgument",
    ["-1"] = "400 InvalidArgument", [""] = "400 InvalidArgument", ["x"] = "404 RouteNotFound",
    ["1.5"] = "404 RouteNotFound", ["0x1"] = "404 RouteNotFound", ["10000"] = "200 ",
  } do
    it(("answers %s to the part number %q"):format(expected, number), function()
      assert.equal(expected, outcome(send("l", create("l"), number, "x")))
    end)
  end

  it("is no object where the number of a part was forgotten", function()
    local response = bucket:ask {
      method = "PUT", key = "m", query = { uploadId = create("m") }, body = "x",
    }
    assert.equal("400 InvalidArgument", outcome(response))
    assert.is_nil(size_of("m"))
  end)

  it("keeps no bytes that are nobody's", function()
    local before = bucket:files()
    for _ = 1, 2 do
      bucket:put("t", "x")
      bucket:must { method = "PUT", key = "t2",
        headers = { ["x-amz-copy-source"] = "my-bucket/t" } }
      local id = create("t")
      local etags = send_all("t", id, full, "end")
      send("t", id, 1, full)
      etags[1] = send("t", id, 1, full).headers.etag
      send("t", id, 3, "unused")
      complete("t", id, { { 1, etags[1] }, { 2, etags[2] } })
      id = create("t")
      send("t", id, 1, full)
      bucket:must { method = "DELETE", key = "t", query = { uploadId = id } }
      bucket:ask { method = "PUT", key = "t", body = "x", payload_hash = ("0"):rep(64) }
    end
    assert.equal(before + 2, bucket:files())
    bucket:must { method = "DELETE", key = "t" }
    bucket:must { method = "DELETE", key = "t2" }
    assert.equal(before, bucket:files())
  end)

  -- ---- parts that are copied ----

  local function copy_part(key, id, number, headers)
    headers["x-amz-copy-source"] = headers["x-amz-copy-source"] or "my-bucket/source"
    return bucket:ask {
      method = "PUT", key = key, query = { uploadId = id, partNumber = number },
      headers = headers,
    }
  end

  it("may have parts that are copied, whole or in part", function()
    bucket:must {
      method = "PUT", key = "source", body = full .. "end", payload_hash = "UNSIGNED-PAYLOAD",
    }
    local id, parts = create("n"), {}
    for number, range in ipairs { ("bytes=0-%d"):format(PART - 1),
      ("bytes=%d-%d"):format(PART - 2, PART + 1) } do
      local response = copy_part("n", id, number, { ["x-amz-copy-source-range"] = range })
      assert.equal(200, response.status)
      parts[number] = { number, s3.text(response.body, "ETag") }
    end
    assert.equal(200, complete("n", id, parts).status)
    assert.equal(PART + 4, size_of("n"))
    assert.equal("defefen", bucket:must({ key = "n", headers = { range = "bytes=-7" } }).body)

    id = create("o")
    local response = copy_part("o", id, 1, {})
    bucket:must { method = "DELETE", key = "source" }
    assert.equal(200, complete("o", id, { { 1, s3.text(response.body, "ETag") } }).status)
    assert.equal(PART + 3, size_of("o"))
    bucket:put("source", "hello")
  end)

  for range, expected in values.sorted {
    ["bytes=5-9"] = "416 InvalidRange", ["bytes=0-"] = "400 InvalidArgument",
    ["bytes=-1"] = "400 InvalidArgument", ["bytes=3-1"] = "400 InvalidArgument",
    ["0-1"] = "400 InvalidArgument", ["bytes=4-9"] = "200 ",
  } do
    it(("answers %s to a part that is a copy of %s"):format(expected, range), function()
      bucket:put("source", "hello")
      assert.equal(expected, outcome(copy_part("p", create("p"), 1,
        { ["x-amz-copy-source-range"] = range })))
    end)
  end

  it("has no conditions for parts that are copied, as R2 has none", function()
    bucket:put("source", "hello")
    assert.equal("501 NotImplemented", outcome(copy_part("q", create("q"), 1,
      { ["x-amz-copy-source-if-match"] = "*" })))
    assert.equal("404 NoSuchKey", outcome(copy_part("q", create("q"), 1,
      { ["x-amz-copy-source"] = "my-bucket/none" })))
  end)

  -- ---- lists ----

  it("lists its parts, in pages", function()
    local id, etags = create("r"), {}
    for _, number in ipairs { 5, 1, 3 } do
      etags[number] = send("r", id, number, ("x"):rep(number)).headers.etag
    end
    local function page(query)
      query.uploadId = id
      return bucket:must({ key = "r", query = query }).body
    end
    local body = page {}
    assert.same({ "1", "3", "5" }, s3.texts(body, "PartNumber"))
    assert.same({ etags[1], etags[3], etags[5] }, s3.texts(body, "ETag"))
    assert.same({ "1", "3", "5" }, s3.texts(body, "Size"))
    assert.equal("false", s3.text(body, "IsTruncated"))
    body = page { ["max-parts"] = 2 }
    assert.same({ "1", "3" }, s3.texts(body, "PartNumber"))
    assert.equal("true 3", s3.text(body, "IsTruncated") .. " "
      .. s3.text(body, "NextPartNumberMarker"))
    body = page { ["part-number-marker"] = 3 }
    assert.same({ "5" }, s3.texts(body, "PartNumber"))
  end)

  it("is listed while it comes, in pages too", function()
    local ids = {}
    for _, key in ipairs { "u/a", "u/b/1", "u/b/2", "u/c", "u/c" } do
      ids[#ids + 1] = create(key)
    end
    local function page(query)
      query.uploads, query.prefix = "", "u/"
      return bucket:must({ query = query }).body
    end
    local body = page { ["encoding-type"] = "url" }
    assert.same({ "u%2Fa", "u%2Fb%2F1", "u%2Fb%2F2", "u%2Fc", "u%2Fc" }, s3.texts(body, "Key"))
    body = page { delimiter = "/" }
    assert.same({ "u/a", "u/c", "u/c" }, s3.texts(body, "Key"))
    assert.same({ "u/", "u/b/" }, s3.texts(body, "Prefix"))

    local found, query = {}, { ["max-uploads"] = 2 }
    repeat
      body = page(query)
      for _, id in ipairs(s3.texts(body, "UploadId")) do
        found[#found + 1] = id
      end
      query["key-marker"] = s3.text(body, "NextKeyMarker")
      query["upload-id-marker"] = s3.text(body, "NextUploadIdMarker")
    until s3.text(body, "IsTruncated") == "false"
    assert.equal(5, #found)
    table.sort(found)
    table.sort(ids)
    assert.same(ids, found)

    local first = s3.text(page {}, "UploadId")
    bucket:must { method = "DELETE", key = "u/a", query = { uploadId = first } }
    assert.equal(4, #s3.texts(page {}, "Key"))
  end)
end)
