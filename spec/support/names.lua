-- The names that Cloudflare publishes, once for all specs and for what makes the vectors:
--   permissions   constant -> name on the wire
--   on_the_wire   these names as a list
--   actions       READ, WRITE, MULTIPART, WRITE_ONLY, each a list; ALL, the first three as one
local cjson = require "cjson"

local file = assert(io.open("spec/vectors/names.json"))
local names = cjson.decode(file:read("*a"))
file:close()

names.on_the_wire = {}
for _, name in pairs(names.permissions) do
  table.insert(names.on_the_wire, name)
end
table.sort(names.on_the_wire)

local all = {}
for _, group in ipairs { "READ", "WRITE", "MULTIPART" } do
  for _, action in ipairs(names.actions[group]) do
    all[#all + 1] = action
  end
end
names.actions.ALL = all

return names
