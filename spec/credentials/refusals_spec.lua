-- A request that could widen a credential is refused before anything is signed or sent, through
-- every door: client:sign, client:request and issuer:create.
local cjson = require "cjson"
local tc = require "r2.temp_credentials"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local names = require "spec.support.names"
local refused = require "spec.support.refused"
local values = require "spec.support.values"

local ABSENT = make.ABSENT
local MARK = "wrong-value-0f3a" -- stands in strings that a message must not echo

local KNOWN = {
  "known", "bucket", "permission", "actions", "ttl_seconds", "prefixes", "objects",
  "parent_access_key_id",
}

-- What a message about the field says is allowed.
local ALLOWED = {
  bucket = { "3 to 63" },
  permission = names.on_the_wire,
  ttl_seconds = { "whole number", "1 to 604800" },
  parent_access_key_id = { "32", "lower-case hex" },
}

local cases = {}

local function case(name, changes, field, says)
  cases[#cases + 1] = {
    name = name, changes = changes, field = field, says = says or ALLOWED[field],
  }
end

local function bucket(name, value)
  case("a bucket name " .. name, { bucket = value }, "bucket")
end
bucket("left out", ABSENT)
bucket("that is empty", "")
bucket("of 2 characters", "ab")
bucket("of 64 characters", ("a"):rep(64))
bucket("of 64 KiB", ("a"):rep(65536))
bucket("that starts with a hyphen", "-my-bucket")
bucket("that ends with a hyphen", "my-bucket-")
bucket("with an upper-case letter", "My-bucket")
bucket("in upper case", "MY-BUCKET")
bucket("with a dot", "my.bucket")
bucket("with an underscore", "my_bucket")
bucket("with a space", "my bucket")
bucket("with a space before it", " my-bucket")
bucket("with a slash", "my-bucket/users")
bucket("with a final line break", "my-bucket\n")
bucket("with a final NUL", "my-bucket\0")
bucket("with a NUL inside", "my\0bucket")
bucket("with a letter that is not ASCII", "m\195\188-bucket")
bucket("of dots", "...")
bucket("with a star", "my-bucket*")
bucket("with a quote", 'my"bucket')
for name, value in values.sorted(values.not_a_string()) do
  case("bucket as " .. name, { bucket = value }, "bucket")
end

local function permission(name, value)
  case("a permission " .. name, { permission = value }, "permission")
end
permission("that is empty", "")
permission("in upper case", "OBJECT-READ-ONLY")
permission("in the spelling of r2.permission's keys", "OBJECT_READ_ONLY")
permission("with one capital", "Object-read-only")
permission("cut off", "object-read")
permission("with a final space", "object-read-only ")
permission("with a final NUL", "object-read-only\0")
permission("with a NUL and more", "object-read-only\0admin")
permission("that does not exist", MARK)
permission("that looks like a pattern", "object-read-.*")
for name, value in values.sorted(values.not_a_string()) do
  case("permission as " .. name, { permission = value }, "permission")
end
case("neither permission nor actions", { permission = ABSENT }, "permission", { "actions" })
case("permission and actions", { actions = { "GetObject" } }, "actions", { "permission" })

local function ttl(name, value)
  case("a TTL " .. name, { ttl_seconds = value }, "ttl_seconds")
end
ttl("left out", ABSENT)
ttl("of 604801 seconds", 604801)
ttl("of 604800.5 seconds", 604800.5)
ttl("of half a second", 0.5)
for name, value in values.sorted(values.odd_numbers) do
  ttl("of " .. name, value)
end
for name, value in values.sorted(values.not_a_number()) do
  ttl("that is " .. name, value)
end

local function parent(name, value)
  case("a parent key's id " .. name, { parent_access_key_id = value }, "parent_access_key_id")
