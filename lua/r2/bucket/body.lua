-- What goes up: a string, a function or an open file, as a transport takes it. It is counted and
-- digested as it passes, and begun again where that can be.

local fail = require "r2.failure"
local files = require "r2.files"
local has_method = require "r2.has_method"
local open_file = require "r2.bucket.open_file"

local PIECE = 64 * 1024 -- longer strings are dear to LuaJIT
local LONGEST = 5 * 2 ^ 30 - 5 * 2 ^ 20 -- bytes of one request (R2's limits)

local Body = {}
Body.__index = Body

local function is_length(value)
  return type(value) == "number" and value >= 0 and value <= LONGEST and value % 1 == 0
end

-- ---- files ----

local function seek(file, ...)
  if has_method(file, "seek") then
    return file:seek(...)
  end
end

-- Where the file is, and how much of it is left; nil for a pipe and what else cannot go back.
local function measure(file)
  local start = seek(file, "cur")
  local last = start and seek(file, "end")
  if last and seek(file, "set", start) then
    return start, math.max(last - start, 0)
  end
end

local function of_file(file, length)
  local _, text, err = file:read(0) -- nil at the end too, but for a folder there is a text
  if text then
    return open_file.failed("body", "cannot be read", text, err)
  end
  local start, left = measure(file)
  return { file = file, start = start, length = length or left, again = start ~= nil }
end

-- ---- made ----

local function body_of(value, length)
  if type(value) == "string" then
    return { text = value, length = #value, again = true }
  elseif type(value) == "function" then
    return { make = value, length = length }
  elseif has_method(value, "read") then
    return of_file(value, length)
  end
  return fail("invalid_request", "body", "must be a string, a function or an open file")
end

local function check_length(made, given)
  if given ~= nil and made.text and given ~= made.length then
    return fail("invalid_request", "content_length", "must be the length of the body")
  elseif made.length == nil then
    return fail("invalid_request", "content_length",
      "is required where the length of the body cannot be told: of a function, or a pipe")
  elseif made.length > LONGEST then
    return fail("invalid_request", "body",
      "must have at most 5363466240 bytes, as R2 takes them in one request")
  end
  return true
end

-- ---- its pieces ----

-- Notes why there are no more; the transport gives up.
local function stop(body, kind, field, reason, code)
  body.failure = { kind, field, reason, code }
  return false
end

local function next_piece(body, room)
  room = math.min(room or PIECE, PIECE)
  if body.file then
    return body.file:read(math.min(room, body.length - body.done))
  end
  return body.make(room)
end

-- What comes in place of a piece before the end.
local function ended_early(body, piece, text, err)
  if body.file and text then
    return stop(body, "file", "body", open_file.reason("cannot be read", text, err))
  elseif body.file then
    return stop(body, "file", "body", "has become shorter while it was read")
  elseif piece == false or text then
    return piece, text -- whoever makes it wants the end
  end
  return stop(body, "invalid_request", "content_length", "is more than the body has")
end

local function read(body, room)
  if body.done >= body.length then
    return nil
  end
  local piece, text, err
  body.touched = true
  repeat
    piece, text, err = next_piece(body, room)
  until piece ~= ""
  if type(piece) ~= "string" then
    return ended_early(body, piece, text, err)
  elseif body.done + #piece > body.length then
    return stop(body, "invalid_request", "content_length", "is less than the body has")
  end
  body.done = body.done + #piece
  body.digest:update(piece)
  return piece
end

--- Whether it can go out (again): not what is made once, and has been begun.
function Body:is_ready()
  return self.again or not self.touched
end

--- Begins, from its start.
-- @return a string, or a function(room) for a transport
-- @return nil, message, err with err.kind file
function Body:begin()
  self.failure, self.done = nil, 0
  if self.text then
    self.done = self.length
    return self.text
  elseif self.file and self.start and not seek(self.file, "set", self.start) then
    return fail("file", "body", "cannot be read from its start again")
  end
  self.digest = files.digest("md5")
  return function(room)
    return read(self, room)
  end
end

--- The MD5 of what has gone out, as hexadecimal digits.
function Body:md5()
  return self.text and files.digest("md5"):update(self.text):hex("md5") or self.digest:hex("md5")
end

local body = {}

--- @param value a string, function(room) or open file
-- @tparam ?number length bytes of what is no string; by default those that a file has left
-- @treturn table body
-- @return nil, message, err with err.kind invalid_request or file
function body.of(value, length)
  if length ~= nil and not is_length(length) then
    return fail("invalid_request", "content_length",
      "must be a whole number of bytes from 0 to 5363466240")
  end
  local made, message, err = body_of(value, length)
  if not made then
    return nil, message, err
  end
  local good
  good, message, err = check_length(made, length)
  if not good then
    return nil, message, err
  end
  return setmetatable(made, Body)
end

return body
