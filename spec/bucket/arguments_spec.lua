-- What a bucket's methods refuse before anything is sent.
local refused = require "spec.support.refused"
local scripted = require "spec.support.bucket.scripted"
local values = require "spec.support.values"

local SECRET = "a-secret-in-a-wrong-place-that-nobody-may-see"

local bucket, log

before_each(function()
  bucket, log = scripted.new { scripted.good() }
end)

local unpack = table.unpack or unpack

-- Calls the method; says what is refused in it.
local function refuse(field, method, ...)
  local arguments = { n = select("#", ...), ... }
  local err = refused({ kind = "invalid_request", field = field, hides = { SECRET },
    starts = false }, function()
    return bucket[method](bucket, unpack(arguments, 1, arguments.n))
  end)
  assert.same({}, log.asked)
  return err
end

local BAD_KEYS = { false, 1, "", ("k"):rep(1025), "a\0b", "\255", {} }

-- Method -> arguments behind the key.
local KEYED = {
  put = { "x" }, get = {}, head = {}, create_upload = {}, upload_part = { "id", 1, "x" },
  list_parts = { "id" }, complete_upload = { "id", { { number = 1, etag = "e" } } },
  abort_upload = { "id" },
}

describe("a key", function()
  for method, arguments in values.sorted(KEYED) do
    it("is needed by " .. method .. ", and is a name", function()
      for _, bad in ipairs(BAD_KEYS) do
        refuse("key", method, bad, unpack(arguments))
      end
      refuse("key", method, nil, unpack(arguments))
    end)
  end

  it("is needed by delete, presign and copy", function()
    for _, bad in ipairs { false, 1, "", ("k"):rep(1025), "a\0b", "\255" } do
      refuse("key", "delete", bad)
      refuse("key", "presign", "GET", bad)
      refuse("key", "copy", "from", bad)
      refuse("from", "copy", bad, "to")
    end
    refuse("key", "delete", nil)
    refuse("from", "copy", { bucket = "my-bucket" }, "to")
    refuse("from", "copy", { bucket = "No", key = "a" }, "to")
    refuse("from", "copy", { bucket = 1, key = "a" }, "to")
    refuse("name", "copy", { name = "my-bucket", key = "a" }, "to")
  end)

  it("may be one of a list of them, and of nothing else", function()
    for _, bad in ipairs { {}, { "a", 1 }, { [2] = "a" }, { a = "a" }, { "" }, { false },
      { ("k"):rep(1025) }, { { "a" } } } do
      refuse("keys", "delete", bad)
    end
    assert.equal(2, refuse("keys", "delete", { "a", "" }).item)
  end)
end)

