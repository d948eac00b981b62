-- A provider driven through random schedules: callers in tasks that come, are cancelled, dropped
-- and forgotten, a clock that leaps and is set back, an issuer that fails and takes its time. What
-- must hold whatever happens is checked at each step. A schedule that fails is told by its number.
local r2 = require "r2"
local world = require "spec.provider.world"

local SCHEDULES = tonumber(os.getenv("R2_SCHEDULES")) or 20000 -- on each Lua: 100,000 in all
local STEPS = 24
local CALLERS = 4
local LEASE = 35 -- seconds until a turn is over that nobody ends

-- A generator of our own: the same numbers on every Lua.
local seed

local function random(most)
  seed = (seed * 48271) % 2147483647
  return seed % most + 1
end

local w, provider, callers, invalidated, delivered

local function new_schedule(number)
  seed = number * 7919 % 2147483646 + 1
  w = world.new(({ 8, 60, 900, 3600 })[random(4)], ({ 0, 1, 3, 20 })[random(4)])
  provider = assert(r2.provider(w.issuer, { bucket = "my-bucket", ttl_seconds = w.life },
    w:options { random = function() return random(1000) / 1000 end }))
  callers, invalidated, delivered = {}, {}, 0
end

-- ---- what must hold ----

-- The newest credential, unless it was called over: those before it are not kept.
local function newest()
  local last = w.made[#w.made]
  return last and not invalidated[last.session_token] and last
end

local function check(made, message, err)
  delivered = delivered + 1
  if made then
    local number = made.session_token:match("^token (%d+)$")
    assert(made.secret_access_key == "secret " .. number, "the key of one, the token of another")
    assert(made.expires_at > w.now, "it is over")
    assert(not invalidated[made.session_token], "it was called over")
  elseif err.kind ~= "cancelled" then
    assert(message == err.message)
    local left = newest()
    assert(not left or left.expires_at <= w.now, "an error, and one is valid")
  end
end

-- ---- what may happen ----

local function poll(i)
  local caller = callers[i]
  if caller then
    local made, message, err = caller:poll()
    if caller:done() then
      callers[i] = nil
      check(made, message, err)
    end
  end
end

local EVENTS = {
  function(i)
    callers[i] = callers[i] or assert(r2.task(provider.get, provider))
    poll(i)
  end,
  poll,
  function(i) -- a whole one
    callers[i] = callers[i] or assert(r2.task(provider.get, provider))
    for _ = 1, 4 do
      poll(i)
      w:pass(callers[i] and w.takes / 4 or 0)
    end
  end,
  function()
    w:pass(random(w.life) / ({ 1, 10, 100 })[random(3)])
  end,
  function()
    w:pass(w.takes)
  end,
  function() -- into the windows of the last one
    local last = w.made[#w.made]
    if last and last.expires_at > w.now then
      w:pass((last.expires_at - w.now) * (1 - random(100) / 400))
    end
  end,
  function() -- through a backoff, or not quite
    w:pass(random(100) / 80)
  end,
  function()
    if random(4) == 1 then
      w.now = w.now - random(w.life)
    end
  end,
  function()
    w:fails(({ "network", "api" })[random(3)], random(2) == 1)
  end,
  function()
    w:fails(nil)
  end,
  function(i)
    if callers[i] then
      callers[i]:cancel()
      poll(i)
    end
  end,
  function(i)
    if callers[i] and random(3) == 1 then
      callers[i]:cancel()
      callers[i]:cancel()
      callers[i] = nil
    end
  end,
  function(i)
    if random(3) == 1 then
      callers[i] = nil -- forgotten: nobody polls it any more
    end
  end,
  function()
    local last = w.made[#w.made]
    if last and random(3) == 1 then
      invalidated[last.session_token] = true
      provider:invalidate(last)
    end
  end,
}

-- Everybody who waits gets something, once nothing stands in the way.
local function finish()
  w:fails(nil)
  w.takes = 0
  callers[CALLERS + 1] = assert(r2.task(provider.get, provider))
  local rounds = 0
  while next(callers) do
    rounds = rounds + 1
    assert(rounds < 3 * LEASE, "somebody waits for ever")
    w:pass(1)
    for i = 1, CALLERS + 1 do
      poll(i)
    end
  end
end

local function run(number)
  new_schedule(number)
  for _ = 1, STEPS do
    EVENTS[random(#EVENTS)](random(CALLERS))
  end
  finish()
end

it(("holds what it promises through %d schedules"):format(SCHEDULES), function()
  local all = 0
  for number = 1, SCHEDULES do
    local good, problem = pcall(run, number)
    if not good then
      error(("schedule %d: %s"):format(number, tostring(problem)), 0)
    end
    all = all + delivered
  end
  assert.is_true(all > SCHEDULES * 2, all)
end)
