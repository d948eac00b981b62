-- The garbage collector made hostile, and finalizers that run on every Lua.
local collector = {}

--- Runs `action` with a collector that never rests, and puts it back as it was.
function collector.hostile(action)
    local pause = collectgarbage("setpause", 0)
    local step = collectgarbage("setstepmul", 10000)
    local ok, message = pcall(action)
    collectgarbage("setpause", pause)
    collectgarbage("setstepmul", step)
    if not ok then
        error(message, 0)
    end
end

--- Makes garbage that calls `action` when it is collected.
function collector.on_collect(action)
    if newproxy then -- 5.1 and LuaJIT: only userdata have finalizers
        getmetatable(newproxy(true)).__gc = action
    else
        setmetatable({}, { __gc = action })
    end
end

--- Lua's memory in bytes, after everything that can be collected is.
function collector.bytes_in_use()
    collectgarbage()
    collectgarbage()
    return collectgarbage("count") * 1024
end

--- The process's resident memory in bytes, or nil where the system does not tell.
function collector.resident_bytes()
    local status = io.open("/proc/self/status")
    if not status then
        return nil
    end
    local kilobytes = status:read("*a"):match("VmRSS:%s*(%d+)")
    status:close()
    return kilobytes and tonumber(kilobytes) * 1024
end

return collector