end
parent("that is empty", "")
parent("of 31 characters", ("a"):rep(31))
parent("of 33 characters", ("a"):rep(33))
parent("in upper case", keys.parent_access_key_id:upper())
parent("with a letter beyond f", ("g"):rep(32))
parent("with a final line break", keys.parent_access_key_id .. "\n")
parent("with a NUL", ("a"):rep(31) .. "\0")
for name, value in values.sorted(values.not_a_string()) do
  case("parent_access_key_id as " .. name, { parent_access_key_id = value },
    "parent_access_key_id")
end

for _, name in ipairs {
  "prefix", "Prefixes", "object", "Objects", "paths", "prefixPaths", "prefix_paths", "ttl", "Ttl",
  "ttlSeconds", "TtlSeconds", "ttl_second", "expires", "Bucket", "bucket_name", "Permission",
  "permissions", "scope", "action", "Actions", "parentAccessKeyId", "ParentAccessKeyId",
  "parent_access_key", "parent_secret_access_key", "account_id", "endpoint", "jurisdiction",
  "now",
  ("n"):rep(31),
} do
  case("the unknown field " .. name, { [name] = MARK }, name, KNOWN)
end

-- A name that is no short identifier is not repeated in the message.
for name, key in values.sorted {
  ["a list item"] = 1,
  ["a fraction"] = 1.5,
  ["a boolean"] = true,
  ["a table"] = {},
  ["a function"] = print,
  ["cjson.null"] = cjson.null,
} do
  case("a field that is " .. name, { [key] = MARK }, nil, { "field" })
end
for name, key in values.sorted {
  ["an empty name"] = "",
  ["a name with a space"] = "prefix " .. MARK,
  ["a name with a line break"] = "prefix\n",
  ["a name with a NUL"] = "bucket\0",
  ["a name with a terminal's escape"] = "\27[31m",
  ["a name of 32 characters"] = ("n"):rep(32),
  ["a name of 100,000 characters"] = ("n"):rep(100000),
  ["the parent's secret as a name"] = keys.parent_secret_access_key,
  ["the API token as a name"] = keys.api_token,
} do
  case("a field that is " .. name, { [key] = MARK }, nil, KNOWN)
end

-- Each door takes a request and refuses it before any key is used.
local doors = {
  ["client:sign"] = function()
    local client = make.client()
    return function(request) return client:sign(request, make.NOW) end
  end,
  ["client:request"] = function()
    local client = make.api_client()
    return function(request) return client:request(request) end
  end,
  ["issuer:create"] = function()
    local issuer = make.issuer()
    return function(request) return issuer:create(request) end
  end,
}

for door, open in values.sorted(doors) do
  describe(door .. " refuses", function()
    local create

    setup(function()
      create = open()
    end)

    for _, case_ in ipairs(cases) do
      it(case_.name, function()
        refused({
          kind = "invalid_request", field = case_.field, says = case_.says,
          hides = { MARK },
        }, function()
          return create(make.request(case_.changes))
        end)
      end)
    end

    for name, disguise in values.sorted(values.disguises) do
      it("a request with a metatable that has " .. name, function()
        refused({ kind = "invalid_request", says = { "metatable" } }, function()
          return create(disguise(make.request()))
        end)
      end)
    end

    for name, metatable in values.sorted(values.harmless) do
      it("nothing about a request with " .. name, function()
        assert.is_table(create(setmetatable(make.request(), metatable)))
      end)
    end

    it("to work with anything but a table", function()
      for _, request in ipairs { "my-bucket", 5, true, print, io.stdout, cjson.null } do
        assert.has_error(function() create(request) end)
      end
      assert.has_error(function() create(nil) end)
    end)
  end)
end

