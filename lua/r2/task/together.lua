-- Several workers at once, over one transport: as light threads in nginx, elsewhere as strands that
-- are stepped in turn, and one after the other over a transport that can only perform.

local strand = require "r2.task.strand"

local together = {}

local SHORT = 0.01 -- seconds, where a transport cannot wait for all at once

local unpack = table.unpack or unpack -- luacheck: compat

-- A strand is cancelled.
local function never()
  return false
end

-- ---- as strands ----

-- The seconds until a pause among the waits ends, at most `seconds`.
local function next_wake(strands, seconds)
  for _, each in ipairs(strands) do
    if each.wait and each.wait.left then
      seconds = math.min(seconds, each.wait:left())
    end
  end
  return math.max(seconds, 0)
end

local function first_waiting(strands)
  for _, each in ipairs(strands) do
    if not each.done then
      return each
    end
  end
end

-- What whoever runs several strands waits for: any of them.
local function any_of(strands, transport)
  return {
    poll = function() end,
    wait = function(_, seconds)
      seconds = next_wake(strands, seconds or math.huge)
      if transport.wait then
        transport.wait(seconds < math.huge and seconds or nil)
      else
        first_waiting(strands):step(math.min(seconds, SHORT))
      end
    end,
    cancel = function() end,
  }
end

local function cancel_all(strands)
  for _, each in ipairs(strands) do
    each:cancel()
  end
end

-- Steps all once. Hands back how many are not done, and one that has failed.
local function step_all(strands)
  local left, failed = 0, nil
  for _, each in ipairs(strands) do
    if not each:step() then
      left = left + 1
    elseif each.failed or not each.results[1] then
      failed = failed or each
    end
  end
  return left, failed
end

-- Lets others go on.
local function pause(current, wait)
  if current then
    current:await(wait)
  else
    wait:wait()
  end
end

local function run_strands(transport, count, worker)
  local current, strands = strand.current(), {}
  for i = 1, count do
    strands[i] = strand.new(worker, i, never)
  end
  local wait = any_of(strands, transport)
  local stopping, first
  while true do
    local left, failed = step_all(strands)
    first = first or failed
    if left == 0 then
      return (first or strands[1]):outcome()
    elseif not stopping and (first or current and current:is_stopped()) then
      stopping = true
      cancel_all(strands)
    else
      pause(current, wait)
    end
  end
end

-- ---- in nginx ----

-- A thread that waits for the network cannot be killed cleanly: one that it has made to read would
-- keep the request open. So the others are told, and end as soon as something comes or goes.
local function run_threads(ngx, count, worker)
  local first
  local function run(number)
    local results = { pcall(worker, number, function()
      return first ~= nil
    end) }
    if not first and not (results[1] and results[2]) then
      first = results
    end
    return true
  end
  local threads = {}
  for i = 1, count do
    threads[i] = ngx.thread.spawn(run, i)
  end
  for _, thread in ipairs(threads) do
    ngx.thread.wait(thread)
  end
  if first and not first[1] then
    error(first[2], 0)
  end
  return unpack(first or { true, true }, 2, 4)
end

--- Runs a worker so many times at once. When one fails the others are cancelled.
-- @tparam table transport
-- @tparam number count at least 1
-- @tparam function worker function(number of the worker, stopped) -> true; or nil, message, err;
--   stopped() tells whether it is to end because another one has failed
-- @treturn boolean true
-- @return nil, message, err of the one that failed first
-- @raise what it raised
function together.run(transport, count, worker)
  local ngx = rawget(_G, "ngx")
  if type(ngx) == "table" and ngx.thread then
    return run_threads(ngx, count, worker)
  end
  if not transport.start then
    return worker(1, never)
  end
  return run_strands(transport, count, worker)
end

return together
