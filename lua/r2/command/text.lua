-- Texts that people read and write: times, durations, and strings that a stranger may have chosen.

local with_unseen = require "r2.unseen"

local text = {}

local UNITS = { s = 1, m = 60, h = 3600, d = 86400, [""] = 1 }

--- Seconds of 90, 90s, 15m, 12h or 7d; nil of anything else. What is too long the library refuses.
function text.seconds_of(duration)
  local count, unit = duration:match("^(%d+)([smhd]?)$")
  if count and #count <= 9 then
    return tonumber(count) * UNITS[unit]
  end
end

--- The same, and parts of a second: 0.5.
function text.timeout_of(duration)
  return text.seconds_of(duration) or duration:find("^%d+%.%d+$") and tonumber(duration) or nil
end

local function counted(count, unit)
  return ("%d %s%s"):format(count, unit, count == 1 and "" or "s")
end

--- "2 days and 3 hours": the two largest units.
-- @tparam number seconds whole, not negative
function text.duration(seconds)
  local units = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } }
  for i, unit in ipairs(units) do
    local count = math.floor(seconds / unit[1])
    if count > 0 or unit[1] == 1 then
      local next_unit = units[i + 1]
      local rest = next_unit and math.floor(seconds % unit[1] / next_unit[1]) or 0
      return counted(count, unit[2]) .. (rest > 0 and " and " .. counted(rest, next_unit[2]) or "")
    end
  end
end

--- A time in UTC.
function text.moment(seconds)
  return os.date("!%Y-%m-%d %H:%M:%S UTC", seconds)
end

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

--- Whether a word may be a secret or a session token: what begins or continues as a token does, or
-- has no slash and no dot, as names of files have, and is long.
function text.looks_secret(word)
  return word:find("and0L", 1, true) ~= nil or #word >= 32 and not word:find("[/.]")
end

--- Passes a result through; an error about a field gets the name that a user of the command knows
-- it by.
-- @tparam table names field -> name
function text.renamed(names, result, message, err)
  local name = not result and err.field and names[err.field:match("^[%l_]*")]
  if name and message:sub(1, #err.field) == err.field then
    message = name .. message:sub(#err.field + 1)
  end
  return result, message, err
end

-- The library's words, and those of a user of the command.
local WORDS = {
  { "%f[%w_]parent_secret_access_key%f[^%w_]", "R2_SECRET_ACCESS_KEY" },
  { "%f[%w_]parent_access_key_id%f[^%w_]", "R2_ACCESS_KEY_ID" },
  { "%f[%w_]account_id%f[^%w_]", "CLOUDFLARE_ACCOUNT_ID" },
  { "%f[%w_]api_token%f[^%w_]", "CLOUDFLARE_API_TOKEN" },
  { "r2%.secret_from_api_token makes the secret of it",
    "the secret is what `printf %%s TOKEN | sha256sum` makes of it" },
  { "beside permission", "beside --permission" },
}

--- An error of the library in a user's words.
function text.worded(message)
  for _, pair in ipairs(WORDS) do
    message = message:gsub(pair[1], pair[2])
  end
  return message
end

--- An error about something that was given.
function text.about_given(message)
  return (message:gsub("^(%S+) is required and must", "%1 must"))
end

return text
