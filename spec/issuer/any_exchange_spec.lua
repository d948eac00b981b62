-- Attempts at any exchange: one that the API knows nothing of, whose requests differ from attempt
-- to attempt. The transport follows a script and its time is made up.
local attempts = require "r2.attempts"
local scripted = require "spec.support.scripted"

local good, status, failure = scripted.good, scripted.status, scripted.failure

local function failed(kind, more)
  local err = { kind = kind, message = kind }
  for name, value in pairs(more or {}) do
    err[name] = value
  end
  return nil, kind, err
end

-- Counts what it encodes, and takes status 200 for a result.
local function exchange()
  local made = { encoded = 0, decoded = {} }
  function made:encode()
    self.encoded = self.encoded + 1
    return { number = self.encoded }
  end
  function made:decode(response)
    self.decoded[#self.decoded + 1] = response.status
    if response.status == 200 then
      return response
    end
    return failed("api", { retryable = response.status == 503 })
  end
  return made
end

local function ask(made, script, limits)
  local transport, log = scripted.transport(script)
  limits = limits or { seconds = 100, count = 3, random = function() return 0 end }
  return log, attempts.ask(attempts.begin(made, transport, limits))
end

describe("attempts", function()
  it("encode a request for each, and stop at the first result", function()
    local made = exchange()
    local log, result = ask(made, { failure "network", status(503), good(), status(500) })
    assert.equal(200, result.status)
    assert.equal(3, #log.asked)
    for i, request in ipairs(log.asked) do
      assert.equal(i, request.number)
    end
    assert.same({ 503, 200 }, made.decoded)
  end)

  it("end when there is nothing to send", function()
    local made = exchange()
    function made:encode()
      self.encoded = self.encoded + 1
      if self.encoded == 2 then
        return failed "cancelled"
      end
      return {}
    end
    local log, result, message, err = ask(made, { failure "network", good() })
    assert.is_nil(result)
    assert.equal("cancelled", message)
    assert.equal("cancelled", err.kind)
    assert.equal(1, #log.asked)
  end)

  it("are judged by what the exchange makes of an answer", function()
    local made = exchange()
    local log, _, _, err = ask(made, { status(503), status(500), good() })
    assert.equal("api", err.kind)
    assert.equal(2, err.attempts)
    assert.equal(2, #log.asked)
  end)

  it("wait as long as the exchange says", function()
    local made = exchange()
    function made.decode(_, response)
      if response.status == 200 then
        return response
      end
      return failed("rate_limited", { retryable = true, retry_after = 7 })
    end
    local log, result = ask(made, { status(429), good() })
    assert.equal(200, result.status)
    assert.same({ 7 }, log.slept)
  end)

  it("hand the exchange nothing that is no response", function()
    for _, step in ipairs {
      function() return { status = 200, headers = "x" } end, function() return {} end,
      function() end, failure("tls"),
    } do
      local made = exchange()
      local _, result = ask(made, { step })
      assert.is_nil(result)
      assert.same({}, made.decoded)
    end
  end)

  it("blame the server, not the transport, for a status that HTTP does not have", function()
    for _, code in ipairs { 0, 99, 600, 999 } do
      local made = exchange()
      local log, _, message, err = ask(made, { status(code) })
      assert.equal("bad_response", err.kind)
      assert.equal(code, err.status)
      assert.is_truthy(message:find("the server answered with status " .. code, 1, true))
      assert.equal(1, #log.asked)
      assert.same({}, made.decoded)
    end
  end)

  it("have connections discarded after a bad response, and after nothing else", function()
    for _, case in ipairs {
      { 1, status(600) }, { 1, failure("bad_response", false) }, { 1, {} },
      { 0, good() }, { 0, status(500) }, { 0, status(503) }, { 0, failure("network") },
    } do
      local discarded = 0
      local transport = scripted.transport { case[2] }
      function transport.discard()
        discarded = discarded + 1
      end
      attempts.ask(attempts.begin(exchange(), transport, { seconds = 100, count = 1 }))
      assert.equal(case[1], discarded)
    end
  end)
end)
