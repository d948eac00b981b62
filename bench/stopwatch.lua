-- The CPU time of one call, as the best of some batches.
local BATCH, BATCHES = 0.05, 6 -- seconds, and how many of them

local stopwatch = {}

local function seconds_of(run, count)
  local start = os.clock()
  run(count)
  return os.clock() - start
end

--- Seconds of one call; run(count) makes so many. Collecting is part of the price: it goes on while
-- the batches run.
function stopwatch.best_of_batches(run)
  local count = 1000
  local best = seconds_of(run, count)
  while best < BATCH / 4 do
    count = count * 2
    best = seconds_of(run, count)
  end
  for _ = 1, BATCHES do
    best = math.min(best, seconds_of(run, count))
  end
  return best / count
end

return stopwatch
