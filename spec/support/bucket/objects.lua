-- Objects put, got and looked at.
local assert = require "luassert"
local files = require "r2.files"
local refused = require "spec.support.refused"

local case, list = require("spec.support.bucket.cases")()

local function md5(text)
  return files.digest("md5"):update(text):hex("md5")
end

local function every_byte()
  local bytes = {}
  for i = 0, 255 do
    bytes[i + 1] = string.char(i)
  end
  return table.concat(bytes)
end

local BODIES = {
  ["no byte"] = "", ["a byte"] = "\0", ["every byte"] = every_byte(),
  ["a megabyte and a bit"] = every_byte():rep(4096) .. "the end",
}

-- A body's function that returns pieces of that size.
local function pieces_of(text, size)
  local at = 1
  return function()
    local piece = text:sub(at, at + size - 1)
    at = at + size
    return piece ~= "" and piece or nil
  end
end

local function collector()
  local pieces = {}
  return function(piece)
    pieces[#pieces + 1] = piece
  end, pieces
end

for name, body in pairs(BODIES) do
  case("a string of " .. name .. " comes back", function(w)
    local bucket, key = w:bucket(), w:key()
    local put = assert(bucket:put(key, body))
    assert.same({ etag = md5(body), size = #body }, put)
    local got = assert(bucket:get(key))
    assert.is_true(got.body == body)
    assert.equal(#body, got.size)
    assert.equal(put.etag, got.etag)
    assert.is_nil(got.content_range)
  end)

  case("what a function makes of " .. name .. " comes back, to a function", function(w)
    local bucket, key = w:bucket(), w:key()
    for _, size in ipairs { 1000, 65536, 300000 } do
      assert.same({ etag = md5(body), size = #body },
        assert(bucket:put(key, pieces_of(body, size), { content_length = #body })))
      local take, pieces = collector()
      assert(bucket:get(key, { output = take }))
      assert.is_true(table.concat(pieces) == body)
    end
  end)
end

for _, name in ipairs {
  "a b", "a+b", "a%20b", "a%2Fb", "caf\195\169", "\230\151\165\230\156\172/\240\159\166\138",
  "a//b", "trailing/", "?x=1&y", "#x", "\"<>\\^`{|}", "~!$&'()*,;=:@", "a\tb", ("k"):rep(900),
} do
  case(("the key %q is itself"):format(name:sub(1, 20)), function(w)
    local bucket, key = w:bucket(), w:key(name)
    assert(bucket:put(key, name))
    assert.equal(name, assert(bucket:get(key)).body)
    assert.equal(#name, assert(bucket:head(key)).size)
    local page = assert(bucket:list_page { prefix = key })
    assert.equal(key, page[1].key)
    assert.is_true(bucket:delete(key))
    assert.equal(404, select(3, bucket:head(key)).status)
  end)
end

for _, name in ipairs { "a/../b", "./a", "a/./b", ".." } do
  case(("the key %q is itself, dots and all"):format(name), function(w)
    local bucket, key = w:bucket(), w:key(name)
    assert(bucket:put(key, name))
    assert.equal(name, assert(bucket:get(key)).body)
  end, { sandbox = true })
end

case("what is kept of an object comes back", function(w)
  local bucket, key = w:bucket(), w:key("a.html")
  local kept = {
    content_type = "text/x-own", cache_control = "max-age=60, private",
    content_disposition = 'attachment; filename="a b.txt"', content_language = "de",
    metadata = { author = "somebody else", ["two-words"] = "a=b; c" },
  }
  local options = { expires = 1767225600 }
  for name, value in pairs(kept) do
    options[name] = value
  end
  assert(bucket:put(key, "hello", options))
  for _, found in ipairs { assert(bucket:head(key)), assert(bucket:get(key)) } do
    for name, value in pairs(kept) do
      assert.same(value, found[name], name)
    end
    assert.equal("Thu, 01 Jan 2026 00:00:00 GMT", found.expires)
    assert.is_true(math.abs(found.last_modified - os.time()) < 3600)
    assert.equal(0, found.last_modified % 1)
  end
end)

case("an object that is packed comes down as it is", function(w)
  local bucket, key = w:bucket(), w:key()
  local packed = "\31\139\8\0\0\0\0\0\0\3\171\174\5\0\67\191\166\163\2\0\0\0" -- gzip's, of {}
  assert(bucket:put(key, packed, { content_encoding = "gzip" }))
  local got = assert(bucket:get(key))
  assert.equal(packed, got.body)
  assert.equal("gzip", got.content_encoding)
end, { sandbox = true })

for key, content_type in pairs {
  ["a.html"] = "text/html; charset=utf-8", ["b.PNG"] = "image/png",
  ["c.tar.gz"] = "application/gzip",
  ["d"] = "application/octet-stream", ["html"] = "application/octet-stream",
  ["e.unknown"] = "application/octet-stream", ["f.json/g"] = "application/octet-stream",
  [".wasm"] = "application/wasm",
} do
  case("the content type of " .. key .. " is " .. content_type, function(w)
    local bucket, own = w:bucket(), w:key(key)
    assert(bucket:put(own, "x"))
    assert.equal(content_type, assert(bucket:head(own)).content_type)
    assert(bucket:put(own, "x", { content_type = "a/b" }))
    assert.equal("a/b", assert(bucket:head(own)).content_type)
  end)
end

for _, row in ipairs {
  { { 0, 4 }, "01234", 0, 4 }, { { 3, 3 }, "3", 3, 3 }, { { 5 }, "56789", 5, 9 },
  { { 8, 100 }, "89", 8, 9 }, { { -3 }, "789", 7, 9 }, { { -100 }, "0123456789", 0, 9 },
  { { 0 }, "0123456789", 0, 9 },
} do
  local range, body, first, last = row[1], row[2], row[3], row[4]
  case(("the range %d %s is %s"):format(range[1], range[2] or "", body), function(w)
    local bucket, key = w:bucket(), w:key()
    assert(bucket:put(key, "0123456789"))
    local got = assert(bucket:get(key, { range = range }))
    assert.equal(body, got.body)
    assert.equal(10, got.size)
    assert.same({ first, last }, got.content_range)
    local take, pieces = collector()
    assert(bucket:get(key, { range = range, output = take }))
    assert.equal(body, table.concat(pieces))
  end)
end

case("a range outside of the object is refused", function(w)
  local bucket, key = w:bucket(), w:key()
  assert(bucket:put(key, "0123456789"))
  local err = refused({ kind = "api" }, function()
    return bucket:get(key, { range = { 10 } })
  end)
  assert.equal(416, err.status)
  assert.equal("InvalidRange", err.code)
end)

case("conditions decide whether an object is put", function(w)
  local bucket, key = w:bucket(), w:key()
  local first = assert(bucket:put(key, "first", { if_none_match = "*" }))
  local function fails(options)
    local err = refused({ kind = "api" }, function()
      return bucket:put(key, "other", options)
    end)
    assert.equal(412, err.status)
    assert.equal("PreconditionFailed", err.code)
    assert.is_false(err.retryable)
    assert.is_nil(err.outcome)
    assert.equal(1, err.attempts)
  end
  fails { if_none_match = "*" }
  fails { if_match = md5("other") }
  fails { if_none_match = first.etag }
  assert(bucket:put(key, "second", { if_match = first.etag }))
  fails { if_match = first.etag }
  assert.equal("second", assert(bucket:get(key)).body)
end)

case("conditions decide whether an object comes", function(w)
  local bucket, key = w:bucket(), w:key()
  local etag = assert(bucket:put(key, "hello")).etag
  for _, method in ipairs { "get", "head" } do
    local err = refused({ kind = "api" }, function()
      return bucket[method](bucket, key, { if_none_match = etag })
    end)
    assert.equal(304, err.status)
    err = refused({ kind = "api" }, function()
      return bucket[method](bucket, key, { if_match = md5("other") })
    end)
    assert.equal(412, err.status)
    err = refused({ kind = "api" }, function()
      return bucket[method](bucket, key, { if_modified_since = os.time() + 3600 })
    end)
    assert.equal(304, err.status)
    err = refused({ kind = "api" }, function()
      return bucket[method](bucket, key, { if_unmodified_since = 0 })
    end)
    assert.equal(412, err.status)
    assert(bucket[method](bucket, key, { if_match = '"' .. etag .. '"' }))
    assert(bucket[method](bucket, key, { if_none_match = md5("other") }))
  end
end)

case("what is not there is 404, with a code where there is a body", function(w)
  local bucket, key = w:bucket(), w:key()
  local err = refused({ kind = "api", says = { "GetObject", "404", "NoSuchKey" } }, function()
    return bucket:get(key)
  end)
  assert.equal(404, err.status)
  assert.equal("NoSuchKey", err.code)
  assert.is_false(err.retryable)
  err = refused({ kind = "api", says = { "HeadObject", "404" } }, function()
    return bucket:head(key)
  end)
  assert.equal(404, err.status)
  assert.is_nil(err.code)
end)

case("progress is told, up and down", function(w)
  local bucket, key, body = w:bucket(), w:key(), every_byte():rep(4096)
  for _, given in ipairs { body, pieces_of(body, 50000) } do
    local told = {}
    assert(bucket:put(key, given, { content_length = #body, progress = function(done, total)
      told[#told + 1] = { done, total }
    end }))
    assert.same({ #body, #body }, told[#told])
    for i = 2, #told do
      assert.is_true(told[i][1] >= told[i - 1][1])
    end
  end
  local last
  assert(bucket:get(key, { progress = function(done, total)
    last = { done, total }
  end }))
  assert.same({ #body, #body }, last)
end)

case("a function that wants the end gets it", function(w)
  local bucket, key, body = w:bucket(), w:key(), every_byte():rep(4096)
  assert(bucket:put(key, body))
  local function stop()
    return false
  end
  local function stop_with_reason()
    return nil, "enough of it"
  end
  for _, stopper in ipairs { stop, stop_with_reason } do
    local says = stopper == stop_with_reason and { "enough of it" } or {}
    for _, call in ipairs {
      function() return bucket:put(key, stopper, { content_length = 5 }) end,
      function() return bucket:put(key, body, { progress = stopper }) end,
      function() return bucket:get(key, { output = stopper }) end,
      function() return bucket:get(key, { progress = stopper }) end,
    } do
      local err = refused({ kind = "cancelled", says = says }, call)
      assert.is_false(err.retryable)
      assert.equal(1, err.attempts)
    end
  end
  assert.equal(#body, assert(bucket:head(key)).size)
end)

case("what a function raises is raised", function(w)
  local bucket, key = w:bucket(), w:key()
  assert(bucket:put(key, "hello"))
  local function raise()
    error("raised by the program", 0)
  end
  for _, call in ipairs {
    function() return bucket:put(key, raise, { content_length = 5 }) end,
    function() return bucket:put(w:key(), "x", { progress = raise }) end,
    function() return bucket:get(key, { output = raise }) end,
    function() return bucket:get(key, { progress = raise }) end,
  } do
    local ended, problem = pcall(call)
    assert.is_false(ended)
    assert.equal("raised by the program", problem)
  end
  assert.equal("hello", assert(bucket:get(key)).body)
end, { pcall = true })

case("a body of another length than was said is refused, and not put", function(w)
  local bucket, key = w:bucket(), w:key()
  for _, length in ipairs { 4, 6 } do
    refused({ kind = "invalid_request", field = "content_length" }, function()
      return bucket:put(key, pieces_of("hello", 5), { content_length = length })
    end)
  end
  assert.equal(404, select(3, bucket:head(key)).status)
end)

case("an object is copied, with what is kept of it or with other", function(w)
  local bucket, from, to = w:bucket(), w:key("a b+c.txt"), w:key("copy.html")
  local etag = assert(bucket:put(from, "hello", { metadata = { old = "1" } })).etag
  local copied = assert(bucket:copy(from, to))
  assert.equal(etag, copied.etag)
  assert.is_true(math.abs(copied.last_modified - os.time()) < 3600)
  local found = assert(bucket:get(to))
  assert.equal("hello", found.body)
  assert.equal("text/plain; charset=utf-8", found.content_type)
  assert.same({ old = "1" }, found.metadata)
  assert(bucket:copy({ bucket = "my-bucket", key = from }, to, { metadata = { new = "2" } }))
  found = assert(bucket:head(to))
  assert.equal("text/html; charset=utf-8", found.content_type)
  assert.same({ new = "2" }, found.metadata)
  local err = refused({ kind = "api" }, function()
    return bucket:copy(w:key("nowhere"), to)
  end)
  assert.equal("NoSuchKey", err.code)
  err = refused({ kind = "api" }, function()
    return bucket:copy(from, to, { source_if_match = md5("other") })
  end)
  assert.equal(412, err.status)
end)

case("a copy's target has conditions, and metadata is merged", function(w)
  local bucket, from, to = w:bucket(), w:key(), w:key()
  assert(bucket:put(from, "hello", { metadata = { old = "1" } }))
  assert(bucket:copy(from, to, { if_none_match = "*" }))
  local err = refused({ kind = "api" }, function()
    return bucket:copy(from, to, { if_none_match = "*" })
  end)
  assert.equal(412, err.status)
  assert.is_nil(err.outcome)
  assert(bucket:copy(from, to, { metadata = { new = "2" }, merge = true }))
  assert.same({ old = "1", new = "2" }, assert(bucket:head(to)).metadata)
end, { sandbox = true })

case("eight megabytes go both ways in pieces, and no string has them all", function(w)
  local bucket, key, piece = w:bucket(), w:key(), every_byte():rep(256)
  local left, longest, total = 128, 0, 0
  assert(bucket:put(key, function()
    left = left - 1
    return left >= 0 and piece or nil
  end, { content_length = 128 * #piece }))
  assert(bucket:get(key, { output = function(part)
    longest, total = math.max(longest, #part), total + #part
  end }))
  assert.equal(128 * #piece, total)
  assert.is_true(longest <= 65536)
end)

return list
