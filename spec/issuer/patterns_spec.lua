-- The four patterns: a name for each common use, with a scope that options cannot widen.
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local names = require "spec.support.names"
local refused = require "spec.support.refused"
local values = require "spec.support.values"

local NOW = make.NOW
local MARK = "wrong-value-0f3a"

local WRITE_ONLY = names.actions.WRITE_ONLY

local issuer

setup(function()
  issuer = make.issuer()
end)

local function paths(prefixes, objects)
  return { prefixPaths = prefixes, objectPaths = objects }
end

-- name -> how to call it with options, the seconds it lasts, the claims that it makes, and which
-- options it refuses although a request has such fields.
local patterns = {
  upload_credentials = {
    call = function(options) return issuer:upload_credentials("my-bucket", options) end,
    ttl = 3600,
    claims = { actions = WRITE_ONLY },
    sets = { "bucket", "permission", "actions", "parent_access_key_id" },
  },
  client_upload_credentials = {
    call = function(options)
      return issuer:client_upload_credentials("user-1", "my-bucket", options)
    end,
    ttl = 900,
    claims = { actions = WRITE_ONLY, paths = paths({ "uploads/user-1/" }, {}) },
    sets = {
      "bucket", "permission", "actions", "prefixes", "objects", "parent_access_key_id",
      "user_id",
    },
  },
  download_credentials = {
    call = function(options)
      return issuer:download_credentials("my-bucket", { "a.pdf", "b/c.pdf" }, options)
    end,
    ttl = 3600,
    claims = { scope = "object-read-only", paths = paths({}, { "a.pdf", "b/c.pdf" }) },
    sets = {
      "bucket", "permission", "actions", "prefixes", "objects", "parent_access_key_id",
      "object_keys",
    },
  },
  service_credentials = {
    call = function(options)
      return issuer:service_credentials("my-bucket", "backups/db/", options)
    end,
    ttl = 43200,
    claims = { scope = "object-read-write", paths = paths({ "backups/db/" }, {}) },
    sets = {
      "bucket", "permission", "actions", "prefixes", "objects", "parent_access_key_id",
      "service_prefix",
    },
  },
}

-- Good values, so that only the option's being there can be what is refused.
local OPTION_VALUES = {
  bucket = "other-bucket", permission = "admin-read-write", actions = { "GetObject" },
  prefixes = { "other/" }, objects = { "other" },
  parent_access_key_id = keys.parent_access_key_id, user_id = "other", object_keys = { "other" },
  service_prefix = "other/",
}

local function read(credentials)
  return assert(make.client():verify(credentials.session_token, NOW))
end

for name, pattern in values.sorted(patterns) do
  describe("issuer:" .. name, function()
    it("makes exactly these claims", function()
      local credentials = assert(pattern.call())
      assert.same(make.changed({
        bucket = "my-bucket", sub = keys.account_id, iss = keys.parent_access_key_id,
        aud = keys.account_id .. ".r2.cloudflarestorage.com", iat = NOW,
        exp = NOW + pattern.ttl,
      }, pattern.claims), read(credentials))
      assert.equal(NOW + pattern.ttl, credentials.expires_at)
      assert.equal("my-bucket", credentials.bucket)
    end)

    it("takes another TTL, and an empty table of options", function()
      for _, ttl in ipairs { 1, 60, 60.0, 604800 } do
        assert.equal(NOW + ttl, assert(pattern.call { ttl_seconds = ttl }).expires_at)
      end
      assert.equal(NOW + pattern.ttl, assert(pattern.call {}).expires_at)
    end)

    local odd = make.changed(values.not_a_number(), values.odd_numbers)
    for ttl_name, ttl in values.sorted(odd) do
      it("refuses a TTL that is " .. ttl_name, function()
        refused({
          kind = "invalid_request", field = "ttl_seconds", says = { "1 to 604800" },
        }, function()
          return pattern.call { ttl_seconds = ttl }
        end)
      end)
    end

    for _, field in ipairs(pattern.sets) do
      it("refuses the option " .. field, function()
        refused({ kind = "invalid_request", field = field, says = { "ttl_seconds" } },
          function()
            return pattern.call { [field] = OPTION_VALUES[field] }
          end)
      end)
    end

    for _, field in ipairs { "ttl", "prefix", "ttlSeconds", "now", "account_id" } do
      it("refuses the unknown option " .. field, function()
        refused({
          kind = "invalid_request", field = field, says = { "known", "ttl_seconds" },
          hides = { MARK },
        }, function()
          return pattern.call { [field] = MARK }
        end)
      end)
    end

    it("refuses an option whose name is no identifier, without repeating it", function()
      for _, key in ipairs { 1, true, keys.api_token, "a\nb" } do
        refused({ kind = "invalid_request", says = { "known" } }, function()
          return pattern.call { [key] = MARK }
        end)
      end
    end)

    for disguise_name, disguise in values.sorted(values.disguises) do
      it("refuses options with a metatable that has " .. disguise_name, function()
        refused({ kind = "invalid_request", says = { "metatable" } }, function()
          return pattern.call(disguise { ttl_seconds = 60 })
        end)
      end)
    end

    it("does not change its options", function()
      local options = { ttl_seconds = 60 }
      assert(pattern.call(options))
      assert.same({ ttl_seconds = 60 }, options)
    end)

    it("raises when its options are not a table", function()
      for _, options in ipairs { "ttl", 60, true, print } do
        assert.has_error(function() pattern.call(options) end)
      end
      assert.has_error(function() pattern.call(false) end)
    end)
  end)
