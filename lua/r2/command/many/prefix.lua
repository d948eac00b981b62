-- The argument that says which objects `--recursive` and several files are about: what all their
-- keys begin with, up to a slash. R2 compares plain strings, so `logs` would stand for `logs.txt`
-- and `logs-of-2024/a` too.

local fail = require "r2.failure"
local objects = require "r2.command.objects"

local prefix = {
  EMPTY = "there is no object below the prefix",
}

local WHOLE = "/" -- never an empty word, which a shell makes of a variable that is not set

--- @tparam string word
-- @tparam string field the argument's
-- @tparam ?number item which of the argument's words
-- @treturn string what keys begin with; empty for the whole bucket
-- @return nil, message, err
function prefix.of(word, field, item)
  if word == WHOLE then
    return ""
  elseif word:find("^[^/].*/$") then
    return word
  end
  return fail("invalid_request", field,
    "must be a prefix that ends in a slash, as in logs/, or / for the whole bucket", item)
end

--- What a credential is cut down to.
-- @tparam string ... prefixes
-- @treturn ?table nil for the whole bucket
function prefix.narrow(...)
  local list = { ... }
  for _, each in ipairs(list) do
    if each == "" then
      return nil
    end
  end
  return list
end

--- Calls with every entry below a prefix.
-- @return as from r2.command.objects's each
function prefix.each(bucket, below, take)
  return objects.each(bucket, { prefix = below ~= "" and below or nil }, take)
end

return prefix
