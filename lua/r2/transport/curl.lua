--- The transport over libcurl: it blocks, or goes step by step. libcurl is loaded, and the first
-- connection opened, when the first request is made.
-- @module r2.transport.curl

local curl = {}

--- @tparam ?table options see `new` in r2.http
-- @treturn table perform, start, sleep, now; see docs/transports.md
-- @return nil, message, err with err.kind invalid_config
function curl.new(options)
  local http = require "r2.http"
  local handle, message, err = http.new(options)
  if not handle then
    return nil, message, err
  end
  return {
    perform = function(request)
      return handle:perform(request)
    end,
    start = function(request)
      return handle:start(request)
    end,
    sleep = http.sleep,
    now = http.now,
    close = function()
      handle:close()
    end,
  }
end

return curl