end

describe("issuer:upload_credentials", function()
  it("takes prefixes and objects", function()
    local credentials = assert(issuer:upload_credentials("my-bucket", {
      prefixes = { "incoming/" }, objects = { "latest" }, ttl_seconds = 60,
    }))
    assert.same(paths({ "incoming/" }, { "latest" }), read(credentials).paths)
  end)

  for name, options in values.sorted {
    ["an empty list"] = { prefixes = {} }, ["an empty prefix"] = { prefixes = { "" } },
    ["false"] = { prefixes = false }, ["a string"] = { prefixes = "incoming/" },
    ["a list with __index"] = { prefixes = setmetatable({}, { __index = { "incoming/" } }) },
  } do
    it("refuses prefixes that are " .. name, function()
      refused({ kind = "invalid_request", field = "prefixes" }, function()
        return issuer:upload_credentials("my-bucket", options)
      end)
    end)
  end

  it("tells an error in terms of the field that is wrong", function()
    for field, call in pairs {
      bucket = function() return issuer:upload_credentials("B", { prefixes = { "a/" } }) end,
      ttl_seconds = function()
        return issuer:upload_credentials("my-bucket", { ttl_seconds = 0 })
      end,
      ["prefixes[2]"] = function()
        return issuer:upload_credentials("my-bucket", { prefixes = { "a/", "" } })
      end,
      ["prefixes[1]"] = function()
        return issuer:upload_credentials("my-bucket", { prefixes = { "" } })
      end,
      ["objects[1]"] = function()
        return issuer:upload_credentials("my-bucket", { objects = { "" } })
      end,
    } do
      refused({
        kind = "invalid_request", field = field:match("^[%a_]+"), starts = field .. " ",
      }, call)
    end
  end)

  it("opens no whole bucket when the issuer may not", function()
    local careful = make.issuer { whole_bucket = false }
    refused({ kind = "invalid_request", field = "prefixes", says = { "whole_bucket" } },
      function()
        return careful:upload_credentials("my-bucket")
      end)
    assert(careful:upload_credentials("my-bucket", { objects = { "a" } }))
    assert(careful:client_upload_credentials("user-1", "my-bucket"))
    assert(careful:download_credentials("my-bucket", { "a" }))
    assert(careful:service_credentials("my-bucket", "a/"))
  end)
end)

describe("The bucket of every pattern", function()
  local calls = {
    upload_credentials = function(bucket) return issuer:upload_credentials(bucket) end,
    client_upload_credentials = function(bucket)
      return issuer:client_upload_credentials("user-1", bucket)
    end,
    download_credentials = function(bucket)
      return issuer:download_credentials(bucket, { "a" })
    end,
    service_credentials = function(bucket) return issuer:service_credentials(bucket, "a/") end,
  }
  for name, call in values.sorted(calls) do
    it("is checked by " .. name, function()
      for _, bucket in ipairs {
        "", "ab", "My-Bucket", "a.b", "my-bucket\0", 12345, {}, false,
      } do
        refused({ kind = "invalid_request", field = "bucket", says = { "3 to 63" } },
          function()
            return call(bucket)
          end)
      end
      refused({ kind = "invalid_request", field = "bucket" }, function()
        return call(nil)
      end)
    end)
  end
end)

