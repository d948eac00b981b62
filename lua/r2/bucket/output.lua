-- What comes down: collected, handed to a function, or written to an open file. It is counted, and
-- digested where that is to be held against an ETag.

local fail = require "r2.failure"
local files = require "r2.files"
local has_method = require "r2.has_method"
local open_file = require "r2.bucket.open_file"

local Output = {}
Output.__index = Output

-- What LuaJIT has compiled calls fwrite and fflush again when they fail, and by then the C library
-- has forgotten what it could not write: the second call succeeds.
local function uncompiled(f)
  local jit = rawget(_G, "jit")
  if jit then
    jit.off(f)
  end
  return f
end

local write = uncompiled(function(output, piece)
  local written, text, err = output.target:write(piece)
  if not written then
    output.failure = { "file", "output", open_file.reason("cannot be written", text, err) }
    return false
  end
end)

local flush = uncompiled(function(file)
  return file:flush()
end)

local function collect(output, piece)
  if output.received > output.most then
    output.failure = { "bad_response", nil, "the answer is longer than it may be" }
    return false
  end
  output.pieces[#output.pieces + 1] = piece
end

local function hand_on(output, piece)
  return output.target(piece)
end

--- Whether an attempt may begin: not where pieces have been handed on, which would come twice.
function Output:is_ready()
  return self.take == collect or self.received == 0 or self.restarts
end

--- Begins. Hands back a function(piece) for a transport.
function Output:begin()
  if self.restarts then
    self.target:restart()
  end
  self.failure, self.received, self.pieces = nil, 0, {}
  self.digest = self.verifies and files.digest("md5")
  return function(piece)
    self.received = self.received + #piece
    if self.digest then
      self.digest:update(piece)
    end
    return self:take(piece)
  end
end

--- Lets a file write what it has kept back.
-- @treturn boolean true
-- @return nil, message, err with err.kind file
function Output:finish()
  if self.take == write and has_method(self.target, "flush") then
    local written, text, err = flush(self.target)
    if not written then
      return open_file.failed("output", "cannot be written", text, err)
    end
  end
  return true
end

--- What was collected; nil where it was handed on.
function Output:text()
  return self.take == collect and table.concat(self.pieces) or nil
end

--- The MD5 of all that came.
function Output:md5()
  return self.digest:hex("md5")
end

local output = {}

--- Collects what comes, so many bytes at most.
function output.collect(most)
  return setmetatable({ take = collect, most = most, received = 0 }, Output)
end

--- @param target nil to collect, a function(piece) or an open file
-- @tparam boolean verifies whether it digests what comes
-- @return nil, message, err with err.kind invalid_request
function output.of(target, verifies)
  local made = { target = target, received = 0, verifies = verifies, most = math.huge,
    restarts = has_method(target, "restart") } -- as r2.bucket.slice has it
  if target == nil then
    made.take = collect
  elseif type(target) == "function" then
    made.take = hand_on
  elseif has_method(target, "write") then
    made.take = write
  else
    return fail("invalid_request", "output", "must be a function or an open file")
  end
  return setmetatable(made, Output)
end

return output
