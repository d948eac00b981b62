-- The transport of whoever was given none. Inside nginx libcurl would stall the worker, so it is
-- never the one there; and nginx decides whom it trusts.

local fail = require "r2.failure"

--- @tparam ?string ca_file
-- @treturn table transport
-- @return nil, message, err with err.kind invalid_config
return function(ca_file)
  local ngx = rawget(_G, "ngx")
  if type(ngx) ~= "table" or not ngx.socket then
    return require "r2.transport.curl".new { ca_file = ca_file }
  elseif ca_file then
    return fail("invalid_config", "ca_file",
      "has no effect inside nginx: set lua_ssl_trusted_certificate there")
  end
  return require "r2.transport.resty".new()
end
