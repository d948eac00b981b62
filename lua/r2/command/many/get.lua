-- r2creds get of all objects below a prefix.

local fail = require "r2.failure"
local moved = require "r2.command.many.moved"
local objects = require "r2.command.objects"
local places = require "r2.command.many.places"
local prefix = require "r2.command.many.prefix"

local function list(bucket, below)
  local entries = {}
  local listed, message, err = prefix.each(bucket, below, function(entry)
    entries[#entries + 1] = entry
  end)
  return listed and entries, message, err
end

local function getter(given, below, tell)
  return function(bucket, over)
    local entries, found, good, message, err
    entries, message, err = list(bucket, below)
    if entries then
      found, message, err = places.of(entries, below, given.file)
    end
    if not found then
      return nil, message, err
    elseif #entries == 0 then
      return "", prefix.EMPTY
    end
    good, message, err = places.make(found, given.file)
    if not good then
      return nil, message, err
    end
    return moved(given, over, given.file, found, tell, function(item, progress)
      return bucket:download(item.key, item.path, { progress = progress })
    end)
  end
end

--- @tparam table given key, a prefix here; file, a folder; and the options
-- @tparam function tell function(key, found) -> what is printed
return function(given, tell)
  if given.resume then
    return fail("invalid_request", "resume", "goes with one object")
  elseif given.file == "-" then
    return fail("invalid_request", "output", "must be a folder")
  end
  local below, message, err = prefix.of(given.key, "objects")
  if not below then
    return nil, message, err
  end
  return objects.with_bucket(given, {
    bucket = given.bucket, prefixes = prefix.narrow(below),
    actions = { "ListObjectsV2", "GetObject", "HeadObject" }, permission = "object-read-only",
  }, getter(given, below, tell))
end
