-- A task: a function that goes on when it is polled, and never waits. Time passes only when a spec
-- says so: what is polled cannot have waited.
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local strand = require "r2.task.strand"
local r2 = require "r2"

local good, failure = scripted.good, scripted.failure

local function issuer_with(script)
  local transport, log = scripted.transport(script)
  transport.perform = function() error("a task must not block") end
  transport.sleep = transport.perform
  return assert(r2.new(make.api_config {
    mode = "api", transport = transport, random = function() return 1 end,
    timeout_seconds = 1000, clock = function() return make.NOW end,
  })), log, transport
end

-- A task that asks once, and tells of it in a table of its own.
local function asking(script)
  local issuer, log = issuer_with(script)
  local told = {}
  local task = assert(r2.task(function(request)
    told.begun = true
    local credentials, message, err = issuer:create(request)
    told.ended = true
    return credentials, message, err
  end, make.request()))
  return task, log, told
end

describe("a task", function()
  it("begins with the first poll, and goes on with others", function()
    local task, log, told = asking { { takes = 5, good() } }
    assert.is_nil(told.begun)
    assert.equal(0, #log.asked)
    assert.equal(false, (task:poll()))
    assert.is_true(told.begun)
    assert.equal(1, #log.asked)
    assert.equal(false, (task:poll()))
    assert.is_nil(told.ended)
    log.now = log.now + 5
    assert.equal(scripted.RESULT.accessKeyId, task:poll().access_key_id)
    assert.is_true(told.ended)
  end)

  it("hands back all that the function returns, at each poll", function()
    local task = r2.task(function(...) return ... end, 1, nil, "three", nil)
    for _ = 1, 2 do
      local results = { n = select("#", task:poll()), task:poll() }
      assert.same({ n = 4, 1, nil, "three", nil }, results)
    end
  end)

  it("tells a function's own false from being under way", function()
    local issuer, log = issuer_with { { takes = 5, good() } }
    local task = r2.task(function()
      issuer:create(make.request())
      return false
    end)
    assert.equal(false, (task:poll()))
    assert.is_false(task:done())
    log.now = log.now + 5
    assert.equal(false, (task:poll()))
    assert.is_true(task:done())
  end)

  it("raises what the function raised, at each poll", function()
    local problem = { "any value" }
    local task = r2.task(function() error(problem) end)
    for _ = 1, 2 do
      local raised, value = pcall(task.poll, task)
      assert.is_false(raised)
      assert.equal(problem, value)
    end
    assert.is_true(task:done())
    assert.equal("r2 task (failed)", tostring(task))
  end)

  it("pauses between attempts without sleeping", function()
    local task, log = asking { failure "network", good() }
    assert.equal(false, (task:poll()))
    log.now = log.now + 0.49
    assert.equal(false, (task:poll()))
    assert.equal(1, #log.asked)
    log.now = log.now + 0.01
    assert.equal("table", type(task:poll()))
    assert.equal(2, #log.asked)
    assert.same({}, log.slept)
  end)

  it("lets a function give way by itself, until the next poll", function()
    local turns = 0
    local task = r2.task(function()
      for _ = 1, 3 do
        turns = turns + 1
        coroutine.yield("anything")
      end
      return "done"
    end)
    for i = 1, 3 do
      assert.equal(false, (task:poll()))
      assert.equal(i, turns)
    end
    assert.equal("done", task:poll())
  end)

  it("goes on a little when it polls itself, and no more", function()
    local task
    task = r2.task(function() return task:poll(), task:done() end)
    assert.same({ false, false }, { task:poll() })
  end)

  it("can wait for another", function()
    local inner, log = asking { { takes = 5, good() } }
    local outer = r2.task(function()
      local early = inner:wait(2)
      return early, inner:wait()
    end)
    assert.equal(false, (outer:poll()))
    log.now = log.now + 2
    assert.equal(false, (outer:poll()))
    log.now = log.now + 3
    local early, credentials = outer:poll()
    assert.equal(false, early)
    assert.equal(scripted.RESULT.accessKeyId, credentials.access_key_id)
  end)

  it("blocks when it is waited for, so long at most", function()
    local task, log = asking { { takes = 5, good() } }
    assert.equal(false, (task:wait(2)))
    assert.equal(1002, log.now)
    assert.equal(false, (task:wait(0)))
    assert.is_truthy(task:wait())
    assert.equal(1005, log.now)
  end)

  it("needs a function", function()
    assert.error_matches(function() r2.task("text") end, "bad argument #1 to 'task'")
    assert.error_matches(function() r2.task(make.request).poll {} end, "task:method")
  end)

  it("is unsupported inside nginx", function()
    rawset(_G, "ngx", { thread = {} })
    local ok, err = pcall(refused, { kind = "unsupported", says = { "ngx.thread.spawn" } },
      function() return r2.task(print) end)
    rawset(_G, "ngx", nil)
    assert(ok, err)
  end)

  it("needs a transport that can start", function()
    local transport = scripted.transport { good() }
    transport.start = nil
    local issuer = assert(r2.new(make.api_config { mode = "api", transport = transport }))
    local task = r2.task(issuer.create, issuer, make.request())
    refused({ kind = "unsupported", field = "transport" }, function() return task:poll() end)
  end)
end)

describe("what waits in a task", function()
  it("raises in a coroutine of the function's own", function()
    local issuer, log = issuer_with { good() }
    local task = r2.task(function()
      local own = coroutine.create(function() return issuer:create(make.request()) end)
      return coroutine.resume(own)
    end)
    local ok, message = task:poll()
    assert.is_false(ok)
    assert.matches("own coroutine", message)
    assert.equal(0, #log.asked)
  end)

  it("raises in a function that the transport calls", function()
    local issuer, other
    issuer = issuer_with { function() return other:create(make.request()) end }
    other = issuer_with { good() }
    local task = r2.task(function() return issuer:create(make.request()) end)
    assert.error_matches(function() task:poll() end, "must not wait")
  end)

  it("raises in a generic for where Lua cannot yield there", function()
    local asked = {}
    local bucket = assert(r2.bucket {
      credentials = { access_key_id = "a", secret_access_key = "b" },
      name = "my-bucket", endpoint = "http://127.0.0.1:9",
      transport = {
        perform = error, sleep = error,
        start = function(request)
          asked[#asked + 1] = request
          return { poll = function() return false end }
        end,
      },
    })
    local task = r2.task(function()
      for _ in bucket:list() do -- luacheck: ignore 512
        return
      end
    end)
    if strand.YIELDS_IN_FOR then
      assert.equal(false, (task:poll()))
      assert.equal(1, #asked)
    else
      assert.error_matches(function() task:poll() end, "use list_page there")
    end
  end)
end)
