-- Requests to R2's S3 side, made up from a fixed seed, the same on every machine: whoever answers
-- them like another one is like it. Each is a case for a client of spec.support.s3, with
--   keep      what is to be kept of the answer, under which name: { upload = "UploadId" }, or
--             { part = true } for the ETag; texts of later requests hold it as {upload}, {part}
--   skew      seconds that the signer's clock is off
--   differs   the name of a difference that is known
-- Lists always ask for encoding-type=url: without it a key may make an answer that is no XML.

local requests = {}

local PAST, FUTURE = "Sun, 06 Nov 1994 08:49:37 GMT", "Sat, 06 Nov 2094 08:49:37 GMT"
local PART = 5 * 1024 * 1024 -- bytes, the least of a part that is not the last

-- Keys that are unlike others, but for those whose dots a URL resolves.
local KEYS = {
  "a", "a/", "a//b", "/a", "a b", "a+b", "a%2Fb", "%", "%25", "a?b=c", "a#b", "a&b", "a;b", "a:b",
  "a\\b", "a'b\"c", "<a>&b", "a~b!c", "a*(b)", "[a]{b}|^`", "a,b@c$d", "a\1b", "a\tb", "a\127b",
  "caf\195\169", "\230\150\135\229\173\151/\226\130\172", "\240\159\152\128.png", "...",
  ".hidden", "end.", ("k"):rep(1024), ("\226\130\172"):rep(341),
}

-- ---- chance ----

-- Numbers from 1 to n, by a generator that every machine has (Park and Miller).
local function generator(seed)
  local state = seed
  return function(n)
    state = state * 48271 % 2147483647
    return state % n + 1
  end
end

local roll = generator(20260730)

