-- What the two transports inside nginx share: how a URL is read, an error made, a header written.
-- luacheck: globals ngx

local fail = require "r2.failure"

local shared = {
  BODY_MAX = 1024 * 1024, -- bytes of an answer
  TIMEOUT = 30, -- seconds, where a request says nothing
}

--- Returns nil, message, err. Another attempt may help where the network failed.
function shared.failure(kind, text)
  local _, message, err = fail(kind, nil, "HTTP: " .. text)
  err.retryable = kind == "network" or kind == "timeout"
  return nil, message, err
end

local function is_loopback(host)
  return host == "localhost" or host == "[::1]" or host:find("^127%.%d+%.%d+%.%d+$") ~= nil
end

--- Reads a URL: https, or http to this machine.
-- @treturn table scheme, host, port, origin (as `new URL(url).origin`), target (path and query)
-- @return nil, message, err with err.kind unsupported
function shared.parse_url(url)
  local scheme, authority, target = url:match("^(https?)://([%w._%-%[%]:]+)(/[\33-\126]*)$")
  if not scheme then
    return shared.failure("unsupported", "the URL must be https://host/path")
  end
  local host, port = authority:match("^(.+):(%d+)$")
  host = (host or authority):lower()
  if scheme == "http" and not is_loopback(host) then
    return shared.failure("unsupported", "http:// is for localhost, 127.0.0.0/8 and [::1] only")
  end
  local default = scheme == "https" and 443 or 80
  port = tonumber(port) or default
  return {
    scheme = scheme,
    host = host,
    port = port,
    origin = scheme .. "://" .. host .. (port == default and "" or ":" .. ("%d"):format(port)),
    target = target,
  }
end

--- One table of strings with names in lower case; a header that came several times is joined.
function shared.plain_headers(headers)
  local plain = {}
  for name, value in next, headers do
    if type(value) == "table" then
      value = table.concat(value, ", ")
    end
    plain[name:lower()] = value
  end
  return plain
end

--- The answer as a transport returns it. Neither of the two unpacks, so both ask for what is not
-- packed; a status that is an error says enough without the body.
-- @return nil, message, err with err.kind bad_response: it is packed all the same
function shared.response(status, headers, body)
  local plain = shared.plain_headers(headers)
  local coding = (plain["content-encoding"] or "identity"):lower()
  if status < 400 and coding ~= "identity" then
    return shared.failure("bad_response", "the answer is packed, which nobody asked for")
  end
  return { status = status, headers = plain, body = body }
end

--- The time that deadlines are counted in. nginx keeps a copy of it for each turn of its event
-- loop, which is old after a handler has worked for a while.
function shared.now()
  ngx.update_time()
  return ngx.now()
end

--- A transport that performs so, and waits as nginx does: other requests go on.
function shared.transport(perform)
  return {
    perform = perform,
    sleep = function(seconds)
      ngx.sleep(seconds)
    end,
    now = shared.now,
  }
end

return shared
