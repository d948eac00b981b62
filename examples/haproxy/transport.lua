-- A transport over HAProxy's own HTTP client, core.httpclient: what waits yields to HAProxy, so that
-- no thread of it stops. HAProxy decides whom it trusts (httpclient.ssl.ca-file), how names are
-- found (httpclient.resolvers.id), and how long it waits (httpclient.timeout.connect, which is a
-- newer one's, and timeout server). It works where a service or an action runs, and in tasks.
-- luacheck: globals core

local function failure(kind, message)
  return nil, message, { kind = kind, message = message, retryable = kind == "network" }
end

-- HAProxy has lists of values, of headers that go out from 1 on, of those that came from 0 on.
local function listed(headers)
  local lists = {}
  for name, value in pairs(headers or {}) do
    lists[name] = { value }
  end
  return lists
end

local function plain(lists)
  local headers = {}
  for name, values in pairs(lists or {}) do
    headers[name] = values[0]
  end
  return headers
end

local function perform(request)
  if type(request.body) == "function" then
    return failure("unsupported", "HAProxy's client sends no body in pieces: give a string")
  end
  local client = core.httpclient()
  local body = request.body ~= "" and request.body or nil
  local answer = client[request.method:lower()](client, {
    url = request.url, headers = listed(request.headers), body = body,
    timeout = math.ceil((request.timeout_seconds or 30) * 1000),
  })
  if not answer or (answer.status or 0) == 0 then -- it does not say why
    return failure("network", "HAProxy got no answer: its log says why")
  end
  local response = { status = answer.status, headers = plain(answer.headers), body = answer.body }
  if request.output and answer.status >= 200 and answer.status < 300 then
    request.output(answer.body or "")
    response.body = nil
  end
  return response
end

return {
  perform = perform,
  sleep = function(seconds)
    core.msleep(math.ceil(seconds * 1000))
  end,
  now = function()
    local now = core.now()
    return now.sec + now.usec / 1e6
  end,
}
