-- Pages of lists: what is asked of one, and how its names and entries are read.

local arguments = require "r2.bucket.arguments"
local errors = require "r2.bucket.errors"
local xml = require "r2.bucket.xml"

local pages = {}

pages.ENTRIES_MAX = 1000
local NAME_MAX, TOKEN_MAX = 1024, 4096 -- bytes

local MOST = { prefix = NAME_MAX, delimiter = NAME_MAX, start_after = NAME_MAX, next = TOKEN_MAX }

--- Checks the options of a list that is not about one object.
-- @tparam number limit_max
-- @return true, or nil, message, err
function pages.check(given, limit_max)
  for name, most in next, MOST do
    local is_left_out = name == "prefix" and given.prefix == ""
    local value = not is_left_out and given[name] or nil
    local good, message, err = arguments.check_string(name, value, most)
    if not good then
      return nil, message, err
    end
  end
  return arguments.check_whole("limit", given.limit, 1, limit_max)
end

local function character(digits)
  return string.char(tonumber(digits, 16))
end

--- What reads a name out of the list `element`: it may be escaped, as XML cannot hold every key.
-- @treturn function name or nil -> name or nil
function pages.name_reader(element)
  if xml.value(element, "EncodingType") ~= "url" then
    return function(name)
      return name
    end
  end
  return function(name)
    return name and (name:gsub("+", " "):gsub("%%(%x%x)", character))
  end
end

--- Reads the elements of a name, each with read(element, more); nil where one of them is
-- incomplete.
function pages.entries(element, name, read, more)
  local entries = {}
  for i, child in ipairs(xml.all(element, name)) do
    entries[i] = read(child, more)
    if not entries[i] then
      return nil
    end
  end
  return entries
end

local function read_prefix(element, read_name)
  local prefix = read_name(xml.value(element, "Prefix"))
  return prefix and { prefix = prefix }
end

--- The prefixes that stand for what follows under them.
function pages.prefixes(element, read_name)
  return pages.entries(element, "CommonPrefixes", read_prefix, read_name)
end

-- By bytes, whatever the locale, which `<` goes by.
local function is_before(left, right)
  for i = 1, math.min(#left, #right) do
    local one, other = left:byte(i), right:byte(i)
    if one ~= other then
      return one < other
    end
  end
  return #left < #right
end

--- Puts keys and prefixes, which come apart and each in order, into one list.
function pages.merge(keys, prefixes)
  local merged, k, p = {}, 1, 1
  while keys[k] or prefixes[p] do
    local key, prefix = keys[k], prefixes[p]
    if key and (not prefix or is_before(key.key, prefix.prefix)) then
      merged[#merged + 1], k = key, k + 1
    else
      merged[#merged + 1], p = prefix, p + 1
    end
  end
  return merged
end

--- Finishes a page. A list that is cut off, and does not say where it goes on, would never end.
-- @tparam ?table list nil: an entry was incomplete
-- @param following where it goes on, if it says so
-- @param before where it went on at the page before
-- @return list, or nil, message, err
function pages.finish(list, element, answer, following, before)
  local truncated = xml.value(element, "IsTruncated")
  if not list then
    return errors.bad(answer, "an entry of the list is incomplete")
  elseif truncated ~= "true" and truncated ~= "false"
    or truncated == "true" and (following == nil or following == "" or following == before) then
    return errors.bad(answer, "the list does not say how it goes on")
  end
  list.next = truncated == "true" and following or nil
  return list
end

return pages
