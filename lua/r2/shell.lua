-- Words of a POSIX shell.

local shell = {}

--- What stands for a word between single quotes, where a shell takes every byte as it is, but the
-- quote. A search for one byte is far cheaper than a walk over all, and most words have none.
-- @tparam string word of any bytes but NUL
function shell.escaped(word)
  return word:find("'", 1, true) and word:gsub("'", "'\\''") or word
end

--- A word in quotes.
function shell.quoted(word)
  return "'" .. shell.escaped(word) .. "'"
end

return shell
