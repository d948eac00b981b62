-- Strings that a stranger may have chosen, on their way to a terminal.

local with_unseen = require "r2.unseen"

local text = {}

local function shown(bytes)
  return (bytes:gsub(".", function(byte) return ("\\x%02x"):format(byte:byte()) end))
end

-- The forms of a character of UTF-8 of more than one byte: no byte more than it needs, no half of a
-- pair of UTF-16.
local CHARACTERS = {
  "^[\194-\223][\128-\191]", "^\224[\160-\191][\128-\191]", "^\237[\128-\159][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]", "^\240[\144-\191][\128-\191][\128-\191]",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]", "^\244[\128-\143][\128-\191][\128-\191]",
}

-- The last byte of the character that begins there; nil where none does.
local function end_of_character(bytes, position)
  for _, form in ipairs(CHARACTERS) do
    local _, last = bytes:find(form, position)
    if last then
      return last
    end
  end
end

-- Shows what is no character of UTF-8 among bytes above 127.
local function without_strays(bytes)
  local parts, position = {}, 1
  while position <= #bytes do
    local last = end_of_character(bytes, position)
    local part = bytes:sub(position, last or position)
    parts[#parts + 1] = last and part or shown(part)
    position = position + #part
  end
  return table.concat(parts)
end

--- A string for a terminal: control characters, which could steer it, what is no UTF-8, and what
-- nobody would see, are shown as \x1b.
function text.plain(string)
  string = string:gsub("[%c\127]", shown):gsub("[\128-\255]+", without_strays)
  return with_unseen(string, shown)
end

--- Whether a string is UTF-8.
function text.is_utf8(string)
  for first, bytes in string:gmatch("()([\128-\255]+)") do
    local position = first
    while position < first + #bytes do
      local last = end_of_character(string, position)
      if not last then
        return false
      end
      position = last + 1
    end
  end
  return true
end

--- A string without the blanks around it, in one walk: `(.-)%s*$` would try every blank anew.
function text.trim(string)
  local first = string:find("%S")
  return first and string:match("^.*%S", first) or ""
end

--- A text behind a label, in lines of so many columns at most, each of which begins below it.
-- @tparam string label
-- @tparam string words
-- @tparam number width
-- @treturn string
function text.folded(label, words, width)
  local indent, lines, line = (" "):rep(#label), {}, label
  for word in words:gmatch("%S+") do
    if #line + #word > width then
      lines[#lines + 1], line = line:gsub(" +$", ""), indent
    end
    line = line .. word .. " "
  end
  lines[#lines + 1] = line:gsub(" +$", "")
  return table.concat(lines, "\n")
end

return text