describe("A request's limits", function()
  local client

  setup(function()
    client = make.client()
  end)

  for name, value in values.sorted {
    ["of 3 characters"] = "abc",
    ["of 63 characters"] = ("a"):rep(63),
    ["of digits"] = "123",
    ["with a hyphen"] = "my-bucket",
    ["with two hyphens in a row"] = "my--bucket",
    ["between digits"] = "0-bucket-9",
  } do
    it("take a bucket name " .. name, function()
      assert.equal(value, assert(client:sign(make.request { bucket = value })).bucket)
    end)
  end

  for _, value in ipairs { 1, 1.0, 3600, 3600.0, 604800, 604800.0 } do
    it("take a TTL of " .. value, function()
      local credentials = assert(client:sign(make.request { ttl_seconds = value }, make.NOW))
      assert.equal(make.NOW + value, credentials.expires_at)
    end)
  end

  it("take the client's own parent key's id", function()
    assert(client:sign(make.request { parent_access_key_id = keys.parent_access_key_id }))
  end)

  it("do not let another parent sign with this parent's secret", function()
    for _, sign in ipairs {
      function(request) return client:sign(request) end,
      function(request) return make.issuer():create(request) end,
    } do
      refused({ kind = "unsupported", field = "parent_access_key_id" }, function()
        return sign(make.request {
          parent_access_key_id = keys.another_parent_access_key_id,
        })
      end)
    end
  end)

  it("list every action when one is not known", function()
    refused({
      kind = "invalid_request", field = "actions", starts = "actions[2]",
      says = names.actions.ALL,
    }, function()
      return client:sign(make.request {
        permission = ABSENT, actions = { "GetObject", "GetObjects" },
      })
    end)
  end)

  for name, field in values.sorted {
    ["a bucket name"] = "bucket", ["a permission"] = "permission",
    ["a parent key's id"] = "parent_access_key_id",
  } do
    it("hold for " .. name .. " of 100 MB", function()
      refused({ kind = "invalid_request", field = field, says = ALLOWED[field] }, function()
        return client:sign(make.request { [field] = values.hundred_megabytes() })
      end)
    end)
  end

  it("hold for an unknown field of 100 MB", function()
    refused({ kind = "invalid_request", says = { "known" } }, function()
      return client:sign(make.request { [values.hundred_megabytes()] = true })
    end)
  end)
end)

describe("The time to sign at", function()
  local client

  setup(function()
    client = make.client()
  end)

  local wrong = make.changed(values.not_a_number(), {
    ["not a number"] = 0 / 0,
    ["infinity"] = 1 / 0,
    ["minus infinity"] = -1 / 0,
    ["before 1970"] = -1,
    ["after the year 9999"] = 253402300800,
    ["2^53"] = 2 ^ 53,
    ["2^63"] = 2 ^ 63,
  })
  for name, now in values.sorted(wrong) do
    it("is refused when it is " .. name, function()
      refused({ kind = "invalid_request", field = "now" }, function()
        return client:sign(make.request(), now)
      end)
    end)
  end

  for name, now in values.sorted {
    ["the first second of 1970"] = 0,
    ["the last second of 9999"] = 253402300799,
    ["this year"] = make.NOW,
  } do
    it("may be " .. name, function()
      assert.equal(now + 3600, assert(client:sign(make.request(), now)).expires_at)
    end)
  end

  it("is rounded down", function()
    local early = assert(client:sign(make.request(), make.NOW))
    local late = assert(client:sign(make.request(), make.NOW + 0.999))
    assert.equal(early.session_token, late.session_token)
  end)

  it("is the system's when it is left out", function()
    local before = os.time()
    local credentials = assert(client:sign(make.request()))
    assert.is_true(credentials.expires_at >= before + 3600)
    assert.is_true(credentials.expires_at <= os.time() + 3600)
  end)
end)

describe("A client that may not open a whole bucket", function()
  local client

  setup(function()
    client = make.client { whole_bucket = false }
  end)

  it("refuses a request with neither prefixes nor objects", function()
    refused({
      kind = "invalid_request", field = "prefixes", says = { "objects", "whole_bucket" },
    }, function()
      return client:sign(make.request { prefixes = ABSENT })
    end)
    refused({
      kind = "invalid_request", field = "prefixes", says = { "objects", "whole_bucket" },
    }, function()
      return client:sign(make.request {
        prefixes = ABSENT, permission = ABSENT, actions = { "PutObject" },
      })
    end)
  end)

  it("signs for prefixes, for objects and for both", function()
    assert(client:sign(make.request()))
    assert(client:sign(make.request { prefixes = ABSENT, objects = { "a" } }))
    assert(client:sign(make.request { objects = { "a" } }))
  end)

  it("refuses through the API just the same", function()
    local api = make.api_client { whole_bucket = false }
    refused({ kind = "invalid_request", field = "prefixes" }, function()
      return api:request(make.request { prefixes = ABSENT })
    end)
    assert(api:request(make.request()))
  end)
end)

