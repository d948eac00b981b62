-- A request to Cloudflare's API, encoded: nothing is sent. The API: "Create Temporary Access
-- Credentials" in Cloudflare's API reference.
local cjson = require "cjson"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"

local ABSENT = make.ABSENT

local client

setup(function()
  client = make.api_client()
end)

local function encode(changes)
  return assert(client:request(make.request(changes)))
end

local function body_of(changes)
  return cjson.decode(encode(changes).body)
end

local function header(request, name)
  local found
  for key, value in pairs(request.headers) do
    if key:lower() == name then
      assert.is_nil(found, name .. " is there twice")
      found = value
    end
  end
  return found
end

describe("client:request", function()
  it("is a POST to the account's temporary credentials, with the token", function()
    local request = encode()
    assert.equal("POST", request.method)
    assert.equal("https://api.cloudflare.com/client/v4/accounts/" .. keys.account_id
      .. "/r2/temp-access-credentials", request.url)
    assert.equal("Bearer " .. keys.api_token, header(request, "authorization"))
    assert.is_truthy(header(request, "content-type"):find("^application/json"))
    assert.is_string(request.body)
  end)

  it("asks for what the request says and for nothing else", function()
    assert.same({
      bucket = "my-bucket",
      parentAccessKeyId = keys.parent_access_key_id,
      permission = "object-read-only",
      ttlSeconds = 3600,
      prefixes = { "users/123/" },
    }, body_of())
    assert.same({
      bucket = "my-bucket",
      parentAccessKeyId = keys.parent_access_key_id,
      permission = "object-read-only",
      ttlSeconds = 3600,
    }, body_of { prefixes = ABSENT })
    assert.same({
      bucket = "other-bucket",
      parentAccessKeyId = keys.parent_access_key_id,
      permission = "admin-read-write",
      ttlSeconds = 604800,
      prefixes = { "a/", "b/" },
      objects = { "c", "d" },
    }, body_of {
      bucket = "other-bucket", permission = "admin-read-write", ttl_seconds = 604800,
      prefixes = { "a/", "b/" }, objects = { "c", "d" },
    })
  end)

  it("sends every permission as it is, write-only too", function()
    for _, permission in pairs(require("r2.temp_credentials").permission) do
      assert.equal(permission, body_of({ permission = permission }).permission)
    end
  end)

  it("writes whole seconds", function()
    for _, ttl in ipairs { 1, 3600, 3600.0, 604800, 604800.0 } do
      local written = encode({ ttl_seconds = ttl }).body:match('"ttlSeconds":([^,}]*)')
      assert.equal(("%d"):format(ttl), written)
    end
  end)

  it("keeps every character of a path", function()
    local path = '"\\/\1\n\27\127 \195\169\226\128\168\240\159\152\128'
    local body = body_of { prefixes = { path }, objects = { path } }
    assert.same({ path }, body.prefixes)
    assert.same({ path }, body.objects)
  end)

  it("asks in the name of another parent when the request does", function()
    local parent = keys.another_parent_access_key_id
    assert.equal(parent, body_of({ parent_access_key_id = parent }).parentAccessKeyId)
    assert.equal(keys.parent_access_key_id, body_of().parentAccessKeyId)
  end)

  it("goes to another base URL", function()
    local elsewhere = make.api_client { api_base_url = "http://localhost:8787/client/v4" }
    assert.equal("http://localhost:8787/client/v4/accounts/" .. keys.account_id
      .. "/r2/temp-access-credentials", assert(elsewhere:request(make.request())).url)
  end)

  it("cannot ask for single actions, and says what can", function()
    refused({
      kind = "unsupported", field = "actions",
      says = { "actions", "the parent's secret" },
    }, function()
      return client:request(make.request { permission = ABSENT, actions = { "GetObject" } })
    end)
  end)

  it("does not touch the request", function()
    local request = make.request { objects = { "a" } }
    assert(client:request(request))
    assert.same(make.request { objects = { "a" } }, request)
  end)

  it("is a fresh table each time", function()
    encode().headers.authorization = "changed"
    assert.equal("Bearer " .. keys.api_token, header(encode(), "authorization"))
  end)
end)
