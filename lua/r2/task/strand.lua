-- Strands: a function runs in a coroutine of its own, and whatever of this library would wait in it
-- yields instead, to whoever steps the strand. Nothing here waits, unless `step` is given seconds.
--
-- What a strand waits for is a table with the methods of a transport's attempt
-- (docs/transports.md):
--   poll()          false while it is under way, then what it comes to; never waits
--   wait(seconds)   the same, and waits for it, so long at most
--   cancel()        gives it up

local clock = require "r2.clock"
local fail = require "r2.failure"

local strand = {
  -- Not on plain Lua 5.1 (lua.org/manual/5.2, 8: "yield across pcall and metamethods").
  YIELDS_IN_FOR = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil,
}

local Strand = {}
Strand.__index = Strand

local UNDO_SECONDS = 10 -- what a strand that was cancelled may take to clear up

-- The strand that is being resumed; HOOK while the code of a transport runs for one.
local running
local HOOK = {}

local unpack = table.unpack or unpack -- luacheck: compat

local function pack(...)
  return { n = select("#", ...), ... }
end

local function was_cancelled()
  return fail("cancelled", nil, "the task was cancelled")
end

-- For what was cancelled: over, but not before the next step, so that a function that goes on
-- asking does not keep its poller for ever.
local CANCELLED = {
  poll = was_cancelled,
  wait = was_cancelled,
  cancel = function() end,
}

-- For a yield that is not this library's: until the next step.
local PASSING = {
  poll = function() end,
  wait = function() end,
  cancel = function() end,
}

-- Plain 5.1 takes no functions of C.
local function thread_of(f)
  return coroutine.create(function(...)
    return f(...)
  end)
end

--- A strand for a function and its arguments, which begins with its first step.
function strand.new(f, ...)
  local thread = thread_of(f)
  return setmetatable({
    top = thread, -- what is resumed
    own = setmetatable({ [thread] = true }, { __mode = "k" }), -- with those of `protected`
    begin = pack(...),
  }, Strand)
end

-- ---- from outside ----

local function settle(self, results, failed)
  self.done, self.results, self.failed = true, results, failed
  self.wait, self.top = nil, nil
end

local function resume(self, ...)
  local before = running
  running = self
  self.wait, self.at_once = nil, false
  local results = pack(coroutine.resume(self.top, ...))
  running = before
  if self.done then -- dropped from inside
    return
  elseif not results[1] then
    settle(self, { results[2] }, true)
  elseif coroutine.status(self.top) == "dead" then
    settle(self, pack(unpack(results, 2, results.n)))
  else
    self.wait = self.wait or PASSING
  end
end

local function ask(wait, seconds)
  if seconds == nil then
    return wait:poll()
  end
  return wait:wait(seconds < math.huge and seconds or nil)
end

-- What its wait comes to: nil while it is under way; else whether it raised, and its results.
local function outcome(self, seconds)
  local wait, before = self.wait or PASSING, running
  self.wait, running = wait, HOOK
  local results = pack(pcall(ask, wait, seconds))
  running = before
  if self.wait ~= wait then -- cancelled by what was called
    return nil
  elseif results[1] and results[2] == false then
    return nil
  end
  results[1] = not results[1]
  return results
end

local function is_overdue(self)
  return self.ends and self.ends_by() > self.ends
end

-- Goes on once. Whether it may go on at once: a request that has just gone out may have failed
-- already. Never after another request, which has taken its time.
local function advance(self, seconds)
  if self.begin then
    local arguments = self.begin
    self.begin = nil
    resume(self, unpack(arguments, 1, arguments.n))
    return not self.done and self.at_once
  end
  local was_request = self.at_once
  local results = outcome(self, seconds)
  if not results then
    return false
  end
  resume(self, unpack(results, 1, results.n))
  return not self.done and self.at_once and not was_request
end

local function go_on(self, seconds)
  if is_overdue(self) then
    self:drop()
  end
  while not self.done and advance(self, seconds) do
    seconds = nil
  end
end

