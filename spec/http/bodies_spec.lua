-- Bodies of requests that r2.http sends: a string, a function, a file.
local make = require "spec.support.make"
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local request, get, refuse, assert_works = over.request, over.get, over.refuse, over.assert_works
local pieces, temporary_file, watch_memory = over.pieces, over.temporary_file, over.watch_memory

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

local function every_byte()
  local bytes = {}
  for i = 0, 255 do
    bytes[i + 1] = string.char(i)
  end
  return table.concat(bytes)
end

describe("a body", function()
  it("may be any bytes", function()
    local bytes = every_byte():gsub("[\128-\255]", "") -- what JSON brings back as it was
    local _, seen = get("echo", { method = "PUT", body = bytes })
    assert.equal(bytes, seen.body)
    assert.equal("128", seen.headers["content-length"])
    assert.is_nil(seen.headers["content-type"])
    assert.is_nil(seen.headers.expect)
  end)

  it("may be empty", function()
    for _, method in ipairs { "POST", "PUT" } do
      local _, seen = get("echo", { method = method, body = "" })
      assert.equal("0", seen.headers["content-length"])
      assert.equal(0, seen.body_length)
    end
  end)

  it("has the content type that is given, whatever the case of its name", function()
    for _, name in ipairs { "content-type", "Content-Type", "CONTENT-TYPE" } do
      local _, seen = get("echo", { method = "POST", body = "{}",
        headers = { [name] = "application/json" } })
      assert.equal("application/json", seen.headers["content-type"])
    end
  end)

  it("may be large, without a wait for leave to send it", function()
    local body = ("0123456789abcdef"):rep(65536 * 2)
    local asked, run = request("echo", { method = "PUT", body = body })
    local response = assert(over.h:perform(make.changed(asked, { output = function() end })))
    assert.equal(200, response.status)
    local seen = over.server:seen(run).requests[1]
    assert.equal(body, seen.body)
    assert.is_nil(seen.headers.expect)
  end)

  it("may be told its length", function()
    local _, seen = get("echo", { method = "PUT", body = "abc", content_length = 3 })
    assert.equal("abc", seen.body)
    for _, length in ipairs { 0, 2, 4 } do
      local asked = request("echo", { method = "PUT", body = "abc", content_length = length })
      refused({ kind = "invalid_request", field = "content_length" }, function()
        return over.h:perform(asked)
      end)
    end
  end)

  it("may come from a function, in chunks", function()
    local _, seen = get("echo", { method = "PUT", body = pieces { "a", "bc", "", "def" } })
    assert.equal("abcdef", seen.body)
    assert.equal("chunked", seen.headers["transfer-encoding"])
    assert.is_nil(seen.headers["content-length"])
    assert.is_nil(seen.headers["content-type"])
    assert.is_nil(seen.headers.expect)
  end)

  it("may come from a function, with its length", function()
    local _, seen = get("echo",
      { method = "PUT", body = pieces { "a", "bc", "def" }, content_length = 6 })
    assert.equal("abcdef", seen.body)
    assert.equal("6", seen.headers["content-length"])
    assert.is_nil(seen.headers["transfer-encoding"])
  end)

  it("may come from a function that has nothing", function()
    local _, seen = get("echo", { method = "PUT", body = pieces {} })
    assert.equal(0, seen.body_length)
    _, seen = get("echo", { method = "PUT", body = pieces {}, content_length = 0 })
    assert.equal(0, seen.body_length)
    assert.equal("0", seen.headers["content-length"])
  end)

  it("may come from a function that returns much at once, or many empty strings", function()
    local much = ("0123456789abcdef"):rep(65536)
    local asked, run = request("good", { method = "PUT", body = pieces { much, "end" } })
    assert(over.h:perform(asked))
    assert.equal(much .. "end", over.server:seen(run).requests[1].body)
    local calls = 0
    local _, seen = get("echo", { method = "PUT", body = function()
      calls = calls + 1
      return calls <= 20000 and "" or calls == 20001 and "x" or nil
    end })
    assert.equal("x", seen.body)
  end)

  it("asks its function for no more than there is room for", function()
    local rooms = {}
    get("echo", { method = "PUT", body = function(room)
      rooms[#rooms + 1] = room
      return #rooms <= 3 and ("x"):rep(room) or nil
    end })
    assert.equal(4, #rooms)
    for _, room in ipairs(rooms) do
      assert.is_true(room > 0 and room % 1 == 0)
    end
  end)

  it("may come from a file", function()
    local content = every_byte():sub(1, 128):rep(3000)
    local name = temporary_file(content)
    for _, length in ipairs { make.ABSENT, #content } do
      local file = assert(io.open(name, "rb"))
      local _, seen = get("echo", { method = "PUT", body = file, content_length = length })
      assert.equal("file", io.type(file))
      file:close()
      assert.equal(content, seen.body)
    end
    os.remove(name)
  end)

  it("may come from whatever can read", function()
    local reader = { left = { "ab", "cd" } }
    function reader:read(room)
      assert(room > 0)
      return table.remove(self.left, 1)
    end
    local _, seen = get("echo", { method = "PUT", body = reader })
    assert.equal("abcd", seen.body)
  end)

  it("that is shorter or longer than its length is an error, and not sent as if whole", function()
    for _, case in ipairs { { "abc", 4 }, { "abc", 2 }, { "abc", 1000000 } } do
      refuse("invalid_request", { method = "PUT", body = pieces { case[1] },
        content_length = case[2] })
      assert_works()
    end
  end)

  it("that cannot be read raises what its function raised", function()
    local object = { "an object" }
    for _, problem in ipairs { "a text", object, true } do
      local asked = request("echo",
        { method = "PUT", body = function() error(problem, 0) end })
      local ok, raised = pcall(over.h.perform, over.h, asked)
      assert.is_false(ok)
      assert.equal(problem, raised)
    end
    local closed = assert(io.tmpfile())
    closed:close()
    assert.has_error(function()
      over.h:perform((request("echo", { method = "PUT", body = closed })))
    end)
    assert.has_error(function()
      over.h:perform((request("echo", { method = "PUT", body = {} })))
    end)
    local fussy = setmetatable({}, { __index = function() error("no such method", 0) end })
    assert.has_error(function()
      over.h:perform((request("echo", { method = "PUT", body = fussy })))
    end, "no such method")
    assert_works()
  end)

  it("stops the exchange when its function says so", function()
    for _, stop in ipairs {
      function() return false end,
      function() return nil, "disk on fire" end,
      function() return 5 end,
      function() return {} end,
      function() return true end,
    } do
      local asked, run = request("echo", { method = "PUT", body = stop })
      refused({ kind = "cancelled" }, function() return over.h:perform(asked) end)
      assert.is_true(#over.server:seen(run).requests <= 2)
    end
    local asked = request("echo",
      { method = "PUT", body = function() return nil, "disk\r\non\0fire" end })
    refused({ kind = "cancelled", says = { "disk  on" } }, function()
      return over.h:perform(asked)
    end)
    assert_works()
  end)

  it("may be refused by the server before it has been sent", function()
    local sent = 0
    local asked = request("refused-early", { method = "PUT", body = function(room)
      sent = sent + room
      return sent < 2 ^ 28 and ("x"):rep(room) or nil
    end })
    local response = over.h:perform(asked)
    assert.is_true(response == nil or response.status == 413)
    assert.is_true(sent < 2 ^ 28)
    assert_works()
  end)

  it("of many megabytes is never in memory as a whole", function()
    local left, piece = 64 * 2 ^ 20, ("x"):rep(65536)
    local highest = watch_memory()
    local asked, run = request("good", { method = "PUT", body = function()
      highest:note(left)
      left = left - #piece
      return left >= 0 and piece or nil
    end })
    assert(over.h:perform(asked))
    assert.equal(64 * 2 ^ 20, over.server:seen(run).requests[1].body_length)
    assert.is_true(highest.bytes < 4 * 2 ^ 20, "grew by " .. highest.bytes)
  end)
end)
