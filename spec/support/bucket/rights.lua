-- What credentials allow, a bucket's settings, presigned URLs, what is counted, and the end.
local assert = require "luassert"
local leaks = require "spec.support.leaks"
local refused = require "spec.support.refused"

local case, list = require("spec.support.bucket.cases")()

case("a write-only credential puts, and does nothing else", function(w)
  local key = w:key()
  local bucket = w:bucket { permission = "object-write-only", objects = { key } }
  assert(bucket:put(key, "hello"))
  for name, call in pairs {
    GetObject = function() return bucket:get(key) end,
    DeleteObject = function() return bucket:delete(key) end,
    ListObjectsV2 = function() return bucket:list_page() end,
    CopyObject = function() return bucket:copy(key, key) end,
    PutObject = function() return bucket:put(w:key(), "x") end,
    GetBucketCors = function() return bucket:cors() end,
  } do
    local err = refused({ kind = "api", says = { name, "403", "AccessDenied" } }, call)
    assert.equal(403, err.status)
    assert.equal("AccessDenied", err.code)
    assert.is_false(err.retryable)
    assert.is_string(err.ray_id)
  end
  local err = refused({ kind = "api" }, function()
    return bucket:head(key)
  end)
  assert.equal(403, err.status)
  assert.is_nil(err.code)
end, { sandbox = true })

case("a credential that is over at R2 is told from a wrong signature", function(w)
  local now = os.time()
  local credentials = w:credentials({ permission = "object-read-only", ttl_seconds = 60 },
    now - 120)
  -- A clock that is slow: by it the credential is good, by the server's it is over.
  local bucket = w:bucket(nil, { credentials = credentials, clock = function()
    return now - 90
  end })
  local err = refused({ kind = "expired", starts = false, says = { "GetObject" } }, function()
    return bucket:get("a")
  end)
  assert.equal("SignatureDoesNotMatch", err.code)
  assert.equal(403, err.status)
  assert.is_false(err.retryable)
  assert.equal(1, err.attempts)
  err = refused({ kind = "expired", starts = false }, function()
    return bucket:head("a")
  end)
  assert.is_nil(err.code)
end, { sandbox = true })

case("a wrong signature long before the end is no expiry", function(w)
  local credentials = w:credentials { permission = "object-read-only" }
  credentials.secret_access_key = ("0"):rep(64)
  local bucket = w:bucket(nil, { credentials = credentials })
  local err = refused({ kind = "api", hides = { credentials.session_token } }, function()
    return bucket:get("a")
  end)
  assert.equal("SignatureDoesNotMatch", err.code)
  leaks.assert_none({ credentials.session_token, credentials.secret_access_key }, err)
end, { sandbox = true })

case("settings are kept, given back, and removed", function(w)
  local bucket = w:bucket()
  assert.same({}, assert(bucket:cors()))
  local rules = {
    {
      id = "pages", allowed_origins = { "https://example.com", "https://*.example.com" },
      allowed_methods = { "GET", "PUT" }, allowed_headers = { "content-type", "x-amz-date" },
      expose_headers = { "ETag" }, max_age_seconds = 600,
    },
    { allowed_origins = { "*" }, allowed_methods = { "GET" } },
  }
  assert.is_true(bucket:set_cors(rules))
  assert.same(rules, assert(bucket:cors()))
  assert.is_true(bucket:delete_cors())
  assert.same({}, assert(bucket:cors()))

  assert.same({}, assert(bucket:lifecycle()))
  rules = {
    { id = "old & <gone>", prefix = "logs/", enabled = true, expiration_days = 30 },
    { prefix = "", enabled = false, abort_upload_days = 1 },
    {
      prefix = "a/", enabled = true, transition_days = 10, storage_class = "STANDARD_IA",
      expiration_at = 1767225600,
    },
  }
  assert.is_true(bucket:set_lifecycle(rules))
  assert.same(rules, assert(bucket:lifecycle()))
  assert.is_true(bucket:set_lifecycle { { prefix = "", transition_days = 1 } })
  assert.same({ { prefix = "", enabled = true, transition_days = 1,
    storage_class = "STANDARD_IA" } }, assert(bucket:lifecycle()))
  assert.is_true(bucket:delete_lifecycle())
  assert.same({}, assert(bucket:lifecycle()))
end, { sandbox = true })

case("a presigned URL works without the library", function(w)
  local bucket, key = w:bucket(), w:key("a b+c.txt")
  local url = assert(bucket:presign("PUT", key, {
    expires_seconds = 60, headers = { ["content-type"] = "text/plain" },
  }))
  local put = w:ask(url, { method = "PUT", body = "hello",
    headers = { ["content-type"] = "text/plain" } })
  assert.equal(200, put.status)
  assert.equal("hello", w:ask(assert(bucket:presign("GET", key))).body)
  assert.equal("el", w:ask(assert(bucket:presign("GET", key)),
    { headers = { range = "bytes=1-2" } }).body)
  assert.equal(200, w:ask(assert(bucket:presign("HEAD", key)), { method = "HEAD" }).status)
  assert.equal(204, w:ask(assert(bucket:presign("DELETE", key)), { method = "DELETE" }).status)
  assert.equal(404, w:ask(assert(bucket:presign("GET", key))).status)
  local id = assert(bucket:create_upload(key))
  url = assert(bucket:presign("PUT", key, { upload_id = id, part_number = 1 }))
  put = w:ask(url, { method = "PUT", body = "a part" })
  assert.equal(200, put.status)
  local etag = put.headers.etag or put.headers.ETag
  assert(bucket:complete_upload(key, id, { { number = 1, etag = etag } }))
  assert.equal("a part", assert(bucket:get(key)).body)
end, { sandbox = true })

case("what R2 bills is counted, and the bytes", function(w)
  local bucket, key = w:bucket(), w:key()
  assert.same({ class_a = 0, class_b = 0, sent = 0, received = 0 }, bucket:usage())
  assert(bucket:put(key, "hello"))
  assert.same({ class_a = 1, class_b = 0, sent = 5, received = 0 }, bucket:usage())
  assert(bucket:get(key))
  assert(bucket:head(key))
  assert.same({ class_a = 1, class_b = 2, sent = 5, received = 5 }, bucket:usage())
  assert(bucket:delete(key))
  assert.same({ class_a = 1, class_b = 2, sent = 5, received = 5 }, bucket:usage())
  assert(bucket:list_page { prefix = key })
  assert.equal(2, bucket:usage().class_a)
end)

case("a bucket that was closed only counts", function(w)
  local bucket = w:bucket()
  assert(bucket:put(w:key(), "hello"))
  assert.equal("r2 bucket my-bucket", tostring(bucket))
  bucket:close()
  bucket:close()
  assert.equal("r2 bucket (closed)", tostring(bucket))
  assert.equal(1, bucket:usage().class_a)
  for _, method in ipairs { "get", "put", "list", "list_page", "delete", "presign", "cors" } do
    assert.has_error(function() bucket[method](bucket, "a", "b") end,
      "r2: this bucket is closed")
  end
end)

return list
