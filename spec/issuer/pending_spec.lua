-- A credential that is on its way. The transport follows a script, and its time passes only when
-- the spec says so: whatever is polled cannot have waited.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local r2 = require "r2"

local good, status, failure = scripted.good, scripted.status, scripted.failure
local NOW = make.NOW
local unpack = table.unpack or unpack -- luacheck: compat

local function pack(...)
  return { n = select("#", ...), ... }
end

local function issuer_with(script, changes)
  local transport, log = scripted.transport(script)
  local settings = make.api_config {
    mode = "api", transport = transport, random = function() return 0 end,
    timeout_seconds = 1000, clock = function() return NOW end,
  }
  return assert(r2.new(make.changed(settings, changes))), log, transport
end

local function start(script, changes)
  local issuer, log, transport = issuer_with(script, changes)
  transport.perform = function() error("a pending credential must not block") end
  return assert(issuer:start(make.request())), log, transport, issuer
end

-- Polls and expects nothing to have passed meanwhile.
local function poll(pending, log)
  local before = log.now
  local results = pack(pending:poll())
  assert.equal(before, log.now, "poll has waited")
  return unpack(results, 1, results.n)
end

local function expect(kind, pending, attempts)
  local err = refused({ kind = kind }, function()
    return pending:poll()
  end)
  if attempts then
    assert.equal(attempts, err.attempts)
  end
  return err
end