describe("A user's id", function()
  local wrong = make.changed(values.not_a_string(), {
    ["empty"] = "",
    ["a dot"] = ".",
    ["two dots"] = "..",
    ["with a slash"] = "user/1",
    ["with a slash before"] = "/user",
    ["with a final slash"] = "user/",
    ["with dots and a slash"] = "../" .. MARK,
    ["a slash"] = "/",
    ["with a backslash"] = "user\\1",
    ["with a NUL"] = "user\0",
    ["a NUL"] = "\0",
    ["with a line break"] = "user\n" .. MARK,
    ["with a tab"] = "user\t1",
    ["with a terminal's escape"] = "\27[31m",
    ["with byte 31"] = "user\31",
    ["with DEL"] = "user\127",
    ["a whole number"] = 123,
    ["zero"] = 0,
    ["of 1,016 bytes"] = ("u"):rep(1016),
    ["of 1,024 bytes"] = ("u"):rep(1024),
    ["of 1 MB"] = ("u"):rep(1000000),
  })
  for name, bytes in pairs(values.not_utf8) do
    wrong["not UTF-8: " .. name] = bytes:gsub("/", "")
    if wrong["not UTF-8: " .. name] == "caf\195" then
      wrong["not UTF-8: " .. name] = "caf\195."
    end
  end

  for name, user_id in values.sorted(wrong) do
    it("is refused when it is " .. name, function()
      refused({ kind = "invalid_request", field = "user_id", hides = { MARK } }, function()
        return issuer:client_upload_credentials(user_id, "my-bucket")
      end)
    end)
  end

  it("is refused when it has a control character of Latin-1", function()
    for byte = 128, 159 do
      for _, user_id in ipairs { "user\194%s", "\194%s", "a\194%sb" } do
        user_id = user_id:format(string.char(byte))
        refused({
          kind = "invalid_request", field = "user_id", says = { "control characters" },
        }, function()
          return issuer:client_upload_credentials(user_id, "my-bucket")
        end)
      end
    end
  end)

  it("is refused as too long in its own bounds, not in a prefix's", function()
    refused({
      kind = "invalid_request", field = "user_id", says = { "1 to 1015 bytes" },
    }, function()
      return issuer:client_upload_credentials(("u"):rep(1016), "my-bucket")
    end)
    refused({
      kind = "invalid_request", field = "user_id", says = { "1 to 1015 bytes" },
    }, function()
      return issuer:client_upload_credentials(("\195\169"):rep(508), "my-bucket")
    end)
  end)

  it("is refused when it is missing", function()
    refused({ kind = "invalid_request", field = "user_id" }, function()
      return issuer:client_upload_credentials(nil, "my-bucket")
    end)
  end)

  for name, user_id in values.sorted {
    ["letters"] = "alice", ["digits"] = "123", ["three dots"] = "...", ["dots inside"] = "a..b",
    ["a hidden name"] = ".alice", ["an e-mail address"] = "alice@example.com",
    ["a space"] = "alice b", ["letters that are not ASCII"] = "zo\195\171",
    ["an emoji"] = "\240\159\152\128", ["a percent sign"] = "%2f", ["a star"] = "*",
    ["a quote"] = '"', ["1,015 bytes"] = ("u"):rep(1015),
    ["a letter that is not ASCII"] = "\195\169", ["U+00A0"] = "\194\160",
    ["U+00C0, whose second byte is 128"] = "\195\128",
  } do
    it("may be " .. name, function()
      local credentials = assert(issuer:client_upload_credentials(user_id, "my-bucket"))
      assert.same(paths({ "uploads/" .. user_id .. "/" }, {}), read(credentials).paths)
    end)
  end
end)

