-- Objects deleted: one, or lists of them, 1,000 to a request.

local arguments = require "r2.bucket.arguments"
local documents = require "r2.bucket.documents"
local errors = require "r2.bucket.errors"
local fail = require "r2.failure"
local object = require "r2.bucket.object"
local request = require "r2.bucket.request"
local xml = require "r2.bucket.xml"

local deleting = {}

local KEYS_MAX = 1000 -- of one request

-- ---- one ----

local function read_nothing(answer)
  if answer.status == 204 or answer.status == 200 then
    return true
  end
  return errors.bad(answer, "that is not how it says that an object is gone")
end

local function ask_one(key)
  local good, message, err = arguments.check_key(key)
  if not good then
    return nil, message, err
  end
  return { operation = "DeleteObject", method = "DELETE", key = key, read = read_nothing }
end

-- ---- many ----

-- What became of keys is kept in a table: deleted, a list of keys; refused, key -> error.
local function new_outcome()
  return { deleted = {}, refused = {} }
end

local function note_deleted(outcome, key)
  outcome.deleted[#outcome.deleted + 1] = key
end

local function note_refused(outcome, key, err)
  outcome.refused[key] = err
  outcome.first = outcome.first or err
end

-- R2 says keys in Unicode's NFC: one that was given in another form comes back as another one. So
-- where as many came back that nobody knows, the keys that nothing is said of are those.
local function note_unsaid(outcome, keys, said, strangers, answer)
  local unsaid = {}
  for _, key in ipairs(keys) do
    if not said[key] then
      unsaid[#unsaid + 1] = key
    end
  end
  for _, key in ipairs(unsaid) do
    if #unsaid == strangers then
      note_deleted(outcome, key)
    else
      local _, _, err = errors.bad(answer, "it does not say what became of the key")
      note_refused(outcome, key, err)
    end
  end
end

-- Notes what the answer says of each key.
local function result_reader(outcome, keys)
  return function(element, answer)
    local asked, said, strangers = {}, {}, 0
    for _, key in ipairs(keys) do
      asked[key] = true
    end
    for _, entry in ipairs(element) do
      local key = xml.value(entry, "Key")
      if key and asked[key] and not said[key] and entry.name == "Deleted" then
        said[key] = true
        note_deleted(outcome, key)
      elseif key and asked[key] and not said[key] and entry.name == "Error" then
        said[key] = true
        local _, _, err = errors.within(entry, answer)
        note_refused(outcome, key, err)
      elseif key and entry.name == "Deleted" then
        strangers = strangers + 1
      end
    end
    note_unsaid(outcome, keys, said, strangers, answer)
    return true
  end
end

local function write_keys(keys)
  local objects = {}
  for i, key in ipairs(keys) do
    objects[i] = xml.element("Object", { xml.text("Key", key) })
  end
  return xml.document("Delete", objects)
end

local function ask_many(outcome, keys)
  return documents.expect({
    operation = "DeleteObjects", method = "POST", query = { delete = "" },
    headers = { ["content-type"] = "application/xml" }, body = write_keys(keys),
  }, "DeleteResult", result_reader(outcome, keys))
end

-- ---- lists ----

-- Copies the list, and sorts it into batches; what XML does not bring through unchanged is a batch
-- of its own, and another request.
local function batches_of(keys)
  local batches, batch, seen, count = {}, nil, {}, 0
  for index in next, keys do
    if type(index) ~= "number" then
      return fail("invalid_request", "keys", "must be a list of one or more strings")
    end
    count = count + 1
  end
  for i = 1, count do
    local key = rawget(keys, i)
    if type(key) ~= "string" or #key == 0 or #key > 1024 then
      return fail("invalid_request", "keys", "must be a string of 1 to 1024 bytes", i)
    elseif not seen[key] and not xml.can_hold(key) then
      batches[#batches + 1] = { key, alone = true }
    elseif not seen[key] then
      if not batch or #batch == KEYS_MAX then
        batch = {}
        batches[#batches + 1] = batch
      end
      batch[#batch + 1] = key
    end
    seen[key] = true
  end
  if count == 0 then
    return fail("invalid_request", "keys", "must be a list of one or more strings")
  end
  return batches
end

-- Sends a batch. What comes of a key that is alone is noted like that of others.
local function send_batch(call, batch, outcome)
  local asked, message, err
  if batch.alone then
    asked = ask_one(batch[1])
  else
    asked, message, err = ask_many(outcome, batch)
    if not asked then
      return nil, message, err
    end
  end
  local result
  result, message, err = request.send(call, asked)
  if batch.alone and result then
    note_deleted(outcome, batch[1])
  elseif batch.alone and err.kind == "api" and err.status < 500 then
    note_refused(outcome, batch[1], err)
    return true
  end
  return result, message, err
end

-- A list's error: it tells what became of the keys of which that is known.
local function with_outcome(outcome, err)
  err.deleted, err.refused = outcome.deleted, outcome.refused
  return nil, err.message, err
end

local function summary(outcome)
  local count = 0
  for _ in next, outcome.refused do
    count = count + 1
  end
  local first = outcome.first
  local _, _, err = fail(first.kind, nil,
    ("%d of the keys could not be deleted; of one: %s"):format(count, first.message))
  err.status, err.code, err.retryable = first.status, first.code, false
  return with_outcome(outcome, err)
end

local function delete_many(bucket, keys)
  local call, sent, _
  local batches, message, err = batches_of(keys)
  if not batches then
    return nil, message, err
  end
  call, message, err = request.begin(bucket)
  if not call then
    return nil, message, err
  end
  local outcome = new_outcome()
  for i = 1, #batches do
    sent, _, err = send_batch(call, batches[i], outcome)
    if not sent then
      return with_outcome(outcome, err)
    end
  end
  if outcome.first then
    return summary(outcome)
  end
  return true
end

--- Deletes an object, or a list of them. What is not there counts as deleted. A list goes out 1,000
-- keys to a request, which needs the action DeleteObjects; a key that XML cannot hold goes out by
-- itself, which needs DeleteObject.
-- @param keys a key, or a list of keys
-- @treturn boolean true: none of them is there any more
-- @return nil, message, err as from bucket:put; of a list err.deleted, a list of keys, and
--   err.refused, key -> error. Of a key that is in neither nothing is known
-- @raise when the bucket is closed
function deleting:delete(keys)
  local bucket = object.open(self)
  if type(keys) == "table" then
    return delete_many(bucket, keys)
  end
  return request.call(bucket, ask_one(keys))
end

return deleting