describe("a pending credential", function()
  it("has asked before it is polled", function()
    local _, log = start { { takes = 5, good() } }
    assert.equal(1, #log.asked)
    assert.equal(500, log.asked[1].timeout_seconds)
  end)

  it("is false until it is there, and then stays the same", function()
    local pending, log = start { { takes = 5, good() } }
    for _ = 1, 100 do
      assert.equal(false, (poll(pending, log)))
    end
    log.now = log.now + 5
    local credentials = poll(pending, log)
    assert.equal(scripted.RESULT.accessKeyId, credentials.access_key_id)
    assert.equal(NOW + 3600, credentials.expires_at)
    assert.equal(credentials, (poll(pending, log)))
    assert.equal(credentials, (pending:wait()))
    assert.equal(1, #log.asked)
    assert.same({}, log.slept)
  end)

  it("is one value while it is on its way, and when it is there", function()
    local pending, log = start { { takes = 5, good() } }
    assert.equal(1, select("#", pending:poll()))
    assert.equal(1, select("#", pending:wait(1)))
    log.now = log.now + 5
    assert.equal(1, #pack(pending:poll()))
  end)

  it("stays an error once it is one", function()
    local pending, log = start { status(403), good() }
    local err = expect("api", pending, 1)
    assert.equal(err, (select(3, pending:poll())))
    assert.equal(err, (select(3, pending:wait(7))))
    assert.equal(1, #log.asked)
  end)

  it("tries again, and never sleeps when polled", function()
    local pending, log, transport = start({ failure "network", status(503), good() },
      { random = function() return 1 end })
    transport.sleep = function() error("slept") end
    assert.equal(false, (poll(pending, log)))
    assert.equal(false, (poll(pending, log)))
    assert.equal(1, #log.asked)
    log.now = log.now + 0.49
    assert.equal(false, (poll(pending, log)))
    assert.equal(1, #log.asked)
    log.now = log.now + 0.01
    assert.equal(false, (poll(pending, log)))
    assert.equal(2, #log.asked)
    log.now = log.now + 0.99
    assert.equal(false, (poll(pending, log)))
    assert.equal(2, #log.asked)
    log.now = log.now + 0.01
    assert.equal("table", type((poll(pending, log))))
    assert.equal(3, #log.asked)
  end)

  it("gives up after max_attempts", function()
    local pending, log = start { status(500) }
    while pending:poll() == false do
      assert.is_true(#log.asked <= 3)
    end
    assert.equal(3, #log.asked)
    expect("api", pending, 3)
  end)

  it("gives up at once when Retry-After reaches past the deadline", function()
    local pending = start { status(429, { ["retry-after"] = "1000" }), good() }
    assert.equal(1000, expect("rate_limited", pending, 1).retry_after)
  end)

  it("judges a transport that cannot start like one that fails", function()
    for kind, attempts in pairs { network = 3, tls = 1 } do
      local issuer, _, transport = issuer_with { good() }
      local started = 0
      transport.start = function()
        started = started + 1
        return nil, "no", { kind = kind, message = "no", retryable = kind == "network" }
      end
      local pending = assert(issuer:start(make.request()))
      while pending:poll() == false do
        assert.is_true(started <= 3)
      end
      assert.equal(attempts, started)
      expect(kind, pending, attempts)
    end
  end)

  it("goes its way beside others", function()
    local issuer, log = issuer_with { { takes = 5, good() }, { takes = 1, status(404) },
      { takes = 3, good() } }
    local all = {}
    for i = 1, 3 do
      all[i] = assert(issuer:start(make.request { bucket = "bucket-" .. i }))
    end
    local ended = {}
    for second = 0, 6 do
      for i = 1, 3 do
        if all[i] and all[i]:poll() ~= false then
          ended[i] = second
          assert.equal(i ~= 2 and "bucket-" .. i or nil,
            i ~= 2 and all[i]:poll().bucket or nil)
          all[i] = nil
        end
      end
      log.now = log.now + 1
    end
    assert.same({ 5, 1, 3 }, ended)
  end)
end)

describe("waiting for it", function()
  it("ends when it is there", function()
    local pending, log = start { { takes = 5, good() } }
    assert.equal("table", type((pending:wait())))
    assert.equal(1005, log.now)
  end)

  it("ends when the seconds are over, and not before", function()
    local pending, log = start { { takes = 5, good() } }
    assert.equal(false, (pending:wait(2)))
    assert.equal(1002, log.now)
    assert.equal(false, (pending:wait(2)))
    assert.equal(1004, log.now)
    assert.equal("table", type((pending:wait(2))))
    assert.equal(1005, log.now)
  end)

  it("of no seconds is a poll", function()
    local pending, log = start { { takes = 5, good() } }
    for _, seconds in ipairs { 0, -1, -1e300 } do
      assert.equal(false, (pending:wait(seconds)))
      assert.equal(1000, log.now)
    end
  end)

  it("goes through the waits between attempts", function()
    local pending, log = start({ { takes = 1, status(500) }, { takes = 1, status(500) },
      { takes = 1, good() } }, { random = function() return 1 end })
    assert.equal("table", type((pending:wait())))
    assert.equal(1000 + 1 + 0.5 + 1 + 1 + 1, log.now)
    assert.same({ 0.5, 1 }, log.slept)
  end)

  it("may end in such a wait", function()
    local pending, log = start({ status(500), good() }, { random = function() return 1 end })
    assert.equal(false, (pending:wait(0.125)))
    assert.equal(1000.125, log.now)
    assert.equal(1, #log.asked)
    assert.equal("table", type((pending:wait(10))))
    assert.same({ 0.125, 0.375 }, log.slept)
  end)

  it("ends with an error", function()
    local pending = start { { takes = 1, failure "network" } }
    local credentials, message, err = pending:wait()
    assert.is_nil(credentials)
    assert.equal("network", err.kind)
    assert.equal(message, err.message)
    assert.equal(3, err.attempts)
  end)
end)

describe("giving it up", function()
  it("cancels what is under way, once", function()
    local pending, log = start { { takes = 5, good() } }
    pending:cancel()
    assert.equal(1, log.cancelled)
    expect("cancelled", pending)
    pending:cancel()
    assert.equal(1, log.cancelled)
    log.now = log.now + 10
    expect("cancelled", pending)
    assert.equal("cancelled", select(3, pending:wait()).kind)
    assert.equal(1, #log.asked)
  end)

  it("ends the waits between attempts", function()
    local pending, log = start({ status(500), good() }, { random = function() return 1 end })
    assert.equal(false, (pending:poll()))
    pending:cancel()
    assert.equal(0, log.cancelled)
    log.now = log.now + 10
    expect("cancelled", pending)
    assert.equal(1, #log.asked)
  end)

  it("leaves a credential that is there", function()
    local pending = start { good() }
    local credentials = assert(pending:poll())
    pending:cancel()
    assert.equal(credentials, (pending:poll()))
  end)

  it("leaves an error that is there", function()
    local pending = start { status(403) }
    expect("api", pending)
    pending:cancel()
    expect("api", pending)
  end)

  it("may come from the transport's own code", function()
    local pending
    pending = start { { takes = 5, function() pending:cancel() return good() end } }
    assert.equal(false, (pending:wait(4)))
    refused({ kind = "cancelled" }, function()
      return pending:wait()
    end)
  end)
end)

describe("while it is on its way", function()
  it("what becomes of the request's table does not matter", function()
    local issuer, log = issuer_with { { takes = 5, good() } }
    local request = make.request { ttl_seconds = 900 }
    local pending = assert(issuer:start(request))
    request.bucket, request.ttl_seconds = "another-bucket", 604800
    log.now = log.now + 5
    local credentials = assert(pending:poll())
    assert.equal("my-bucket", credentials.bucket)
    assert.equal(NOW + 900, credentials.expires_at)
  end)

  it("the issuer may be closed", function()
    local pending, log, _, issuer = start { { takes = 5, good() } }
    issuer:close()
    log.now = log.now + 5
    expect("cancelled", pending)
  end)

  it("the issuer may be closed between attempts", function()
    local pending, log, _, issuer = start({ status(500), good() },
      { random = function() return 1 end })
    assert.equal(false, (pending:poll()))
    issuer:close()
    log.now = log.now + 5
    expect("cancelled", pending)
    assert.equal(1, #log.asked)
  end)
end)

describe("issuer:start", function()
  it("signs at once in local mode", function()
    local issuer = make.issuer()
    local pending = assert(issuer:start(make.request()))
    local credentials = assert(pending:poll())
    assert.same(assert(issuer:create(make.request())), credentials)
    assert.equal(credentials, (pending:wait()))
    pending:cancel()
    assert.equal(credentials, (pending:poll()))
  end)

  for name, changes in pairs {
    ["the API's"] = {},
    ["local"] = { mode = "local", parent_secret_access_key = keys.parent_secret_access_key },
  } do
    it("refuses a wrong request at once, in mode " .. name, function()
      local issuer, log = issuer_with({ good() }, changes)
      refused({ kind = "invalid_request", field = "bucket" }, function()
        return issuer:start(make.request { bucket = "No" })
      end)
      refused({ kind = "invalid_request", field = "prefix" }, function()
        return issuer:start(make.request { prefix = "a/" })
      end)
      assert.same({}, log.asked)
    end)
  end

  it("refuses actions through the API at once", function()
    local issuer = issuer_with { good() }
    refused({ kind = "unsupported", field = "actions" }, function()
      return issuer:start(make.request {
        permission = make.ABSENT, actions = { "GetObject" },
      })
    end)
  end)

  it("needs a transport that can start", function()
    local issuer, log, transport = issuer_with { good() }
    transport.start = nil
    refused({ kind = "unsupported", field = "transport" }, function()
      return issuer:start(make.request())
    end)
    assert.same({}, log.asked)
    assert(issuer:create(make.request()))
  end)

  it("needs no transport to sign", function()
    local issuer, _, transport = issuer_with({ good() },
      { mode = "auto", parent_secret_access_key = keys.parent_secret_access_key })
    transport.start = nil
    assert(assert(issuer:start(make.request())):poll())
  end)

  it("raises when the request is no table, or the issuer is closed", function()
    local issuer = issuer_with { good() }
    for _, request in pairs { 1, "bucket", true, print } do
      assert.has_error(function() issuer:start(request) end)
    end
    assert.has_error(function() issuer:start() end)
    issuer:close()
    assert.has_error(function() issuer:start(make.request()) end, "r2: this issuer is closed")
  end)
end)

describe("a pending credential that nobody polled for long", function()
  it("asks no more when its time is over, and tells the last reason", function()
    local pending, log = start({ status(503), good() },
      { random = function() return 1 end, timeout_seconds = 30 })
    log.now = log.now + 31
    local err = expect("api", pending, 1)
    assert.equal(503, err.status)
    assert.equal(1, #log.asked)
  end)

  it("waits no longer when the clock is set back", function()
    local pending, log = start({ status(503), good() }, { random = function() return 1 end })
    assert.equal(false, pending:poll()) -- it waits from now on
    log.now = log.now - 3600
    assert.equal(false, pending:poll())
    log.now = log.now + 0.5
    assert(pending:poll())
  end)
end)

describe("what a pending credential shows", function()
  local function fields_of(value, seen)
    if type(value) ~= "table" or seen[value] then
      return type(value) == "string" and value .. "\n" or ""
    end
    seen[value] = true
    local text = fields_of(debug.getmetatable(value), seen)
    for name, field in pairs(value) do
      text = text .. fields_of(name, seen) .. fields_of(field, seen)
    end
    return text
  end

  it("is no token, whatever is printed of its fields", function()
    local pending, log = start { { takes = 5, good() } }
    assert.is_truthy(log.asked[1].headers.authorization:find(keys.api_token, 1, true))
    local shown = fields_of(pending, {})
    assert.is_truthy(shown:find("poll", 1, true))
    assert.is_nil(shown:find(keys.api_token, 1, true))
  end)

  it("is how far it has come", function()
    local pending, log = start { { takes = 5, good() } }
    assert.equal("r2 task (under way)", tostring(pending))
    log.now = log.now + 5
    assert(pending:poll())
    assert.equal("r2 task (done)", tostring(pending))
    pending = start { { takes = 5, good() } }
    pending:cancel()
    pending:poll()
    assert.equal("r2 task (failed)", tostring(pending))
  end)

  it("is an error when it is none, or the seconds are none", function()
    local pending = start { { takes = 5, good() } }
    assert.error_matches(function() pending.poll {} end, "task:method")
    for _, seconds in ipairs { "5", {}, 0 / 0 } do
      assert.error_matches(function() pending:wait(seconds) end, "seconds expected")
    end
  end)
end)
