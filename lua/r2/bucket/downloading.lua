-- Objects of any size got as files: in one request, or in ranges, several at a time.

local arguments = require "r2.bucket.arguments"
local etags = require "r2.bucket.etags"
local fail = require "r2.failure"
local get = require "r2.bucket.get_step"
local in_parts = require "r2.bucket.in_parts"
local journal = require "r2.bucket.journal"
local local_file = require "r2.bucket.local_file"
local look = require "r2.bucket.look"
local object = require "r2.bucket.object"
local operation = require "r2.task.operation"
local parts = require "r2.bucket.parts"
local request = require "r2.bucket.request"
local slice = require "r2.bucket.slice"
local tally = require "r2.bucket.tally"
local temporary = require "r2.bucket.temporary"
local verifying = require "r2.bucket.verifying"

local downloading = {}

local read_download = arguments.object_reader { "progress", "resume", "verify" }

local Download = {}
Download.__index = Download

-- Gets some bytes into their place.
function Download:fetch(number, first, length, options, stopped)
  options.output = slice.of(self.temporary.file, first, length)
  options.if_match = self.found.etag
  options.progress = self.tally:listener(number, stopped)
  local asked, message, err = get(self.key, options)
  if not asked then
    return nil, message, err
  end
  asked.http1 = options.range ~= nil -- a connection of its own
  local got
  got, message, err = request.send(self.call, asked)
  if not got then
    return local_file.told(message, err)
  end
  self.tally:finish(number, length)
  return true
end

-- ---- one request ----

-- Its MD5 is taken as it comes.
local function get_whole(down)
  local size = down.found.size
  local got, message, err = down:fetch(1, 0, size, {})
  if not got then
    return nil, message, err
  elseif down.found.etag and etags.is_md5(down.found.etag) then
    return true, true
  end
  return true, false
end

-- ---- ranges ----

function Download:fetch_range(number, stopped)
  local first, length = parts.place(self.found.size, self.part_bytes, number)
  local got, message, err =
    self:fetch(number, first, length, { range = { first, first + length - 1 } }, stopped)
  if got and self.journal then
    return self.journal:add { number = number }
  end
  return got, message, err
end

-- Begins the journal, or goes on with it.
local function begin(down)
  if not down.journal then
    return true
  end
  local about, message, err = in_parts.facts(down, {
    size = down.found.size, etag = down.found.etag or "-", inode = down.temporary.identity.inode,
  })
  if not about then
    return nil, message, err
  elseif not down.journal.fields then
    return down.journal:begin(about)
  end
  local good
  good, message, err = down.journal:check(about)
  if not good then
    return nil, message, err
  end
  for number in next, down.journal.parts do
    local _, length = parts.place(down.found.size, down.part_bytes, number)
    down.tally:finish(number, length)
  end
  return true
end

local function get_ranges(down)
  local good, message, err = begin(down)
  if not good then
    return nil, message, err
  end
  down.count = parts.count(down.found.size, down.part_bytes)
  return in_parts.move(down, function(number)
    return down.journal and down.journal.parts[number]
  end, function(number, stopped)
    return down:fetch_range(number, stopped)
  end)
end

-- ---- both ----

-- Whether what came is known to be the object.
local function verify(down, given, already)
  if already or given.verify == false then
    return already or false
  end
  return verifying.file(down.call.transport, down.temporary.file, down.found.size,
    down.found.etag, down.state.part_bytes)
end

local function find(down, given)
  local asked, message, err = look(down.key)
  if not asked then
    return nil, message, err
  end
  down.found, message, err = request.send(down.call, asked)
  if not down.found then
    return nil, message, err
  elseif not down.found.size then
    return fail("bad_response", nil, "R2 did not say how large the object is")
  end
  down.tally, message, err = tally.of(given.progress, down.found.size)
  if not down.tally then
    return nil, message, err
  end
  down.part_bytes = parts.size(down.found.size, down.state.part_bytes)
  return true
end

local function open(down, path, given)
  local stays = given.resume ~= nil and down.part_bytes ~= nil
  local message, err
  if stays then
    down.journal, message, err = journal.open(given.resume, "download")
  end
  if not err then
    down.temporary, message, err = temporary.of(path, stays, down.found.size)
  end
  return down.temporary, message, err
end

local function run(down, path, given)
  local good, verified, message, err
  good, message, err = find(down, given)
  if good then
    good, message, err = open(down, path, given)
  end
  if not good then
    return nil, message, err
  end
  if down.part_bytes then
    good, message, err = get_ranges(down)
  else
    good, verified, err = get_whole(down)
    message = verified
  end
  if not good then
    return nil, message, err
  end
  verified, message, err = verify(down, given, not down.part_bytes and verified or nil)
  if verified == nil then
    return nil, message, err
  end
  good, message, err = down.temporary:keep()
  if not good then
    return nil, message, err
  end
  down.found.verified = verified
  return down.found
end

local function close(down, is_done)
  if down.temporary then
    down.temporary:drop()
  end
  if down.journal then
    down.journal:close(is_done)
  end
end

--- Gets an object as a file, which is there when all of it is: until then, and where it fails, a
-- file of that path stays as it was. Objects of 64 MiB and more come in ranges, `parallel` at a
-- time, of the one object that is there when it begins.
-- @tparam string key
-- @tparam string path
-- @tparam ?table options
--   progress a function(done, total), bytes;
--   resume the path of a journal, which is written where the object comes in ranges, and removed
--   when all is done: the next call with it gets only what is missing. What has come lies beside
--   the file meanwhile, with .part behind its name;
--   verify false leaves out the second reading, which holds the file against the ETag
-- @treturn table as from bucket:head, and verified: whether the file is known to be the object, by
--   an ETag that is an MD5, or that of parts of a size that is likely
-- @return nil, message, err as from bucket:get; err.kind file also where the journal is of another
--   object, or in use
-- @raise as bucket:put
function downloading:download(key, path, options)
  local state = object.open(self)
  object.check_options(options, 3, "download")
  local given, call, message, err
  given, message, err = read_download(key, options)
  if not given then
    return nil, message, err
  elseif given.verify ~= nil and type(given.verify) ~= "boolean" then
    return fail("invalid_request", "verify", "must be true or false")
  end
  call, message, err = request.begin(state)
  if not call then
    return nil, message, err
  end
  local down = setmetatable({ state = state, key = key, call = call }, Download)
  local result
  result, message, err = operation(call.transport, function()
    local found, text, failure = run(down, path, given)
    if found then
      close(down, true)
    end
    return found, text, failure
  end, function()
    close(down, false)
  end)
  return result, message, err
end

return downloading
