-- What r2.http makes of an answer: its head and its body, whole or piece by piece. What a faulty
-- service does to an issuer is in spec/issuer/faults_spec.lua.
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local http = require "r2.http"
local request, get, refuse, assert_works, watch_memory =
  over.request, over.get, over.refuse, over.assert_works, over.watch_memory

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

describe("an answer", function()
  it("is status, headers, body and version", function()
    local response = get("headers")
    assert.same({
      status = 200, body = "ok", http_version = "1.1",
      headers = {
        ["x-twice"] = "one, two", ["x-empty"] = "", ["x-spaces"] = "a b",
        ["x-folded"] = "one  two: three\tfour", ["x-colon"] = "a:b: c",
        ["x-latin"] = "caf\233", ["set-cookie"] = "a=1; Path=/, b=2",
        ["content-length"] = "2",
      },
    }, response)
  end)

  it("may have a line feed only at the end of its lines", function()
    local response = get("bare-lines")
    assert.equal("1", response.headers["x-one"])
    assert.equal("ok", response.body)
  end)

  it("may come behind interim ones, of which nothing stays", function()
    local response = get("interim")
    assert.equal(200, response.status)
    assert.same({ ["x-final"] = "3", ["content-length"] = "2" }, response.headers)
    assert.equal("ok", response.body)
  end)

  it("may be empty", function()
    for fault, status in pairs { empty = 200, ["status-204"] = 204 } do
      local response = get(fault)
      assert.equal(status, response.status)
      assert.equal("", response.body)
    end
    assert_works()
  end)

  it("of an error is an answer", function()
    local response = get("error")
    assert.equal(404, response.status)
    assert.equal("no such thing", response.body)
  end)

  it("may be as long as max_body_bytes, and not longer", function()
    over.h:close()
    over.h = assert(http.new { max_body_bytes = 100000 })
    assert.equal(100000, #get("big", {}, "/100000").body)
    local err = refused({ kind = "bad_response" }, function()
      return over.h:perform((request("big", {}, "/100001")))
    end)
    assert.is_false(err.retryable)
    assert_works()
  end)

  it("may be a megabyte by default", function()
    assert.equal(1048576, #get("big", {}, "/1048576").body)
    refused({ kind = "bad_response" }, function()
      return over.h:perform((request("big", {}, "/1048577")))
    end)
  end)

  it("may have headers of max_header_bytes, and not more", function()
    over.h:close()
    over.h = assert(http.new { max_header_bytes = 5000 })
    assert.equal("ok", get("header", {}, "/5000").body)
    refused({ kind = "bad_response" }, function()
      return over.h:perform((request("header", {}, "/5001")))
    end)
    assert_works()
  end)

  it("may have many headers by default", function()
    assert.equal("ok", get("header", {}, "/200000").body)
  end)
end)

describe("an output", function()
  it("may be a function, which gets the body piece by piece", function()
    local got, length = {}, 0
    local response = get("big", { output = function(piece)
      got[#got + 1] = piece
      length = length + #piece
    end }, "/3000000")
    assert.is_nil(response.body)
    assert.equal("3000000", response.headers["content-length"])
    assert.equal(3000000, length)
    assert.equal(("0123456789abcdef"):rep(187500), table.concat(got))
  end)

  it("may be a file", function()
    local name = os.tmpname()
    local file = assert(io.open(name, "wb"))
    get("big", { output = file }, "/300000")
    assert.equal("file", io.type(file))
    file:close()
    file = assert(io.open(name, "rb"))
    assert.equal(("0123456789abcdef"):rep(18750), file:read("*a"))
    file:close()
    os.remove(name)
  end)

  it("may be whatever can write", function()
    local writer = {}
    function writer:write(piece)
      self[#self + 1] = piece
      return self
    end
    get("big", { output = writer }, "/40")
    assert.equal("0123456789abcdef0123456789abcdef01234567", table.concat(writer))
  end)

  it("takes bodies of any length: the bound is for what is kept", function()
    local length = 0
    local highest = watch_memory()
    get("big", { output = function(piece)
      length = length + #piece
      highest:note(length)
    end }, "/67108864")
    assert.equal(67108864, length)
    assert.is_true(highest.bytes < 4 * 2 ^ 20, "grew by " .. highest.bytes)
  end)

  it("gets nothing of an error, whose body is kept within the bound", function()
    local got = 0
    local function output()
      got = got + 1
    end
    local response = get("error", { output = output })
    assert.equal("no such thing", response.body)
    refuse("bad_response", { output = output }, "big-error")
    assert.equal(0, got)
  end)

  it("is not called for an empty body", function()
    local got = 0
    local response = get("empty", { output = function() got = got + 1 end })
    assert.equal(200, response.status)
    assert.is_nil(response.body)
    assert.equal(0, got)
  end)

  it("that raises ends the exchange, and its error comes out at each poll", function()
    local problem = { "an object" }
    local calls = 0
    local x = assert(over.h:start((request("big", { output = function()
      calls = calls + 1
      error(problem)
    end }, "/3000000"))))
    for _ = 1, 3 do
      local ok, raised = pcall(x.wait, x)
      assert.is_false(ok)
      assert.equal(problem, raised)
    end
    assert.equal(1, calls)
    assert_works()
  end)

  it("ends the exchange by returning false, or nil and a text", function()
    local calls = 0
    refuse("cancelled", { output = function() calls = calls + 1 return false end }, "good")
    local err = refuse("cancelled",
      { output = function() calls = calls + 1 return nil, "disk full" end }, "good")
    assert.is_truthy(err.message:find("disk full", 1, true))
    assert.is_falsy(err.retryable)
    assert.is_true(calls <= 4)
    assert_works()
  end)

  it("goes on when it returns anything else", function()
    for _, value in ipairs { true, 0, "", {} } do
      assert.equal(200, get("good", { output = function() return value end }).status)
    end
    assert.equal(200, get("good", { output = function() return nil end }).status)
    assert.equal(200, get("good", { output = function() return nil, 5 end }).status)
  end)

  it("cannot yield", function()
    local thread = coroutine.create(function()
      return over.h:perform((request("good", { output = function() coroutine.yield() end })))
    end)
    local ok, message = coroutine.resume(thread)
    assert.is_false(ok)
    assert.is_truthy(message:find("yield"))
    assert_works()
  end)
end)

describe("progress", function()
  it("tells how far it is", function()
    local last = { 0, 0, 0, 0 }
    local body = ("x"):rep(500000)
    local response = get("big", { method = "PUT", body = body, output = function() end,
      progress = function(sent, to_send, received, to_receive)
        assert.is_true(sent >= last[1] and received >= last[3])
        assert.is_true(sent <= #body and received <= 700000)
        last = { sent, to_send, received, to_receive }
      end }, "/700000")
    assert.equal(200, response.status)
    assert.same({ 500000, 500000, 700000, 700000 }, last)
  end)

  it("counts in integers where Lua has them", function()
    get("good", { progress = function(...)
      for i = 1, 4 do
        local value = select(i, ...)
        assert.equal(math.type and "integer" or nil, math.type and math.type(value) or nil)
      end
    end })
  end)

  it("ends the exchange like an output does", function()
    refuse("cancelled", { progress = function() return false end })
    refuse("cancelled", { progress = function() return nil, "enough" end })
    local ok, raised = pcall(over.h.perform, over.h,
      (request("good", { progress = function() error("oh", 0) end })))
    assert.is_false(ok)
    assert.equal("oh", raised)
    assert_works()
  end)
end)

describe("a compressed answer", function()
  it("is asked for only when that is said", function()
    local _, seen = get("echo")
    assert.is_nil(seen.headers["accept-encoding"])
    _, seen = get("echo", { compressed = false })
    assert.is_nil(seen.headers["accept-encoding"])
    _, seen = get("echo", { compressed = true })
    assert.is_truthy(seen.headers["accept-encoding"]:find("gzip", 1, true))
    _, seen = get("echo")
    assert.is_nil(seen.headers["accept-encoding"])
  end)
end)
