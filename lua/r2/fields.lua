-- Reading a table that a stranger may have filled: raw, once, every field known.

local fail = require "r2.failure"

-- What `getmetatable` shows may be a decoy (__metatable). Where there is no debug library to look
-- behind it, no metatable is taken at all.
local true_metatable = debug and debug.getmetatable

local fields = {}

-- Longer names are not echoed, so that a secret in the wrong place is not either.
local ECHOED_NAME = "^[A-Za-z_][A-Za-z0-9_]*$" -- %a would ask the locale
local ECHOED_NAME_MAX = 31

local function hook_of(t)
  if getmetatable(t) == nil then
    return nil
  elseif not true_metatable then
    return "may hide fields"
  end
  local metatable = true_metatable(t)
  for _, name in ipairs { "__index", "__len", "__pairs" } do
    if rawget(metatable, name) ~= nil then
      return "has " .. name
    end
  end
end

local function unknown(kind, what, name, known)
  local names = table.concat(known, ", ")
  if type(name) == "string" and #name <= ECHOED_NAME_MAX and name:find(ECHOED_NAME) then
    return fail(kind, name, "is not a known field; known are: " .. names)
  end
  return fail(kind, nil, "the " .. what .. " has a field that is not known; known are: " .. names)
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

--- Makes a reader of tables that may have the fields in `known` and no other.
-- @tparam string kind the kind of its errors
-- @tparam string what what the table is, for messages: "configuration", "options"
-- @tparam table known a list of names
-- @treturn function table -> raw copy, or nil, message, err
function fields.reader(kind, what, known)
  local allowed = set_of(known)
  return function(t)
    local hook = hook_of(t)
    if hook then
      return fail(kind, nil,
        "the " .. what .. " must be a plain table: its metatable " .. hook)
    end
    local copy = {}
    for name, value in next, t do
      if not allowed[name] then
        return unknown(kind, what, name, known)
      end
      copy[name] = value
    end
    return copy
  end
end

return fields
