-- Exchanges of an issuer with the API: what is asked, what comes of it, what may happen meanwhile.
-- When it is tried again is in spec/issuer/attempts_spec.lua.
local asking = require "spec.support.asking"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local token = require "spec.support.token"

local issuer_with, expect = asking.issuer_with, asking.expect
local good, status, failure = scripted.good, scripted.status, scripted.failure
local NOW = make.NOW
local unpack = table.unpack or unpack -- luacheck: compat

describe("an exchange", function()
  it("brings what the service sends", function()
    local issuer, log = issuer_with { good() }
    local credentials = assert(issuer:create(make.request()))
    assert.equal(scripted.RESULT.accessKeyId, credentials.access_key_id)
    assert.equal(scripted.RESULT.secretAccessKey, credentials.secret_access_key)
    assert.equal(scripted.RESULT.sessionToken, credentials.session_token)
    assert.equal("my-bucket", credentials.bucket)
    assert.equal("https://" .. keys.account_id .. ".r2.cloudflarestorage.com",
      credentials.endpoint)
    assert.equal(1, #log.asked)
    assert.same({}, log.slept)
  end)

  it("hands the transport a request by its contract", function()
    local issuer, log = issuer_with { good() }
    assert(issuer:create(make.request()))
    local request = log.asked[1]
    assert.equal("POST", request.method)
    assert.equal("https://api.cloudflare.com/client/v4/accounts/" .. keys.account_id
      .. "/r2/temp-access-credentials", request.url)
    assert.equal("Bearer " .. keys.api_token, request.headers.authorization)
    assert.equal("application/json", request.headers["content-type"])
    for name in pairs(request.headers) do
      assert.equal(name:lower(), name)
    end
    assert.equal("string", type(request.body))
    assert.is_true(request.compressed)
    assert.equal(500, request.timeout_seconds)
  end)

  it("asks the same at each attempt", function()
    local issuer, log = issuer_with { failure "network", status(500), good() }
    assert(issuer:create(make.request()))
    for i = 2, 3 do
      assert.equal(log.asked[1].url, log.asked[i].url)
      assert.equal(log.asked[1].body, log.asked[i].body)
      assert.same(log.asked[1].headers, log.asked[i].headers)
    end
  end)

  it("sends nothing for a request that is refused", function()
    local issuer, log = issuer_with { good() }
    for field, changes in pairs {
      bucket = { bucket = "No" }, ttl_seconds = { ttl_seconds = 0 },
      prefix = { prefix = "a/" }, prefixes = { prefixes = {} },
    } do
      refused({ kind = "invalid_request", field = field }, function()
        return issuer:create(make.request(changes))
      end)
    end
    refused({ kind = "unsupported", field = "actions" }, function()
      return issuer:create(make.request {
        permission = make.ABSENT, actions = { "GetObject" },
      })
    end)
    assert.same({}, log.asked)
  end)
end)

describe("the expiry", function()
  it("counts from before the attempt that succeeded", function()
    local now = NOW
    local issuer = issuer_with({
      function()
        now = now + 100
        return nil, "HTTP: lost", { kind = "network", retryable = true }
      end,
      function()
        now = now + 10
        return good()
      end,
    }, { clock = function() return now end })
    local credentials = assert(issuer:create(make.request { ttl_seconds = 900 }))
    assert.equal(NOW + 100 + 900, credentials.expires_at)
  end)

  it("is the token's own when that is earlier", function()
    for ends, expected in pairs { [60] = 60, [900] = 900, [5000] = 900 } do
      local result = make.changed(scripted.RESULT, {
        sessionToken = token.forge {
          payload = token.payload { exp = ("%d"):format(NOW + ends) } },
      })
      local issuer = issuer_with { good(result) }
      local credentials = assert(issuer:create(make.request { ttl_seconds = 900 }))
      assert.equal(NOW + expected, credentials.expires_at)
    end
  end)

  for name, value in pairs { ["nothing"] = make.ABSENT, ["a string"] = "now", ["NaN"] = 0 / 0,
    ["infinity"] = 1 / 0, ["the past before 1970"] = -1, ["the year 10000"] = 253402300800 } do
    it("is not guessed when the clock says " .. name .. ": nothing is sent", function()
      local issuer, log = issuer_with({ good() }, { clock = function()
        if value ~= make.ABSENT then
          return value
        end
      end })
      refused({ kind = "invalid_request", field = "clock" }, function()
        return issuer:create(make.request())
      end)
      assert.same({}, log.asked)
    end)
  end

  it("may be told by a clock of fractions", function()
    local issuer = issuer_with({ good() }, { clock = function() return NOW + 0.75 end })
    local credentials = assert(issuer:create(make.request { ttl_seconds = 900 }))
    assert.equal(NOW + 900, credentials.expires_at)
  end)
end)

describe("a transport that breaks its contract", function()
  local rubbish = {
    ["nothing"] = function() end,
    ["false"] = function() return false end,
    ["true"] = function() return true end,
    ["a number"] = function() return 200 end,
    ["a string"] = function() return "200" end,
    ["an empty table"] = function() return {} end,
    ["a status in a string"] = function() return { status = "200", body = good().body } end,
    ["status NaN"] = function() return { status = 0 / 0, body = good().body } end,
    ["status 0"] = function() return { status = 0, body = good().body } end,
    ["status 1000"] = function() return { status = 1000, body = good().body } end,
    ["status 200.5"] = function() return { status = 200.5, body = good().body } end,
    ["a body that is a table"] = function() return { status = 200, body = {} } end,
    ["headers in a string"] = function()
      return { status = 200, headers = "a: b", body = good().body }
    end,
    ["nil and a text"] = function() return nil, "connection refused" end,
    ["nil, a text and a text"] = function() return nil, "refused", "network" end,
    ["an error without a kind"] = function() return nil, "refused", { retryable = true } end,
    ["an error without a text"] = function() return nil, nil, { kind = "network" } end,
  }
  for name, step in pairs(rubbish) do
    it("by returning " .. name, function()
      local issuer, log = issuer_with { step, good() }
      expect("bad_response", 1, issuer, log)
    end)
  end

  it("by headers of odd types", function()
    for _, headers in ipairs { { 1, 2 }, { ["retry-after"] = 7 }, { ["retry-after"] = {} },
      { [true] = "x" } } do
      local issuer, log = issuer_with { status(429, headers), good() }
      assert(issuer:create(make.request()))
      assert.same({ 0 }, log.slept)
    end
  end)

  it("by a retry_after that is no number", function()
    for _, value in ipairs { "7", {}, true, 0 / 0, -1 } do
      local failed = failure "network"
      failed.fails.retry_after = value
      local issuer, log = issuer_with { failed, good() }
      assert(issuer:create(make.request()))
      assert.same({ 0 }, log.slept)
    end
  end)

  it("by raising: that goes through, and the issuer can be used again", function()
    local issuer = issuer_with { function() error("oh", 0) end, good() }
    local ok, message = pcall(issuer.create, issuer, make.request())
    assert.is_false(ok)
    assert.equal("oh", message)
    assert(issuer:create(make.request()))
  end)
end)

describe("while the answer is on its way", function()
  it("what becomes of the request's table does not matter", function()
    local request = make.request { ttl_seconds = 900, prefixes = { "a/" } }
    local issuer = issuer_with({ function()
      request.bucket = "another-bucket"
      request.ttl_seconds = 604800
      request.permission = "no such thing"
      request.prefixes[1] = ""
      return good()
    end })
    local credentials = assert(issuer:create(request))
    assert.equal("my-bucket", credentials.bucket)
    assert.equal(NOW + 900, credentials.expires_at)
  end)

  it("the issuer may be closed", function()
    local issuer, log
    issuer, log = issuer_with { function() issuer:close() return good() end }
    expect("cancelled", 1, issuer, log)
  end)

  it("the issuer may be closed in a wait", function()
    local issuer, log, transport = issuer_with { status(500), good() }
    transport.sleep = function() issuer:close() end
    refused({ kind = "cancelled" }, function()
      local results = { issuer:create(make.request()) }
      issuer = issuer_with { status(500), good() }
      return unpack(results, 1, 3)
    end)
    assert.equal(1, #log.asked)
  end)

  it("a transport may yield, in perform and in sleep", function()
    local issuer, log, transport = issuer_with { status(500), good() }
    local perform, sleep = transport.perform, transport.sleep
    transport.perform = function(request)
      coroutine.yield("performs")
      return perform(request)
    end
    transport.sleep = function(seconds)
      coroutine.yield("sleeps")
      return sleep(seconds)
    end
    local seen = {}
    local thread = coroutine.create(function()
      return issuer:download_credentials("my-bucket", { "a" })
    end)
    local ok, what
    repeat
      ok, what = coroutine.resume(thread)
      seen[#seen + 1] = what
    until coroutine.status(thread) == "dead"
    assert.is_true(ok)
    assert.equal("my-bucket", seen[4].bucket)
    seen[4] = nil
    assert.same({ "performs", "sleeps", "performs" }, seen)
    assert.equal(2, #log.asked)
  end)
end)

describe("modes", function()
  it("auto signs when it can, and asks for another parent", function()
    local issuer, log = issuer_with({ good() }, {
      mode = make.ABSENT, parent_secret_access_key = keys.parent_secret_access_key,
    })
    local credentials = assert(issuer:create(make.request()))
    assert.equal(keys.parent_access_key_id, credentials.access_key_id)
    assert.equal(0, #log.asked)
    credentials = assert(issuer:create(make.request {
      parent_access_key_id = keys.another_parent_access_key_id,
    }))
    assert.equal(scripted.RESULT.accessKeyId, credentials.access_key_id)
    assert.equal(1, #log.asked)
    assert.is_truthy(log.asked[1].body:find(keys.another_parent_access_key_id, 1, true))
  end)

  it("auto asks when there is no secret", function()
    local issuer, log = issuer_with({ good() }, { mode = make.ABSENT })
    assert(issuer:create(make.request()))
    assert.equal(1, #log.asked)
  end)

  it("api asks even when there is a secret", function()
    local issuer, log = issuer_with({ good() }, {
      parent_secret_access_key = keys.parent_secret_access_key,
    })
    assert(issuer:create(make.request()))
    assert.equal(1, #log.asked)
  end)

  it("local never asks", function()
    local issuer, log = issuer_with({ good() }, {
      mode = "local", parent_secret_access_key = keys.parent_secret_access_key,
    })
    assert(issuer:create(make.request()))
    refused({ kind = "unsupported", field = "parent_access_key_id" }, function()
      return issuer:create(make.request {
        parent_access_key_id = keys.another_parent_access_key_id,
      })
    end)
    assert.equal(0, #log.asked)
  end)

  it("api sends write-only as it is, and explains a refusal", function()
    local issuer, log = issuer_with { status(400) }
    local says = { "object-write-only", "the parent's secret" }
    local err = refused({ kind = "api", says = says }, function()
      return issuer:upload_credentials("my-bucket")
    end)
    assert.equal(400, err.status)
    assert.is_truthy(log.asked[1].body:find('"object-write-only"', 1, true))
  end)

  it("api makes the patterns too", function()
    local issuer, log = issuer_with { good() }
    assert(issuer:client_upload_credentials("u1", "my-bucket"))
    assert(issuer:download_credentials("my-bucket", { "a", "b" }))
    assert(issuer:service_credentials("my-bucket", "s/"))
    assert.is_truthy(log.asked[1].body:find('"prefixes":["uploads/u1/"]', 1, true))
    assert.is_truthy(log.asked[2].body:find('"objects":["a","b"]', 1, true))
    assert.is_truthy(log.asked[3].body:find('"ttlSeconds":43200', 1, true))
    refused({ kind = "invalid_request", field = "object_keys" }, function()
      return issuer:download_credentials("my-bucket", {})
    end)
    assert.equal(3, #log.asked)
  end)
end)

describe("closing an issuer", function()
  it("leaves a transport that was given to it open", function()
    local closed = 0
    local issuer, _, transport = issuer_with { good() }
    transport.close = function() closed = closed + 1 end
    assert(issuer:create(make.request()))
    issuer:close()
    assert.equal(0, closed)
  end)
end)
