-- What `make soak` does by time, by a number of requests: all paths of a site are asked while
-- credentials end and the API is away, and nothing fails or grows.
local http = require "r2.http"
local nginx = require "spec.support.nginx"
local requests = require "spec.soak.requests"
local site = require "spec.soak.site"

if nginx.missing() then
  pending(nginx.missing())
  return
end

local WORKERS, ROUNDS, STEPS, AT_ONCE = 2, 10, 33, 20
local EACH = 61 -- requests between two moves of the clock

describe("A site under load", function()
  local h, front

  setup(function()
    h = assert(http.new { timeout_seconds = 60 })
    front = site.start(h, WORKERS)
  end)

  teardown(function()
    h:close()
    nginx.stop_all()
  end)

  local asked = 0

  local function start()
    asked = asked + 1
    local request = requests[asked % #requests + 1]
    return assert(h:start { method = request.method, url = front.url .. request.path,
      headers = request.headers, body = request.body })
  end

  -- So many requests, some at a time.
  local function ask(count)
    local slots, begun, left = {}, 0, count
    while left > 0 do
      for i = 1, AT_ONCE do
        if not slots[i] and begun < count then
          slots[i], begun = start(), begun + 1
        end
        if slots[i] and slots[i]:done() then
          assert(slots[i]:poll())
          slots[i], left = nil, left - 1
        end
      end
      if left > 0 then
        h:wait(0.1)
      end
    end
  end

  it("answers each request, and does not grow", function()
    ask(#requests)
    local sizes = {}
    for round = 1, ROUNDS do
      for _ = 1, STEPS do
        front:step()
        ask(EACH)
      end
      sizes[round] = front:size()
    end
    local counts = front:counts()
    assert.equal(0, counts.errors, counts.last)
    assert.equal(asked, counts.requests)
    assert.is_true(counts.refused > 0 and counts.refused < asked / 10, counts.refused)
    assert.is_true(counts.calls > ROUNDS * STEPS, counts.calls)
    assert.same({}, front:faults())
    table.remove(sizes, 1) -- of the time in which all is warming up
    assert.same({}, site.grown(sizes))
  end)
end)
