-- JSON whose fields keep their order, and whose empty lists stay lists: lua-cjson does neither.

local json = {}

local SHORT = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function escaped(character)
  return SHORT[character] or ("\\u%04x"):format(character:byte())
end

local function string_of(text)
  return '"' .. text:gsub('[%z\1-\31"\\\127]', escaped) .. '"'
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
