-- Journals: what has been done of a transfer, in a file, so that the next run does the rest. No
-- secret is in one. It is locked while it is used, and each time written anew beside its place and
-- then moved there: whoever is killed leaves the whole of the last one.
--
--   r2 upload 1
--   key backups/db.dump
--   …
--   part 3 9e107d9d372bb6826bd81d3542a419d6 …

local fail = require "r2.failure"
local files = require "r2.files"
local is_current = require "r2.is_current"
local sorted = require "r2.sorted"

local journal = {}

local Journal = {}
Journal.__index = Journal

local LONGEST = 8 * 2 ^ 20 -- bytes: ten thousand parts and a margin

local function failed(err)
  return fail("file", "resume", err.code == "ELOOP" and "is a link, which a journal must not be"
    or err.reason)
end

local function escaped(value)
  return (tostring(value):gsub("[^\33-\36\38-\126]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

local function unescaped(word)
  return (word:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- ---- read ----

local function read_all(file)
  local pieces, at = {}, 0
  while true do
    local piece, _, err = file:read_at(at)
    if err then
      return failed(err)
    elseif not piece then
      return table.concat(pieces)
    end
    at = at + #piece
    if at > LONGEST then
      return fail("file", "resume", "is too long for a journal")
    end
    pieces[#pieces + 1] = piece
  end
end

local function words_of(line)
  local words = {}
  for word in line:gmatch("%S+") do
    words[#words + 1] = unescaped(word)
  end
  return words
end

-- The fields and parts of a text, or nil where it is no journal of that kind.
local function parse(text, head)
  local first, rest = text:match("^([^\n]*)\n(.*)$")
  if first ~= head or not text:find("\nend\n$") then
    return nil
  end
  local fields, parts = {}, {}
  for line in rest:gmatch("[^\n]+") do
    local words = words_of(line)
    local number = words[1] == "part" and tonumber(words[2])
    if number then
      parts[number] = { number = number, etag = words[3], md5 = words[4] }
    elseif #words == 2 then
      fields[words[1]] = words[2]
    end
  end
  return fields, parts
end

-- ---- opened ----

local function open_locked(path)
  local file, locked, _, err
  file, _, err = files.open(path, "own")
  if not file then
    return failed(err)
  end
  locked, _, err = file:lock()
  if locked and is_current(path, file) then
    return file
  end
  file:close()
  if err then
    return failed(err)
  end
  return fail("file", "resume", "is in use by another program")
end

local function read(self)
  local text, message, err = read_all(self.file)
  if not text then
    return nil, message, err
  elseif text == "" then
    return self
  end
  self.fields, self.parts = parse(text, self.head)
  if not self.fields then
    self.parts = {}
    return fail("file", "resume", "is no journal of " .. self.what)
  end
  return self
end

--- Opens a journal, or begins one. Nothing is written yet.
-- @tparam string path
-- @tparam string kind "upload" or "download"
-- @treturn journal `fields`, a table of strings, or nil where it is new; `parts`, those that are
--   done, by their numbers
-- @return nil, message, err with err.kind invalid_request or file
function journal.open(path, kind)
  if type(path) ~= "string" or path == "" or path:find("%z") then
    return fail("invalid_request", "resume", "must be the path of a journal")
  end
  local file, message, err = open_locked(path)
  if not file then
    return nil, message, err
  end
  local self = setmetatable({ path = path, file = file, parts = {},
    head = "r2 " .. kind .. " 1", what = (kind == "upload" and "an " or "a ") .. kind }, Journal)
  local opened
  opened, message, err = read(self)
  if not opened then
    file:close()
  end
  return opened, message, err
end

-- What a journal is held against, and how it is called.
local FACTS = {
  { "endpoint", "endpoint" }, { "bucket", "bucket" }, { "key", "key" }, { "etag", "ETag" },
  { "size", "size" }, { "modified", "modification time" }, { "inode", "inode" },
  { "part_bytes", "size of parts" },
}

--- Holds what the journal says against what is so now.
-- @tparam table about name -> value
-- @return true, or nil, message, err with err.kind file
function Journal:check(about)
  for _, fact in ipairs(FACTS) do
    local name = fact[1]
    if about[name] ~= nil and self.fields[name] ~= tostring(about[name]) then
      return fail("file", "resume", ("is of another %s, whose %s was another one: remove it to "
        .. "begin anew"):format(self.head:match(" (%l+) "), fact[2]))
    end
  end
  return true
end

-- ---- written ----

local function text_of(self)
  local lines, numbers = { self.head }, {}
  for number in next, self.parts do
    numbers[#numbers + 1] = number
  end
  table.sort(numbers)
  for _, name in ipairs(sorted(self.fields)) do
    lines[#lines + 1] = name .. " " .. escaped(self.fields[name])
  end
  for _, number in ipairs(numbers) do
    local part = self.parts[number]
    lines[#lines + 1] = ("part %d %s %s"):format(number, escaped(part.etag or "-"), part.md5 or "-")
  end
  lines[#lines + 1] = "end\n"
  return table.concat(lines, "\n")
end

local function fill(file, text)
  local done, message, err = file:write(text)
  if done then
    done, message, err = file:sync()
  end
  if done then
    done, message, err = file:lock()
  end
  return done, message, err
end

--- Writes it anew.
-- @return true, or nil, message, err with err.kind file
function Journal:save()
  local beside = self.path .. ".new"
  files.remove(beside) -- of a program that was killed: whoever has the lock may
  local file, done, _, err
  file, _, err = files.open(beside, "create")
  if not file then
    return failed(err)
  end
  done, _, err = fill(file, text_of(self))
  if done then
    done, _, err = files.rename(beside, self.path)
  end
  if not done then
    file:close()
    files.remove(beside)
    return failed(err)
  end
  self.file:close()
  self.file = file
  return true
end

--- Begins it: with these fields, and nothing done.
-- @return true, or nil, message, err with err.kind file
function Journal:begin(fields)
  self.fields, self.parts = fields, {}
  return self:save()
end

--- Notes a part.
-- @tparam table part number, etag, md5
-- @return true, or nil, message, err with err.kind file
function Journal:add(part)
  self.parts[part.number] = part
  return self:save()
end

--- Ends it, with its file where all is done or nothing was begun.
function Journal:close(is_done)
  if is_done or not self.fields then
    files.remove(self.path)
  end
  self.file:close()
end

return journal
