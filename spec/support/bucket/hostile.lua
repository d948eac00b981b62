-- Answers that R2 should not give: each comes out as one clear line, and nothing is taken for what
-- it is not.
local assert = require "luassert"
local leaks = require "spec.support.leaks"
local refused = require "spec.support.refused"

local case, list = require("spec.support.bucket.cases")()

-- Searches an error, and what it becomes when it is raised, for the credential and for the
-- signatures that the server has got.
local function assert_silent(w, bucket, message, err)
  local credentials = w:credentials_of(bucket)
  local secrets = { credentials.session_token, credentials.secret_access_key }
  for _, request in ipairs(w:seen(bucket).requests) do
    secrets[#secrets + 1] = (request.headers.authorization or ""):match("Signature=(%x+)")
  end
  assert.is_true(#secrets > 2 or #w:seen(bucket).requests == 0)
  local _, raised = pcall(error, err)
  leaks.assert_none(secrets, { message, err, tostring(err), raised, debug.traceback(message) })
end

-- Calls a bucket's method on a bucket that shows the fault. Returns the error and the requests.
local function fail(w, fault, expected, method, ...)
  local bucket = w:fault(fault, expected.settings)
  local credentials = w:credentials_of(bucket)
  local arguments = { n = select("#", ...), ... }
  local unpack = table.unpack or unpack
  local first = true
  local err, once
  err = refused({
    kind = expected.kind, field = expected.field, starts = false, says = expected.says,
    hides = { credentials.session_token, credentials.secret_access_key },
  }, function()
    if first then
      first = false
      once = { bucket[method](bucket, unpack(arguments, 1, arguments.n)) }
      return nil, once[2], once[3]
    end
    return nil, once[2], once[3]
  end)
  assert.is_nil(once[1])
  local seen = w:seen(bucket)
  assert.equal(expected.attempts or 1, #seen.requests)
  assert.equal(expected.attempts or 1, err.attempts)
  assert_silent(w, bucket, err.message, err)
  if expected.retryable ~= nil then
    assert.equal(expected.retryable, err.retryable)
  end
  return err, seen, bucket
end

-- ---- what claims success and is none ----

-- What reads a document of an answer that claims success.
local function with_documents()
  return {
    { "list_page", {}, "without the document" },
    { "list_parts", { "a", "id" }, "without the document" },
    { "list_uploads", {}, "without the document" },
    { "create_upload", { "a" }, "without the document" },
    { "complete_upload", { "a", "id", { { number = 1, etag = "e" } } }, "without the document" },
    { "copy", { "a", "b" }, "without the document" },
    { "delete", { { "a", "b" } }, "without the document" },
  }
end

for fault, rows in pairs {
  ["s3-etag-lies"] = {
    { "put", { "a", "hello" }, "ETag is not the MD5" },
    { "get", { "a" }, "ETag is not the MD5" },
    { "get", { "a", { output = function() end } }, "ETag is not the MD5" },
  },
  ["s3-no-etag"] = {
    { "put", { "a", "hello" }, "without an ETag" },
    { "upload_part", { "a", "id", 1, "hello" }, "without an ETag" },
  },
  ["s3-length-short"] = { { "get", { "a" }, "ETag is not the MD5" } },
  ["s3-no-length"] = { { "get", { "a" }, "is not as long" } },
  ["s3-whole-for-range"] = { { "get", { "a", { range = { 1, 3 } } }, "not the range" } },
  ["s3-other-range"] = {
    { "get", { "a", { range = { 1, 3 } } }, "another range" },
    { "get", { "a", { range = { -3 } } }, "another range" },
  },
  ["s3-range-of-other-length"] = {
    { "get", { "a", { range = { 1, 3 } } }, "not as long as its range" },
  },
  ["s3-part-for-whole"] = { { "get", { "a" }, "not the whole object" } },
  ["s3-html"] = {
    { "list_page", {}, "without the document" },
    { "create_upload", { "a" }, "without the document" },
    { "copy", { "a", "b" }, "without the document" },
    { "delete", { { "a", "b" } }, "without the document" },
    { "list_parts", { "a", "id" }, "without the document" },
    { "list_uploads", {}, "without the document" },
    { "cors", {}, "without the document" },
    { "lifecycle", {}, "without the document" },
  },
  ["s3-redirect"] = {
    { "get", { "a" }, "neither a result nor an error" },
    { "put", { "a", "x" }, "neither a result nor an error" },
  },
  ["s3-xml-cut"] = with_documents(),
  ["s3-xml-deep"] = with_documents(),
  ["s3-xml-many"] = { { "list_page", {}, "without the document" } },
  ["s3-xml-entities"] = with_documents(),
  ["s3-xml-long"] = { { "list_page", {}, "longer than it may be" } },
  ["s3-list-without-size"] = { { "list_page", {}, "incomplete" } },
  ["s3-list-unended"] = { { "list_page", {}, "how it goes on" } },
  ["s3-list-without-token"] = { { "list_page", {}, "how it goes on" } },
  ["s3-list-same-token"] = { { "list_page", { { next = "t" } }, "how it goes on" } },
} do
  for _, row in ipairs(rows) do
    case(("%s, seen by %s: bad_response"):format(fault, row[1]), function(w)
      local unpack = table.unpack or unpack
      fail(w, fault, { kind = "bad_response", says = { row[3] }, retryable = false },
        row[1], unpack(row[2]))
    end)
  end
end

case("a body that ends before its length is asked for again, and again", function(w)
  fail(w, "s3-length-long", { kind = "network", attempts = 3 }, "get", "a")
end)

case("but not where a part of it was handed on", function(w)
  local got = 0
  fail(w, "s3-half", { kind = "network", retryable = false }, "get", "a",
    { output = function(piece) got = got + #piece end })
  assert.equal(65536, got)
end)

case("a page that fails is an error of list_page, and raised by the iterator", function(w)
  local err, _, bucket = fail(w, "s3-second-page-fails", { kind = "api" }, "list_page",
    { next = "t" })
  assert.equal("AccessDenied", err.code)
  local keys = {}
  local ended, problem = pcall(function()
    for entry in bucket:list() do
      keys[#keys + 1] = entry.key
    end
  end)
  assert.is_false(ended)
  assert.is_truthy(tostring(problem):find("AccessDenied", 1, true), problem)
  assert.same({ "a", "b" }, keys)
  local credentials = w:credentials_of(bucket)
  leaks.assert_none({ credentials.session_token, credentials.secret_access_key }, problem)
end)

case("a list without an end is not followed for ever", function(w)
  local bucket = w:fault "s3-list-same-token"
  local count = 0
  local ended = pcall(function()
    for _ in bucket:list() do
      count = count + 1
    end
  end)
  assert.is_false(ended)
  assert.equal(1, count)
end)

case("nor one whose pages lead to each other", function(w)
  local bucket = w:fault "s3-list-cycle"
  local ended, problem = pcall(function()
    return bucket:list()()
  end)
  assert.is_false(ended)
  assert.is_truthy(problem:find("how it goes on", 1, true), problem)
  assert.equal(3, #w:seen(bucket).requests)
end)

case("an error inside of a success is one", function(w)
  for _, call in ipairs {
    { "copy", "a", "b" }, { "list_page" },
    { "complete_upload", "a", "id", { { number = 1, etag = "e" } } },
  } do
    local err = fail(w, "s3-xml-refusal", { kind = "api", says = { "InvalidPart" } },
      (table.unpack or unpack)(call))
    assert.equal("InvalidPart", err.code)
    assert.equal(200, err.status)
  end
  fail(w, "s3-xml-error", { kind = "api", says = { "InternalError" }, attempts = 3,
    retryable = true }, "copy", "a", "b")
end)

case("of keys of which nothing is said it is told that nothing is", function(w)
  local bucket = w:fault "s3-delete-some"
  local _, _, err = bucket:delete { "a", "refused", "unsaid", "b" }
  assert.same({ "a", "b" }, err.deleted)
  assert.equal("AccessDenied", err.refused.refused.code)
  assert.equal("bad_response", err.refused.unsaid.kind)
  assert.is_truthy(err.message:find("2 of the keys", 1, true))
  -- R2 says keys in Unicode's NFC.
  assert.is_true(bucket:delete { "cafe\204\129", "a" })
end)

-- ---- refusals ----

case("what R2 echoes of the request is shown nowhere", function(w)
  for _, method in ipairs { "get", "head", "put", "delete", "list_page" } do
    local arguments = { get = { "a" }, head = { "a" }, put = { "a", "x" }, delete = { "a" },
      list_page = {} }
    local err = fail(w, "s3-echo", { kind = "api" }, method,
      (table.unpack or unpack)(arguments[method]))
    assert.equal(403, err.status)
    assert.is_nil(err.code)
    assert.is_nil(err.request_id)
    assert.is_nil(err.ray_id)
    assert.is_nil(err.retry_after)
    for _, name in ipairs { "body", "headers" } do
      assert.is_nil(err[name])
    end
  end
end)

case("a refusal has status, code and the request's ids", function(w)
  local err = fail(w, "s3-wrong-signature",
    { kind = "api", says = { "SignatureDoesNotMatch", "A reason.", "0A1b2C3d" } }, "get", "a")
  assert.equal(403, err.status)
  assert.equal("SignatureDoesNotMatch", err.code)
  assert.equal("0A1b2C3d", err.request_id)
  assert.equal("8f2a6c1d3b5e7a90-SJC", err.ray_id)
end)

for fault, status in pairs { ["s3-deep-error"] = 403, ["s3-html-error"] = 502 } do
  case(fault .. " has a status and no code", function(w)
    local attempts = status >= 500 and 3 or 1
    local err = fail(w, fault, { kind = "api", attempts = attempts }, "get", "a")
    assert.equal(status, err.status)
    assert.is_nil(err.code)
  end)
end

case("an error that is too long is not kept", function(w)
  fail(w, "s3-long-error", { kind = "bad_response" }, "get", "a")
end)

case("an answer before the body was read is heard", function(w)
  local body = ("0123456789abcdef"):rep(2 ^ 18)
  local err = fail(w, "s3-early", { kind = "api", says = { "AccessDenied" } }, "put", "a", body)
  assert.equal(403, err.status)
end)

for status, row in pairs {
  [401] = { "expired", 1 }, [408] = { "api", 3 }, [429] = { "rate_limited", 3 },
  [500] = { "api", 3 }, [501] = { "api", 1 }, [503] = { "api", 3 }, [522] = { "api", 3 },
  [530] = { "api", 3 },
} do
  case(("status %d is %s after %d attempts"):format(status, row[1], row[2]), function(w)
    local err = fail(w, "s3-" .. status, { kind = row[1], attempts = row[2] }, "put", "a", "x")
    assert.equal(status, err.status)
    assert.equal(row[2] == 3, err.retryable)
  end)
end

case("each third request that fails is made up for", function(w)
  for _, status in ipairs { 500, 503 } do
    local bucket = w:fault("s3-third-" .. status)
    for _ = 1, 10 do
      assert.equal("hello", assert(bucket:get("a")).body)
      assert(bucket:put("a", "hello"))
    end
    assert.equal(29, #w:seen(bucket).requests)
  end
end)

case("what cannot be made again goes out once", function(w)
  local function once()
    local given = false
    return function()
      if not given then
        given = true
        return "hello"
      end
    end
  end
  for _, fault in ipairs { "s3-503", "s3-leaves" } do
    local err, seen = fail(w, fault, { kind = fault == "s3-503" and "api" or "network",
      retryable = false }, "put", "a", once(), { content_length = 5 })
    assert.equal("hello", seen.requests[1].body)
    assert.is_nil(err.outcome)
  end
  local pipe = { read = once() }
  fail(w, "s3-503", { kind = "api", retryable = false }, "put", "a", { read = function(_, room)
    return room ~= 0 and pipe.read() or nil
  end }, { content_length = 5 })
end)

case("a file goes out again from where it was", function(w)
  local file = assert(io.tmpfile())
  assert(file:write("before hello"))
  assert(file:seek("set", 7))
  local _, seen = fail(w, "s3-503", { kind = "api", attempts = 3, retryable = true }, "put", "a",
    file)
  for _, request in ipairs(seen.requests) do
    assert.equal("hello", request.body)
  end
  file:close()
end)

case("silence ends an attempt", function(w)
  local settings = { timeout_seconds = 1, max_attempts = 1 }
  for _, call in ipairs { { "get", "a" }, { "put", "a", "hello" } } do
    fail(w, "s3-slow", { kind = "timeout", settings = settings, retryable = true },
      (table.unpack or unpack)(call))
  end
end)

case("what comes slowly and steadily is no silence", function(w)
  local bucket = w:fault("s3-steady", { timeout_seconds = 1, max_attempts = 1 })
  assert.equal(10240, #assert(bucket:get("a")).body)
end)

case("a deadline ends a call, whatever comes meanwhile", function(w)
  local err = refused({ kind = "timeout" }, function()
    return w:fault("s3-slow", { deadline_seconds = 0.3 }):get("a")
  end)
  assert.is_true(err.attempts >= 1)
end)

-- ---- answers that are lost ----

local HELLO = "5d41402abc4b2a76b9719d911017c592"

-- Puts over a connection that was kept, or a fresh one.
local function put_lost(w, fault, kept, body, options)
  local bucket = w:fault(fault)
  if kept then
    assert(bucket:head("warms-up"))
  end
  local result, message, err = bucket:put("a/" .. HELLO, body, options)
  local puts = 0
  for _, request in ipairs(w:seen(bucket).requests) do
    puts = puts + (request.method == "PUT" and 1 or 0)
  end
  if err then
    assert_silent(w, bucket, message, err)
  end
  return result, err, puts, message
end

for _, kept in ipairs { true, false } do
  local where = kept and "a kept connection" or "a fresh one"

  case("a create-only put whose answer was lost on " .. where .. " is found", function(w)
    local result, _, puts = put_lost(w, "s3-stores", kept, "hello", { if_none_match = "*" })
    assert.same({ etag = HELLO, size = 5 }, result)
    assert.equal(2, puts)
  end)

  case("it is not known where nobody may look, on " .. where, function(w)
    local result, err, puts, message =
      put_lost(w, "s3-stores-unreadable", kept, "hello", { if_none_match = "*" })
    assert.is_nil(result)
    assert.equal("unknown", err.outcome)
    assert.is_false(err.retryable)
    assert.equal(412, err.status)
    assert.equal(message, err.message)
    assert.is_truthy(message:find("not known", 1, true))
    assert.equal(2, puts)
  end)

  case("another one's object is another one's, on " .. where, function(w)
    for _, fault in ipairs { "s3-stores-other", "s3-stores-gone" } do
      local result, err = put_lost(w, fault, kept, "not hello", { if_none_match = "*" })
      assert.is_nil(result)
      assert.equal(412, err.status)
      assert.is_nil(err.outcome)
    end
  end)

  case("what cannot be made again is sent once and is not known, on " .. where, function(w)
    for _, fault in ipairs { "s3-stores", "s3-stores-unreadable" } do
      local given = false
      local result, err, puts = put_lost(w, fault, kept, function()
        local piece = not given and "hello" or nil
        given = true
        return piece
      end, { if_none_match = "*", content_length = 5 })
      assert.is_nil(result)
      assert.equal("network", err.kind)
      assert.equal("unknown", err.outcome)
      assert.is_false(err.retryable)
      assert.equal(1, puts)
    end
  end)

  case("so is an empty object, on " .. where, function(w)
    local result, err, puts =
      put_lost(w, "s3-stores-unreadable", kept, "", { if_none_match = "*" })
    assert.is_nil(result)
    assert.equal("unknown", err.outcome)
    assert.equal(2, puts)
  end)
end

case("an upload whose end was lost is found by its ETag", function(w)
  local part = { number = 1, etag = "opaque", md5 = HELLO }
  local etag = require("r2.files").digest("md5"):update((HELLO:gsub("%x%x", function(digits)
    return string.char(tonumber(digits, 16))
  end))):hex("md5") .. "-1"
  local bucket = w:fault "s3-stores"
  assert.same({ etag = etag }, assert(bucket:complete_upload("a/" .. etag, "id", { part })))
  bucket = w:fault "s3-stores-unreadable"
  local _, _, err = bucket:complete_upload("a/" .. etag, "id", { part })
  assert.equal("unknown", err.outcome)
  assert.equal("NoSuchUpload", err.code)
  assert.is_false(err.retryable)
  bucket = w:fault "s3-stores"
  _, _, err = bucket:complete_upload("a/" .. etag, "id", { { number = 1, etag = "opaque" } })
  assert.equal("unknown", err.outcome)
  bucket = w:fault "s3-stores-other"
  _, _, err = bucket:complete_upload("a/" .. etag, "id", { part })
  assert.is_nil(err.outcome)
  assert.equal("NoSuchUpload", err.code)
end)

case("a create-only put that never got an answer is not known", function(w)
  local err = fail(w, "s3-leaves", { kind = "network", attempts = 3, retryable = false,
    says = { "not known" } }, "put", "a", "hello", { if_none_match = "*" })
  assert.equal("unknown", err.outcome)
  err = fail(w, "s3-503", { kind = "api", attempts = 3, retryable = false }, "put", "a", "hello",
    { if_match = HELLO })
  assert.equal("unknown", err.outcome)
end)

case("a put without a condition may go out twice", function(w)
  local result, _, puts = put_lost(w, "s3-third-503", false, "hello")
  assert.same({ etag = HELLO, size = 5 }, result)
  assert.equal(1, puts)
  local _, _, err = w:fault("s3-leaves"):put("a", "hello")
  assert.equal("network", err.kind)
  assert.equal(3, err.attempts)
  assert.is_true(err.retryable)
  assert.is_nil(err.outcome)
end)

case("where nobody listens nothing was sent, so nothing is unknown", function(w)
  local bucket = w:bucket(nil, { endpoint = "http://127.0.0.1:1", max_attempts = 2 })
  local _, _, err = bucket:put("a", "hello", { if_none_match = "*" })
  assert.equal("network", err.kind)
  assert.is_nil(err.outcome)
  assert.is_true(err.retryable)
  assert.is_false(err.sent)
end)

return list
