-- What an error was that nobody expected: Ctrl-C, a library that is missing, or a mistake of the
-- command itself.

-- How one gets a library that is not this one's own.
local OTHERS = { argparse = "luarocks install argparse, or Debian's lua-argparse" }

local function told_of(name, what, reason)
  return ("the Lua library %s %s%s: %s"):format(name, what, reason and " (" .. reason .. ")" or "",
    OTHERS[name] or "build or install it for this Lua")
end

-- What is missing, of an error of require; nil of others. Of the rest of such an error only a
-- linker's word is told, which is about libraries.
local function missing(problem)
  local name = problem:match("module '([%w_.]+)' not found")
  if name then
    return told_of(name, "is missing")
  end
  name = problem:match("error loading module '([%w_.]+)'")
  return name and told_of(name, "cannot be loaded",
    problem:match("error loading module '[%w_.]+' from file '[^\n]*%.so':%s*([^\n]+)"))
end

--- For xpcall. What was thrown on purpose is a table, and stays it. Of a mistake only the place is
-- told: its text could hold anything.
-- @treturn table `interrupted`, `missing` or `place`
return function(problem)
  if type(problem) == "table" then
    return problem
  end
  problem = tostring(problem)
  if problem:find("interrupted!$") then
    return { interrupted = true }
  end
  return {
    missing = missing(problem),
    place = problem:match("(r2/[%w_/]+%.lua:%d+):") or "a place that is not known",
  }
end
