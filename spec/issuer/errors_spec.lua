-- Errors of the Lua layer are data, and told in terms of what the caller gave: an argument of a
-- pattern, a variable of the environment. The message is made of the other fields.
local r2 = require "r2"
local fail = require "r2.failure"
local make = require "spec.support.make"
local refused = require "spec.support.refused"

local function error_of(...)
  local results = { n = select("#", ...), ... }
  return refused({ kind = "invalid_request", field = results[3].field }, function()
    return results[1], results[2], results[3]
  end)
end

describe("An error", function()
  it("is made of its kind, its field and its reason", function()
    assert.same({
      kind = "invalid_request", field = "bucket", reason = "must be good",
      message = "bucket must be good",
    }, error_of(fail("invalid_request", "bucket", "must be good")))
    assert.same({
      kind = "invalid_request", field = "keys", item = 2, reason = "must be good",
      message = "keys[2] must be good",
    }, error_of(fail("invalid_request", "keys", "must be good", 2)))
    assert.same({
      kind = "invalid_request", reason = "nothing works", message = "nothing works",
    }, error_of(fail("invalid_request", nil, "nothing works")))
  end)

  it("keeps its reason, and what else it has, in another name", function()
    local _, _, err = fail("invalid_request", "prefixes", "must be good", 1)
    err.status = 400
    assert.same({
      kind = "invalid_request", field = "user_id", reason = "must be good", status = 400,
      message = "user_id must be good",
    }, error_of(fail.renamed(err, "user_id")))
    assert.same("keys[7] must be good", error_of(fail.renamed(err, "keys", 7)).message)
  end)
end)

describe("An error of a pattern", function()
  local issuer

  setup(function()
    issuer = make.issuer()
  end)

  local function of(field, call)
    return refused({ kind = "invalid_request", field = field }, call)
  end

  it("says what its argument must be, not what is made of it", function()
    local rule = "must be a string of 1 to 1015 bytes of UTF-8, not . or .., without /, \\ and"
      .. " control characters"
    for _, user_id in ipairs { ("u"):rep(1016), "", "..", 5 } do
      local err = of("user_id", function()
        return issuer:client_upload_credentials(user_id, "my-bucket")
      end)
      assert.equal("user_id " .. rule, err.message)
      assert.equal(rule, err.reason)
    end
    for _, prefix in ipairs { "/", "a", "a/../" } do
      local err = of("service_prefix", function()
        return issuer:service_credentials("my-bucket", prefix)
      end)
      assert.is_truthy(err.reason:find("2 to 1024 bytes of UTF-8", 1, true))
    end
  end)

  it("names no item, and no bound, of what is made of its argument", function()
    for _, bytes in ipairs { "\255", "caf\195" } do
      local err = of("user_id", function()
        return issuer:client_upload_credentials(bytes, "my-bucket")
      end)
      assert.is_truthy(err.reason:find("UTF-8", 1, true))
      assert.is_nil(err.reason:find("1024", 1, true))
      assert.is_nil(err.item)
      err = of("service_prefix", function()
        return issuer:service_credentials("my-bucket", bytes .. "/")
      end)
      assert.is_truthy(err.reason:find("UTF-8", 1, true))
      assert.is_nil(err.item)
    end
  end)

  it("names the item of a list", function()
    local err = of("object_keys", function()
      return issuer:download_credentials("my-bucket", { "a", "b", "" })
    end)
    assert.equal(3, err.item)
    assert.equal("object_keys[3] " .. err.reason, err.message)
  end)

  it("keeps the reason where it is not about the argument alone", function()
    local small = make.issuer { max_token_bytes = 800 }
    for field, call in pairs {
      user_id = function()
        return small:client_upload_credentials(("u"):rep(200), "my-bucket")
      end,
      service_prefix = function()
        return small:service_credentials("my-bucket", ("p"):rep(400) .. "/")
      end,
      object_keys = function()
        return small:download_credentials("my-bucket", { ("k"):rep(400) })
      end,
    } do
      local err = of(field, call)
      assert.equal(field .. " would make the session token longer than max_token_bytes (800)",
        err.message)
    end
  end)

  it("tells an empty list in terms that an argument can follow", function()
    local err = of("object_keys", function()
      return issuer:download_credentials("my-bucket", {})
    end)
    assert.equal("object_keys must not be empty: list one or more strings", err.message)
  end)
end)

describe("An error about a setting of the environment", function()
  local getenv = os.getenv

  after_each(function()
    os.getenv = getenv -- luacheck: ignore
  end)

  local function from_env(variables, options)
    os.getenv = function(name) return variables[name] end -- luacheck: ignore
    return refused({ kind = "invalid_config", field = "account_id" }, function()
      return r2.from_env(options)
    end)
  end

  it("has the variable as data", function()
    local err = from_env { CLOUDFLARE_ACCOUNT_ID = "wrong" }
    assert.equal("CLOUDFLARE_ACCOUNT_ID", err.variable)
    assert.equal("must be 32 lower-case hex characters", err.reason)
    assert.equal("account_id must be 32 lower-case hex characters "
      .. "(environment variable CLOUDFLARE_ACCOUNT_ID)", err.message)
    assert.equal("CLOUDFLARE_ACCOUNT_ID", from_env({}).variable)
  end)

  it("has none where an option is wrong", function()
    local err = from_env({ CLOUDFLARE_ACCOUNT_ID = "wrong" }, { account_id = "wrong too" })
    assert.is_nil(err.variable)
    assert.equal("account_id " .. err.reason, err.message)
  end)
end)
