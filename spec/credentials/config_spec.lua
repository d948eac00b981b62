-- A configuration with anything wrong in it makes no issuer and no client.
local cjson = require "cjson"
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local values = require "spec.support.values"

local ABSENT = make.ABSENT
local MARK = "wrong-value-0f3a" -- stands in strings that a message must not echo

local ALLOWED = {
  account_id = { "32", "lower-case hex" },
  parent_access_key_id = { "32", "lower-case hex" },
  parent_secret_access_key = { "64", "lower-case hex" },
  max_token_bytes = { "whole number", "1 to 1048576" },
  whole_bucket = { "true or false" },
  max_attempts = { "whole number", "1 to 10" },
  timeout_seconds = { "3600" },
  mode = { "auto", "local", "api" },
}

-- By field: { name, value } for what is refused, besides wrong types.
local wrong = {
  account_id = {
    { "left out", ABSENT }, { "empty", "" },
    { "in upper case", keys.account_id:upper() }, { "of 31 characters", ("a"):rep(31) },
    { "of 33 characters", ("a"):rep(33) }, { "with a letter beyond f", ("g"):rep(32) },
    { "with a space before it", " " .. ("a"):rep(31) },
    { "with a final line break", keys.account_id .. "\n" },
    { "with a final NUL", keys.account_id .. "\0" },
    { "with a dot", ("a"):rep(31) .. "." }, { "with a slash", ("a"):rep(31) .. "/" },
    { "of 64 characters", ("a"):rep(64) },
  },
  parent_access_key_id = {
    { "empty", "" },
    { "in upper case", keys.parent_access_key_id:upper() },
    { "of 31 characters", ("a"):rep(31) }, { "of 33 characters", ("a"):rep(33) },
    { "with a letter beyond f", ("g"):rep(32) },
    { "with a final line break", keys.parent_access_key_id .. "\n" },
    { "with a final NUL", keys.parent_access_key_id .. "\0" },
    { "that is the secret", keys.parent_secret_access_key },
    { "that is the API token", keys.api_token },
  },
  parent_secret_access_key = {
    { "empty", "" },
    { "in upper case", keys.parent_secret_access_key:upper() },
    { "of 63 characters", keys.parent_secret_access_key:sub(2) },
    { "of 65 characters", keys.parent_secret_access_key .. "0" },
    { "with a letter beyond f", keys.parent_secret_access_key:sub(2) .. "g" },
    { "with a final line break", keys.parent_secret_access_key .. "\n" },
    { "with a final NUL", keys.parent_secret_access_key .. "\0" },
    { "of 32 raw bytes", ("\171"):rep(32) },
    { "that is a key's id", keys.parent_access_key_id },
  },
  api_token = {
    { "empty", "" }, { "with a space", "demonstration token" },
    { "with the word Bearer", "Bearer " .. keys.api_token },
    { "with a final line break", keys.api_token .. "\n" },
    { "with a header behind it", keys.api_token .. "\r\nX-Header: 1" },
    { "with a NUL", keys.api_token .. "\0" }, { "with DEL", keys.api_token .. "\127" },
    { "with a letter that is not ASCII", "t\195\182ken" },
    { "of 513 characters", ("t"):rep(513) },
  },
  jurisdiction = {
    { "empty", "" }, { "of two labels", "eu.example" }, { "with a final dot", "eu." },
    { "that starts with a hyphen", "-eu" }, { "that ends with a hyphen", "eu-" },
    { "of 64 characters", ("e"):rep(64) }, { "with a slash", "eu/" },
    { "with a fragment", "eu#" }, { "with a user", "user@eu" }, { "with a port", "eu:1" },
    { "with a final line break", "eu\n" }, { "with a NUL", "eu\0" }, { "with a space", "e u" },
    { "with a letter that is not ASCII", "\195\169u" },
  },
  whole_bucket = {
    { "a word", "false" }, { "zero", 0 }, { "one", 1 }, { "a table", {} },
    { "cjson.null", cjson.null }, { "a function", print },
  },
  max_token_bytes = {
    { "1048577", 1048577 }, { "8000.5", 8000.5 }, { "a numeral in a string", "8000" },
  },
  mode = {
    { "empty", "" }, { "in upper case", "LOCAL" }, { "unknown", "remote" },
    { "with a final NUL", "local\0" },
  },
  timeout_seconds = {
    { "zero", 0 }, { "minus one", -1 }, { "above 3600", 3600.5 }, { "infinity", 1 / 0 },
    { "minus infinity", -1 / 0 }, { "not a number", 0 / 0 },
    { "a numeral in a string", "30" },
  },
  max_attempts = { { "eleven", 11 }, { "2.5", 2.5 }, { "a numeral in a string", "3" } },
  user_agent = {
    { "empty", "" }, { "with a header behind it", "app/1.0\r\nX-Header: " .. MARK },
    { "with a line break", "app\n" .. MARK }, { "with a carriage return", "app\r" .. MARK },
    { "with a NUL", "app\0" .. MARK }, { "with a terminal's escape", "app\27[31m" },
    { "with DEL", "app\127" },
  },
  ca_file = { { "empty", "" }, { "with a NUL", "/etc/ca.pem\0" .. MARK } },
  transport = { { "a string", MARK }, { "a number", 5 }, { "without perform", {} } },
  clock = { { "a string", MARK }, { "a number", 5 }, { "a table", {} } },
}

