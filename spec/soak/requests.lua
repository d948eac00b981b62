-- The requests to all paths of spec/soak/paths.lua, in the name of so many visitors: a list of
-- { method, path, headers, body }.

local paths = require "spec.soak.paths"

local VISITORS = 20

local requests = {}
for visitor = 1, VISITORS do
  for _, row in ipairs(paths) do
    local headers = { ["x-session"] = "user-" .. visitor }
    for name, value in pairs(row.headers or {}) do
      headers[name] = value
    end
    requests[#requests + 1] = {
      method = row.method or "GET", path = row.path, headers = headers, body = row.body,
    }
  end
end
return requests
