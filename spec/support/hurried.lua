-- A transport whose requests get so much time, one after the other, and not what an exchange has
-- left for them: an exchange of minutes then meets short timeouts, however busy the machine is.
local make = require "spec.support.make"

-- The last of the seconds is for all that follow.
return function(transport, seconds)
  local attempt = 0
  return make.changed(transport, {
    perform = function(request)
      attempt = attempt + 1
      return transport.perform(make.changed(request, {
        timeout_seconds = seconds[attempt] or seconds[#seconds],
      }))
    end,
  })
end
