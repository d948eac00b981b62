-- What a command costs: CPU of all its processes, and wall time.
local timed = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Runs a command of the shell, which has to succeed.
-- @treturn table cpu and wall, seconds
function timed.run(command)
  local line = ("TIMEFORMAT='timed %%U %%S %%R'; time { %s; } >/dev/null"):format(command)
  local pipe = assert(io.popen("bash -c " .. quote("set -e; " .. line) .. " 2>&1"))
  local text = pipe:read("a")
  local ended = pipe:close()
  local user, system, wall = text:match("timed ([%d.]+) ([%d.]+) ([%d.]+)")
  if not ended or not user then
    error("bench: this failed: " .. command .. "\n" .. text, 0)
  end
  return { cpu = user + system, wall = tonumber(wall) }
end

--- The best of both: a neighbour on the machine can only make a time longer.
function timed.best(one, other)
  return one and { cpu = math.min(one.cpu, other.cpu), wall = math.min(one.wall, other.wall) }
    or other
end

return timed
