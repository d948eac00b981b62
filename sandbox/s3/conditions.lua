-- The conditions of a request: If-Match and its like, by R2's reading of them. nginx would hold
-- them against an ETag of its own.
-- luacheck: std ngx_lua

local dates = require "sandbox.s3.dates"

local conditions = {}

local NAMES = { "if-match", "if-none-match", "if-modified-since", "if-unmodified-since" }

-- Reads a list of entity tags: "*", or { value, weak } each. nil where it is no such list.
local function read_tags(text)
  if text:find("^%s*%*%s*$") then
    return "*"
  end
  local tags = {}
  local rest = text:gsub('%s*(W?/?)"([^"]*)"%s*%f[,%z]', function(weak, value)
    if weak == "" or weak == "W/" then
      tags[#tags + 1] = { value = value, weak = weak ~= "" }
      return ""
    end
  end)
  return rest:gsub(",", "") == "" and tags or nil
end

-- Whether one of the tags is the object's. A weak one is nobody's where bytes are to be equal.
local function match(tags, etag, takes_weak)
  if tags == "*" then
    return true
  end
  for _, tag in ipairs(tags) do
    if tag.value == etag and (takes_weak or not tag.weak) then
      return true
    end
  end
  return false
end

--- Reads the conditions that a request's headers hold; an empty header is none. A date that is none
-- stands for 1970, as in R2.
-- @tparam table headers
-- @tparam[opt=""] string prefix of their names
-- @treturn table nil where a header is no list of entity tags
function conditions.read(headers, prefix)
  local found = {}
  for _, name in ipairs(NAMES) do
    local text = headers[(prefix or "") .. name]
    if text and text ~= "" then
      local value = name:find("since") and (dates.read_http(text) or 0) or read_tags(text)
      if not value then
        return nil
      end
      found[name] = value
    end
  end
  return found
end

-- What must not have changed.
local function unchanged(found, object)
  local tags, time = found["if-match"], found["if-unmodified-since"]
  local matches = tags and match(tags, object.etag, false)
  if tags and not matches then
    return false
  end
  -- R2 compares milliseconds: to be of that very second is to be later.
  return not time or math.floor(object.modified) < time or matches == true
end

-- What must have changed.
local function changed(found, object)
  local tags, time = found["if-none-match"], found["if-modified-since"]
  if tags and match(tags, object.etag, true) then
    return false
  end
  return not time or time < math.floor(object.modified) or tags ~= nil
end

--- Holds the conditions against an object.
-- @tparam table found
-- @tparam ?table object nil where there is none
-- @treturn boolean whether all of them hold
-- @treturn boolean whether If-Match and If-Unmodified-Since do: who reads, and fails by the others
--   alone, has already what there is
function conditions.hold(found, object)
  if not object then
    local holds = not (found["if-match"] or found["if-modified-since"])
    return holds, holds
  end
  local same = unchanged(found, object)
  return same and changed(found, object), same
end

return conditions
