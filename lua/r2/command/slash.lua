-- A note on keys that begin with a slash, as paths do: R2 has "/a" beside "a", and hardly anybody
-- wants that one.

local text = require "r2.command.text"

--- @tparam table given what a command was given
-- @treturn ?string a note
return function(given)
  local keys = type(given.key) == "table" and given.key or { given.key }
  for _, key in ipairs(keys) do
    if key:find("^/") and not given.recursive then
      return ("note: the key %s begins with a slash, and is another one than %s"):format(
        text.plain(key), text.plain((key:gsub("^/+", ""))))
    end
  end
end
