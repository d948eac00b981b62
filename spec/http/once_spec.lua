-- What libcurl does by itself when a connection that was kept ends without an answer: it sends
-- again, and the server may have taken the request by then.
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local request, pieces = over.request, over.pieces

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

-- Performs over a connection that was kept, and that the server leaves without an answer. Returns
-- the response and the error of that, and what the server has seen.
local function perform_over_kept(changes)
  local asked, run = request("leaves", changes)
  assert(over.h:perform { method = "GET", url = asked.url })
  local response, _, err = over.h:perform(asked)
  return response, err, over.server:seen(run)
end

describe("a request over a kept connection that ends without an answer", function()
  it("goes out again by itself", function()
    local response, _, seen = perform_over_kept { method = "PUT", body = "abc" }
    assert.equal("answer 3", response.body)
    assert.equal(3, #seen.requests)
  end)

  for name, changes in pairs {
    ["a body"] = { method = "PUT", body = "abc" },
    ["a long body"] = { method = "POST", body = ("0123456789abcdef"):rep(65536) },
    ["an empty body"] = { method = "PUT", body = "" },
    ["no body"] = { method = "DELETE" },
    ["an output"] = { method = "POST", body = "abc", output = function() end },
  } do
    it("does not with once, with " .. name, function()
      changes.once = true
      local seen
      refused({ kind = "network" }, function()
        local response, err
        response, err, seen = perform_over_kept(changes)
        return response, err and err.message, err
      end)
      assert.equal(2, #seen.requests)
      assert.equal(#(changes.body or ""), seen.requests[2].body_length)
    end)
  end

  for _, once in ipairs { true, false } do
    it("does not when a function makes its body, with once " .. tostring(once), function()
      local response, err, seen = perform_over_kept {
        method = "PUT", body = pieces { "a", "bc" }, content_length = 3, once = once,
      }
      assert.is_nil(response)
      assert.equal("network", err.kind)
      assert.is_true(err.retryable)
      assert.equal(2, #seen.requests)
    end)
  end

  it("does not when a function makes an empty one, with once", function()
    local response, err, seen = perform_over_kept {
      method = "PUT", body = pieces {}, content_length = 0, once = true,
    }
    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.equal(2, #seen.requests)
  end)
end)

describe("a request with once", function()
  it("arrives as it would without", function()
    for _, body in ipairs { "", "x=1", ("0123456789abcdef"):rep(65536) } do
      for _, method in ipairs { "PUT", "POST" } do
        local seen = {}
        for i, once in ipairs { true, false } do
          local asked, run = request("echo", { method = method, body = body, once = once,
            output = function() end })
          assert.equal(200, assert(over.h:perform(asked)).status)
          seen[i] = over.server:seen(run).requests[1]
          table.sort(seen[i].lines)
        end
        seen[1].target, seen[2].target = nil, nil
        assert.same(seen[2], seen[1])
      end
    end
  end)

  it("uses a kept connection, where it has a body, and leaves one behind", function()
    local run = over.server:new_run()
    local url = over.server:url("good", run)
    for _, body in ipairs { "abc", "abc", "", "abc" } do
      assert(over.h:perform { method = "PUT", url = url, body = body, once = true })
    end
    assert(over.h:perform { method = "GET", url = url })
    local seen = over.server:seen(run)
    assert.equal(5, #seen.requests)
    assert.equal(2, seen.connections)
  end)

  it("says so with true or false", function()
    for _, bad in ipairs { 1, "true" } do
      refused({ kind = "invalid_request", field = "once" }, function()
        return over.h:perform((request("echo", { once = bad })))
      end)
    end
  end)
end)

describe("an error", function()
  it("says that nothing of the request went out", function()
    local gone = "http://127.0.0.1:" .. require("spec.support.faulty").free_port() .. "/"
    local _, _, err = over.h:perform { method = "PUT", url = gone, body = "abc" }
    assert.is_false(err.sent)
    _, _, err = over.h:perform((request("closed", { method = "PUT", body = "abc" })))
    assert.is_nil(err.sent)
  end)
end)

describe("a request with silence_seconds", function()
  it("ends when nothing comes, and when too little does", function()
    for _, fault in ipairs { "held", "halved" } do
      local asked, run = request(fault, { silence_seconds = 1, timeout_seconds = 600 })
      local err = refused({ kind = "timeout" }, function()
        return over.h:perform(asked)
      end)
      assert.is_true(err.retryable)
      over.server:release(run)
    end
  end)

  it("goes on as long as enough does", function()
    local asked = request("big", { silence_seconds = 1, output = function() end }, "/5000000")
    assert.equal(200, assert(over.h:perform(asked)).status)
  end)

  it("says so with a number of seconds", function()
    for _, bad in ipairs { 0, -1, 0 / 0, math.huge, 604801, "1", false } do
      refused({ kind = "invalid_request", field = "silence_seconds" }, function()
        return over.h:perform((request("echo", { silence_seconds = bad })))
      end)
    end
  end)
end)
