-- The names that objects can have in the sandbox's S3 side, and that half of an object never shows.
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local sigv4 = require "r2.sigv4"
local socket = require "socket"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local KEYS = {
  "a", "a/", "a//", "a//b", "/a", "//", "a/b/", "a/./b", "a/../b", "a/..", "...", "a b", "a+b",
  "a%2Fb", "%", "%00", "a?b", "a#b", "a&b=c", "a;b", "a\\b", "a'b\"c", "<a>&b", "a~b", "a*b()",
  "\1", "a\9b", "a\127b", "a\nb", "a\r\nb: c", "caf\195\169/\226\130\172", "\240\159\152\128",
  "\239\191\189", ("k"):rep(1024), ("\226\130\172"):rep(341), "..a/b", ".a", "-", "_", "con.txt",
  ("a/"):rep(512), "client/v4", "index.html", "objects/1",
}
table.sort(KEYS)

describe("the sandbox's S3 side", function()
  local bucket

  setup(function()
    bucket = s3.start()
  end)

  teardown(server.stop_all)

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  local function delete_all()
    for _, key in ipairs(KEYS) do
      bucket:must { method = "DELETE", key = key }
    end
  end

  it("keeps objects of all kinds of names apart", function()
    for i, key in ipairs(KEYS) do
      bucket:put(key, ("%d"):format(i))
    end
    for i, key in ipairs(KEYS) do
      assert.equal(("%d"):format(i), bucket:must({ key = key }).body)
      assert.equal(200, bucket:ask({ method = "HEAD", key = key, expires = 60 }).status)
    end
    delete_all()
    for _, key in ipairs(KEYS) do
      assert.equal(404, bucket:ask({ key = key }).status)
    end
  end)

  it("lists them in the order of their bytes", function()
    for _, key in ipairs(KEYS) do
      bucket:put(key, "x")
    end
    local listed = bucket:must { query = { ["list-type"] = 2, ["encoding-type"] = "url" } }
    local keys = s3.texts(listed.body, "Key")
    for i, key in ipairs(keys) do
      keys[i] = key:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    end
    assert.same(KEYS, keys)
    delete_all()
  end)

  local function copy(to, source)
    bucket:must { method = "PUT", key = to, headers = { ["x-amz-copy-source"] = source } }
  end

  it("copies and deletes them by documents and headers too", function()
    for i, key in ipairs(KEYS) do
      bucket:put("from", ("%d"):format(i))
      copy(key, "my-bucket/from")
      copy("to", sigv4.url(bucket.url, s3.BUCKET, key):match("/(my%-bucket/.*)$"))
      assert.equal(("%d"):format(i), bucket:must({ key = "to" }).body)
    end
    local parts, in_xml = { "<Delete>" }, 0
    for _, key in ipairs(KEYS) do
      if not key:find("[%z\1-\31\127]") then
        in_xml = in_xml + 1
        key = key:gsub("&", "&amp;"):gsub("<", "&lt;")
        parts[#parts + 1] = "<Object><Key>" .. key .. "</Key></Object>"
      end
    end
    parts[#parts + 1] = "</Delete>"
    local response = bucket:must {
      method = "POST", query = { delete = "" }, body = table.concat(parts),
    }
    assert.equal(in_xml, #s3.texts(response.body, "Key"))
    assert.is_nil(response.body:find("<Error>", 1, true))
    for _, key in ipairs { "a", "caf\195\169/\226\130\172", "<a>&b", "a//b" } do
      assert.equal(404, bucket:ask({ key = key }).status)
    end
    delete_all()
  end)

  it("has no control over a way out of its folder", function()
    bucket:put("a/../../my-bucket/b", "x")
    assert.equal("x", bucket:must({ key = "a/../../my-bucket/b" }).body)
    assert.equal(404, bucket:ask({ key = "b" }).status)
    -- nginx itself reads no path that climbs above the root.
    assert.equal("400 InvalidRequest", outcome(bucket:ask { key = "../../etc/passwd" }))
  end)

  for what, key in values.sorted {
    ["too long"] = ("k"):rep(1025), ["too long in bytes"] = ("\226\130\172"):rep(342),
    ["not UTF-8"] = "a\255b", ["a surrogate"] = "\237\160\128",
  } do
    it("refuses a key that is " .. what, function()
      local url = bucket.url .. "/my-bucket/" .. key:gsub("[^%w]", function(byte)
        return ("%%%02X"):format(byte:byte())
      end)
      for _, method in ipairs { "PUT", "GET", "DELETE" } do
        local response = bucket:ask { method = method, url = url }
        assert.equal("400 InvalidObjectName", outcome(response))
      end
    end)
  end

  it("refuses what is not in NFC, which R2 would normalize", function()
    local response = bucket:ask { method = "PUT", key = "cafe\204\129", body = "x" }
    assert.equal("501 NotImplemented", outcome(response))
    assert.matches("NFC", s3.text(response.body, "Message"), 1, true)
  end)

  for name, expected in values.sorted {
    ["ab"] = "400 InvalidBucketName", ["My-Bucket"] = "400 InvalidBucketName",
    ["a.b"] = "400 InvalidBucketName", ["-ab"] = "400 InvalidBucketName",
    [("b"):rep(64)] = "400 InvalidBucketName", [("b"):rep(63)] = "404 NoSuchKey",
    ["client"] = "404 NoSuchKey",
  } do
    it(("answers %s for the bucket %s"):format(expected, name), function()
      assert.equal(expected, outcome(bucket:ask { url = bucket.url .. "/" .. name .. "/a" }))
    end)
  end

  it("keeps buckets apart, and from the API beside them", function()
    bucket:put("a", "one")
    bucket:must { method = "PUT", bucket = "other-bucket", key = "a", body = "two" }
    bucket:must { method = "PUT", bucket = "client", key = "v5/a", body = "three" }
    assert.equal("one", bucket:must({ key = "a" }).body)
    assert.equal("two", bucket:must({ bucket = "other-bucket", key = "a" }).body)
    assert.equal("three", bucket:must({ bucket = "client", key = "v5/a" }).body)
    -- By its dots this would be the API's, by its bytes it is an object's.
    bucket:put("../client/v4/x", "four")
    assert.equal("four", bucket:must({ key = "../client/v4/x" }).body)
  end)

  -- ---- half of an object ----

  -- Sends the head of a PUT, and so many bytes of its body, and leaves.
  local function leave(key, announced, sent)
    local request = { method = "PUT", url = sigv4.url(bucket.url, s3.BUCKET, key) }
    local lines = {
      ("PUT /my-bucket/%s HTTP/1.1"):format(key),
      "host: 127.0.0.1:" .. bucket.server.port, "content-length: " .. announced,
    }
    for name, value in pairs(assert(sigv4.sign(request, s3.PARENT))) do
      lines[#lines + 1] = name .. ": " .. value
    end
    local connection = assert(socket.connect("127.0.0.1", bucket.server.port))
    assert(connection:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. ("x"):rep(sent)))
    return connection
  end

  for what, case in values.sorted {
    ["nothing of it"] = { 100, 0 }, ["a byte less"] = { 100, 99 },
    ["a long part"] = { 10000000, 3000000 },
  } do
    it("shows no object of which there is " .. what, function()
      bucket:put("old", "old")
      for _, key in ipairs { "half", "old" } do
        local connection = leave(key, case[1], case[2])
        -- While it comes, and when it has ended.
        for _ = 1, 2 do
          assert.equal("404 NoSuchKey", outcome(bucket:ask { key = "half" }))
          assert.equal("old", bucket:must({ key = "old" }).body)
          local list = bucket:must { query = { ["list-type"] = 2, prefix = "half" } }
          assert.same({}, s3.texts(list.body, "Key"))
          connection:close()
        end
      end
    end)
  end
end)