-- How the fields' types are wrong: the rest of what is refused.
local wrong_types = {
  account_id = values.not_a_string(),
  parent_access_key_id = values.not_a_string(),
  parent_secret_access_key = values.not_a_string(),
  api_token = values.not_a_string(),
  jurisdiction = values.not_a_string(),
  endpoint = values.not_a_string(),
  api_base_url = values.not_a_string(),
  max_token_bytes = make.changed(values.not_a_number(), values.odd_numbers),
  mode = values.not_a_string(),
  timeout_seconds = values.not_a_number(),
  max_attempts = make.changed(values.not_a_number(), values.odd_numbers),
  user_agent = values.not_a_string(),
  ca_file = values.not_a_string(),
  transport = { ["false"] = false, ["cjson.null"] = cjson.null },
  clock = { ["false"] = false, ["cjson.null"] = cjson.null },
}
wrong_types.max_token_bytes["a fraction"] = 3600.5

local IN_C = {
  "account_id", "parent_access_key_id", "parent_secret_access_key", "api_token", "jurisdiction",
  "endpoint", "whole_bucket", "max_token_bytes", "api_base_url",
}
local IN_LUA = { "mode", "timeout_seconds", "max_attempts", "user_agent", "ca_file", "transport",
  "clock" }

local function check(new, field, value)
  refused({
    kind = "invalid_config", field = field, says = ALLOWED[field], hides = { MARK },
  }, function()
    return new(make.config { [field] = value })
  end)
end

local function check_all(new, fields)
  for _, field in ipairs(fields) do
    describe("refuses " .. field, function()
      for _, case in ipairs(wrong[field] or {}) do
        it(case[1], function()
          check(new, field, case[2])
        end)
      end
      for name, value in values.sorted(wrong_types[field] or {}) do
        it("that is " .. name, function()
          check(new, field, value)
        end)
      end
    end)
  end
end

describe("tc.new", function()
  check_all(tc.new, IN_C)
end)

describe("r2.new", function()
  check_all(r2.new, IN_C)
  check_all(r2.new, IN_LUA)
end)

local UNKNOWN = {
  "accountId", "AccountId", "account", "access_key_id", "secret_access_key", "parent_access_key",
  "parentAccessKeyId", "parent_secret", "token", "apiToken", "jurisdictions", "Endpoint",
  "whole_buckets", "wholeBucket", "max_token_size", "base_url", "insecure", "verify", "proxy",
  "timeout", "retries", "bucket", "permission", "prefixes",
}

for name, new in values.sorted { ["tc.new"] = tc.new, ["r2.new"] = r2.new } do
  describe(name, function()
    for _, field in ipairs(UNKNOWN) do
      it("does not know the field " .. field, function()
        refused({
          kind = "invalid_config", field = field, says = { "known", "account_id" },
          hides = { MARK },
        }, function()
          return new(make.config { [field] = MARK })
        end)
      end)
    end

    for key_name, key in values.sorted {
      ["a list item"] = 1, ["a boolean"] = false, ["a secret"] = keys.api_token,
      ["a line break"] = "mode\n", ["32 characters"] = ("n"):rep(32),
    } do
      it("does not repeat a field's name that is " .. key_name, function()
        refused({
          kind = "invalid_config", says = { "field" }, hides = { MARK },
        }, function()
          return new(make.config { [key] = MARK })
        end)
      end)
    end

    for disguise_name, disguise in values.sorted(values.disguises) do
      it("refuses a configuration with a metatable that has " .. disguise_name, function()
        refused({ kind = "invalid_config", says = { "metatable" } }, function()
          return new(disguise(make.config()))
        end)
      end)
    end

    for metatable_name, metatable in values.sorted(values.harmless) do
      it("takes a configuration with " .. metatable_name, function()
        assert(new(setmetatable(make.config(), metatable)))
      end)
    end

    it("refuses an endpoint beside a jurisdiction", function()
      refused({
        kind = "invalid_config", field = "endpoint",
        says = { "endpoint", "jurisdiction" },
      }, function()
        return new(make.config {
          endpoint = "https://s3.example.com", jurisdiction = "eu",
        })
      end)
    end)

    for _, field in ipairs {
      "account_id", "parent_access_key_id", "parent_secret_access_key", "api_token",
      "jurisdiction", "endpoint", "api_base_url",
    } do
      it("refuses " .. field .. " of 100 MB", function()
        refused({ kind = "invalid_config", field = field }, function()
          return new(make.config { [field] = values.hundred_megabytes() })
        end)
      end)
    end

    it("does not change the configuration and does not read it again", function()
      local config = make.config { whole_bucket = false, max_token_bytes = 4000 }
      local copy = make.changed(config)
      local made = assert(new(config))
      assert.same(copy, config)
      config.whole_bucket, config.max_token_bytes = true, 1
      config.account_id, config.parent_secret_access_key = "changed", "changed"
      local create = made.create or made.sign
      assert(create(made, make.request()))
      refused({ kind = "invalid_request", field = "prefixes" }, function()
        return create(made, make.request { prefixes = ABSENT })
      end)
    end)
  end)
