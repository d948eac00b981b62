-- How a bucket waits: attempts, silence, a deadline for a whole call, and transports that yield.
local make = require "spec.support.make"
local r2 = require "r2"
local scripted = require "spec.support.bucket.scripted"
local transports = require "spec.support.scripted"
local good, refusal, failure = scripted.good, scripted.refusal, transports.failure

describe("a call", function()
  it("is tried max_attempts times, and waits as the service says", function()
    local busy = refusal(503, "ServiceUnavailable", { ["Retry-After"] = "7" })
    local bucket, log = scripted.new({ busy }, { max_attempts = 4 })
    local _, _, err = bucket:put("a", "hello")
    assert.equal(4, err.attempts)
    assert.equal(7, err.retry_after)
    assert.same({ 7, 7, 7 }, log.slept)
  end)

  it("waits until a date that the service says", function()
    local bucket, log = scripted.new({ refusal(429, "TooManyRequests", {
      ["retry-after"] = "Tue, 14 Nov 2023 22:13:50 GMT",
      date = "Tue, 14 Nov 2023 22:13:20 GMT",
    }), good() })
    assert(bucket:put("a", "hello"))
    assert.same({ 30 }, log.slept)
  end)

  it("tells the transport how long the peer may be silent, and no deadline", function()
    local bucket, log = scripted.new({ good() }, { timeout_seconds = 5 })
    assert(bucket:put("a", "hello"))
    assert.equal(5, log.asked[1].silence_seconds)
    assert.equal(604800, log.asked[1].timeout_seconds)
    bucket, log = scripted.new { good() }
    assert(bucket:put("a", "hello"))
    assert.equal(60, log.asked[1].silence_seconds)
  end)

  it("ends with its deadline", function()
    local bucket, log = scripted.new({ { takes = 6, failure "network" },
      { takes = "all", failure "timeout" } }, { deadline_seconds = 10 })
    local _, _, err = bucket:put("a", "hello")
    assert.equal("timeout", err.kind)
    assert.equal(2, #log.asked)
    assert.equal(10, log.asked[1].timeout_seconds)
    assert.equal(4, log.asked[2].timeout_seconds)
    assert.equal(1010, log.now)
  end)

  it("of several requests has one deadline for them all", function()
    local deleted = { status = 200, headers = {}, body = "" }
    local bucket, log = scripted.new({ { takes = 4, deleted } }, { deadline_seconds = 10 })
    local keys = {}
    for i = 1, 5 do
      keys[i] = " key " .. i -- each of them by itself
    end
    local _, _, err = bucket:delete(keys)
    assert.equal("timeout", err.kind)
    assert.equal(3, #err.deleted)
    assert.equal(3, #log.asked)
    assert.equal(2, log.asked[3].timeout_seconds)
  end)

  it("says `once` of what a second sending may make fail, and of nothing else", function()
    for _, row in ipairs {
      { true, "put", "a", "hello", { if_none_match = "*" } },
      { true, "put", "a", "hello", { if_match = "e" } },
      { true, "copy", "a", "b", { if_none_match = "*" } },
      { true, "complete_upload", "a", "id", { { number = 1, etag = "e" } } },
      { false, "put", "a", "hello" }, { false, "get", "a", { if_none_match = "e" } },
      { false, "copy", "a", "b" }, { false, "delete", "a" }, { false, "create_upload", "a" },
      { false, "upload_part", "a", "id", 1, "hello" },
    } do
      local bucket, log = scripted.new { failure("tls") }
      bucket[row[2]](bucket, (table.unpack or unpack)(row, 3))
      assert.equal(row[1], log.asked[1].once or false)
    end
  end)

  it("is cancelled when its bucket is closed meanwhile", function()
    local bucket, log
    bucket, log = scripted.new { function()
      bucket:close()
      return refusal(503, "ServiceUnavailable")
    end }
    local _, _, err = bucket:put("a", "hello")
    assert.equal("cancelled", err.kind)
    assert.equal(1, #log.asked)
  end)

  it("is cancelled when its bucket is closed while a provider is asked", function()
    local bucket, log
    local provider = { invalidate = function() end }
    function provider.get()
      bucket:close()
      return scripted.credentials()
    end
    bucket, log = scripted.new({ good() }, { credentials = provider })
    local _, _, err = bucket:put("a", "hello")
    assert.equal("cancelled", err.kind)
    assert.equal(0, #log.asked)
    bucket = scripted.new({ function()
      bucket:close()
      return refusal(401, "Unauthorized")
    end }, { credentials = { get = function() return scripted.credentials() end,
      invalidate = function() error "not after the end" end } })
    _, _, err = bucket:put("a", "hello")
    assert.equal("expired", err.kind)
  end)

  it("that was not sent is not unknown", function()
    for _, kind in ipairs { "unsupported", "tls", "invalid_config", "cancelled" } do
      local bucket = scripted.new { failure(kind) }
      local _, _, err = bucket:put("a", "hello", { if_none_match = "*" })
      assert.equal(kind, err.kind)
      assert.is_nil(err.outcome)
    end
  end)

  it("does not wait for longer than its peer may be silent", function()
    local bucket, log = scripted.new {
      refusal(429, "TooManyRequests", { ["Retry-After"] = "61" }),
    }
    local _, _, err = bucket:put("a", "hello")
    assert.equal("rate_limited", err.kind)
    assert.equal(61, err.retry_after)
    assert.is_true(err.retryable)
    assert.same({}, log.slept)
  end)

  it("has a transport that answers rubbish", function()
    for _, answer in ipairs { function() end, function() return { status = "200" } end,
      function() return { status = 200, headers = 1 } end, function() return {} end } do
      local bucket = scripted.new { answer }
      local _, _, err = bucket:put("a", "hello")
      assert.equal("bad_response", err.kind)
    end
  end)

  it("says what no header of a wrong clock hides", function()
    local bucket = scripted.new({ good() }, { clock = function() return 0 / 0 end })
    local _, _, err = bucket:put("a", "hello")
    assert.equal("clock", err.field)
  end)
end)

-- Plain 5.1 cannot yield through pcall, metamethods and iterators.
describe("a transport that yields", function()
  local PAGE = { status = 200, headers = {}, body = "<ListBucketResult><IsTruncated>false"
    .. "</IsTruncated></ListBucketResult>" }
  local DELETED = { status = 200, headers = {}, body = "<DeleteResult><Deleted><Key>a</Key>"
    .. "</Deleted><Deleted><Key>b</Key></Deleted></DeleteResult>" }

  local function yielding(script)
    local transport, log = scripted.transport(script)
    local perform, sleep = transport.perform, transport.sleep
    function transport.perform(request)
      coroutine.yield("perform")
      return perform(request)
    end
    function transport.sleep(seconds)
      coroutine.yield("sleep")
      return sleep(seconds)
    end
    return transport, log
  end

  for name, row in pairs {
    put = { good(), "a", "hello", { if_none_match = "*" } },
    delete = { DELETED, { "a", "b", " c" } }, list_page = { PAGE },
  } do
    it("is waited for by " .. name, function()
      local transport, log = yielding { refusal(503, "ServiceUnavailable"), row[1] }
      local provider = {}
      function provider.get()
        coroutine.yield("get")
        return scripted.credentials()
      end
      function provider.invalidate()
      end
      local bucket = assert(r2.bucket { credentials = provider, transport = transport,
        clock = function() return make.NOW end, random = function() return 0 end })
      local thread = coroutine.create(function()
        return bucket[name](bucket, (table.unpack or unpack)(row, 2))
      end)
      local steps = {}
      local ended, result, message
      repeat
        ended, result, message = coroutine.resume(thread)
        assert.is_true(ended, tostring(result))
        steps[#steps + 1] = result
      until coroutine.status(thread) == "dead"
      assert.is_truthy(result, message)
      assert.is_true(#log.asked >= 2)
      assert.same({ "get", "perform", "sleep", "get", "perform" },
        { steps[1], steps[2], steps[3], steps[4], steps[5] })
    end)
  end
end)
