-- Runs what sandbox/s3/hashing.lua does without keeping nginx from its other requests.
-- luacheck: std ngx_lua, read globals ngx.run_worker_thread

local hashing = require "sandbox.s3.hashing"

local work = {}

local SHORT = 256 * 1024 -- bytes; to hand over less takes longer than to do it

--- Does it here when it is short, and else in a thread, where this nginx has any.
-- @tparam string name a function of sandbox.s3.hashing
-- @tparam number bytes how many it has to do with
-- @param ... its arguments
-- @return what it returns; it raises when it fails
function work.run(name, bytes, ...)
  if bytes <= SHORT or not ngx.run_worker_thread then
    return hashing[name](...)
  end
  local results = { ngx.run_worker_thread("hashing", "sandbox.s3.hashing", name, ...) }
  if not results[1] then
    error(results[2])
  end
  return unpack(results, 2)
end

return work
