-- A server, or what stands before it, sends an answer that nobody has asked for. Whoever asks next
-- must not get it.
local faulty = require "spec.support.faulty"
local http = require "r2.http"

local server, h

setup(function()
  server = faulty.start()
end)

teardown(function()
  server:stop()
end)

before_each(function()
  h = assert(http.new())
end)

after_each(function()
  h:close()
end)

-- Lets the server send what it holds back; on a loopback it is there when it was sent.
local function release(run, sent)
  server:release(run)
  server:wait_until(run, function(seen)
    return seen.sent > sent
  end)
end

local function request(run, way)
  return { method = "GET", url = server:url("unasked", run) .. "/" .. way }
end

-- What the second and the third request get behind a first one whose answer is `first`.
local function assert_own_answers(run, way)
  for number = 2, 3 do
    assert.equal("answer " .. number, assert(h:perform(request(run, way))).body)
  end
end

describe("an answer that nobody asked for", function()
  for way, first in pairs { behind = "first", chunked = "first", empty = "", none = "" } do
    it("reaches nobody when it comes with another one: " .. way, function()
      local run = server:new_run()
      assert.equal(first, assert(h:perform(request(run, way))).body)
      assert_own_answers(run, way)
    end)
  end

  it("reaches nobody when it comes with the rest of another one", function()
    local run = server:new_run()
    local got = 0
    local asked = request(run, "halved")
    asked.output = function(piece) got = got + #piece end
    local x = assert(h:start(asked))
    repeat
      x:poll()
    until got == 3
    release(run, server:seen(run).sent)
    assert(x:wait())
    assert.equal(5, got)
    assert_own_answers(run, "halved")
    assert.equal(2, server:seen(run).connections)
  end)

  for _, way in ipairs { "later", "farewell" } do
    it("reaches nobody when it comes while the connection is idle: " .. way, function()
      local run = server:new_run()
      assert.equal("first", assert(h:perform(request(run, way))).body)
      release(run, server:seen(run).sent)
      assert_own_answers(run, way)
      local seen = server:wait_until(run, function(seen) return seen.gone == 1 end)
      assert.equal(2, seen.connections)
    end)
  end

  it("is found when the next request was begun before it came", function()
    local run = server:new_run()
    assert(h:perform(request(run, "later")))
    local x = assert(h:start(request(run, "later")))
    release(run, server:seen(run).sent)
    assert.equal("answer 2", assert(x:wait()).body)
  end)

  it("does not disturb what goes over other connections", function()
    local run, other = server:new_run(), server:new_run()
    local held = assert(h:start { method = "GET", url = server:url("held", other) })
    server:wait_until(other, function(seen)
      held:poll()
      return #seen.requests == 1
    end)
    assert(h:perform(request(run, "later")))
    release(run, server:seen(run).sent)
    server:release(other)
    assert_own_answers(run, "later")
    assert.equal("released", assert(held:wait()).body)
    assert.equal(1, server:seen(other).connections)
  end)

  it("costs a body that a function makes nothing: it is asked once", function()
    local run, asked = server:new_run(), 0
    assert(h:perform(request(run, "later")))
    release(run, server:seen(run).sent)
    local response = assert(h:perform {
      method = "PUT", url = server:url("unasked", run) .. "/later", content_length = 3,
      body = function()
        asked = asked + 1
        return asked == 1 and "abc" or nil
      end,
    })
    assert.equal("answer 2", response.body)
    assert.equal(3, server:seen(run).requests[2].body_length)
  end)
end)
