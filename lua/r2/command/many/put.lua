-- r2creds put of several files, and of folders.

local fail = require "r2.failure"
local files = require "r2.command.files"
local moved = require "r2.command.many.moved"
local objects = require "r2.command.objects"
local parts = require "r2.bucket.parts"
local prefix = require "r2.command.many.prefix"
local tree = require "r2.command.many.tree"

local PRECONDITION_FAILED = 412

local function check(given)
  if given.resume then
    return fail("invalid_request", "resume", "goes with one file: --no-overwrite sends what is "
      .. "not there yet")
  end
  for _, name in ipairs(given.file) do
    local good, message, err = files.check_name(name)
    if not good then
      return nil, message, err
    elseif files.is_standard_input(name) then
      return fail("invalid_request", "body", "must be files: standard input goes alone")
    end
  end
  return true
end

-- One that is there already is left, and counted.
local function put_new(bucket, item, found, options)
  local body, message, err = files.open_body(item.path)
  if not body then
    return nil, message, err
  end
  options.if_none_match = "*"
  local stored
  stored, message, err = bucket:put(item.key, body, options)
  body:close()
  if stored or err.status ~= PRECONDITION_FAILED then
    return stored, message, err
  end
  found.kept = found.kept + 1
  return true
end

local function sender(given, found, tell)
  return function(bucket, over)
    return moved(given, over, given.key, found, tell, function(item, progress)
      local options = { content_type = given.content_type, progress = progress }
      if given.no_overwrite then
        return put_new(bucket, item, found, options)
      end
      return bucket:upload(item.path, item.key, options)
    end)
  end
end

local function note(found)
  local notes = {}
  if found.kept > 0 then
    notes[1] = ("%d were there already"):format(found.kept)
  end
  if found.left_out > 0 then
    notes[#notes + 1] = ("%d that are no files, links for one, were left out"):format(
      found.left_out)
  end
  return #notes > 0 and table.concat(notes, "; ") or nil
end

-- What the largest of them takes.
local function actions_for(found, no_overwrite, in_parts)
  for _, item in ipairs(found) do
    if parts.size(item.size) and not no_overwrite then
      return in_parts
    end
  end
  return { "PutObject" }
end

--- @tparam table given key, a prefix here; file, a list; and the options
-- @tparam table in_parts the actions that a file of several parts takes
-- @tparam string permission
-- @tparam function tell function(key, stored) -> what is printed
return function(given, in_parts, permission, tell)
  local found, below, message, err
  local good
  good, message, err = check(given)
  if good then
    below, message, err = prefix.of(given.key, "objects")
  end
  if below then
    found, message, err = tree.read(given.file, below, given.recursive)
  end
  if not found then
    return nil, message, err
  end
  found.kept = 0 -- of those that are there already
  if #found == 0 then
    return "", note(found) or "there is no file to send"
  end
  local output
  output, message, err = objects.with_bucket(given, {
    bucket = given.bucket, prefixes = prefix.narrow(below), permission = permission,
    actions = actions_for(found, given.no_overwrite, in_parts),
  }, sender(given, found, tell))
  if not output then
    return nil, message, err
  end
  return output, note(found)
end
