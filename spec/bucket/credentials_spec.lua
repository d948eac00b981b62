-- Credentials that end: a table of them, and a provider that is asked for others.
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.bucket.scripted"
local values = require "spec.support.values"
local good, refusal, credentials = scripted.good, scripted.refusal, scripted.credentials

local NOW = make.NOW

local function token_of(request)
  return request.headers["x-amz-security-token"]
end

-- A provider that hands these out, one after the other when it is told that one is over.
local function provider(list)
  local made = { gets = 0, over = {}, at = 1 }
  function made:get()
    self.gets = self.gets + 1
    local entry = list[math.min(self.at, #list)]
    if type(entry) == "function" then
      return entry()
    end
    return entry
  end
  function made:invalidate(which)
    self.over[#self.over + 1] = which
    self.at = self.at + 1
  end
  return made
end

local function numbered(number, changes)
  return credentials(make.changed({ session_token = "token-" .. number }, changes))
end

local OVER = {
  ["401"] = refusal(401, "Unauthorized"),
  ExpiredToken = refusal(400, "ExpiredToken"),
  ExpiredRequest = refusal(403, "ExpiredRequest"),
  ["a wrong signature near the end"] = { refusal(403, "SignatureDoesNotMatch"), ends = 30 },
  ["a wrong signature after the end, by R2's clock"] = {
    refusal(403, "SignatureDoesNotMatch", { Date = "Tue, 14 Nov 2023 23:20:00 GMT" }),
    ends = 3600,
  },
  ["403 without a code, after the end by R2's clock"] = {
    { status = 403, headers = { date = "Tue, 14 Nov 2023 23:20:00 GMT" }, body = "" },
    ends = 3600,
  },
}
local NOT_OVER = {
  ["a wrong signature long before the end"] = refusal(403, "SignatureDoesNotMatch"),
  ["a clock that is wrong"] = refusal(403, "RequestTimeTooSkewed"),
  ["a right that is missing"] = refusal(403, "AccessDenied"),
  ["403 without a code"] = { status = 403, headers = {}, body = "" },
  ["a wrong signature before the end by R2's clock"] =
    refusal(403, "SignatureDoesNotMatch", { date = "Tue, 14 Nov 2023 22:13:00 GMT" }),
}

for name, answer in values.sorted(OVER) do
  describe("what R2 calls over by " .. name, function()
    local response = answer.status and answer or answer[1]
    local first = numbered(1, { expires_at = NOW + (answer.ends or 3600) })

    it("is expired, where there is nothing else", function()
      local bucket = scripted.new({ response }, { credentials = first })
      local err = refused({ kind = "expired", starts = false }, function()
        return bucket:put("a", "hello")
      end)
      assert.is_false(err.retryable)
      assert.equal(response.status, err.status)
    end)

    it("is replaced by what a provider has instead, at once", function()
      local source = provider { first, numbered(2) }
      local bucket, log = scripted.new({ response, good() },
        { credentials = source, max_attempts = 1 })
      assert(bucket:put("a", "hello"))
      assert.equal("token-1", token_of(log.asked[1]))
      assert.equal("token-2", token_of(log.asked[2]))
      assert.same({ first }, source.over)
      assert.same({ 0 }, log.slept)
    end)

    it("is asked for once more only", function()
      local source = provider { first, numbered(2, { expires_at = first.expires_at }) }
      local bucket, log = scripted.new({ response }, { credentials = source })
      local _, _, err = bucket:put("a", "hello")
      assert.equal("expired", err.kind)
      assert.equal(2, err.attempts)
      assert.equal(2, #log.asked)
      assert.equal(1, #source.over)
    end)

    it("is over for good where the provider has the same again", function()
      local source = provider { first }
      local bucket, log = scripted.new({ response, good() }, { credentials = source })
      local _, _, err = bucket:put("a", "hello")
      assert.equal("expired", err.kind)
      assert.equal(1, #log.asked)
    end)

    it("is not asked for again for a body that has begun and cannot again", function()
      local source = provider { first, numbered(2) }
      local bucket, log
      bucket, log = scripted.new({ function()
        assert.equal("hello", log.asked[1].body(100))
        return response
      end, good() }, { credentials = source })
      local _, _, err = bucket:put("a", function() return "hello" end, { content_length = 5 })
      assert.equal("expired", err.kind)
      assert.is_false(err.retryable)
      assert.equal(1, #log.asked)
      assert.same({}, source.over)
    end)
  end)
end

for name, answer in values.sorted(NOT_OVER) do
  it("what R2 refuses with " .. name .. " is not over", function()
    local source = provider { numbered(1), numbered(2) }
    local bucket, log = scripted.new({ answer, good() }, { credentials = source })
    local _, _, err = bucket:put("a", "hello")
    assert.equal("api", err.kind)
    assert.is_false(err.retryable)
    assert.same({}, source.over)
    assert.equal(1, #log.asked)
  end)
end

describe("a provider", function()
  it("says where the bucket is", function()
    local bucket, log = scripted.new({ good() }, { credentials = provider { numbered(1) } })
    assert(bucket:put("a", "hello"))
    assert.equal(scripted.ENDPOINT .. "/my-bucket/a", log.asked[1].url)
    assert.equal("r2 bucket", tostring(bucket))
    bucket, log = scripted.new({ good() }, { credentials = provider { numbered(1) },
      name = "other", endpoint = "https://else.example.com" })
    assert(bucket:put("a", "hello"))
    assert.equal("https://else.example.com/other/a", log.asked[1].url)
  end)

  it("is asked for each attempt", function()
    local source = provider { numbered(1) }
    local bucket = scripted.new({ refusal(503, "ServiceUnavailable"), good() },
      { credentials = source })
    assert(bucket:put("a", "hello"))
    assert.equal(2, source.gets)
  end)

  it("that has none says why", function()
    local bucket, log = scripted.new({ good() }, { credentials = provider { function()
      return nil, "none today", { kind = "network", message = "none today" }
    end } })
    local _, message, err = bucket:put("a", "hello")
    assert.equal("none today", message)
    assert.equal("network", err.kind)
    assert.equal(0, #log.asked)
  end)

  it("that is none says so", function()
    for _, wrong in ipairs { function() end, function() return "x" end,
      function() return nil, "x" end, function() return {} end } do
      local bucket = scripted.new({ good() }, { credentials = provider { wrong } })
      local _, _, err = bucket:put("a", "hello")
      assert.is_true(err.kind == "invalid_config" or err.kind == "invalid_request")
    end
  end)

  it("whose credential is over by this machine's clock is asked for another", function()
    local source = provider { numbered(1, { expires_at = NOW - 1 }), numbered(2) }
    local bucket, log = scripted.new({ good() }, { credentials = source })
    assert(bucket:put("a", "hello"))
    assert.equal("token-2", token_of(log.asked[1]))
    assert.equal(1, #source.over)
    source = provider { numbered(1, { expires_at = NOW - 1 }) }
    bucket, log = scripted.new({ good() }, { credentials = source })
    local _, _, err = bucket:put("a", "hello")
    assert.equal("expired", err.kind)
    assert.equal(0, #log.asked)
  end)
end)
