-- Headers of answers as a hostile server may send them.
local faulty = require "spec.support.faulty"
local refused = require "spec.support.refused"
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

-- Asks for an answer of exactly these bytes.
local function ask(bytes)
  return h:perform { method = "PUT", url = server:url("raw", server:new_run()), body = bytes }
end

-- The headers of an answer with these lines.
local function headers_of(...)
  local lines = { "HTTP/1.1 200 OK", ... }
  local response = assert(ask(table.concat(lines, "\r\n") .. "\r\nContent-Length: 2\r\n\r\nok"))
  assert.equal("ok", response.body)
  return response.headers
end

describe("a carriage return in a header's value", function()
  for name, case in pairs {
    ["between two characters"] = { "X: a\rb", "a b" },
    ["twice"] = { "X: a\r\rb", "a  b" },
    ["before it"] = { "X: \ra", "a" },
    ["behind it"] = { "X: a\r", "a" },
    ["alone"] = { "X: \r", "" },
    ["before a colon"] = { "X: a\rY: b", "a Y: b" },
    ["before a line that carries on"] = { "X: a\r\r\n b", "a b" },
    ["in a line that carries on"] = { "X: a\r\n b\rc", "a b c" },
    ["at the start of a line that carries on"] = { "X: a\r\n \rb", "a  b" },
  } do
    it(name .. " is a space", function()
      local headers = headers_of(case[1])
      assert.equal(case[2], headers.x)
      assert.is_nil(headers.y)
    end)
  end
end)

describe("a header that comes again", function()
  it("is joined in the order of its lines", function()
    local headers = headers_of("A: 1", "B: x", "a: 2", "A: ", "b: y", "C: z", "A: 3", "a: 4")
    assert.equal("1, 2, , 3, 4", headers.a)
    assert.equal("x, y", headers.b)
    assert.equal("z", headers.c)
  end)

  -- Counted: joined one by one, the values of 990 lines are copied 495 times.
  it("is joined in linear time", function()
    local value = ("v"):rep(200)
    local line = "A: " .. value
    local lines = {}
    for i = 1, 990 do
      lines[i] = line
    end
    local text = "HTTP/1.1 200 OK\r\n" .. table.concat(lines, "\r\n")
      .. "\r\nContent-Length: 2\r\n\r\nok"
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    local response = assert(ask(text))
    local allocated = (collectgarbage("count") - before) * 1024
    collectgarbage("restart")
    assert.equal(990 * 202 - 2, #response.headers.a)
    assert.is_nil(response.headers.a:gsub(value .. ", ", ""):gsub(value, ""):match("."))
    assert.is_true(allocated < 10 * #text, ("%d bytes"):format(allocated))
  end)
end)

describe("the lines of an answer's head", function()
  -- An answer of so many lines, the first and the empty last one counted.
  local function answer(count)
    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" .. ("a:b\r\n"):rep(count - 3) .. "\r\nok"
  end

  it("may be 1,000", function()
    local response = assert(ask(answer(1000)))
    assert.equal(997 * 3 - 2, #response.headers.a)
  end)

  it("may not be more", function()
    for _, count in ipairs { 1001, 50000 } do
      local err = refused({ kind = "bad_response", says = { "too many headers" } }, function()
        return ask(answer(count))
      end)
      assert.is_falsy(err.retryable)
    end
  end)

  it("may not be more in interim answers either", function()
    refused({ kind = "bad_response" }, function()
      return ask(("HTTP/1.1 103 Early Hints\r\na:b\r\n\r\n"):rep(333) .. answer(3))
    end)
  end)
end)

describe("a trailer", function()
  it("is no header", function()
    local head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-One: 1\r\n\r\n"
    local response = assert(ask(head .. "2\r\nok\r\n0\r\nX-One: 2\r\nX-Two: 3\r\n\r\n"))
    assert.equal("ok", response.body)
    assert.equal("1", response.headers["x-one"])
    assert.is_nil(response.headers["x-two"])
  end)
end)
