-- A request's own functions, for a transport in Lua: what makes its body, takes the answer's, and
-- is told the progress. One that raises, or wants the end, ends the exchange.

local streams = {}

local PIECE = 64 * 1024 -- longer strings are dear to LuaJIT

local Stream = {}
Stream.__index = Stream

local function stop(stream, kind, text)
  stream.kind, stream.text = kind, text
  return false
end

-- Calls a function of the program's. Whether to go on, and what it returned.
local function call(stream, action, ...)
  local ended, result, text = pcall(action, ...)
  if not ended then
    stream.raised = { result }
    return stop(stream, "cancelled", "")
  elseif result == false or result == nil and type(text) == "string" then
    return stop(stream, "cancelled", "the exchange was cancelled"
      .. (type(text) == "string" and " by its own function: " .. text or ""))
  end
  return true, result
end

local function tell(stream)
  local progress = stream.request.progress
  return not progress
    or call(stream, progress, stream.sent, stream.to_send, stream.received, stream.to_receive)
end

-- The next piece of a string, so that its progress can be told.
local function slicer(text)
  local at = 1
  return function(room)
    local piece = text:sub(at, at + room - 1)
    at = at + #piece
    return piece ~= "" and piece or nil
  end
end

-- The next piece: nil at the end; nil and a text to give up.
local function next_piece(stream, make)
  local goes_on, piece = tell(stream), nil
  if goes_on then
    goes_on, piece = call(stream, make, PIECE)
  end
  if not goes_on then
    return nil, "stopped"
  elseif piece ~= nil and type(piece) ~= "string" then
    stop(stream, "cancelled", "the exchange was cancelled by its own function: "
      .. "a body's function must return strings, and nil at the end")
    return nil, "stopped"
  end
  stream.sent = stream.sent + #(piece or "")
  if piece and stream.sent > stream.to_send or not piece and stream.sent < stream.to_send then
    stop(stream, "invalid_request",
      "the body that was produced is not as long as content_length says")
    return nil, "stopped"
  end
  return piece
end

--- The body for lua-resty-http: a string, a function that returns its pieces, or nil.
function Stream:body()
  local body = self.request.body
  local make = type(body) == "function" and body
    or self.request.progress and body and slicer(body)
  if not make then
    return body
  end
  return function()
    return next_piece(self, make)
  end
end

--- Begins with an answer of so many bytes, where that is known; those of a success are handed on.
-- @treturn boolean whether they are
function Stream:begin(status, length)
  self.hands_on = self.request.output ~= nil and status >= 200 and status < 300
  self.to_receive = length or 0
  return self.hands_on
end

--- Takes a piece of the answer.
-- @treturn boolean whether to go on
function Stream:take(piece)
  self.received = self.received + #piece
  return (not self.hands_on or call(self, self.request.output, piece)) and tell(self)
end

--- For a request: `sent` and `received` count the bytes of bodies, `kind` and `text` say why it was
-- ended from this side, `raised` holds what a function raised.
function streams.of(request)
  local body = request.body
  return setmetatable({
    request = request,
    sent = 0,
    to_send = type(body) == "string" and #body or request.content_length or 0,
    received = 0,
    to_receive = 0,
  }, Stream)
end

return streams
