-- A parent's key replaced by another one: when the new one is used, and what is asked before.
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local new_dictionary = require "spec.support.dictionary"
local keys = require "spec.support.keys"
local r2 = require "r2"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local tc = require "r2.temp_credentials"

local ABSENT = make.ABSENT
local OLD, NEW = keys.parent_access_key_id, ("b"):rep(32)
local SECRET = ("7"):rep(64)
local REQUEST = { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600 }

local now, proofs, answers, old, new, rotating

local function clock()
  return now
end

-- What the next proofs come to, in their order; the last one again and again.
local function prove(bucket)
  proofs[#proofs + 1] = { at = now, bucket = bucket }
  local answer = answers[math.min(#proofs, #answers)]
  if type(answer) == "function" then
    return answer()
  end
  return answer
end

local function start(changes)
  rotating = assert(r2.rotating(make.changed({ old = old, new = new, prove = prove }, changes)))
end

before_each(function()
  now, proofs, answers = make.NOW, {}, { false }
  old = make.issuer { clock = clock }
  new = make.issuer { clock = clock, parent_access_key_id = NEW, parent_secret_access_key = SECRET }
  start()
end)

-- Whose credential the next one is.
local function parent()
  return assert(rotating:create(REQUEST)).access_key_id
end

describe("a rotation", function()
  it("uses the new parent a minute after R2 has known it, and not before", function()
    answers = { false, false, true, false }
    for _ = 1, 3 do
      assert.equal("old", (rotating:progress()))
      assert.equal(OLD, parent())
      now = now + 5
    end
    local proven_at = proofs[3].at
    assert.equal("proven", (rotating:progress()))
    for second = proven_at + 5, proven_at + 59 do
      now = second
      assert.equal(OLD, parent())
    end
    now = proven_at + 60
    assert.equal(NEW, parent())
    assert.equal("new", (rotating:progress()))
    assert.equal(3, #proofs)
  end)

  it("looks once in 5 seconds at most, however often it is called", function()
    for _ = 1, 1000 do
      parent()
      now = now + 0.1
    end
    assert.equal(20, #proofs)
    for i = 2, #proofs do
      assert.is_true(proofs[i].at - proofs[i - 1].at > 4.99)
    end
    assert.equal("my-bucket", proofs[1].bucket)
  end)

  it("goes on where the clock is set back, and stays with the new one", function()
    parent()
    now = now - 3600
    parent()
    assert.equal(2, #proofs)
    answers = { true }
    now = now + 5
    parent()
    now = now - 100
    assert.equal(OLD, parent())
    now = now + 59
    assert.equal(OLD, parent())
    now = now + 1
    assert.equal(NEW, parent())
    now = now - 1e6
    assert.equal(NEW, parent())
    assert.equal(3, #proofs)
  end)

  it("tells what a proof failed with, and tries again", function()
    answers = {
      function() return nil, "a wrong secret", { kind = "invalid_config" } end,
      function() error("no way", 0) end, function() return "yes" end, function() end, true,
    }
    for _, told in ipairs { "a wrong secret", "prove raised: no way",
      "prove must return true, false, or nil, message",
      "prove must return true, false, or nil, message" } do
      assert.equal(OLD, parent())
      local progress, message, err = rotating:progress()
      assert.equal("old", progress)
      assert.equal(told, message)
      assert.is_table(err)
      now = now + 5
    end
    parent()
    assert.same({ "proven" }, { rotating:progress() })
  end)

  it("has each method of an issuer, of the parent in use", function()
    local calls = {
      function() return rotating:create(REQUEST) end,
      function() return rotating:start(REQUEST):poll() end,
      function() return rotating:upload_credentials("my-bucket") end,
      function() return rotating:client_upload_credentials("u", "my-bucket") end,
      function() return rotating:download_credentials("my-bucket", { "a" }) end,
      function() return rotating:service_credentials("my-bucket", "s/") end,
    }
    for _, wanted in ipairs { OLD, NEW } do
      for i, call in ipairs(calls) do
        local made = assert(call())
        assert.equal(wanted, made.access_key_id, i)
        assert.equal(wanted, assert(rotating:verify(made.session_token)).iss)
      end
      assert.is_true(rotating:signs(REQUEST))
      assert.matches("Credential=" .. wanted, assert(rotating:presign("GET", "my-bucket", "a")))
      answers, now = { true }, now + 5
      parent()
      now = now + 60
    end
    local foreign = make.issuer { parent_access_key_id = ("c"):rep(32), clock = clock }
    local token = assert(foreign:create(REQUEST)).session_token
    assert.equal("invalid_token", select(3, rotating:verify(token)).kind)
    now = now - 120
    token = assert(old:create(make.changed(REQUEST, { ttl_seconds = 60 }))).session_token
    now = now + 120
    assert.equal("expired", select(3, rotating:verify(token)).kind)
  end)

  it("closes both, and shows nothing of either", function()
    assert.equal("r2 rotation (old)", tostring(rotating))
    assert.is_nil(next(rotating))
    leaks.assert_none({ keys.parent_secret_access_key, SECRET }, tostring(rotating))
    rotating:close()
    assert.has_error(function() rotating:create(REQUEST) end)
    assert.has_error(function() old:create(REQUEST) end)
    assert.has_error(function() new:create(REQUEST) end)
    assert.has_error(function() rotating.create(old, REQUEST) end)
  end)
end)

describe("a proof", function()
  it("is in nobody's way: it goes a step further with each call", function()
    local strand = require "r2.task.strand"
    local polled = 0
    answers = { function()
      return strand.current():await {
        poll = function()
          polled = polled + 1
          return polled >= 5
        end,
      }
    end }
    for i = 1, 4 do
      assert.equal(OLD, parent())
      assert.equal("old", (rotating:progress()), i)
    end
    for _ = 1, 3 do
      parent()
    end
    assert.equal("proven", (rotating:progress()))
    assert.equal(1, #proofs)
  end)

  it("is waited for by `prove`, which asks once in 5 seconds at most", function()
    assert.same({ "old" }, { rotating:prove("my-bucket") })
    assert.same({ "old" }, { rotating:prove("my-bucket") })
    assert.equal(1, #proofs)
    answers = { function() return nil, "a wrong secret", {} end }
    now = now + 5
    assert.same({ "old", "a wrong secret", {} }, { rotating:prove("my-bucket") })
    answers, now = { function() now = now + 3 return true end }, now + 5
    assert.same({ "proven" }, { rotating:prove("my-bucket") })
    now = now + 59 -- since the answer, not since the question
    assert.same({ "proven" }, { rotating:prove("my-bucket") })
    now = now + 1
    assert.same({ "new" }, { rotating:prove("my-bucket") })
    assert.equal(3, #proofs)
    refused({ kind = "invalid_request", field = "bucket" }, function() return rotating:prove() end)
  end)

  it("is begun anew by `prove` where it went in steps that came too rarely", function()
    local cancelled = 0
    answers = { function()
      return require "r2.task.strand".current():await {
        poll = function() return false end,
        cancel = function() cancelled = cancelled + 1 end,
      }
    end, true }
    parent()
    now = now + 3600
    parent()
    assert.equal(1, #proofs)
    assert.equal("proven", (rotating:prove "my-bucket"))
    assert.equal(1, cancelled)
    now = now + 60
    assert.equal(NEW, parent())
  end)

  it("yields in a task that waits for it", function()
    local asked = false
    answers = { function()
      return require "r2.task.strand".current():await {
        poll = function() return asked end, cancel = function() end,
      }
    end }
    local task = assert(r2.task(function() return (rotating:prove "my-bucket") end))
    assert.is_false(task:poll())
    assert.is_false(task:poll())
    asked = true
    assert.equal("proven", task:poll())
  end)

  it("is tried again though the call that took it along was killed", function()
    local killed = true
    new = make.issuer {
      clock = clock, parent_access_key_id = NEW, parent_secret_access_key = SECRET,
      transport = {
        in_request = true, sleep = function() end,
        perform = function()
          proofs[#proofs + 1] = now
          return killed and coroutine.yield() or { status = 404, headers = {}, body = "" }
        end,
      },
    }
    rotating = assert(r2.rotating { old = old, new = new })
    coroutine.wrap(parent)()
    killed = false
    now = now + 59
    parent()
    assert.equal(1, #proofs)
    now = now + 1
    parent()
    assert.equal(2, #proofs)
  end)

  it("comes forward by a provider's calls too, that have what they want", function()
    local polled = 0
    local function poll()
      polled = polled + 1
      return polled > 3 and
        { status = 404, headers = {}, body = "<Error><Code>NoSuchBucket</Code></Error>" }
    end
    new = make.issuer {
      clock = clock, parent_access_key_id = NEW, parent_secret_access_key = SECRET,
      transport = {
        perform = error, sleep = error,
        start = function() return { poll = poll, cancel = function() end } end,
      },
    }
    rotating = assert(r2.rotating { old = old, new = new })
    local provider = assert(r2.provider(rotating, REQUEST))
    local current = assert(provider:get())
    assert.equal("old", (rotating:progress()))
    for _ = 1, 4 do
      assert.equal(current, provider:get())
    end
    assert.equal("proven", (rotating:progress()))
    assert.equal(4, polled)
  end)

  it("is done in a timer inside nginx, and said in the log where it fails", function()
    local timers, log = {}, {}
    rawset(_G, "ngx", {
      timer = { at = function(_, f) timers[#timers + 1] = f return true end }, ERR = 4,
      log = function(...) log[#log + 1] = table.concat({ ... }, "|") end,
    })
    finally(function() rawset(_G, "ngx", nil) end)
    answers = { function() return nil, "a wrong secret", {} end }
    for _ = 1, 3 do
      for _ = 1, 10 do
        parent()
      end
      now = now + 5
    end
    assert.equal(0, #proofs)
    assert.equal(1, #timers) -- it is still under way
    timers[1](false)
    parent()
    timers[2](true) -- the worker ends
    now = now + 5
    parent()
    timers[3](false)
    assert.equal(2, #proofs)
    assert.same({ "4|r2.rotating: |a wrong secret" }, log)
  end)

  it("is for later in a phase of nginx without timers", function()
    rawset(_G, "ngx", { timer = { at = function() error("API disabled", 0) end } })
    finally(function() rawset(_G, "ngx", nil) end)
    assert.equal(OLD, parent())
    rawset(_G, "ngx", nil)
    now = now + 5
    parent()
    assert.equal(1, #proofs)
  end)
end)

describe("r2.rotating", function()
  it("refuses what is no pair of issuers of one account", function()
    local asking = make.issuer { parent_secret_access_key = ABSENT, api_token = keys.api_token }
    local other = make.issuer { account_id = ("c"):rep(32) }
    local closed = make.issuer()
    closed:close()
    for field, settings in pairs {
      new = { old = old }, old = { new = new }, prove = { old = old, new = asking },
      ["new must be another"] = { old = old, new = old },
      ["is closed"] = { old = closed, new = new },
      ["new must be of the same account"] = { old = old, new = other },
      ["prove must be a function"] = { old = old, new = new, prove = true },
      proof = { old = old, new = new, proof = prove },
      ["old must be an issuer"] = { old = rotating, new = new },
    } do
      local made, message, err = r2.rotating(settings)
      assert.is_nil(made)
      assert.equal("invalid_config", err.kind)
      assert.is_truthy(message:find(field, 1, true), message)
    end
    assert.has_error(function() r2.rotating() end)
  end)
end)

describe("a provider over a rotation", function()
  local dictionary, asked

  local function asking(parent_id)
    local transport = { sleep = function(seconds) now = now + seconds end }
    function transport.perform()
      asked = asked + 1
      return scripted.good(make.changed(scripted.RESULT, { accessKeyId = parent_id,
        sessionToken = ("token%06d"):format(asked) }))
    end
    return make.issuer { parent_secret_access_key = ABSENT, api_token = keys.api_token,
      parent_access_key_id = parent_id, transport = transport, clock = clock }
  end

  -- A worker of its own, which has a rotation of its own.
  local function new_worker()
    return assert(r2.provider(
      assert(r2.rotating { old = asking(OLD), new = asking(NEW), prove = prove }), REQUEST,
      { shared = dictionary, random = function() return 0 end }))
  end

  local function entries()
    local count = 0
    for _ in pairs(dictionary.values) do
      count = count + 1
    end
    return count
  end

  before_each(function()
    dictionary, asked = new_dictionary(clock), 0
  end)

  it("follows it with the next credential", function()
    start()
    local provider = assert(r2.provider(rotating, REQUEST, { random = function() return 0 end }))
    answers = { true }
    assert.equal(OLD, assert(provider:get()).access_key_id)
    now = now + 60
    parent()
    assert.equal(OLD, assert(provider:get()).access_key_id)
    now = now + 3100
    local made = assert(provider:get())
    assert.equal(NEW, made.access_key_id)
    assert.equal(NEW, assert(tc.inspect(made.session_token)).iss)
  end)

  it("shares one of each parent, and never one for the other", function()
    local first, second = new_worker(), new_worker()
    assert.equal(OLD, assert(first:get()).access_key_id)
    assert.equal(OLD, assert(second:get()).access_key_id)
    assert.equal(1, asked)
    answers = { true }
    now = now + 5
    local late = new_worker()
    assert.equal(OLD, assert(late:get()).access_key_id)
    now = now + 3000
    assert.equal(NEW, assert(late:get()).access_key_id) -- it alone has proven it
    assert.equal(OLD, assert(first:get()).access_key_id)
    now = now + 60
    for _, worker in ipairs { first, second, late, new_worker() } do
      assert(worker:get())
    end
    assert.equal(2, entries())
    late:invalidate((assert(late:get())))
    assert.equal(1, entries())
  end)
end)