describe("options", function()
  it("are known, each of them", function()
    for method, arguments in pairs {
      put = { "a", "x", { metdata = {} } }, get = { "a", { rang = { 1 } } },
      head = { "a", { range = { 1 } } }, list_page = { { prefx = "a" } },
      copy = { "a", "b", { sourc_if_match = "e" } },
      create_upload = { "a", { if_match = "e" } },
      upload_part = { "a", "id", 1, "x", { part = 1 } },
      list_parts = { "a", "id", { x = 1 } },
      list_uploads = { { start_after = "a" } }, presign = { "GET", "a", { expires = 1 } },
    } do
      local options = arguments[#arguments]
      refuse(next(options), method, unpack(arguments))
    end
    refuse(nil, "put", "a", "x", { [SECRET] = 1 })
    refuse(nil, "put", "a", "x", setmetatable({}, { __index = { if_none_match = "*" } }))
  end)

  for name, bads in values.sorted {
    content_type = { 1, false, "", "a\nb", " a", "a ", "caf\195\169" },
    cache_control = { "a\rb" }, content_disposition = { "filename=caf\195\169" },
    content_encoding = { {} }, content_language = { "\0" },
    expires = { "tomorrow", -1, 0 / 0, 1e15, {} },
    metadata = { 1, "a", { 1 }, { [1] = "a" }, { a = 1 }, { A = "b" }, { ["a b"] = "c" },
      { [""] = "a" }, { a = "b\nc" }, { a = "caf\195\169" }, { a = ("x"):rep(8192) },
      setmetatable({}, {}) },
    if_match = { 1, "", 'a"b', "a b", "\1", { "e" } },
    if_none_match = { false, '"' },
    if_modified_since = { "yesterday", -1 }, if_unmodified_since = { {} },
    progress = { 1, "x", {} },
    content_length = { -1, 0.5, "1", 2 ^ 53, 0 / 0, 4 },
  } do
    it("have a right " .. name, function()
      for _, bad in ipairs(bads) do
        local err = refuse(name, "put", "a", "hello", { [name] = bad })
        assert.is_falsy(err.message:find("caf", 1, true))
      end
    end)
  end

  it("have a right range", function()
    for _, bad in ipairs { 1, "0-1", {}, { "0" }, { 0.5 }, { 5, 3 }, { -1, 3 }, { 0, -1 },
      { 1, 2, 3 }, { first = 1 }, { 0 / 0 }, { 2 ^ 60 }, { [2] = 1 },
      setmetatable({ 1 }, {}) } do
      refuse("range", "get", "a", { range = bad })
    end
  end)

  it("have a right output", function()
    for _, bad in ipairs { 1, "x", {}, true, { write = 1 } } do
      refuse("output", "get", "a", { output = bad })
    end
  end)

  it("of lists have limits and names", function()
    for _, bad in ipairs { 0, 1001, 1.5, "1", false } do
      refuse("limit", "list_page", { limit = bad })
      refuse("limit", "list_uploads", { limit = bad })
      refuse("limit", "list_parts", "a", "id", { limit = bad })
    end
    for _, name in ipairs { "prefix", "delimiter", "start_after", "next" } do
      refuse(name, "list_page", { [name] = 1 })
      refuse(name, "list_page", { [name] = ("x"):rep(5000) })
    end
    refuse("next", "list_page", { next = "" })
    refuse("next", "list_parts", "a", "id", { next = "1" })
    assert.error_matches(function() bucket:list { limit = 0 } end, "bad argument #1 to 'list'")
    assert.error_matches(function() bucket:list { next = "t" } end, "next is not a known field")
  end)

  it("of a copy go together", function()
    refuse("merge", "copy", "a", "b", { metadata = { a = "b" }, merge = 1 })
    refuse("source_if_match", "copy", "a", "b", { source_if_match = 1 })
  end)
end)

describe("a body", function()
  it("is a string, a function or a file", function()
    for _, bad in ipairs { 1, true, {}, { read = 1 } } do
      refuse("body", "put", "a", bad)
      refuse("body", "upload_part", "a", "id", 1, bad)
    end
    refuse("body", "put", "a", nil)
  end)

  it("that is no string has a length", function()
    refuse("content_length", "put", "a", function() end)
    refuse("content_length", "put", "a", { read = function() return "" end })
  end)

  it("is no longer than R2 takes in one request", function()
    local far = { read = function() return "" end, seek = function(_, whence)
      return whence == "end" and 6e9 or 0
    end }
    refuse("body", "put", "a", far)
    refuse("content_length", "put", "a", function() end, { content_length = 6e9 })
  end)
end)

describe("an upload in parts", function()
  it("has an id, numbers and parts", function()
    for _, bad in ipairs { "", 1, false, ("x"):rep(5000) } do
      refuse("upload_id", "upload_part", "a", bad, 1, "x")
      refuse("upload_id", "abort_upload", "a", bad)
    end
    for _, bad in ipairs { 0, 10001, 1.5, "1", false } do
      refuse("number", "upload_part", "a", "id", bad, "x")
    end
    refuse("number", "upload_part", "a", "id", nil, "x")
    for _, bad in ipairs { false, 1, {}, { 1 }, { {} }, { { number = 1 } }, { { etag = "e" } },
      { { number = 0, etag = "e" } }, { { number = 1, etag = 'e"' } },
      { { number = 1, etag = "e", md5 = "x" } }, { a = { number = 1, etag = "e" } } } do
      refuse("parts", "complete_upload", "a", "id", bad)
    end
    refuse("parts", "complete_upload", "a", "id", nil)
  end)
end)

describe("rules", function()
  local GOOD = { allowed_origins = { "*" }, allowed_methods = { "GET" } }

  it("are a list of one or more", function()
    for _, setter in ipairs { "set_cors", "set_lifecycle" } do
      for _, bad in ipairs { false, 1, "x", {}, { 1 }, { rule = {} } } do
        refuse("rules", setter, bad)
      end
      refuse("rules", setter, nil)
    end
  end)

  it("of CORS are whole, and known", function()
    local function refuse_rule(rule)
      assert.equal(2, refuse("rules", "set_cors", { GOOD, rule }).item)
    end
    refuse_rule {}
    refuse_rule { allowed_origins = { "*" } }
    refuse_rule { allowed_origins = "*", allowed_methods = { "GET" } }
    refuse_rule { allowed_origins = {}, allowed_methods = { "GET" } }
    refuse_rule { allowed_origins = { "*" }, allowed_methods = { "GET" }, max_age = 1 }
    refuse_rule { allowed_origins = { "*" }, allowed_methods = { "GET" }, max_age_seconds = -1 }
    refuse_rule { allowed_origins = { "a\1" }, allowed_methods = { "GET" } }
  end)

  it("of a lifecycle say what becomes of what", function()
    for _, bad in ipairs {
      { expiration_days = 1 }, { prefix = "" }, { prefix = "", expiration_days = 0 },
      { prefix = "", expiration_days = 1, expiration_at = 1 },
      { prefix = 1, expiration_days = 1 },
      { prefix = "", expiration_days = 1, storage_class = "STANDARD_IA" },
      { prefix = "", expiration_days = 1, enabled = "yes" },
      { prefix = "", expiration_at = "2026-01-01" }, { prefix = "", days = 1 },
    } do
      refuse("rules", "set_lifecycle", { bad })
    end
  end)
end)

describe("a presigned URL", function()
  it("is for what can be presigned", function()
    refuse("method", "presign", "POST", "a")
    refuse("method", "presign", nil, "a")
    refuse("expires_seconds", "presign", "GET", "a", { expires_seconds = 0 })
    refuse("headers", "presign", "GET", "a", { headers = { ["x\n"] = "a" } })
    refuse("query", "presign", "GET", "a", { query = "a=b" })
    refuse("query", "presign", "GET", "a", { query = { ["X-Amz-Expires"] = 1 } })
    refuse("upload_id", "presign", "GET", "a", { upload_id = "id", part_number = 1 })
    refuse("upload_id", "presign", "PUT", "a", { part_number = 1 })
    refuse("upload_id", "presign", "PUT", "a", { upload_id = "id" })
    refuse("part_number", "presign", "PUT", "a", { upload_id = "id", part_number = 0 })
    refuse("query", "presign", "PUT", "a",
      { upload_id = "id", part_number = 1, query = { a = "b" } })
    refused({ kind = "expired", field = "expires_seconds" }, function()
      return bucket:presign("GET", "a", { expires_seconds = 7200 })
    end)
  end)
end)
