-- Cases of r2.bucket, which run on every Lua over libcurl, and inside nginx over the transports
-- there. A file of cases calls what this returns and hands back its own list:
--
--   local case, list = require("spec.support.bucket.cases")()
--   case("a string", function(w) … end)      -- w: spec.support.bucket.world
--   return list
return function()
  local list = {}
  return function(name, run, needs)
    list[#list + 1] = { name = name, run = run, needs = needs or {} }
  end, list
end
