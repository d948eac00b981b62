-- Files of any size put as objects: in one request, or in parts, several at a time.

local arguments = require "r2.bucket.arguments"
local complete = require "r2.bucket.complete_step"
local etags = require "r2.bucket.etags"
local fail = require "r2.failure"
local headers = require "r2.bucket.headers"
local in_parts = require "r2.bucket.in_parts"
local journal = require "r2.bucket.journal"
local kept_parts = require "r2.bucket.kept_parts"
local local_file = require "r2.bucket.local_file"
local look = require "r2.bucket.look"
local object = require "r2.bucket.object"
local operation = require "r2.task.operation"
local parts = require "r2.bucket.parts"
local request = require "r2.bucket.request"
local slice = require "r2.bucket.slice"
local steps = require "r2.bucket.upload_steps"
local tally = require "r2.bucket.tally"

local uploading = {}

local read_upload = arguments.object_reader(headers.KEPT_NAMES, { "progress", "resume" })

-- The options that are kept with the object, of those of an upload.
local function kept_of(given)
  local kept = {}
  for _, name in ipairs(headers.KEPT_NAMES) do
    kept[name] = given[name]
  end
  return kept
end

-- ---- one request ----

local function put_whole(bucket, given, up)
  local options = kept_of(given)
  options.progress = given.progress
  local stored, message, err =
    bucket:put(up.key, slice.of(up.file, 0, up.identity.size), options)
  if not stored then
    return local_file.told(message, err)
  end
  local same
  same, message, err = local_file.check(up.file, up.identity)
  return same and stored, message, err
end

-- ---- parts ----

local Upload = {}
Upload.__index = Upload

function Upload:send(number, stopped)
  local first, length = parts.place(self.identity.size, self.part_bytes, number)
  local part, message, err
  local asked
  asked, message, err = steps.part(self.key, self.id, number, slice.of(self.file, first, length),
    { progress = self.tally:listener(number, stopped) })
  if not asked then
    return nil, message, err
  end
  asked.http1 = true -- a connection of its own
  part, message, err = request.send(self.call, asked)
  if not part then
    return local_file.told(message, err)
  end
  self.tally:finish(number, length)
  self.parts[number] = part
  if self.journal then
    return self.journal:add(part)
  end
  return true
end

local function begin_anew(up, given, about)
  local asked, message, err = steps.create(up.key, kept_of(given))
  if not asked then
    return nil, message, err
  end
  up.id, message, err = request.send(up.call, asked)
  if not up.id then
    return nil, message, err
  elseif not up.journal then
    return true
  end
  about.upload_id = up.id
  return up.journal:begin(about)
end

local function go_on(up, about)
  local good, message, err = up.journal:check(about)
  if not good then
    return nil, message, err
  end
  up.id, up.resumed = up.journal.fields.upload_id, true
  return kept_parts.check(up)
end

-- Begins the upload, or goes on with the journal's.
local function begin(up, given)
  local about, message, err
  if up.journal then
    about, message, err = in_parts.facts(up, {
      size = up.identity.size, modified = up.identity.modified, inode = up.identity.inode,
    })
    if not about then
      return nil, message, err
    end
  end
  if up.journal and up.journal.fields then
    return go_on(up, about)
  end
  return begin_anew(up, given, about)
end

-- Of an upload that is not there any more: it may have become the object when a program was killed.
local function find_completed(up, message, err)
  local expected = etags.of_parts(up.parts)
  local found = up.was_whole and request.send(up.call, look(up.key))
  if found and expected and found.etag == expected then
    return { etag = found.etag }
  end
  fail.renamed(err, "resume")
  return nil, message, err
end

local function complete_upload(up)
  local asked, message, err = complete(up.key, up.id, up.parts)
  if not asked then
    return nil, message, err
  end
  local made
  made, message, err = request.send(up.call, asked)
  if made then
    return { etag = made.etag, size = up.identity.size, parts = up.count }
  elseif up.resumed and err.code == "NoSuchUpload" then
    return find_completed(up, message, err)
  end
  return nil, message, err
end

local function put_parts(up, given)
  local good, message, err = begin(up, given)
  if not good then
    return nil, message, err
  end
  good, message, err = in_parts.move(up, function(number)
    return up.parts[number]
  end, function(number, stopped)
    return up:send(number, stopped)
  end)
  if good then
    good, message, err = local_file.check(up.file, up.identity)
  end
  if not good then
    return nil, message, err
  end
  return complete_upload(up)
end

-- Leaves no upload behind, unless it may be an object by now, or is to be gone on with.
local function give_up(up, err)
  local unknown = type(err) == "table" and err.outcome == "unknown"
  if up.id and not up.journal and not unknown and not up.state.closed then
    request.call(up.state, steps.abort(up.key, up.id))
  end
end

-- ---- both ----

local function open(bucket, state, path, key, given)
  local up = setmetatable({ bucket = bucket, state = state, key = key, parts = {} }, Upload)
  local message, err
  up.file, up.identity, err = local_file.open(path)
  if not up.file then
    return nil, up.identity, err
  end
  local size = up.identity.size
  up.tally, message, err = tally.of(given.progress, size)
  if up.tally then
    up.part_bytes, message, err = parts.size(size, state.part_bytes)
  end
  if not err then
    up.call, message, err = request.begin(state)
  end
  if not err and given.resume ~= nil and up.part_bytes then
    up.journal, message, err = journal.open(given.resume, "upload")
  end
  if err then
    up.file:close()
    return nil, message, err
  end
  return up
end

local function close(up, is_done)
  up.file:close()
  if up.journal then
    up.journal:close(is_done)
  end
end

local function run(up, given)
  local stored, message, err
  if up.part_bytes then
    up.count = parts.count(up.identity.size, up.part_bytes)
    stored, message, err = put_parts(up, given)
  else
    stored, message, err = put_whole(up.bucket, given, up)
  end
  if stored then
    close(up, true)
  end
  return stored, message, err
end

--- Puts a file as an object: in one request where it has less than 64 MiB, else in parts of the
-- same size, `parallel` at a time. What fails or is cancelled leaves no upload behind; one whose
-- program is killed, R2 ends after seven days.
-- @tparam string path
-- @tparam string key
-- @tparam ?table options
--   content_type, cache_control, content_disposition, content_encoding, content_language, expires,
--   metadata as for bucket:put; progress a function(done, total), bytes;
--   resume the path of a journal, which is written where the file goes up in parts, and removed
--   when all is done: the next call with it sends only what is missing
-- @treturn table etag, size; parts where there were some
-- @return nil, message, err as from bucket:put; err.kind file also where the file was changed
--   meanwhile, or the journal is of another file, or in use
-- @raise as bucket:put
function uploading:upload(path, key, options)
  local state = object.open(self)
  object.check_options(options, 3, "upload")
  local given, up, message, err
  given, message, err = read_upload(key, options)
  if not given then
    return nil, message, err
  end
  up, message, err = open(self, state, path, key, given)
  if not up then
    return nil, message, err
  end
  return operation(up.call.transport, function()
    return run(up, given)
  end, function(_, _, failure)
    give_up(up, failure)
    close(up, false)
  end)
end

return uploading