describe("The longest session token", function()
  local length

  setup(function()
    length = #assert(make.client():sign(make.request(), make.NOW)).session_token
  end)

  it("is max_token_bytes to the byte", function()
    local credentials = assert(
      make.client { max_token_bytes = length }:sign(make.request(), make.NOW))
    assert.equal(length, #credentials.session_token)
  end)

  for name, case_ in values.sorted {
    ["prefixes"] = { changes = {}, field = "prefixes" },
    ["objects"] = {
      changes = { prefixes = ABSENT, objects = { "users/123/a" } }, field = "objects",
    },
    ["prefixes and objects"] = { changes = { objects = { "a" } }, field = "prefixes" },
    ["no paths"] = { changes = { prefixes = ABSENT }, field = "max_token_bytes" },
  } do
    it("is not exceeded by a request with " .. name, function()
      local request = make.request(case_.changes)
      local needed = #assert(make.client():sign(request, make.NOW)).session_token
      assert(make.client { max_token_bytes = needed }:sign(request, make.NOW))
      local client = make.client { max_token_bytes = needed - 1 }
      refused({
        kind = "invalid_request", field = case_.field, says = { "max_token_bytes" },
      }, function()
        return client:sign(request, make.NOW)
      end)
    end)
  end

  it("is 8,000 bytes unless set otherwise", function()
    local client, prefixes = make.client(), {}
    local longest = 0
    while true do
      prefixes[#prefixes + 1] = ("users/%06d/"):format(#prefixes)
      local credentials, _, err = client:sign(make.request { prefixes = prefixes })
      if not credentials then
        assert.equal("prefixes", err.field)
        break
      end
      longest = #credentials.session_token
    end
    assert.is_true(longest > 7900 and longest <= 8000, "longest: " .. longest)
  end)
end)

describe("A client without the key for it", function()
  for name, row in values.sorted {
    ["does not sign"] = {
      make.api_client, "parent_secret_access_key",
      function(client) return client:sign(make.request()) end,
    },
    ["does not verify"] = {
      make.api_client, "parent_secret_access_key",
      function(client) return client:verify("token") end,
    },
    ["does not ask the API"] = {
      make.client, "api_token", function(client) return client:request(make.request()) end,
    },
  } do
    it(name, function()
      local client = row[1]()
      refused({ kind = "unsupported", field = row[2] }, function()
        return row[3](client)
      end)
    end)
  end
end)

describe("Misuse raises:", function()
  it("a client that is closed", function()
    local client = make.client()
    local session_token = assert(client:sign(make.request())).session_token
    client:close()
    assert.has_error(function() client:sign(make.request()) end)
    assert.has_error(function() client:request(make.request()) end)
    assert.has_error(function() client:verify(session_token) end)
    assert.has_error(function() client:response(200, {}, "", make.NOW, make.request()) end)
  end)

  it("closing twice does not", function()
    local client = make.client()
    client:close()
    client:close()
  end)

  it("a method called without its client", function()
    local client = make.client()
    for _, method in ipairs { "sign", "request", "response", "verify", "close" } do
      assert.has_error(function() client[method]() end)
      assert.has_error(function() client[method]({}, make.request()) end)
      assert.has_error(function() client[method](io.stdout, make.request()) end)
    end
  end)

  it("a configuration that is not a table", function()
    for _, config in ipairs { "config", 5, true, print, cjson.null } do
      assert.has_error(function() tc.new(config) end)
      assert.has_error(function() tc(config) end)
    end
    assert.has_error(function() tc.new() end)
  end)
end)