end

-- A raw API token where the secret belongs is the most common mistake of all.
describe("A raw API token given as the parent's secret", function()
  local raw = {
    ["of 40 characters"] = keys.api_token,
    ["of 40 letters"] = ("aB"):rep(20),
    ["of 40 hex digits"] = ("a0"):rep(20),
    ["of 40 characters with _ and -"] = ("a_B-"):rep(10),
    ["of a user, with its prefix"] = "cfut_" .. ("aB3"):rep(16),
    ["of an account, with its prefix"] = "cfat_" .. ("aB3"):rep(16),
    ["that is a global key, with its prefix"] = "cfk_" .. ("aB3"):rep(16),
  }
  for name, value in values.sorted(raw) do
    it(name .. " is recognised, and the message names the way out", function()
      for _, new in ipairs { tc.new, r2.new } do
        refused({
          kind = "invalid_config", field = "parent_secret_access_key",
          says = { "r2.secret_from_api_token", "API token" }, hides = { value },
        }, function()
          return new(make.config { parent_secret_access_key = value })
        end)
      end
    end)
  end

  it("becomes a secret that is taken", function()
    local secret = assert(r2.secret_from_api_token(keys.api_token))
    assert(r2.new(make.config { parent_secret_access_key = secret }))
  end)
end)

describe("r2.new's mode", function()
  local NEEDS_SECRET = { parent_secret_access_key = ABSENT, api_token = keys.api_token }

  it("local needs the parent's secret", function()
    refused({
      kind = "invalid_config", field = "parent_secret_access_key",
      says = { "parent_secret_access_key", "mode", "local" },
    }, function()
      return r2.new(make.config(make.changed(NEEDS_SECRET, { mode = "local" })))
    end)
  end)

  it("api needs the API token", function()
    refused({
      kind = "invalid_config", field = "api_token",
      says = { "api_token", "mode", "api" },
    }, function()
      return r2.new(make.config { mode = "api" })
    end)
  end)

  it("auto needs one of them", function()
    for _, mode in ipairs { ABSENT, "auto" } do
      refused({
        kind = "invalid_config", field = "parent_secret_access_key",
        says = { "parent_secret_access_key", "API token" },
      }, function()
        return r2.new(make.config { parent_secret_access_key = ABSENT, mode = mode })
      end)
    end
  end)

  it("is none for a ca_file beside a transport, which would not see it", function()
    refused({ kind = "invalid_config", field = "ca_file", says = { "transport" } }, function()
      return r2.new(make.config {
        ca_file = "/etc/ssl/certs/ca-certificates.crt",
        transport = { perform = function() end, sleep = function() end },
      })
    end)
  end)

  it("local needs the parent key's id", function()
    refused({ kind = "invalid_config", field = "parent_access_key_id" }, function()
      return r2.new(make.config { parent_access_key_id = ABSENT, mode = "local" })
    end)
  end)
end)

describe("r2.new takes", function()
  local taken = {
    { "max_token_bytes", { 1, 8000, 8000.0, 1048576 } },
    { "whole_bucket", { true, false } },
    { "mode", { "auto", "local" } },
    { "timeout_seconds", { 0.001, 0.5, 1, 30, 3600 } },
    { "max_attempts", { 1, 3, 3.0, 10 } },
    { "user_agent", { "my-app/1.0 (linux; x86_64)", "a" } },
    { "ca_file", { "/etc/ssl/certs/ca-certificates.crt" } },
    { "jurisdiction", { "eu", "fedramp", "us", "a", "x-1", ("e"):rep(63) } },
    { "api_token", { keys.api_token, "t", ("t"):rep(512), "!\"#$%&'()*+,-./:;<=>?@[]^_`" } },
    { "transport", { { perform = function() end, sleep = function() end } } },
  }
  for _, case in ipairs(taken) do
    it(case[1], function()
      for _, value in ipairs(case[2]) do
        assert(r2.new(make.config { [case[1]] = value }))
      end
    end)
  end

  it("nothing but the keys and the account", function()
    assert(r2.new(make.config()))
    assert(r2.new(make.api_config()))
    assert(r2.new(make.config { api_token = keys.api_token }))
  end)
end)
