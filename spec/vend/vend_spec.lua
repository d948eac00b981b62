-- What a vending handler is configured with, and how many providers it keeps.
local cache = require "r2.vend.cache"
local make = require "spec.support.make"
local r2 = require "r2"
local refused = require "spec.support.refused"
local same = require "r2.vend.same"

local TOKEN = "0123456789abcdef"
local REQUEST = { bucket = "my-bucket", permission = "object-read-only" }

local function for_sdks(changes)
  return make.changed({ issuer = make.issuer(), request = REQUEST, token = TOKEN }, changes)
end

local function for_pages(changes)
  return make.changed({
    issuer = make.issuer(), request = function() return REQUEST end,
    user = function() return "user-42" end, origins = { "https://app.example.com" },
  }, changes)
end

describe("r2.vend", function()
  it("makes a handler, for SDKs and for pages", function()
    assert.is_function((assert(r2.vend(for_sdks()))))
    assert.is_function((assert(r2.vend(for_sdks { token = make.ABSENT, token_file = "/a/file" }))))
    assert.is_function((assert(r2.vend(for_pages()))))
    assert.is_nil(REQUEST.ttl_seconds)
    assert.has_error(function() return r2.vend() end)
  end)

  for field, configuration in pairs {
    issuer = for_sdks { issuer = make.ABSENT },
    request = for_sdks { request = make.ABSENT },
    token = for_sdks { token = make.ABSENT },
    ttl_seconds = for_sdks { request = make.changed(REQUEST, { ttl_seconds = 1199 }) },
    bucket = for_sdks { request = make.changed(REQUEST, { bucket = make.ABSENT }) },
    origins = for_pages { origins = { "*" } },
    user = for_pages { user = make.ABSENT },
    audit = for_pages { audit = "a file" },
    providers_max = for_pages { providers_max = 0 },
    name = for_pages { name = "sdk" },
    tokens = for_sdks { tokens = TOKEN },
    shared = for_sdks { shared = {} },
    token_file = for_pages { token_file = "/a/file" },
  } do
    it("refuses a wrong " .. field, function()
      local made, message, err = r2.vend(configuration)
      assert.is_nil(made)
      assert.equal(field, err.field, message)
      assert.is_nil(message:find(TOKEN, 1, true))
    end)
  end

  it("refuses a token that could be guessed, or be sent in no header", function()
    for _, token in ipairs { "", "0123456789abcde", TOKEN .. " ", TOKEN .. "\n", 16, false } do
      refused({ kind = "invalid_config", field = "token" }, function()
        return r2.vend(for_sdks { token = token })
      end)
    end
    for _, origins in ipairs { {}, { "null" }, { "https://a/" }, { "a.example" }, { 1 },
      { "https://a.example", "https://*.example" } } do
      refused({ kind = "invalid_config", field = "origins" }, function()
        return r2.vend(for_pages { origins = origins })
      end)
    end
    refused({ kind = "invalid_config", field = "token" }, function()
      return r2.vend(for_sdks { token_file = "/a/file" })
    end)
  end)
end)

describe("a cache of providers", function()
  it("keeps so many, and forgets the one that was not used for longest", function()
    local kept, made = cache.new(2), {}
    local function get(name)
      return kept:get(name, function()
        made[#made + 1] = name
        return name .. #made
      end)
    end
    assert.equal("a1", get("a"))
    assert.equal("b2", get("b"))
    assert.equal("a1", get("a"))
    assert.equal("c3", get("c"))
    assert.equal("a1", get("a"))
    assert.equal("b4", get("b"))
    assert.same({ "a", "b", "c", "b" }, made)
  end)

  it("keeps no error", function()
    local kept = cache.new(1)
    local value, message, err = kept:get("a", function() return nil, "m", { kind = "api" } end)
    assert.is_nil(value)
    assert.equal("m", message)
    assert.equal("api", err.kind)
    assert.equal(1, kept:get("a", function() return 1 end))
  end)
end)

it("two secrets are the same, or are not", function()
  assert.is_true(same(TOKEN, TOKEN))
  for _, other in ipairs { "", TOKEN:sub(1, -2), TOKEN .. "0", TOKEN:upper() } do
    assert.is_false(same(TOKEN, other))
  end
end)