local function one_of(list)
  return list[roll(#list)]
end

-- Some headers, or parameters, of which each is there or not.
local function some_of(choices)
  local result = {}
  for name, list in pairs(choices) do
    result[#result + 1] = { name, list }
  end
  table.sort(result, function(a, b) return a[1] < b[1] end)
  local chosen = {}
  for _, choice in ipairs(result) do
    if roll(3) == 1 then
      chosen[choice[1]] = one_of(choice[2])
    end
  end
  return chosen
end

-- ---- the list ----

local list = {}

local function add(case)
  list[#list + 1] = case
end

local function put(key, body, headers)
  add { method = "PUT", key = key, body = body, headers = headers }
end

local METADATA = {
  ["content-type"] = { "text/plain", "text/html; charset=utf-8", "application/json" },
  ["cache-control"] = { "no-cache", "max-age=60, public" },
  ["content-disposition"] = { 'attachment; filename="a b"', "inline" },
  ["content-encoding"] = { "zstd" },
  ["content-language"] = { "de", "en, fr" },
  ["expires"] = { FUTURE },
  ["x-amz-meta-a"] = { "1", "two words", "=?UTF-8?B?w6Q=?=" },
  ["x-amz-meta-b-c_d"] = { "x" },
  ["x-amz-storage-class"] = { "STANDARD" },
  ["x-amz-acl"] = { "private", "public-read" },
}

local function names()
  for _, key in ipairs(KEYS) do
    put(key, ("x"):rep(roll(40) - 1), some_of(METADATA))
    add { method = roll(2) == 1 and "GET" or "HEAD", key = key }
  end
  put("gzip", "hello", { ["content-encoding"] = "gzip" })
  add { key = "gzip", differs = "compressed" }
  add { method = "DELETE", key = "gzip" }
  for _, key in ipairs(KEYS) do
    if roll(4) == 1 then
      add { method = "DELETE", key = key }
      add { key = key }
    end
  end
  add { query = { ["list-type"] = 2, ["encoding-type"] = "url" } }
  add { query = { ["encoding-type"] = "url" } }
  for _, key in ipairs(KEYS) do
    add { method = "DELETE", key = key }
  end
end

local function digests()
  for _, md5 in ipairs {
    "XUFAKrxLKna5cZ2REBfFkg==", "1B2M2Y8AsgTpgAmY7PhCfg==", "aGVsbG8=", "?",
  } do
    put("digest", "hello", { ["content-md5"] = md5 })
  end
  for _, hash in ipairs { ("0"):rep(64), "UNSIGNED-PAYLOAD" } do
    add { method = "PUT", key = "digest", body = "hello", payload_hash = hash }
  end
  add { key = "digest" }
end

local function ranges()
  put("ranged", "0123456789", { ["content-type"] = "text/plain" })
  put("empty", "")
  for _, range in ipairs {
    "bytes=0-0", "bytes=9-9", "bytes=10-", "bytes=0-9", "bytes=0-10", "bytes=-0", "bytes=-1",
    "bytes=-10", "bytes=-11", "bytes=5-4", "bytes=", "bytes=-", "bytes=a-b", "bytes=1-2,4-5",
    "items=0-1", "bytes= 0-1", "bytes=0-99999999999999999999",
    "bytes=99999999999999999999-",
  } do
    add { key = "ranged", headers = { range = range } }
  end
  for _ = 1, 15 do
    local first, last = roll(14) - 1, roll(14) - 1
    add { key = "ranged", headers = { range = ("bytes=%d-%d"):format(first, last) } }
  end
  for _, range in ipairs { "bytes=0-", "bytes=-1", "bytes=0-0" } do
    add { key = "empty", headers = { range = range } }
    add { key = "none", headers = { range = range } }
  end
  add { key = "ranged", headers = { range = "bytes=1-2", ["if-range"] = '"x"' } }
  add {
    method = "HEAD", key = "ranged", headers = { range = "bytes=1-2" }, differs = "HEAD range",
  }
  add {
    method = "HEAD", key = "ranged", headers = { range = "bytes=20-" }, differs = "HEAD past",
  }
end

-- printf 0123456789 | md5sum
local TAGS = {
  '"781e5e245d69b566979b86e28d23f2c7"', 'W/"781e5e245d69b566979b86e28d23f2c7"', '"x"', "*",
  '"x", "781e5e245d69b566979b86e28d23f2c7"', '"x","y"',
}
local DATES = { PAST, FUTURE, "rubbish" }
local CONDITIONS = {
  ["if-match"] = TAGS, ["if-none-match"] = TAGS, ["if-modified-since"] = DATES,
  ["if-unmodified-since"] = DATES,
}

local function conditions()
  for _ = 1, 50 do
    local headers = some_of(CONDITIONS)
    headers.range = roll(5) == 1 and "bytes=2-3" or nil
    add { key = "ranged", headers = headers }
  end
  for i = 1, 25 do
    put("ranged", "0123456789", some_of(CONDITIONS))
    put("conditional/" .. i, "x", some_of(CONDITIONS))
  end
  add { key = "ranged", headers = { ["if-match"] = "" } }
  add { key = "ranged", headers = { ["if-match"] = "x" }, differs = "bare ETag" }
end

local function lists()
  local names_of = {
    "list/a", "list/a/", "list/a/1", "list/a/2", "list/a/b/1", "list/b", "list/b//c",
    "list/c d/\226\130\172", "list/e/f/g", "list/e/f/h", "list/z",
  }
  for _, name in ipairs(names_of) do
    put(name, name)
  end
  local asked = {
    prefix = { "list/", "list/a", "list/a/", "list/b//", "list/c d/", "list", "nothing/" },
    delimiter = { "/", "//", "a", "\226\130\172", "" },
    ["max-keys"] = { 0, 1, 2, 3, 1000, 5000 },
  }
  for _ = 1, 40 do
    local query = some_of(asked)
    query["list-type"], query["encoding-type"] = 2, "url"
    query.prefix = query.prefix or "list/"
    if roll(3) == 1 then
      query["start-after"] = one_of(names_of)
    end
    query["fetch-owner"] = roll(5) == 1 and "true" or nil
    add { query = query }
  end
  for _ = 1, 20 do
    local query = some_of(asked)
    query["encoding-type"], query.prefix = "url", query.prefix or "list/"
    if not query.delimiter and roll(2) == 1 then
      query.marker = one_of(names_of)
    end
    add { query = query }
  end
  -- In pages; the last one has no more.
  for _, size in ipairs { 2, 3, 5 } do
    for _, delimiter in ipairs { "", "/" } do
      local query = { ["list-type"] = 2, ["encoding-type"] = "url", prefix = "list/",
        delimiter = delimiter, ["max-keys"] = size }
      for page = 1, delimiter == "" and math.ceil(#names_of / size) or math.ceil(6 / size) do
        local asks = {}
        for name, value in pairs(query) do
          asks[name] = value
        end
        asks["continuation-token"] = page > 1 and "{token}" or nil
        add { query = asks, keep = { token = "NextContinuationToken" } }
      end
    end
  end
  for _, query in ipairs {
    { ["list-type"] = 2, ["max-keys"] = "x" }, { ["list-type"] = 2, ["max-keys"] = "-1" },
    { ["list-type"] = 2, ["max-keys"] = "" },
    { ["list-type"] = 2, ["encoding-type"] = "x" }, { ["list-type"] = 3 },
    { ["list-type"] = 2, odd = "1" }, { ["continuation-token"] = "x" },
    { marker = "a", odd = "" },
  } do
    add { query = query }
  end
end

local function copies()
  put("source", "0123456789", {
    ["content-type"] = "text/plain", ["x-amz-meta-a"] = "1", ["cache-control"] = "no-cache",
  })
  for i = 1, 25 do
    local headers = some_of {
      ["x-amz-metadata-directive"] = { "COPY", "REPLACE" },
      ["x-amz-copy-source-if-match"] = TAGS, ["x-amz-copy-source-if-none-match"] = TAGS,
      ["x-amz-copy-source-if-modified-since"] = DATES,
      ["x-amz-copy-source-if-unmodified-since"] = DATES,
      ["x-amz-meta-b"] = { "2" }, ["content-type"] = { "a/b" },
    }
    headers["x-amz-copy-source"] = one_of { "my-bucket/source", "/my-bucket/source",
      "my-bucket%2Fsource", "/my-bucket/s%6Furce" }
    add { method = "PUT", key = "copy/" .. i, headers = headers }
    add { method = "HEAD", key = "copy/" .. i }
  end
  for _, source in ipairs {
    "my-bucket/none", "my-bucket", "my-bucket/", "/", "my-bucket//source",
  } do
    add { method = "PUT", key = "copy", headers = { ["x-amz-copy-source"] = source } }
  end
  add {
    method = "PUT", key = "copy", differs = "MERGE",
    headers = {
      ["x-amz-copy-source"] = "my-bucket/source", ["x-amz-metadata-directive"] = "MERGE",
    },
  }
  add {
    method = "PUT", key = "copy",
    headers = {
      ["x-amz-copy-source"] = "my-bucket/source", ["x-amz-metadata-directive"] = "x",
    },
  }
  add {
    method = "PUT", key = "source", differs = "copy destination",
    headers = {
      ["x-amz-copy-source"] = "my-bucket/source", ["cf-copy-destination-if-none-match"] = "*",
    },
  }
end

local function part(upload, number, body, kept)
  add {
    method = "PUT", key = "parts", body = body, payload_hash = "UNSIGNED-PAYLOAD",
    query = { uploadId = "{" .. upload .. "}", partNumber = number },
    keep = kept and { [kept] = true } or nil,
  }
end

local function complete(upload, parts, differs)
  local document = { "<CompleteMultipartUpload>" }
  for _, named in ipairs(parts) do
    document[#document + 1] = ("<Part><PartNumber>%s</PartNumber><ETag>%s</ETag></Part>")
      :format(named[1], named[2])
  end
  document[#document + 1] = "</CompleteMultipartUpload>"
  add {
    method = "POST", key = "parts", query = { uploadId = "{" .. upload .. "}" },
    body = table.concat(document), differs = differs,
  }
end

local function create(name)
  add {
    method = "POST", key = "parts", query = { uploads = "" }, headers = some_of(METADATA),
    keep = { [name] = "UploadId" },
  }
end

local function multipart()
  local full = ("0123456789"):rep(PART / 10)
  create "whole"
  part("whole", 1, full, "first")
  part("whole", 2, full, "second")
  part("whole", 3, "end", "third")
  add { method = "HEAD", key = "parts" }
  complete("whole", { { 1, "{first}" }, { 2, "{second}" }, { 3, "{third}" } })
  add { method = "HEAD", key = "parts" }
  add { key = "parts", headers = { range = ("bytes=%d-%d"):format(PART - 2, PART + 2) } }
  add { key = "parts", headers = { range = "bytes=-5" } }
  complete("whole", { { 1, "{first}" } })
  part("whole", 1, "x")
  add { method = "DELETE", key = "parts", query = { uploadId = "{whole}" } }

  create "mixed"
  part("mixed", 7, "end", "last")
  part("mixed", 3, full, "third")
  part("mixed", 5, "x", "fifth")
  part("mixed", 3, full, "again")
  complete("mixed", { { 3, "{third}" } })
  complete("mixed", { { 3, "{again}" }, { 4, "{last}" } })
  complete("mixed", { { 3, "{again}" }, { 3, "{again}" } })
  complete("mixed", { { 5, "{fifth}" }, { 7, "{last}" } })
  complete("mixed", {})
  complete("mixed", { { "x", "{again}" } })
  complete("mixed", { { 0, "{again}" } })
  complete("mixed", { { 10001, "{again}" } })
  complete("mixed", { { "1.5", "{again}" } })
  for _, document in ipairs { "", "<a/>", "<CompleteMultipartUpload>", "text" } do
    add {
      method = "POST", key = "parts", query = { uploadId = "{mixed}" }, body = document,
    }
  end
  complete("mixed", { { 3, "{again}" }, { 7, '"{last}"' } })
  add { method = "HEAD", key = "parts" }

  create "unequal"
  part("unequal", 1, full, "first")
  part("unequal", 2, full .. "x", "second")
  part("unequal", 3, full, "third")
  complete("unequal", { { 1, "{first}" }, { 2, "{second}" }, { 3, "{third}" } }, "unequal parts")
  complete("unequal", { { 1, "{first}" }, { 2, "{second}" } }, "unequal parts")
  complete("unequal", { { 2, "{second}" }, { 3, "{third}" } })

  create "given up"
  part("given up", 1, "x")
  for _ = 1, 2 do
    add { method = "DELETE", key = "parts", query = { uploadId = "{given up}" } }
  end
  part("given up", 2, "x")

  create "one"
  part("one", 1, "", "empty")
  complete("one", { { 1, "{empty}" } })
  add { key = "parts" }

  create "open"
  for _, number in ipairs { "0", "10001", "-1", "", "x", "1.5", "10000" } do
    part("open", number, "x")
  end
  for _, id in ipairs { "none", "" } do
    add { method = "DELETE", key = "parts", query = { uploadId = id } }
    add { method = "PUT", key = "parts", query = { uploadId = id, partNumber = 1 }, body = "x" }
  end
  for _, range in ipairs { false, "bytes=2-5", "bytes=2-", "bytes=5-2", "bytes=20-30", "2-5" } do
    add {
      method = "PUT", key = "parts", query = { uploadId = "{open}", partNumber = 1 },
      headers = {
        ["x-amz-copy-source"] = "my-bucket/source",
        ["x-amz-copy-source-range"] = range or nil,
      },
    }
  end
  add {
    method = "PUT", key = "parts", query = { uploadId = "{open}", partNumber = 1 },
    headers = {
      ["x-amz-copy-source"] = "my-bucket/source", ["x-amz-copy-source-if-match"] = "*",
    },
  }
  add { key = "parts", query = { uploadId = "{open}" }, differs = "ListParts" }
  add { query = { uploads = "" }, differs = "ListMultipartUploads" }
end

local function deletions()
  local function delete(document, differs)
    add { method = "POST", query = { delete = "" }, body = document, differs = differs }
  end
  local function document_of(keys)
    return "<Delete><Object><Key>" .. table.concat(keys, "</Key></Object><Object><Key>")
      .. "</Key></Object></Delete>"
  end
  put("delete/a", "x")
  put("delete/b c", "x")
  delete(document_of { "delete/a", "delete/none", "delete/b c", "delete/&amp;&lt;" })
  add { query = { ["list-type"] = 2, ["encoding-type"] = "url", prefix = "delete/" } }
  for _, quiet in ipairs { "true", "false", "perhaps" } do
    delete("<Delete><Object><Key>delete/a</Key></Object><Quiet>" .. quiet
      .. "</Quiet></Delete>")
  end
  delete('<?xml version="1.0" encoding="UTF-8"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/'
    .. '2006-03-01/">\n  <Object>\n    <Key>delete/a</Key>\n  </Object>\n</Delete>')
  local many = {}
  for i = 1, 1001 do
    many[i] = "delete/" .. i
  end
  delete(document_of(many))
  many[1001] = nil
  delete(document_of(many))
  for _, document in ipairs { "", "<Delete></Delete>", "<Delete>", "<a/>", "text",
    "<Delete><Object></Object></Delete>" } do
    delete(document)
  end
  delete("<Delete><Object><Key> delete/a </Key></Object></Delete>", "spaces around a key")
  add {
    method = "POST", query = { delete = "" }, body = document_of { "delete/a" },
    headers = { ["content-md5"] = "1B2M2Y8AsgTpgAmY7PhCfg==" },
  }
end

local function bad_requests()
  for _, subresource in ipairs { "acl", "tagging", "retention" } do
    add { key = "ranged", query = { [subresource] = "" } }
    add { method = "PUT", key = "ranged", query = { [subresource] = "" } }
  end
  for _, subresource in ipairs {
    "acl", "policy", "website", "logging", "versions", "notification",
  } do
    add { query = { [subresource] = "" } }
  end
  for _, header in ipairs {
    { "x-amz-acl", "odd" }, { "x-amz-tagging", "a=b" }, { "x-amz-storage-class", "odd" },
    { "x-amz-server-side-encryption", "aws:kms" }, { "x-amz-expected-bucket-owner", "a" },
    { "x-amz-object-lock-mode", "GOVERNANCE" }, { "x-amz-grant-read", "id=a" },
    { "x-amz-website-redirect-location", "/" }, { "x-amz-storage-class", "STANDARD_IA" },
  } do
    put("refused", "x", { [header[1]] = header[2] })
  end
  add { key = "refused" }
  add { method = "HEAD" }
  add { query = { location = "" } }
  add { query = { location = "", odd = "" } }
  add { method = "DELETE", query = { odd = "" } }
  add { method = "PUT", query = { odd = "" } }
  add { method = "DELETE", query = { policy = "" } }
  add { method = "PATCH", key = "ranged" }
  add { key = "ranged", query = { partNumber = 1 } }
  add { method = "HEAD", key = "ranged", query = { partNumber = 1 } }

  for _, seconds in ipairs { -3600, 3600 } do
    add { key = "ranged", skew = seconds }
  end
  add { key = "ranged", region = "eu-west-1", differs = "region" }
  add { key = "ranged", expires = 60 }
  add { method = "PUT", key = "presigned", body = "x", expires = 60 }
  add { method = "DELETE", key = "presigned", expires = 60 }
  add { key = "ranged", expires = 60, skew = -120 }
  add { key = "ranged", unsigned = { authorization = "Bearer x" } }
  add { key = "ranged", unsigned = { authorization = false } }
  add { key = "ranged", unsigned = { ["x-amz-date"] = "rubbish" } }
  add { key = "ranged", unsigned = { ["x-amz-date"] = false } }
  add { key = "ranged", unsigned = { ["x-amz-content-sha256"] = false } }
  add { key = "ranged", unsigned = { ["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD" } }
  add { key = "ranged", unsigned = { ["x-amz-meta-a"] = "1" }, differs = "unsigned header" }
  put("cafe\204\129", "x")
  list[#list].differs = "NFC"
  add {
    method = "PUT", path = "/my-bucket/" .. ("k"):rep(1025), body = "x", differs = "long key",
  }
  put("metadata", "x", { ["x-amz-meta-a"] = ("x"):rep(8192) })
  list[#list].differs = "long metadata"
  add { method = "PUT", key = "dots/../resolved", body = "x", differs = "dots" }
  add { method = "PUT", key = "parts", query = { uploadId = "x" }, body = "x",
    differs = "no part number" }
end

for _, make in ipairs { names, digests, ranges, conditions, lists, copies, multipart, deletions,
  bad_requests } do
  make()
end

--- All of them, in their order.
requests.list = list

return requests
