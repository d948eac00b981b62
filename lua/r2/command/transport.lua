-- How the command asks the API: over libcurl, in short steps. Lua hears of Ctrl-C only while it
-- runs itself, not inside one long wait.

local transport = {}

local STEP = 0.1 -- seconds

--- @tparam ?string ca_file
-- @treturn table see docs/transports.md
function transport.new(ca_file)
  local curl -- libcurl is loaded when it is first needed
  return {
    perform = function(request)
      local message, err
      if not curl then
        curl, message, err = require "r2.transport.curl".new { ca_file = ca_file }
        if not curl then
          return nil, message, err
        end
      end
      local exchange, response
      exchange, message, err = curl.start(request)
      if not exchange then
        return nil, message, err
      end
      repeat
        response, message, err = exchange:wait(STEP)
      until response ~= false
      return response, message, err
    end,
    sleep = function(seconds)
      for _ = 1, math.floor(seconds / STEP) do
        curl.sleep(STEP)
      end
      curl.sleep(seconds % STEP)
    end,
  }
end

return transport
