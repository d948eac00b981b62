-- A part of a file of r2.files, as a request takes it: what is read from goes up, what is written
-- to comes down. Where the file itself is does not matter, so that many slices of one file can be
-- under way; and each can begin again.

local Slice = {}
Slice.__index = Slice

local slice = {}

--- @tparam file file
-- @tparam number first offset of its first byte
-- @tparam number length bytes
function slice.of(file, first, length)
  return setmetatable({ file = file, first = first, length = length, at = 0 }, Slice)
end

--- As a file's read.
function Slice:read(room)
  local left = self.length - self.at
  if left <= 0 then
    return room == 0 and "" or nil
  end
  local piece, message, err = self.file:read_at(self.first + self.at, math.min(room, left))
  self.at = self.at + #(piece or "")
  return piece, message, err
end

--- As a file's seek.
function Slice:seek(whence, offset)
  local base = whence == "set" and 0 or whence == "end" and self.length or self.at
  self.at = base + (offset or 0)
  return self.at
end

--- As a file's write. More than belongs here would be the next one's.
function Slice:write(piece)
  if self.at + #piece > self.length then
    return nil, "more came than was asked for"
  end
  local written, message, err = self.file:write_at(self.first + self.at, piece)
  self.at = self.at + #piece
  return written, message, err
end

--- What was written comes again, from its start.
function Slice:restart()
  self.at = 0
end

return slice
