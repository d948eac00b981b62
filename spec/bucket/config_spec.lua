-- What makes a bucket, and what does not.
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local r2 = require "r2"
local scripted = require "spec.support.bucket.scripted"
local values = require "spec.support.values"

local SECRET = "a-secret-in-a-wrong-place-that-nobody-may-see"

local function refuse(field, settings, says)
  return refused({ kind = "invalid_config", field = field, says = says, hides = { SECRET } },
    function()
      return r2.bucket(settings)
    end)
end

local function with(changes)
  return make.changed({ credentials = scripted.credentials() }, changes)
end

describe("a bucket", function()
  it("is made of credentials, and opens and sends nothing", function()
    local bucket = assert(r2.bucket { credentials = scripted.credentials() })
    assert.equal("r2 bucket my-bucket", tostring(bucket))
    assert.is_nil(next(bucket))
    assert.equal(false, getmetatable(bucket))
    bucket:close()
  end)

  it("is made of a permanent key, with name and endpoint", function()
    local key = { access_key_id = "id", secret_access_key = SECRET }
    local bucket = assert(r2.bucket { credentials = key, name = "my-bucket",
      endpoint = "https://s3.example.com" })
    assert.is_string(assert(bucket:presign("GET", "a")))
    refuse("name", { credentials = key, endpoint = "https://s3.example.com" })
    refuse("endpoint", { credentials = key, name = "my-bucket" })
  end)

  it("takes its own copy of credentials", function()
    local credentials = scripted.credentials()
    local bucket = scripted.new({ scripted.good() }, { credentials = credentials })
    for name in pairs(credentials) do
      credentials[name] = nil
    end
    assert(bucket:put("a", "hello"))
  end)

  it("needs credentials", function()
    for _, bad in ipairs { false, SECRET, 1, {}, { access_key_id = "id" },
      { get = function() end }, { secret_access_key = SECRET } } do
      refuse("credentials", { credentials = bad, name = "my-bucket",
        endpoint = "https://s3.example.com" })
    end
    refuse("credentials", {}, { "is required" })
  end)

  it("knows its settings, and no other", function()
    refuse("part_size", with { part_size = 1 }, { "known are: " })
    refuse("timeout", with { timeout = 1 })
    refuse(nil, with { [SECRET] = 1 })
  end)

  for name, bads in values.sorted {
    name = { 1, false, "", "ab", "My-Bucket", "a/b", "a..b", "-ab" },
    endpoint = { 1, "", "s3.example.com", "http://s3.example.com", "https://a/b", "https://u@a",
      "https://a?b" },
    max_attempts = { 0, 11, 1.5, "3", false, 0 / 0 },
    timeout_seconds = { 0, -1, 604801, "60", false, 0 / 0, math.huge },
    part_bytes = { 0, 5242879, 5363466241, 5242880.5, "5242880", false, 0 / 0 },
    parallel = { 0, 65, 1.5, "4", false, 0 / 0 },
    deadline_seconds = { 0, -1, 604801, "60", false, 0 / 0, math.huge },
    ca_file = { "", 1, "a\0b", false },
    transport = { 1, {}, { perform = print }, false },
    clock = { 1, "now", false }, random = { 1, false },
  } do
    it("refuses a wrong " .. name, function()
      for _, bad in ipairs(bads) do
        refuse(name, with { [name] = bad })
      end
    end)
  end

  it("refuses ca_file beside transport", function()
    refuse("ca_file", with { ca_file = "ca.pem",
      transport = { perform = function() end, sleep = function() end } })
  end)

  it("raises where there are no settings", function()
    assert.has_error(function() r2.bucket() end,
      "bad argument #1 to 'bucket' (table expected, got nil)")
    assert.has_error(function() r2.bucket("my-bucket") end,
      "bad argument #1 to 'bucket' (table expected, got string)")
  end)

  it("raises where a method is called without it", function()
    local bucket = scripted.new { scripted.good() }
    for _, other in ipairs { {}, assert(r2.new(make.config())), 1, "x" } do
      assert.error_matches(function() bucket.get(other, "a") end, "no bucket")
      assert.error_matches(function() bucket.close(other) end, "no bucket")
    end
    assert.error_matches(function() bucket:get("a", 1) end, "bad argument #2 to 'get'")
    assert.error_matches(function() bucket:list "a" end, "bad argument #1 to 'list'")
  end)
end)
