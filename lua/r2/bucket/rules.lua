-- Rules of a bucket's settings, as tables and as XML. What a rule may have is a list of fields:
-- { name, path of the element in the rule, kind }. A kind writes a value as texts, and reads them.

local dates = require "r2.bucket.dates"
local fail = require "r2.failure"
local fields = require "r2.fields"
local xml = require "r2.bucket.xml"

local rules = {}

local RULES_MAX = 1000
local TEXT_MAX = 1024 -- bytes
local DAYS_MAX = 36500
local LAST_SECOND = 253402300799 -- of the year 9999

local function is_text(value)
  return type(value) == "string" and #value <= TEXT_MAX and (value == "" or xml.can_hold(value))
end

local function is_whole(value, low, high)
  return type(value) == "number" and value >= low and value <= high and value % 1 == 0
end

local function list_of(value)
  local texts, count = {}, 0
  for index in next, type(value) == "table" and value or {} do
    count = type(index) == "number" and count + 1 or math.huge
  end
  if count == 0 or count > TEXT_MAX then
    return nil
  end
  for i = 1, count do
    texts[i] = is_text(value[i]) and value[i] ~= "" and value[i] or nil
    if not texts[i] then
      return nil
    end
  end
  return texts
end

local function whole_number(low, high)
  return {
    must_be = ("must be a whole number from %d to %d"):format(low, high),
    write = function(value)
      return is_whole(value, low, high) and { ("%d"):format(value) }
    end,
    read = function(texts)
      local number = texts[1]:find("^%d+$") and tonumber(texts[1])
      return number and number <= high and number or nil
    end,
  }
end

rules.TEXT = {
  must_be = "must be a string of at most 1024 bytes",
  write = function(value)
    return is_text(value) and { value }
  end,
  read = function(texts)
    return texts[1]
  end,
}

rules.TEXTS = {
  must_be = "must be a list of one or more strings",
  write = list_of,
  read = function(texts)
    return texts
  end,
}

rules.ENABLED = {
  must_be = "must be true or false",
  write = function(value)
    return type(value) == "boolean" and { value and "Enabled" or "Disabled" }
  end,
  read = function(texts)
    return texts[1] == "Enabled"
  end,
}

rules.TIME = {
  must_be = "must be Unix seconds: a number from 0 to 253402300799",
  write = function(value)
    return is_whole(value, 0, LAST_SECOND) and { dates.write_iso(value) }
  end,
  read = function(texts)
    return dates.read_iso(texts[1])
  end,
}

rules.DAYS = whole_number(1, DAYS_MAX)
rules.SECONDS = whole_number(0, 604800)

-- ---- written ----

-- Adds an element at that path: a name, or two with a slash between them.
local function place(into, path, element_texts)
  local outer, name = path:match("^(.-)/(.*)$")
  local place_of = outer or path
  for _, text in ipairs(element_texts) do
    local element = xml.text(name or path, text)
    if outer and into[place_of] then
      table.insert(into[place_of], element)
    elseif outer then
      into[place_of] = { element }
      table.insert(into, place_of)
    else
      table.insert(into, { element })
    end
  end
end

local function write_rule(format, rule)
  local placed, parts = {}, {}
  for _, field in ipairs(format.fields) do
    local name, path, kind = field[1], field[2], field[3]
    if rule[name] ~= nil then
      local texts = kind.write(rule[name])
      if not texts then
        return nil, name .. " " .. kind.must_be
      end
      place(placed, path, texts)
    end
  end
  for i, entry in ipairs(placed) do
    parts[i] = type(entry) == "string" and xml.element(entry, placed[entry]) or entry[1]
  end
  return xml.element(format.element, parts)
end

local function known_fields(format)
  local names = {}
  for i, field in ipairs(format.fields) do
    names[i] = field[1]
  end
  return names
end

-- Checks a list's keys. A list without rules is none: who has lost them must not delete all.
local function count_of(list)
  local count = 0
  for index in next, type(list) == "table" and list or {} do
    count = type(index) == "number" and count + 1 or math.huge
  end
  return count > 0 and count <= RULES_MAX and count
end

--- Writes a list of rules.
-- @tparam table format `root`; `element`; `fields`; and `check`, which gets a rule, may complete
--   it, and returns what is wrong with it, or nil
-- @treturn string a document
-- @return nil, message, err with err.kind invalid_request
function rules.write(format, list)
  local count, written = count_of(list), {}
  local read = fields.reader("invalid_request", "rule", known_fields(format))
  if not count then
    return fail("invalid_request", "rules", "must be a list of 1 to 1000 rules")
  end
  for i = 1, count do
    local rule, _, err = nil, nil, { reason = "must be a table" }
    if type(list[i]) == "table" then
      rule, _, err = read(list[i])
    end
    if not rule then
      return fail("invalid_request", "rules", err.message or err.reason, i)
    end
    local fault = format.check(rule)
    if not fault then
      written[i], fault = write_rule(format, rule)
    end
    if fault then
      return fail("invalid_request", "rules", fault, i)
    end
  end
  return xml.document(format.root, written)
end

-- ---- read ----

-- The texts of a rule by their paths.
local function texts_of(element)
  local found = {}
  local function add(path, text)
    found[path] = found[path] or {}
    table.insert(found[path], text)
  end
  for _, child in ipairs(element) do
    for _, inner in ipairs(child) do
      add(child.name .. "/" .. inner.name, #inner == 0 and inner.text or nil)
    end
    if #child == 0 then
      add(child.name, child.text)
    end
  end
  return found
end

local function read_rule(format, element)
  local rule, texts = {}, texts_of(element)
  for _, field in ipairs(format.fields) do
    local name, path, kind = field[1], field[2], field[3]
    if texts[path] then
      rule[name] = kind.read(texts[path])
      if rule[name] == nil then
        return nil
      end
      texts[path] = nil
    end
  end
  for path in next, texts do
    if not format.passed_over[path] then
      return nil -- to leave it out, and then to set what is left, could open or delete more
    end
  end
  return rule
end

--- Reads the rules of a document.
-- @tparam table format also `passed_over`: path -> true of what says nothing
-- @treturn table a list of rules; nil where one of them has what is not known here
function rules.read(format, element)
  local list = {}
  for i, child in ipairs(element) do
    list[i] = child.name == format.element and read_rule(format, child) or nil
    if not list[i] then
      return nil
    end
  end
  return list
end

return rules
