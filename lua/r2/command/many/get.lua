-- r2creds get of all objects below a prefix.

local bar = require "r2.command.bar"
local each = require "r2.command.many.each"
local fail = require "r2.failure"
local objects = require "r2.command.objects"
local places = require "r2.command.many.places"
local prefix = require "r2.command.many.prefix"
local sum = require "r2.command.many.sum"

local function list(bucket, below)
  local entries = {}
  local listed, message, err = objects.each(bucket, { prefix = below ~= "" and below or nil },
    function(entry)
      entries[#entries + 1] = entry
    end)
  return listed and entries, message, err
end

local function fetch(given, bucket, over, found, tell)
  local lines = {}
  local got, message, err = bar.around(given.file, function(progress)
    local listener = sum.of(progress, found.bytes)
    return each(over, given.parallel, found, function(item, number)
      local stored, text, failure =
        bucket:download(item.key, item.path, { progress = listener() })
      lines[number] = stored and tell(item.key, stored)
      return stored and true, text, failure
    end)
  end)
  return got and table.concat(lines), message, err
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
      return "", "there is no object below the prefix"
    end
    good, message, err = places.make(found, given.file)
    if not good then
      return nil, message, err
    end
    return fetch(given, bucket, over, found, tell)
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
