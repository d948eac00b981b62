-- One credential kept fresh: when it is renewed, by whom, and what becomes of failures.
local collector = require "spec.support.collector"
local make = require "spec.support.make"
local r2 = require "r2"
local refused = require "spec.support.refused"
local world = require "spec.provider.world"

local REQUEST = { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600 }

local w, provider

local function start(life, takes, options)
  w = world.new(life, takes)
  provider = assert(r2.provider(w.issuer, REQUEST, w:options(options)))
end

before_each(function()
  start()
end)

-- A task that gets, and has been polled once.
local function getting()
  local task = assert(r2.task(function()
    return provider:get()
  end))
  task:poll()
  return task
end

describe("a provider", function()
  it("asks for nothing before it is asked, and then once", function()
    assert.equal(0, #w.asked)
    local first = assert(provider:get())
    for _ = 1, 100 do
      assert.equal(first, provider:get())
    end
    assert.equal(1, #w.asked)
    assert.same(REQUEST, w.asked[1])
  end)

  it("copies the request, and each time hands on another copy", function()
    local request = { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600,
      prefixes = { "in/" } }
    provider = assert(r2.provider(w.issuer, request, w:options()))
    request.prefixes[1], request.bucket = "", "another"
    assert(provider:get())
    assert.same({ "in/" }, w.asked[1].prefixes)
    assert.equal("my-bucket", w.asked[1].bucket)
    w.asked[1].prefixes[1] = ""
    w.now = w.now + 3600
    assert(provider:get())
    assert.same({ "in/" }, w.asked[2].prefixes)
  end)

  for life, expected in pairs {
    [3600] = { 600, 60 }, [900] = { 225, 45 }, [43200] = { 600, 60 }, [60] = { 15, 5 },
    [20] = { 5, 2.5 }, [4] = { 1, 0.5 },
  } do
    it(("renews in its last %d of %d seconds"):format(expected[1], life), function()
      start(life)
      local first = assert(provider:get())
      w.now = w.now + life - expected[1] - 0.01
      assert.equal(first, provider:get())
      w.now = w.now + 0.02
      assert.not_equal(first, provider:get())
      assert.equal(2, #w.asked)
    end)

    it(("lets callers wait in its last %g of %d seconds"):format(expected[2], life), function()
      start(life)
      local first = assert(provider:get())
      w.takes = life * 10
      w.now = first.expires_at - expected[2] - 0.1
      local renewing = getting()
      assert.equal(first, provider:get())
      w.now = first.expires_at - expected[2] - 0.001
      assert.equal(first, getting():poll())
      w.now = first.expires_at - expected[2] + 0.001
      local waiting = getting()
      assert.is_false(waiting:done())
      assert.equal(2, #w.asked)
      renewing:cancel()
    end)
  end

  it("takes windows of one's own, within its life", function()
    start(3600, 0, { advisory_seconds = 1000, mandatory_seconds = 900 })
    local first = assert(provider:get())
    w.now = w.now + 2599
    assert.equal(first, provider:get())
    w.now = w.now + 2
    assert.not_equal(first, provider:get())
    start(900, 0, { advisory_seconds = 900 }) -- as SDKs have it, for 15 minutes
    first = assert(provider:get())
    w.now = w.now + 89
    assert.equal(first, provider:get())
    w.now = w.now + 2
    assert.not_equal(first, provider:get())
  end)

  it("renews some time within a fifth of its window, as chance has it", function()
    start(3600, 0, { random = function() return 1 end })
    local first = assert(provider:get())
    w.now = w.now + 3600 - 481
    assert.equal(first, provider:get())
    w.now = w.now + 2
    assert.not_equal(first, provider:get())
  end)

  it("keeps the old one when an early attempt fails, and tries less and less often", function()
    local first = assert(provider:get())
    w:fails("network", true)
    w.now = first.expires_at - 600
    while w.now < first.expires_at do
      assert.equal(first, provider:get())
      w.now = w.now + 1
    end
    assert.is_true(#w.asked > 10 and #w.asked < 60, #w.asked)
    local _, _, err = refused({ kind = "network" }, function()
      return provider:get()
    end)
    assert.is_nil(err)
    w:fails(nil)
    assert.not_equal(first, assert(provider:get()))
  end)

  it("remembers for a second what cannot heal, and asks again after what can", function()
    w:fails("invalid_config", false)
    for _ = 1, 10 do
      local _, _, err = provider:get()
      assert.equal("invalid_config", err.kind)
      err.kind, err.message = "spoilt", "by a caller"
    end
    assert.equal(1, #w.asked)
    w.now = w.now + 1
    assert.equal("invalid_config", select(3, provider:get()).kind)
    assert.equal(2, #w.asked)
    w:fails("network", true)
    w.now = w.now + 1
    for _ = 1, 10 do
      assert.equal("network", select(3, provider:get()).kind)
    end
    assert.equal(12, #w.asked)
  end)

  it("does not ask before a limit is over, or a minute, whatever its callers do", function()
    w:fails("rate_limited", true, 20)
    for _ = 1, 10 do
      assert.equal(20, select(3, provider:get()).retry_after)
    end
    assert.equal(1, #w.asked)
    w:fails("rate_limited", true, 300)
    w.now = w.now + 20
    assert.equal(300, select(3, provider:get()).retry_after)
    w.now = w.now + 59
    provider:get()
    assert.equal(2, #w.asked)
    w:fails(nil)
    w.now = w.now + 1
    assert.is_table(provider:get())
    for _, strange in ipairs { 0 / 0, -1, "20", false } do
      start()
      w:fails("rate_limited", true, strange)
      provider:get()
      provider:get()
      assert.equal(2, #w.asked)
    end
  end)

  it("has the old one while a limit lasts, and asks neither early nor late meanwhile", function()
    local first = assert(provider:get())
    w.now = first.expires_at - 40
    w:fails("rate_limited", true, 30)
    for second = 0, 29 do
      w.now = first.expires_at - 40 + second
      assert.equal(first, provider:get())
    end
    assert.equal(2, #w.asked)
    w:fails(nil)
    w.now = first.expires_at - 10
    assert.not_equal(first, assert(provider:get()))
  end)

  it("takes no credential that is over when it comes", function()
    w.life = 0
    refused({ kind = "bad_response" }, function()
      return provider:get()
    end)
  end)

  it("is told by its token that one is over, and not by its key id", function()
    local first = assert(provider:get())
    provider:invalidate(make.changed(first, { session_token = "another" }))
    provider:invalidate { access_key_id = first.access_key_id }
    provider:invalidate(nil)
    assert.equal(first, provider:get())
    provider:invalidate(make.changed(first))
    local second = assert(provider:get())
    assert.not_equal(first.session_token, second.session_token)
    provider:invalidate(first) -- late, as of one of several callers
    assert.equal(second, provider:get())
  end)

  it("renews when the clock was set back, and when it has leapt ahead", function()
    local first = assert(provider:get())
    w.now = w.now - 7200
    local second = assert(provider:get())
    assert.not_equal(first, second)
    w.now = w.now + 1e6
    assert.not_equal(second, assert(provider:get()))
    assert.equal(3, #w.asked)
  end)

  it("shows nothing of its secrets", function()
    assert.equal("r2 provider", tostring(provider))
    assert(provider:get())
    assert.equal("r2 provider (until 1700003600)", tostring(provider))
    assert.is_nil(next(provider))
    assert.is_false(getmetatable(provider))
  end)

  it("is what a bucket takes as its credentials", function()
    assert(r2.bucket { credentials = provider, name = "my-bucket", endpoint = "https://e.example",
      transport = { perform = function() end, sleep = function() end } })
  end)
end)

describe("an early renewal that fails", function()
  local first

  before_each(function()
    first = assert(provider:get())
    w.now = first.expires_at - 500
  end)

  it("for good too takes nothing from the credential that is there", function()
    w:fails("api", false)
    for _ = 1, 40 do
      assert.equal(first, provider:get())
      w:pass(0.11)
    end
    assert.is_true(#w.asked >= 3 and #w.asked <= 6, #w.asked)
  end)

  it("is followed by a wait when it raised", function()
    local create, raised = w.issuer.create, 0
    function w.issuer.create()
      raised = raised + 1
      error("as the world has it", 0)
    end
    assert.has_error(function() return provider:get() end, "as the world has it")
    for _ = 1, 10 do
      assert.equal(first, provider:get())
    end
    assert.equal(1, raised)
    w.issuer.create = create
    w:pass(1)
    local second = provider:get()
    assert.equal(w.made[2], second)
  end)
end)

describe("an issuer that is none of ours", function()
  for what, answer in pairs {
    ["a message alone"] = { nil, "no reason" }, ["nothing"] = {}, ["no table"] = { true },
    ["false"] = { false },
  } do
    it("gets an error for " .. what, function()
      function w.issuer.create()
        return answer[1], answer[2]
      end
      local made, message, err = provider:get()
      assert.is_nil(made)
      assert.equal("the issuer gave neither a credential nor an error", message)
      assert.equal("bad_response", err.kind)
    end)
  end
end)

describe("callers in coroutines of others", function()
  it("go on when the one that asks is gone, without its lease", function()
    local create = w.issuer.create
    function w.issuer.create(...)
      coroutine.yield()
      return create(...)
    end
    do
      local asks = coroutine.wrap(function() return provider:get() end)
      asks()
    end
    collector.collect()
    w.issuer.create = create
    local before = w.now
    assert(provider:get())
    assert.equal(before, w.now)
  end)
end)

describe("callers in tasks", function()
  it("wait for the one that asks, and get the same", function()
    start(3600, 5)
    local tasks = {}
    for i = 1, 50 do
      tasks[i] = getting()
    end
    assert.equal(1, #w.asked)
    w:pass(5)
    for _, task in ipairs(tasks) do
      task:poll()
    end
    for _, task in ipairs(tasks) do
      assert.equal(w.made[1], task:poll())
    end
    assert.equal(1, #w.asked)
  end)

  it("get the same error, each one of its own", function()
    start(3600, 5)
    local one, other = getting(), getting()
    w:fails("network", true)
    w:pass(5)
    local _, _, first = one:poll()
    local _, _, second = other:poll()
    assert.equal("network", first.kind)
    assert.equal("network", second.kind)
    assert.not_equal(first, second)
    assert.equal(1, #w.asked)
  end)

  for how, leave in pairs {
    ["is cancelled"] = function(task)
      task:cancel()
      task:poll()
    end,
    ["is dropped"] = function(task)
      task:cancel()
      task:cancel()
    end,
    ["is forgotten"] = function() end,
  } do
    it("go on when the one that asks " .. how, function()
      start(3600, 5)
      do
        local first = getting()
        local second = getting()
        leave(first)
        first = nil -- luacheck: ignore 311
        collector.collect()
        second:poll()
        w:pass(5)
        second:poll()
        assert.is_truthy(second:poll())
      end
      assert.equal(2, #w.asked)
    end)
  end

  it("need not wait for one that nobody polls, for longer than an issuer takes", function()
    start(3600, 5)
    local first, second = getting(), getting()
    w:pass(34)
    assert.equal(false, (second:poll()))
    w:pass(2)
    second:poll()
    w:pass(5)
    local made = second:poll()
    assert.equal("token 1", made.session_token)
    assert.equal(made, first:poll()) -- what it brings comes too late, and is not kept
    assert.equal(made, provider:get())
  end)
end)

-- nginx as a provider sees it; nothing here waits.
describe("inside nginx", function()
  local function nginx_with(at)
    rawset(_G, "ngx", { timer = { at = at } })
  end

  after_each(function()
    rawset(_G, "ngx", nil)
  end)

  it("renews in a timer, while the old one is there", function()
    local first, timers = assert(provider:get()), {}
    nginx_with(function(_, f)
      timers[#timers + 1] = f
      return true
    end)
    w.now = first.expires_at - 500
    for _ = 1, 10 do
      assert.equal(first, provider:get())
    end
    assert.equal(1, #timers)
    assert.equal(1, #w.asked)
    timers[1](false)
    assert.equal(w.made[2], provider:get())
    assert.equal(1, #timers)
  end)

  it("says in the log what raised in a timer, and waits before the next one", function()
    local first, timers, log = assert(provider:get()), 0, {}
    nginx_with(function(_, f)
      timers = timers + 1
      f(false)
      return true
    end)
    ngx.ERR, ngx.log = 4, function(...) -- luacheck: globals ngx
      log[#log + 1] = table.concat({ ... }, "|")
    end
    w.issuer.create = function() error("as the world has it", 0) end
    w.now = first.expires_at - 500
    assert.has_error(function() return provider:get() end, "as the world has it")
    for _ = 1, 10 do
      assert.equal(first, provider:get())
    end
    assert.equal(1, timers)
    assert.same({ "4|r2.provider: |as the world has it" }, log)
  end)

  it("goes on where the worker ended before the timer ran, or has none any more", function()
    nginx_with(function(_, f)
      f(true)
      nginx_with(function() return nil, "process exiting" end)
      return true
    end)
    local got = provider:get()
    assert.equal(w.made[1], got)
    assert.equal(1, #w.asked)
  end)

  it("raises in a phase without timers, and works in the next", function()
    nginx_with(function() error("API disabled", 0) end)
    assert.has_error(function() return provider:get() end, "API disabled")
    assert.equal(0, #w.asked)
    rawset(_G, "ngx", nil)
    assert(provider:get())
  end)
end)

describe("r2.provider", function()
  it("refuses what is no request, no issuer and no option, at once", function()
    local issuer = make.issuer()
    for field, call in pairs {
      ttl_seconds = function()
        return r2.provider(issuer, { bucket = "my-bucket", permission = "object-read-only" })
      end,
      issuer = function() return r2.provider({}, REQUEST) end,
      advisory = function() return r2.provider(issuer, REQUEST, { advisory = 1 }) end,
      advisory_seconds = function()
        return r2.provider(issuer, REQUEST, { advisory_seconds = 0 })
      end,
      shared = function() return r2.provider(issuer, REQUEST, { shared = {} }) end,
      options = function() return r2.provider(issuer, REQUEST, 1) end,
    } do
      local made, message, err = call()
      assert.is_nil(made)
      assert.matches(field, message)
      assert.equal(message, err.message)
    end
    assert.has_error(function() return r2.provider(issuer) end)
    issuer:close()
    assert.is_nil((r2.provider(issuer, REQUEST)))
  end)

  it("signs again with an issuer's own clock, and raises when it is closed", function()
    local now = make.NOW
    local issuer = make.issuer { clock = function() return now end }
    local signing = assert(r2.provider(issuer, REQUEST))
    local first = assert(signing:get())
    assert.equal(now + 3600, first.expires_at)
    now = now + 3200
    local second = assert(signing:get())
    assert.equal(now + 3600, second.expires_at)
    issuer:close()
    now = now + 3600
    assert.has_error(function() return signing:get() end)
    assert.has_error(function() return signing:get() end)
  end)
end)
