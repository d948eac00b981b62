-- When an exchange is tried again, how long that waits, when it gives up.
local asking = require "spec.support.asking"
local make = require "spec.support.make"
local scripted = require "spec.support.scripted"

local issuer_with, expect = asking.issuer_with, asking.expect
local good, status, failure = scripted.good, scripted.status, scripted.failure

local function timeouts(log)
  local list = {}
  for i, request in ipairs(log.asked) do
    list[i] = request.timeout_seconds
  end
  return list
end

describe("what is tried again", function()
  for _, kind in ipairs { "network", "timeout" } do
    it(kind, function()
      local issuer, log = issuer_with { failure(kind) }
      expect(kind, 3, issuer, log)
    end)
  end

  -- With those that Cloudflare's own SDKs send again.
  for _, code in ipairs {
    408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530,
  } do
    it("status " .. code, function()
      local issuer, log = issuer_with { status(code) }
      local err = expect(code == 429 and "rate_limited" or "api", 3, issuer, log)
      assert.equal(code, err.status)
      assert.is_true(err.retryable)
    end)
  end

  it("until one attempt succeeds", function()
    for _, first in ipairs { failure "network", failure "timeout", status(429), status(503) } do
      local issuer, log = issuer_with { first, good() }
      assert(issuer:create(make.request()))
      assert.equal(2, #log.asked)
    end
  end)

  it("as often as max_attempts says, and not once more", function()
    for attempts = 1, 10 do
      local issuer, log = issuer_with({ status(500) }, { max_attempts = attempts })
      expect("api", attempts, issuer, log)
    end
  end)

  it("and the last attempt is what is reported", function()
    local issuer, log = issuer_with { failure "network", status(500), failure "timeout" }
    expect("timeout", 3, issuer, log)
    issuer, log = issuer_with { failure "network", status(500), status(403) }
    assert.equal(403, expect("api", 3, issuer, log).status)
  end)
end)

describe("what is not tried again", function()
  for _, kind in ipairs { "tls", "bad_response", "unsupported", "cancelled" } do
    it(kind, function()
      local issuer, log = issuer_with { failure(kind), good() }
      expect(kind, 1, issuer, log)
    end)
  end

  for _, code in ipairs {
    400, 401, 403, 404, 405, 407, 409, 413, 422, 501, 505, 519, 528, 529, 531, 599,
  } do
    it("status " .. code, function()
      local issuer, log = issuer_with { status(code), good() }
      local err = expect("api", 1, issuer, log)
      assert.equal(code, err.status)
      assert.is_false(err.retryable)
    end)
  end

  for _, code in ipairs { 100, 199, 204, 301, 302, 304, 307, 308, 600, 999 } do
    it("status " .. code, function()
      local issuer, log = issuer_with { status(code), good() }
      expect("bad_response", 1, issuer, log)
    end)
  end

  it("success that is none", function()
    for _, body in ipairs { "", "[]", '"a"', "{}", '{"success":true}', '{"success":false}' } do
      local issuer, log = issuer_with { { status = 200, headers = {}, body = body }, good() }
      expect("bad_response", 1, issuer, log)
    end
  end)

  it("a failure that the transport holds to be final", function()
    local issuer, log = issuer_with { failure("network", false), good() }
    expect("network", 1, issuer, log)
  end)
end)

describe("the time of an exchange", function()
  it("is halved for each attempt but the last, which gets all that is left", function()
    local issuer, log = issuer_with({ { takes = "all", failure "timeout" } },
      { timeout_seconds = 16, max_attempts = 4 })
    expect("timeout", 4, issuer, log)
    assert.same({ 8, 4, 2, 2 }, timeouts(log))
    assert.equal(1016, log.now)
  end)

  it("is all for the only attempt", function()
    local issuer, log = issuer_with({ { takes = "all", failure "timeout" } },
      { timeout_seconds = 7, max_attempts = 1 })
    expect("timeout", 1, issuer, log)
    assert.same({ 7 }, timeouts(log))
  end)

  it("is 30 seconds when nobody says", function()
    local issuer, log = issuer_with({ good() },
      { timeout_seconds = make.ABSENT, max_attempts = 1 })
    assert(issuer:create(make.request()))
    assert.same({ 30 }, timeouts(log))
  end)

  it("counts what an attempt did not use", function()
    local issuer, log = issuer_with({ { takes = 2, status(500) } },
      { timeout_seconds = 10, max_attempts = 3 })
    expect("api", 3, issuer, log)
    assert.same({ 5, 4, 6 }, timeouts(log))
  end)

  it("counts the waits", function()
    local issuer, log = issuer_with({ status(429, { ["retry-after"] = "4" }) },
      { timeout_seconds = 20, max_attempts = 3 })
    expect("rate_limited", 3, issuer, log)
    assert.same({ 10, 8, 12 }, timeouts(log))
  end)

  it("is never overrun by attempts that keep to their time", function()
    for attempts = 1, 10 do
      local issuer, log = issuer_with({ { takes = "all", failure "timeout" } },
        { timeout_seconds = 3, max_attempts = attempts, random = function() return 1 end })
      local results = { issuer:create(make.request()) }
      assert.equal("timeout", results[3].kind)
      assert.is_true(log.now <= 1003)
    end
  end)

  it("ends the exchange when it is over before the attempts are", function()
    local issuer, log = issuer_with({ { takes = 1000, failure "network" }, good() })
    expect("network", 1, issuer, log)
    assert.same({}, log.slept)
  end)

  it("comes no later when the clock is set back meanwhile", function()
    local issuer, log
    local function hour_back()
      log.now = log.now - 3600
      return nil, "lost", { kind = "network", message = "lost", retryable = true }
    end
    issuer, log = issuer_with({ hour_back }, { timeout_seconds = 30, max_attempts = 4 })
    expect("network", 4, issuer, log)
    assert.same({ 15, 15, 15, 30 }, timeouts(log))
  end)

  it("stays when the clock tells nonsense", function()
    local issuer, log
    issuer, log = issuer_with({ function()
      log.now = 0 / 0
      return nil, "lost", { kind = "network", message = "lost", retryable = true }
    end }, { timeout_seconds = 30 })
    expect("network", 3, issuer, log)
    assert.same({ 15, 15, 30 }, timeouts(log))
  end)

  it("may be measured by a clock of whole seconds", function()
    local issuer, _, transport = issuer_with({ failure "network", good() })
    transport.now = nil
    assert(issuer:create(make.request()))
  end)
end)

describe("the wait before another attempt", function()
  local function waits(random, changes)
    local settings = make.changed({
      random = function() return random end, timeout_seconds = 3600, max_attempts = 10,
    }, changes)
    local issuer, log = issuer_with({ status(500) }, settings)
    expect("api", settings.max_attempts, issuer, log)
    return log.slept
  end

  it("doubles up to a bound", function()
    assert.same({ 0.5, 1, 2, 4, 8, 8, 8, 8, 8 }, waits(1))
  end)

  it("is anything from nothing to all of it", function()
    assert.same({ 0, 0, 0, 0, 0, 0, 0, 0, 0 }, waits(0))
    assert.same({ 0.125, 0.25, 0.5, 1, 2, 2, 2, 2, 2 }, waits(0.25))
  end)

  it("is drawn anew each time", function()
    local drawn = 0
    local issuer, log = issuer_with({ status(500) }, {
      max_attempts = 4, random = function() drawn = drawn + 0.25 return drawn end,
    })
    expect("api", 4, issuer, log)
    assert.same({ 0.125, 0.5, 1.5 }, log.slept)
  end)

  it("is the longest one when what draws it is broken", function()
    for _, drawn in pairs { -1, 1.5, 0 / 0, "0.5", false } do
      local issuer, log = issuer_with({ status(500) },
        { random = function() return drawn end, timeout_seconds = 3600 })
      expect("api", 3, issuer, log)
      assert.same({ 0.5, 1 }, log.slept)
    end
  end)

  it("differs between processes whose generators go the same way", function()
    local function drawn()
      math.randomseed(1)
      local issuer, log = issuer_with({ status(500) },
        { random = make.ABSENT, max_attempts = 10, timeout_seconds = 3600 })
      expect("api", 10, issuer, log)
      return log.slept
    end
    assert.are_not.same(drawn(), drawn())
  end)

  it("is drawn by the library when nobody gives another way", function()
    local issuer, log = issuer_with({ status(500) },
      { random = make.ABSENT, max_attempts = 10, timeout_seconds = 3600 })
    expect("api", 10, issuer, log)
    local longest = { 0.5, 1, 2, 4, 8, 8, 8, 8, 8 }
    local distinct = {}
    for i, wait in ipairs(log.slept) do
      assert.is_true(wait >= 0 and wait <= longest[i])
      distinct[wait / longest[i]] = true
    end
    assert.is_truthy(next(distinct, next(distinct)), "always the same")
  end)

  it("is not begun when it would reach the deadline", function()
    local issuer, log = issuer_with({ status(500) },
      { timeout_seconds = 3, random = function() return 1 end, max_attempts = 10 })
    expect("api", 3, issuer, log) -- 0.5 + 1, and then 2 would be too long
    assert.same({ 0.5, 1 }, log.slept)
  end)
end)

describe("Retry-After", function()
  local function limited(seconds, code)
    return status(code or 429, { ["retry-after"] = seconds })
  end

  it("is waited for", function()
    for _, code in ipairs { 429, 500, 502, 503, 504 } do
      local issuer, log = issuer_with { limited("7", code), good() }
      assert(issuer:create(make.request()))
      assert.same({ 7 }, log.slept)
    end
  end)

  it("is found whatever the case of its name", function()
    local issuer, log = issuer_with { status(429, { ["Retry-After"] = "7" }), good() }
    assert(issuer:create(make.request()))
    assert.same({ 7 }, log.slept)
  end)

  it("is no reason to wait less than one would", function()
    local issuer, log = issuer_with({ limited "0", limited "1", limited "1", good() },
      { random = function() return 1 end, max_attempts = 4 })
    assert(issuer:create(make.request()))
    assert.same({ 0.5, 1, 2 }, log.slept)
  end)

  it("past the deadline ends the exchange at once", function()
    for _, seconds in ipairs { "11", "300", "86400", "999999999" } do
      local issuer, log = issuer_with({ limited(seconds), good() }, { timeout_seconds = 11 })
      local err = expect("rate_limited", 1, issuer, log)
      assert.equal(math.min(tonumber(seconds), 86400), err.retry_after)
      assert.same({}, log.slept)
    end
  end)

  it("just before the deadline is still waited for", function()
    local issuer, log = issuer_with({ limited "10", good() }, { timeout_seconds = 11 })
    assert(issuer:create(make.request()))
    assert.same({ 10 }, log.slept)
    assert.equal(0.5, log.asked[2].timeout_seconds)
  end)

  it("counts from the answer, not from the question", function()
    local issuer, log = issuer_with({ { takes = 4, limited "7" }, good() },
      { timeout_seconds = 11 })
    local err = expect("rate_limited", 1, issuer, log)
    assert.equal(7, err.retry_after)
  end)

  it("is reported with the last attempt too", function()
    local issuer, log = issuer_with({ limited "2" })
    assert.equal(2, expect("rate_limited", 3, issuer, log).retry_after)
    assert.same({ 2, 2 }, log.slept)
  end)

  it("that is no number of seconds is as good as none", function()
    for _, text in ipairs { "", "-1", "1.5", "1e3", "soon", "7, 9", "0x10" } do
      local issuer, log = issuer_with { limited(text), good() }
      assert(issuer:create(make.request()))
      assert.same({ 0 }, log.slept, text)
    end
  end)
end)