describe("A list of object keys", function()
  for name, object_keys in values.sorted(make.changed(values.alien, {
    ["empty"] = {},
    ["a string"] = "a.pdf",
    ["a number"] = 5,
    ["of an empty string"] = { "" },
    ["of a number"] = { 5 },
    ["with an empty string"] = { "a.pdf", "" },
    ["with a hole"] = { "a.pdf", nil, "b.pdf" },
    ["with a name"] = { "a.pdf", prefix = "b/" },
    ["with a NUL"] = { "a.pdf\0" },
    ["with a key of 1,025 bytes"] = { ("k"):rep(1025) },
    ["with bytes that are not UTF-8"] = { "\255" },
    ["with a hidden index"] = setmetatable({}, { __index = { "a.pdf" } }),
    ["with a hidden length"] = setmetatable({ "a.pdf" }, { __len = function() return 0 end }),
  })) do
    it("is refused when it is " .. name, function()
      local err = refused({ kind = "invalid_request", field = "object_keys" }, function()
        return issuer:download_credentials("my-bucket", object_keys)
      end)
      assert.is_nil(err.message:find("leave it out", 1, true)) -- which nobody can
    end)
  end

  it("is refused when it is missing", function()
    refused({ kind = "invalid_request", field = "object_keys" }, function()
      return issuer:download_credentials("my-bucket")
    end)
    refused({ kind = "invalid_request", field = "object_keys" }, function()
      return issuer:download_credentials("my-bucket", nil, { ttl_seconds = 60 })
    end)
  end)

  it("names the item that is wrong", function()
    refused({ kind = "invalid_request", field = "object_keys", starts = "object_keys[3]" },
      function()
        return issuer:download_credentials("my-bucket", { "a", "b", "" })
      end)
  end)

  it("may not make a token that is too long", function()
    local many = {}
    for i = 1, 1000 do
      many[i] = ("reports/%d.pdf"):format(i)
    end
    refused({
      kind = "invalid_request", field = "object_keys",
      says = { "max_token_bytes" },
    }, function()
      return issuer:download_credentials("my-bucket", many)
    end)
  end)

  it("is not changed, and not kept", function()
    local object_keys = { "a", "b" }
    local credentials = assert(issuer:download_credentials("my-bucket", object_keys))
    assert.same({ "a", "b" }, object_keys)
    object_keys[1] = "c"
    assert.same(paths({}, { "a", "b" }), read(credentials).paths)
  end)
end)

describe("A service's prefix", function()
  local wrong = make.changed(values.not_a_string(), {
    ["empty"] = "",
    ["without a final slash"] = "backups",
    ["without a final slash, deep"] = "backups/db",
    ["with a final backslash"] = "backups\\",
    ["with a NUL behind the slash"] = "backups/\0",
    ["with a NUL"] = "back\0ups/",
    ["with a space behind the slash"] = "backups/ ",
    ["not UTF-8"] = "\255/",
    ["of 1,025 bytes"] = ("p"):rep(1024) .. "/",
    ["a list"] = { "backups/" },
    ["a slash"] = "/",
    ["two slashes"] = "//",
    ["with a slash before"] = "/x/",
    ["of the folder above"] = "../",
    ["with the folder above"] = "a/../",
    ["with the folder above inside"] = "a/../b/",
    ["of the folder itself"] = "./",
    ["with the folder itself"] = "a/./",
    ["with the folder itself inside"] = "a/./b/",
  })
  for name, prefix in values.sorted(wrong) do
    it("is refused when it is " .. name, function()
      refused({ kind = "invalid_request", field = "service_prefix" }, function()
        return issuer:service_credentials("my-bucket", prefix)
      end)
    end)
  end

  it("is refused when it is missing", function()
    refused({ kind = "invalid_request", field = "service_prefix" }, function()
      return issuer:service_credentials("my-bucket")
    end)
  end)

  it("without a final slash is told what it must end in", function()
    refused({ kind = "invalid_request", field = "service_prefix", says = { '"/"' } }, function()
      return issuer:service_credentials("my-bucket", "backups")
    end)
  end)

  for _, prefix in ipairs {
    "a.b/", ".a/", "a./", "..a/", "a../", ".../", "a/..b/", "a../b/", "a/b/", "\195\169/",
  } do
    it("may be " .. prefix, function()
      local credentials = assert(issuer:service_credentials("my-bucket", prefix))
      assert.same({ prefix }, read(credentials).paths.prefixPaths)
    end)
  end

  it("may have 1,024 bytes", function()
    local prefix = ("p"):rep(1023) .. "/"
    local credentials = assert(issuer:service_credentials("my-bucket", prefix))
    assert.same({ prefix }, read(credentials).paths.prefixPaths)
  end)
end)

describe("A pattern", function()
  it("raises without its issuer, and when the issuer is closed", function()
    local closed = make.issuer()
    closed:close()
    for name in pairs(patterns) do
      assert.has_error(function() issuer[name]() end)
      assert.has_error(function() issuer[name]("my-bucket") end)
      assert.has_error(function() closed[name](closed, "my-bucket", "a/") end)
    end
  end)

  it("signs what r2.actions() calls write-only", function()
    assert.same(WRITE_ONLY, r2.actions().WRITE_ONLY)
    assert.same(WRITE_ONLY, tc.actions().WRITE_ONLY)
  end)
end)
