--- The transport over libcurl: it blocks, or goes step by step. libcurl is loaded, and the first
-- connection opened, when the first request is made.
-- @module r2.transport.curl

local fail = require "r2.failure"

local curl = {}

local LONGEST, SHORT = 1, 0.01 -- seconds

local function copy_of(options)
  local copy = {}
  for name, value in next, options or {} do
    copy[name] = value
  end
  return copy
end

--- @tparam table options see `new` in r2.http
-- @treturn table perform, start, wait, discard, sleep, now, close; see docs/transports.md
-- @return nil, message, err with err.kind invalid_config
function curl.new(options)
  local http = require "r2.http"
  local handle, message, err = http.new(options)
  if not handle then
    return nil, message, err
  end
  options = copy_of(options)
  local stepping, closed = false, false -- whether exchanges of the handle may be under way
  local old = setmetatable({}, { __mode = "k" }) -- handles over which some may be

  -- Calls a method of the handle; of a new one after discard. A finalizer, or its own clock, may
  -- close an issuer that is about to ask.
  local function call(method, request)
    if closed then
      return fail("cancelled", nil, "HTTP: the transport was closed")
    end
    if not handle then
      local text, failed
      handle, text, failed = http.new(options)
      if not handle then
        return nil, text, failed
      end
      stepping = false
    end
    stepping = stepping or method == "start"
    return handle[method](handle, request)
  end

  return {
    perform = function(request)
      return call("perform", request)
    end,
    start = function(request)
      return call("start", request)
    end,
    -- libcurl closes no single connection. What is under way goes on over the old handle, which the
    -- collector closes.
    discard = function()
      if handle and stepping then
        old[handle] = true
      elseif handle then
        handle:close()
      end
      handle = nil
    end,
    -- Waits for whatever of the exchanges can go on; not of those over an old handle.
    wait = function(seconds)
      if handle and not closed and next(old) == nil then
        handle:wait(math.min(seconds or LONGEST, LONGEST))
      else
        http.sleep(math.min(seconds or SHORT, SHORT))
      end
    end,
    sleep = http.sleep,
    now = http.now,
    close = function()
      closed = true
      if handle then
        handle:close()
      end
      for each in next, old do
        each:close()
      end
    end,
  }
end

return curl
