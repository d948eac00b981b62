-- The garbage collector made hostile, and finalizers that run on every Lua.
local collector = {}

-- As large as each Lua can count, so that one step goes through everything.
local STEP = {
  ["Lua 5.1"] = 200000000, ["Lua 5.2"] = 2000000000, ["Lua 5.3"] = 2000000000, ["Lua 5.4"] = 1000,
}

-- A trace leaves for the interpreter when a collection is to be ended. Where each step is a whole
-- one, the next is due as soon as the trace is entered again, and a loop in it never comes forward.
local function without_traces(action)
  return function()
    jit.off()
    jit.flush()
    local ok, message = pcall(action)
    jit.on()
    if not ok then
      error(message, 0)
    end
  end
end

--- Runs `action` with a collector that goes through everything at nearly every allocation, and puts
-- it back as it was.
function collector.hostile(action)
  action = jit and without_traces(action) or action
  local pause = collectgarbage("setpause", 0)
  local step = collectgarbage("setstepmul", STEP[_VERSION])
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 0, 0, 50) -- steps of 2^50 bytes
  end
  local ok, message = pcall(action)
  collectgarbage("setpause", pause)
  collectgarbage("setstepmul", step)
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 0, 0, 13) -- Lua's own
  end
  if not ok then
    error(message, 0)
  end
end

--- Collects all that nobody has any more. A trace keeps what it has met: one that LuaJIT happened
-- to make would keep alive what a spec asks after.
function collector.collect()
  if jit then
    jit.flush()
  end
  collectgarbage()
  collectgarbage()
end

--- Makes garbage that calls `action` when it is collected.
function collector.on_collect(action)
  if newproxy then -- 5.1 and LuaJIT: only userdata have finalizers
    getmetatable(newproxy(true)).__gc = action
  else
    setmetatable({}, { __gc = action })
  end
end

--- Calls method(self, a, b) with a collector that runs `finalizer` at the first occasion within, as
-- far as Lua can be told to; hands back what pcall would, at most three results.
function collector.interrupt(finalizer, method, self, a, b)
  collectgarbage()
  collectgarbage("stop")
  -- A stack of its own keeps nothing of the garbage alive. Waiting at a call, it has the memory
  -- for one: what is counted next, and makes a collection due, is what `method` asks for.
  local thread = coroutine.create(function()
    coroutine.yield()
    return method(self, a, b)
  end)
  local resume = coroutine.resume
  collector.on_collect(finalizer)
  resume(thread)
  local ok, first, second, third
  collector.hostile(function()
    collectgarbage("restart")
    ok, first, second, third = resume(thread)
  end)
  collectgarbage("restart") -- it was at rest when `hostile` noted its state
  collectgarbage()
  return ok, first, second, third
end

--- Lua's memory in bytes, after everything that can be collected is.
function collector.bytes_in_use()
  collector.collect()
  return collectgarbage("count") * 1024
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

-- Sanitizers and valgrind keep what is freed, to catch its use.
local function memory_is_kept()
  local maps = read("/proc/self/maps") or ""
  return maps:find("asan", 1, true) or maps:find("vgpreload", 1, true)
end

--- The process's resident memory in bytes, or nil where that says nothing.
function collector.resident_bytes()
  local status = not memory_is_kept() and read("/proc/self/status")
  local kilobytes = status and status:match("VmRSS:%s*(%d+)")
  return kilobytes and tonumber(kilobytes) * 1024
end

return collector
