-- A transport that follows a script, in a world whose time passes only as the script says.
local cjson = require "cjson"

local scripted = {}

scripted.RESULT = {
  accessKeyId = ("a1b2"):rep(8),
  secretAccessKey = ("c3d4"):rep(16),
  sessionToken = "c2Vzc2lvbg==",
}

--- A whole answer of the service that brings a credential.
function scripted.good(result)
  return { status = 200, headers = { ["content-type"] = "application/json" },
    body = cjson.encode { success = true, result = result or scripted.RESULT } }
end

function scripted.status(status, headers)
  return { status = status, headers = headers or {}, body = "" }
end

--- What a transport returns when there is no answer. retryable as the kind has it, or as given.
function scripted.failure(kind, retryable)
  if retryable == nil then
    retryable = kind == "network" or kind == "timeout"
  end
  return { fails = { kind = kind, message = "HTTP: " .. kind, retryable = retryable } }
end

local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local result = {}
  for key, field in pairs(value) do
    result[key] = copy(field)
  end
  return result
end

-- What a step of the script makes a transport return.
local function returned(step)
  if type(step) == "function" then
    return step()
  elseif type(step) == "table" and step.fails then
    return nil, step.fails.message, step.fails
  end
  return step
end

--- script: what each attempt comes to, in order; the last one again and again. A step may be a
-- response, a failure, a function that returns what a transport returns, or { takes = seconds, …}.
-- Returns transport, log. log.asked: the requests, each with `at`; log.slept: the waits.
function scripted.transport(script)
  local log = { asked = {}, slept = {}, now = 1000, cancelled = 0, waited = {} }
  local transport = {}

  local function ask(request)
    log.asked[#log.asked + 1] = copy(request)
    log.asked[#log.asked].at = log.now
    local step = script[math.min(#log.asked, #script)]
    if type(step) == "table" and step.takes then
      return step.takes == "all" and request.timeout_seconds or step.takes, step[1]
    end
    return 0, step
  end

  function transport.perform(request)
    local takes, step = ask(request)
    log.now = log.now + takes
    return returned(step)
  end

  function transport.sleep(seconds)
    log.slept[#log.slept + 1] = seconds
    log.now = log.now + seconds
  end

  function transport.now()
    return log.now
  end

  --- Attempts of this one end when the world's time has come to that.
  function transport.start(request)
    local takes, step = ask(request)
    local attempt = { ends = log.now + takes }
    function attempt:poll()
      if log.now < self.ends then
        return false
      end
      return returned(step)
    end
    function attempt:wait(seconds)
      log.waited[#log.waited + 1] = seconds or false
      log.now = math.min(self.ends, log.now + (seconds or math.huge))
      return self:poll()
    end
    function attempt.cancel()
      log.cancelled = log.cancelled + 1
    end
    return attempt
  end

  return transport, log
end

return scripted
