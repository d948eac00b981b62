-- Parts that a journal has as done: read again from the disk, and held against their MD5s, before
-- anything is made of them.

local fail = require "r2.failure"
local files = require "r2.files"
local local_file = require "r2.bucket.local_file"
local parts = require "r2.bucket.parts"
local waiting = require "r2.task.waiting"

local kept_parts = {}

local AT_ONCE = 2 ^ 20 -- bytes that are hashed before others get their turn

--- The MD5 of a part of a file, with turns for others in between.
-- @treturn string hexadecimal digits
-- @return nil, message, err with err.kind file
function kept_parts.md5(transport, file, first, length)
  local digest, done = files.digest("md5"), 0
  while done < length do
    local count, _, err = digest:read(file, first + done, math.min(AT_ONCE, length - done))
    if not count then
      return local_file.failed("path", err)
    elseif count == 0 then
      break
    end
    done = done + count
    waiting.give_way(transport)
  end
  return digest:hex("md5")
end

local function check(up, number)
  local part = up.journal.parts[number]
  local first, length = parts.place(up.identity.size, up.part_bytes, number)
  local md5, message, err = kept_parts.md5(up.call.transport, up.file, first, length)
  if not md5 then
    return nil, message, err
  elseif md5 ~= part.md5 then
    return fail("file", "path", "is not what went up before: a part of it was changed")
  end
  up.parts[number] = part
  up.tally:finish(number, length)
  return true
end

--- Takes the journal's parts over.
-- @return true, or nil, message, err with err.kind file
function kept_parts.check(up)
  local kept = 0
  for number = 1, up.count do
    if up.journal.parts[number] then
      local good, message, err = check(up, number)
      if not good then
        return nil, message, err
      end
      kept = kept + 1
    end
  end
  up.was_whole = kept == up.count
  return true
end

return kept_parts
