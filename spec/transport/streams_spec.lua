-- A request's own functions, as r2.transport.resty calls them: without nginx.
local streams = require "r2.transport.streams"

-- All pieces of a stream's body; and the text with which it gives up.
local function pieces_of(stream)
  local pieces, body = {}, stream:body()
  while true do
    local piece, text = body()
    if not piece then
      return pieces, text
    end
    pieces[#pieces + 1] = piece
  end
end

local function maker(list)
  local at = 0
  return function()
    at = at + 1
    return list[at]
  end
end

describe("a body", function()
  it("that is a string stays one, unless its progress is to be told", function()
    assert.equal("hello", streams.of({ body = "hello" }):body())
    assert.is_nil(streams.of({}):body())
    local told = {}
    local stream = streams.of { body = ("x"):rep(70000), progress = function(sent, to_send)
      told[#told + 1] = { sent, to_send }
    end }
    local pieces = pieces_of(stream)
    assert.same({ 65536, 4464 }, { #pieces[1], #pieces[2] })
    assert.same({ { 0, 70000 }, { 65536, 70000 }, { 70000, 70000 } }, told)
  end)

  it("of a function has the length that was said", function()
    for _, row in ipairs {
      { { "a", "bc" }, 3 }, { { "abc" }, 3 }, { {}, 0 }, { { "a", "", "bc" }, 3 },
      { { "a", "bcd" }, 3, "invalid_request" }, { { "a", "b" }, 3, "invalid_request" },
      { { "a", 1 }, 3, "cancelled" }, { { "a", false }, 3, "cancelled" },
    } do
      local stream = streams.of { body = maker(row[1]), content_length = row[2] }
      local _, text = pieces_of(stream)
      assert.equal(row[3], stream.kind)
      assert.equal(row[3] and "stopped" or nil, text)
      assert.is_nil(stream.raised)
    end
  end)

  it("whose function raises holds what it raised", function()
    local thrown = {}
    local stream = streams.of { body = function() error(thrown) end, content_length = 1 }
    pieces_of(stream)
    assert.equal(thrown, stream.raised[1])
  end)
end)

describe("an answer", function()
  it("is handed on when it is a success and somebody wants it", function()
    local got = {}
    local request = { output = function(piece) got[#got + 1] = piece end }
    for status, handed in pairs { [199] = false, [200] = true, [299] = true, [300] = false } do
      assert.equal(handed, streams.of(request):begin(status, 5))
    end
    assert.is_false(streams.of({}):begin(200, 5))
    local stream = streams.of(request)
    stream:begin(200, 5)
    assert.is_true(stream:take "he" and stream:take "llo")
    assert.equal("hello", table.concat(got))
    assert.equal(5, stream.received)
  end)

  it("ends where its function wants that", function()
    for _, stop in ipairs {
      function() return false end, function() return nil, "enough" end,
    } do
      local stream = streams.of { output = stop }
      stream:begin(200, 5)
      assert.is_false(stream:take "hello")
      assert.equal("cancelled", stream.kind)
    end
  end)
end)