--- Goes on as far as it can without waiting.
-- @tparam ?number seconds waits for what it waits for, so long at most
-- @treturn boolean whether it is done
-- @raise only where there is no memory
function Strand:step(seconds)
  if self.done or self.stepping then -- by a finalizer, or by itself
    return self.done == true
  end
  local before = running
  self.stepping = true
  local ok, problem = pcall(go_on, self, seconds)
  self.stepping, running = false, before
  if not ok then
    error(problem, 0)
  end
  return self.done == true
end

--- What it came to, when it is done.
-- @raise what its function raised
function Strand:outcome()
  if self.failed then
    error(self.results[1], 0)
  end
  return unpack(self.results, 1, self.results.n)
end

--- Ends it at once; nothing that its function would clear up is.
function Strand:drop()
  local top, wait = self.top, self.wait
  settle(self, pack(was_cancelled()))
  if wait then
    wait:cancel()
  end
  -- luacheck: push ignore 143
  if coroutine.close and coroutine.status(top) == "suspended" then
    coroutine.close(top)
  end
  -- luacheck: pop
end

--- Gives it up when what steps it was interrupted, by an error that came from outside at whatever
-- moment.
function Strand:interrupt()
  running = nil
  self.stepping = false
  if not self.done and coroutine.status(self.top) == "dead" then
    settle(self, pack(was_cancelled())) -- what it came to is lost
  end
  self:cancel()
end

--- Gives it up: what it waits for, and all that it would wait for later, is `cancelled`, but for
-- what it waits for in `undo`. What was cancelled already is dropped.
function Strand:cancel()
  if self.done then
    return
  elseif self.cancelled then
    return self:drop()
  end
  self.cancelled, self.ends_by = true, self:clock()
  self.ends = self.ends_by() + UNDO_SECONDS
  if self.begin then -- nothing was done
    return self:drop()
  elseif self.wait then
    local wait = self.wait
    self.wait = CANCELLED
    wait:cancel()
  end
end

--- The clock that its waits are counted by.
-- @treturn function seconds
function Strand:clock()
  return self.now or clock.now
end

-- ---- from inside ----

--- Whether it was cancelled, and is not clearing up.
function Strand:is_stopped()
  return self.cancelled == true and not self.undoing
end

local function received(raised, ...)
  if raised then
    error((...), 0)
  end
  return ...
end

--- Yields until this is over.
-- @tparam table wait
-- @tparam ?function now seconds
-- @tparam ?boolean at_once whether it may be over at once; else it takes until the next step
-- @return what its poll or wait returned
function Strand:await(wait, now, at_once)
  self.now = now or self.now
  self.wait, self.at_once = self:is_stopped() and CANCELLED or wait, at_once or false
  return received(coroutine.yield())
end

--- Yields until the next step.
function Strand:give_way()
  self:await(PASSING)
end

--- The strand that this is called in, or nil outside of all.
-- @raise in a coroutine that is not the strand's own, whose resumer would get the yield; in a
--   function that a transport calls
function strand.current()
  if running == nil then
    return nil
  elseif running == HOOK then
    error("r2: a function that is called while something is sent or received must not wait", 0)
  elseif not running.own[coroutine.running()] then
    error("r2: in a task, what waits must be called in the task's own coroutine", 0)
  end
  return running
end

-- ---- protected calls ----

-- Hands on what the inner coroutine yields, to whoever it is, and what comes back.
local function pump(thread, ok, ...)
  if coroutine.status(thread) == "dead" then
    return ok, ...
  end
  return pump(thread, coroutine.resume(thread, coroutine.yield(...)))
end

--- As pcall, for a function that waits: on plain 5.1 nothing can yield through pcall, but a
-- coroutine's resume is as good.
function strand.protected(f, ...)
  local current = strand.current()
  local thread = thread_of(f)
  if current then
    current.own[thread] = true
  end
  return pump(thread, coroutine.resume(thread, ...))
end

--- Calls a function that clears up: it may wait, in a strand that was cancelled too.
-- @tparam function f
-- @param ... its arguments
function strand.undo(f, ...)
  local current = strand.current()
  local before = current and current.undoing
  if current then
    current.undoing = true
  end
  local ok, message = strand.protected(f, ...)
  if current then
    current.undoing = before
  end
  if not ok then
    error(message, 0)
  end
end

return strand
