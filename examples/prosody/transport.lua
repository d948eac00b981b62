-- A transport over Prosody's own HTTP client, net.http: what waits yields to Prosody's loop. It
-- works where Prosody can wait: in handlers of its HTTP server, and in whatever async.runner runs.
-- Prosody decides whom it trusts.

local async = require "util.async"
local http = require "net.http"
local time = require "util.time"
local timer = require "util.timer"

local BODY_MAX = 1024 * 1024

local function failure(kind, message)
  return nil, message, { kind = kind, message = message, retryable = kind ~= "unsupported" }
end

-- Prosody adds headers of its own under these names, and would send both.
local function titled(headers)
  local names = {}
  for name, value in pairs(headers or {}) do
    names[name:gsub("%f[%a]%l", string.upper)] = value
  end
  return names
end

local function perform(request)
  local body = request.body ~= "" and request.body or nil
  if type(body) == "function" then
    return failure("unsupported", "Prosody's client sends no body in pieces: give a string")
  end
  local wait, done = async.waiter()
  local text, status, headers, answered, late
  local sent = http.request(request.url, {
    method = request.method, headers = titled(request.headers), body = body,
    body_size_limit = not request.output and BODY_MAX or nil,
  }, function(content, code, response)
    if not answered then
      answered, text, status, headers = true, content, code, response and response.headers
      done()
    end
  end)
  local limit = timer.add_task(request.timeout_seconds or 30, function()
    late = true
    sent:cancel("timeout")
  end)
  wait()
  timer.stop(limit)
  if status == 0 then
    return failure(late and "timeout" or "network", "Prosody got no answer: " .. tostring(text))
  elseif request.output and status >= 200 and status < 300 then
    request.output(text)
    text = nil
  end
  return { status = status, headers = headers, body = text }
end

return { perform = perform, sleep = async.sleep, now = time.monotonic }
