-- Attempts at an exchange that moves large bodies: bounded by silence, with a deadline or without
-- one; and what an exchange may say to them beside that.
local attempts = require "r2.attempts"
local scripted = require "spec.support.scripted"

local good, status, failure = scripted.good, scripted.status, scripted.failure

-- Takes status 200 for a result; 503 passes.
local function exchange(methods)
  local made = methods or {}
  function made.encode()
    return {}
  end
  function made.decode(_, response)
    if response.status == 200 then
      return response
    end
    return nil, "no", { kind = "api", message = "no", retryable = response.status == 503 }
  end
  return made
end

local function ask(made, script, limits)
  local transport, log = scripted.transport(script)
  limits.count = limits.count or 3
  limits.random = function() return 0 end
  return log, attempts.ask(attempts.begin(made, transport, limits))
end

describe("attempts that silence ends", function()
  it("get all the time that is left, and are told how long their peer may be silent", function()
    local script = { { takes = 40, failure "network" }, { takes = 30, status(503) }, good() }
    local log, result = ask(exchange(), script, { seconds = 100, silence_seconds = 60 })
    assert.equal(200, result.status)
    for i, left in ipairs { 100, 60, 30 } do
      assert.equal(left, log.asked[i].timeout_seconds)
      assert.equal(60, log.asked[i].silence_seconds)
    end
  end)

  it("have a week without a deadline, each of them", function()
    local script = { { takes = 1e6, failure "timeout" }, { takes = 1e6, failure "network" } }
    local log, _, _, err = ask(exchange(), script, { silence_seconds = 60 })
    assert.equal("network", err.kind)
    assert.equal(3, #log.asked)
    for _, asked in ipairs(log.asked) do
      assert.equal(604800, asked.timeout_seconds)
    end
  end)

  it("wait no longer than that for the next one", function()
    local made = exchange()
    function made.decode()
      return nil, "no", { kind = "api", message = "no", retryable = true, retry_after = 61 }
    end
    local log = ask(made, { status(503) }, { silence_seconds = 60 })
    assert.same({}, log.slept)
    log = ask(made, { status(503) }, { silence_seconds = 61 })
    assert.same({ 61, 61 }, log.slept)
  end)

  it("end with the deadline all the same", function()
    local script = { { takes = 70, failure "network" }, { takes = "all", failure "timeout" } }
    local log, _, _, err = ask(exchange(), script, { seconds = 100, silence_seconds = 60 })
    assert.equal("timeout", err.kind)
    assert.equal(2, #log.asked)
    assert.equal(30, log.asked[2].timeout_seconds)
  end)
end)

describe("attempts without that", function()
  it("say nothing of silence, and have half of what is left", function()
    local log = ask(exchange(), { failure "network", good() }, { seconds = 100 })
    assert.is_nil(log.asked[1].silence_seconds)
    assert.equal(50, log.asked[1].timeout_seconds)
  end)
end)

describe("an exchange", function()
  it("says what an attempt without an answer comes to", function()
    local told = {}
    local made = exchange {
      lost = function(_, err)
        told[#told + 1] = err.kind
        err.retryable = err.kind == "tls"
        return nil, err.message, err
      end,
    }
    local script = { failure "tls", function() return "rubbish" end, good() }
    local log, _, _, err = ask(made, script, { seconds = 100 })
    assert.equal(2, #log.asked)
    assert.equal("bad_response", err.kind)
    assert.same({ "tls", "bad_response" }, told)
  end)

  it("may want to be asked again at once, whatever the attempts that are left", function()
    local renewed = 0
    local made = exchange {
      renew = function(_, err)
        renewed = renewed + 1
        return err.kind == "api" and renewed == 1
      end,
    }
    local log, result = ask(made, { status(403), good() }, { seconds = 100, count = 1 })
    assert.equal(200, result.status)
    assert.same({ 0 }, log.slept)
  end)

  it("is asked again so only as often as it says", function()
    local renewed = 0
    local made = exchange {
      renew = function()
        renewed = renewed + 1
        return renewed == 1
      end,
    }
    local log, _, _, err = ask(made, { status(403) }, { seconds = 100, count = 1 })
    assert.equal(2, err.attempts)
    assert.equal(2, #log.asked)
  end)
end)
