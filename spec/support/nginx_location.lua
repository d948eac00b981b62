-- What docs/transports.md puts into nginx for r2.transport.nginx, told to ask a server of the
-- specs.
local support = require "spec.project.support"

local location = {}

local PAGE = support.read("docs/transports.md")

--- The block of nginx's language that has a line which begins so: "upstream", "location".
function location.documented(start)
  for block in PAGE:gmatch("```nginx\n(.-)```") do
    if block:find("^" .. start) or block:find("\n" .. start) then
      return block
    end
  end
  error("no such block: " .. start)
end

--- The text with that in each place of this, which has to be there.
function location.replaced(text, this, that)
  local count
  text, count = text:gsub(this:gsub("%p", "%%%0"), (that:gsub("%%", "%%%%")))
  assert(count > 0, this .. " is not there")
  return text
end

local documented, replaced = location.documented, location.replaced

--- The upstream r2_NAME of that address.
function location.upstream(name, address)
  return replaced(replaced(documented "upstream", "api.cloudflare.com:443", address),
    "r2_api", "r2_" .. name)
end

--- The location /r2-NAME/ that asks it, with the CA of these certificates, and in a shorter time
-- where one is given.
function location.location(name, certificates, timeout)
  local text = replaced(documented "location", "/etc/ssl/certs/ca-certificates.crt",
    certificates .. "/ca.pem")
  text = replaced(replaced(text, "/r2-api/", "/r2-" .. name .. "/"), "r2_api", "r2_" .. name)
  return replaced(text, "proxy_read_timeout 8s", "proxy_read_timeout " .. (timeout or "8s"))
end

return location
