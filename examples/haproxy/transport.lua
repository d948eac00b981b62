-- A transport over HAProxy's own HTTP client, core.httpclient: what waits yields to HAProxy, and no
-- thread of it stops. HAProxy decides whom it trusts (httpclient.ssl.ca-file), how names are found
-- (httpclient.resolvers.id), and how long a connection may take (timeout connect of its defaults).
-- It works where a service or an action runs, and in tasks.
-- luacheck: globals core

local TRIES = 4 -- HAProxy 2.6 asks so often before it gives up, each time as long as it is told

local function failure(kind, message)
  return nil, message, { kind = kind, message = message, retryable = kind ~= "unsupported" }
end

-- HAProxy has lists of values, of headers that go out from 1 on, of those that came from 0 on.
local function listed(headers, body)
  local lists = { ["content-length"] = body and { tostring(#body) } }
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

-- Where a server gave no answer, HAProxy makes one; servers date theirs.
local function own(answer)
  if answer.status == 504 then
    return failure("timeout", "HAProxy got no answer in time")
  end
  return failure("network", "HAProxy got no answer: no connection, no TLS, or it was lost")
end

local function perform(request)
  local body = request.body ~= "" and request.body or nil
  if type(body) == "function" then
    return failure("unsupported", "HAProxy's client sends no body in pieces: give a string")
  end
  local client = core.httpclient()
  local answer = client[request.method:lower()](client, {
    url = request.url, headers = listed(request.headers, body), body = body,
    timeout = math.ceil((request.timeout_seconds or 30) * 1000 / TRIES),
  })
  local headers = plain(answer.headers)
  if not answer.status or answer.status >= 503 and not headers.date then
    return own(answer)
  elseif request.output and answer.status >= 200 and answer.status < 300 then
    request.output(answer.body or "")
    return { status = answer.status, headers = headers }
  end
  return { status = answer.status, headers = headers, body = answer.body }
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
