-- JSON whose fields keep their order, and whose empty lists stay lists: lua-cjson does neither.
-- What a terminal would obey, or nobody would see, is escaped.

local with_unseen = require "r2.unseen"

local json = {}

local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\" }

-- What the first byte of a character of UTF-8 says beside its length, by that length.
local LEADING = { 128, 32, 16, 8 }

local function code_point(character)
  local code = character:byte() % LEADING[#character]
  for i = 2, #character do
    code = code * 64 + character:byte(i) % 64
  end
  return code
end

-- A character as \u and four digits, twice above U+FFFF (RFC 8259, section 7).
local function escaped(character)
  local code = code_point(character)
  if code < 0x10000 then
    return SHORT[character] or ("\\u%04x"):format(code)
  end
  local rest = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xd800 + math.floor(rest / 1024), 0xdc00 + rest % 1024)
end

local function string_of(text)
  text = text:gsub('[%z\1-\31"\\\127]', escaped)
  return '"' .. with_unseen(text, escaped) .. '"'
end

local function list_of(texts)
  local items = {}
  for i, text in ipairs(texts) do
    items[i] = string_of(text)
  end
  return "[" .. table.concat(items, ",") .. "]"
end

local WRITERS = {
  string = string_of,
  number = function(number) return ("%d"):format(number) end,
  boolean = tostring,
  table = list_of,
}

--- Writes an object.
-- @tparam table fields a list of { name, value }; a value is a string of UTF-8, a whole number, a
--   boolean or a list of strings; a field without a value is left out
-- @treturn string JSON, on one line
function json.object(fields)
  local members = {}
  for _, field in ipairs(fields) do
    local name, value = field[1], field[2]
    if value ~= nil then
      members[#members + 1] = string_of(name) .. ":" .. WRITERS[type(value)](value)
    end
  end
  return "{" .. table.concat(members, ",") .. "}"
end

return json
