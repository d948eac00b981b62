-- r2creds rm of all objects below prefixes: counted, asked about, deleted. What comes to be there
-- after the count stays.

local amount = require "r2.command.amount"
local fail = require "r2.failure"
local files = require "r2.files"
local objects = require "r2.command.objects"
local prefix = require "r2.command.many.prefix"
local text = require "r2.command.text"

local unpack = table.unpack or unpack -- luacheck: compat

local function count(bucket, prefixes)
  local keys, seen, bytes = {}, {}, 0
  for _, below in ipairs(prefixes) do
    local listed, message, err = prefix.each(bucket, below, function(entry)
      if not seen[entry.key] then -- of one prefix within the other
        seen[entry.key] = true
        keys[#keys + 1], bytes = entry.key, bytes + entry.size
      end
    end)
    if not listed then
      return nil, message, err
    end
  end
  return keys, bytes
end

-- The question, on a terminal; elsewhere --yes answers it.
local function agreed(given, keys, bytes)
  local what = ("%.0f object%s, %s, of %s"):format(#keys, #keys == 1 and "" or "s", amount(bytes),
    text.plain(given.bucket))
  if given.yes then
    return true
  elseif not files.terminal_width(0) then
    return fail("invalid_request", nil,
      ("--yes must be given where nobody can be asked: it would delete %s"):format(what))
  end
  io.stderr:write(("r2creds: delete %s? [y/N] "):format(what))
  io.stderr:flush()
  local answer = io.stdin:read() or ""
  if answer:lower():find("^%s*y") then
    return true
  end
  return fail("cancelled", nil, "nothing was deleted")
end

local function delete(bucket, keys)
  local done, message, err = bucket:delete(keys)
  if done then
    return true
  end
  err.field, err.item = nil, nil
  err.message = ("%s (%.0f of %.0f were deleted)"):format(message, #(err.deleted or {}), #keys)
  return nil, err.message, err
end

local function remover(given, prefixes)
  return function(bucket)
    local keys, bytes, err = count(bucket, prefixes)
    if not keys then
      return nil, bytes, err
    elseif #keys == 0 then
      return "", prefix.EMPTY
    end
    local good, message
    good, message, err = agreed(given, keys, bytes)
    if good then
      good, message, err = delete(bucket, keys)
    end
    return good and "", message, err
  end
end

--- @tparam table given key, a list of prefixes here; and the options
return function(given)
  local prefixes = {}
  for i, word in ipairs(given.key) do
    local below, message, err = prefix.of(word, "objects", i)
    if not below then
      return nil, message, err
    end
    prefixes[i] = below
  end
  return objects.with_bucket(given, {
    bucket = given.bucket, prefixes = prefix.narrow(unpack(prefixes)),
    actions = { "ListObjectsV2", "DeleteObject", "DeleteObjects" },
    permission = "object-read-write",
  }, remover(given, prefixes))
end
