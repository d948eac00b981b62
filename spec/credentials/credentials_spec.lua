-- What a locally signed credential is made of, and that nothing mixes two of them up.
local tc = require "r2.temp_credentials"
local r2 = require "r2"
local collector = require "spec.support.collector"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local names = require "spec.support.names"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT

local function sign(changes)
  return assert(make.client():sign(make.request(changes), NOW))
end

local function claims_of(changes)
  return token.read(sign(changes).session_token).claims
end

describe("A credential", function()
  it("has six fields and no more", function()
    local fields = {}
    for name in pairs(sign()) do
      fields[#fields + 1] = name
    end
    table.sort(fields)
    assert.same({
      "access_key_id", "bucket", "endpoint", "expires_at", "secret_access_key",
      "session_token",
    }, fields)
  end)

  it("carries its parent's key id", function()
    assert.equal(keys.parent_access_key_id, sign().access_key_id)
  end)

  it("has the hex SHA-256 of its JWT for a secret", function()
    local credentials = sign()
    assert.equal(sha256.hex(token.read(credentials.session_token).jwt),
      credentials.secret_access_key)
  end)

  it("names its bucket and its endpoint", function()
    assert.equal("my-bucket", sign().bucket)
    assert.equal("https://" .. keys.account_id .. ".r2.cloudflarestorage.com", sign().endpoint)
  end)

  it("expires a whole number of seconds after it was signed", function()
    assert.equal(NOW + 3600, sign().expires_at)
    assert.equal(NOW + 1, sign({ ttl_seconds = 1 }).expires_at)
    assert.equal(("%d"):format(NOW + 604800),
      tostring(sign({ ttl_seconds = 604800.0 }).expires_at))
    if math.type then
      assert.equal("integer", math.type(sign({ ttl_seconds = 3600.0 }).expires_at))
      local credentials = assert(make.client():sign(make.request(), NOW + 0.5))
      assert.equal("integer", math.type(credentials.expires_at))
    end
  end)

  it("shows its key id and its expiry when it is printed", function()
    local text = tostring(sign())
    assert.is_truthy(text:find(keys.parent_access_key_id, 1, true))
    assert.is_truthy(text:find("2023-11-14T23:13:20Z", 1, true))
    assert.is_nil(text:find("%c"))
  end)

  it("is a fresh table each time", function()
    local client, request = make.client(), make.request()
    local first, second = client:sign(request, NOW), client:sign(request, NOW)
    assert.are_not_equal(first, second)
    assert.same(first, second)
    first.bucket = "changed"
    assert.equal("my-bucket", second.bucket)
  end)

  it("does not touch the request it was made from", function()
    local request = make.request { objects = { "logo.png" } }
    local copy = make.request { objects = { "logo.png" } }
    assert(make.client():sign(request, NOW))
    assert.same(copy, request)
  end)
end)

describe("The claims of a credential", function()
  it("name the bucket, the account, the parent and the times", function()
    local claims = claims_of()
    assert.equal("my-bucket", claims.bucket)
    assert.equal(keys.account_id, claims.sub)
    assert.equal(keys.parent_access_key_id, claims.iss)
    assert.equal(keys.account_id .. ".r2.cloudflarestorage.com", claims.aud)
    assert.equal(NOW, claims.iat)
    assert.equal(NOW + 3600, claims.exp)
  end)

  it("come in the documented order behind the documented header", function()
    local parts = token.read(sign().session_token)
    assert.equal(token.HEADER, parts.header)
    assert.equal(token.payload(), parts.payload)
  end)

  local scopes = make.changed(names.permissions, { OBJECT_WRITE_ONLY = ABSENT })
  for name, permission in values.sorted(scopes) do
    it("hold the scope " .. permission .. " and no actions", function()
      local claims = claims_of { permission = r2.permission[name] }
      assert.equal(permission, claims.scope)
      assert.is_nil(claims.actions)
    end)
  end

  it("hold write-only as five actions and no scope", function()
    local claims = claims_of { permission = r2.permission.OBJECT_WRITE_ONLY }
    assert.same(names.actions.WRITE_ONLY, claims.actions)
    assert.is_nil(claims.scope)
  end)

  it("hold the actions asked for and no scope", function()
    local claims = claims_of { permission = ABSENT, actions = { "ListParts", "GetObject" } }
    assert.same({ "ListParts", "GetObject" }, claims.actions)
    assert.is_nil(claims.scope)
  end)

  local objects = { "logo.png", "b c" }
  for name, case in values.sorted {
    ["prefixes"] = { {}, '{"prefixPaths":["users/123/"],"objectPaths":[]}' },
    ["objects"] = {
      { prefixes = ABSENT, objects = objects },
      '{"prefixPaths":[],"objectPaths":["logo.png","b c"]}',
    },
    ["both"] = {
      { objects = objects },
      '{"prefixPaths":["users/123/"],"objectPaths":["logo.png","b c"]}',
    },
    ["neither"] = { { prefixes = ABSENT }, ABSENT },
  } do
    it("hold the paths of " .. name, function()
      assert.equal(token.payload { paths = case[2] },
        token.read(sign(case[1]).session_token).payload)
    end)
  end

  -- ECMA-262, JSON.stringify: only ", \ and the control characters are escaped, the five short
  -- forms where there are any, else lower-case hex; DEL, / and letters stay.
  it("escape strings as JSON.stringify does", function()
    local prefix = '"\\/\1\8\9\10\11\12\13\27\31\127 \195\169\226\128\168\240\159\152\128'
    local escaped = '\\"\\\\/\\u0001\\b\\t\\n\\u000b\\f\\r\\u001b\\u001f\127 '
      .. "\195\169\226\128\168\240\159\152\128"
    assert.equal(token.payload {
      paths = ('{"prefixPaths":["%s"],"objectPaths":[]}'):format(escaped),
    }, token.read(sign({ prefixes = { prefix } }).session_token).payload)
  end)
end)

describe("tc{…}, configuration and request in one table,", function()
  it("makes one credential", function()
    for _, module in ipairs { tc, r2.temp_credentials } do
      local before = os.time()
      local credentials = assert(module(make.changed(make.config(), make.request())))
      assert.equal("my-bucket", credentials.bucket)
      assert.is_true(credentials.expires_at >= before + 3600)
      assert(make.client():verify(credentials.session_token))
    end
  end)

  local refused = require "spec.support.refused"
  for name, case in values.sorted {
    ["a field of the configuration"] = {
      { account_id = ABSENT }, "invalid_config", "account_id",
    },
    ["a field of the request"] = { { bucket = "B" }, "invalid_request", "bucket" },
    ["whole_bucket = false"] = {
      { whole_bucket = false, prefixes = ABSENT }, "invalid_request", "prefixes",
    },
  } do
    it("refuses as the two do: " .. name, function()
      refused({ kind = case[2], field = case[3] }, function()
        return tc(make.changed(make.changed(make.config(), make.request()), case[1]))
      end)
    end)
  end

  it("refuses unknown fields, and knows those of both", function()
    refused({
      kind = "invalid_config", field = "prefix", says = { "known", "account_id", "prefixes" },
    }, function()
      return tc(make.changed(make.config(), make.request { prefix = "users/" }))
    end)
  end)

  it("refuses a table with __index", function()
    local both = make.changed(make.config(), make.request())
    assert.is_nil((tc(setmetatable(both, { __index = {} }))))
  end)
end)

-- The collector may run a finalizer inside any allocating call, so inside client:sign too.
describe("Signing from a finalizer while signing", function()
  local client, signed, inside, interrupted

  before_each(function()
    client, signed, inside, interrupted = make.client(), {}, false, 0
  end)

  local function request_for(owner, count)
    local prefixes = {}
    for i = 1, count do
      prefixes[i] = ("users/%s/%d/"):format(owner, i)
    end
    return make.request { bucket = "bucket-" .. owner, prefixes = prefixes }
  end

  local function sign_it(request)
    signed[#signed + 1] = { request = request, credentials = client:sign(request, NOW) }
  end

  local function check_each()
    for _, case in ipairs(signed) do
      assert.equal(case.request.bucket, case.credentials.bucket)
      local claims = assert(client:verify(case.credentials.session_token, NOW))
      assert.equal(case.request.bucket, claims.bucket)
      assert.same(case.request.prefixes, claims.paths.prefixPaths)
      assert.equal(sha256.hex(token.read(case.credentials.session_token).jwt),
        case.credentials.secret_access_key)
    end
  end

  -- Garbage whose finalizer signs when it runs inside client:sign, and leaves such garbage again.
  local function interrupt(left)
    collector.on_collect(function()
      if inside and left > 0 then
        interrupted = interrupted + 1
        sign_it(request_for("finalizer-" .. interrupted, interrupted % 40 + 1))
        interrupt(left - 1)
      end
    end)
  end

  local function sign_under_interruption(count)
    local request = request_for("caller-" .. count, count)
    collectgarbage()
    collectgarbage("stop")
    interrupt(4)
    collector.hostile(function()
      collectgarbage("restart")
      inside = true
      sign_it(request)
      inside = false
    end)
  end

  it("gives each its own credential", function()
    for count = 1, 12 do
      sign_under_interruption(count * 3)
    end
    collectgarbage()
    assert.is_true(interrupted >= 12, "interrupted " .. interrupted .. " times")
    check_each()
  end)

  it("works when the finalizer closes the client", function()
    for _ = 1, 10 do
      local closed = false
      client = make.client()
      local request = request_for("caller", 20)
      local ok, credentials = collector.interrupt(function()
        closed = true
        client:close()
      end, client.sign, client, request, NOW)
      assert.is_true(closed)
      if ok then -- it was signed before the client was closed, with the right key
        assert(make.client():verify(credentials.session_token, NOW))
        assert.equal(sha256.hex(token.read(credentials.session_token).jwt),
          credentials.secret_access_key)
      end
    end
  end)
end)

-- A call within a call needs buffers of its own, and to make them may run a finalizer.
describe("Signing within another call of the client", function()
  local client, session_token

  before_each(function()
    client = make.client()
    session_token = assert(client:sign(make.request(), NOW)).session_token
  end)

  it("gives both what they asked for", function()
    local credentials
    local ok, claims = collector.interrupt(function()
      credentials = assert(client:sign(make.request { bucket = "inner-bucket" }, NOW))
    end, client.verify, client, session_token, NOW)
    assert.is_true(ok)
    assert.equal("my-bucket", assert(claims).bucket)
    assert.equal("inner-bucket",
      assert(make.client():verify(credentials.session_token, NOW)).bucket)
  end)

  -- A collection within a finalizer has to be asked for. When it comes is up to each Lua; 5.4 has
  -- none.
  it("raises, or signed with the right key, when a finalizer closes the client", function()
    for padding = 0, 9 do
      client = make.client()
      local closed, ok, result = false, nil, nil
      collector.interrupt(function()
        local request = make.request()
        collector.on_collect(function()
          closed = true
          client:close()
        end)
        local _ = ("x"):rep(padding * 100)
        collectgarbage("restart")
        ok, result = pcall(client.sign, client, request, NOW)
      end, client.verify, client, session_token, NOW)
      if ok then
        assert(make.client():verify(result.session_token, NOW))
      else
        assert.matches("this client is closed", result, 1, true)
      end
      collectgarbage()
      assert.is_true(closed)
    end
  end)
end)

describe("Signing 10,000 times", function()
  -- Collected now and then, so that what is measured is what cannot be collected.
  local function growth(measure, action)
    local before
    for thousand = 1, 11 do
      for _ = 1, 1000 do
        action()
      end
      collectgarbage()
      before = thousand == 1 and measure() or before
    end
    return measure() - before
  end

  local cases = {
    ["for a credential"] = function(client)
      assert(client:sign(make.request(), NOW))
    end,
    ["for a refusal"] = function(client)
      assert.is_nil((client:sign(make.request { objects = { "" } }, NOW)))
    end,
    ["with a new client each time"] = function()
      assert(make.client():sign(make.request(), NOW))
    end,
  }
  for name, action in values.sorted(cases) do
    it(name .. " takes no memory for good", function()
      local client = make.client()
      local run = function() action(client) end
      assert.is_true(growth(collector.bytes_in_use, run) < 64 * 1024)
      if collector.resident_bytes() then
        local grown = growth(collector.resident_bytes, run)
        assert.is_true(grown < 4 * 1024 * 1024, ("grew by %d bytes"):format(grown))
      end
    end)
  end
end)
