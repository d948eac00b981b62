-- How the command asks: over libcurl, in short steps. Lua hears of Ctrl-C only while it runs
-- itself, not inside one long wait.

local transport = {}

local STEP = 0.1 -- seconds

--- @tparam ?string ca_file
-- @treturn table see docs/transports.md
function transport.new(ca_file)
  local curl -- libcurl is loaded when it is first needed
  local own = {}

  local function start(request)
    local message, err
    if not curl then
      curl, message, err = require "r2.transport.curl".new { ca_file = ca_file }
      if not curl then
        return nil, message, err
      end
      own.now = curl.now
    end
    return curl.start(request)
  end

  function own.perform(request)
    local exchange, response, message, err
    exchange, message, err = start(request)
    if not exchange then
      return nil, message, err
    end
    repeat
      response, message, err = exchange:wait(STEP)
    until response ~= false
    return response, message, err
  end

  own.start = start

  function own.wait(seconds)
    curl.wait(math.min(seconds or STEP, STEP))
  end

  function own.sleep(seconds)
    for _ = 1, math.floor(seconds / STEP) do
      curl.sleep(STEP)
    end
    curl.sleep(seconds % STEP)
  end

  return own
end

return transport
