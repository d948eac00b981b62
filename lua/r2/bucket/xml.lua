-- XML as S3 speaks it: elements and texts, no attributes that matter. lua-expat reads it, within
-- bounds; a document type, where entities come from, ends the reading.

local fail = require "r2.failure"

local xml = {}

xml.BYTES_MAX = 8 * 1024 * 1024 -- a page of 1,000 keys of 1,024 bytes, every one of them escaped
local DEPTH_MAX = 16
local ELEMENTS_MAX = 50000 -- a page has eight to a key

-- ---- written ----

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

--- An element that holds a text, or a number.
function xml.text(name, text)
  return ("<%s>%s</%s>"):format(name, (tostring(text):gsub('[&<>"]', ENTITIES)), name)
end

--- An element that holds others, as strings.
function xml.element(name, children)
  return ("<%s>%s</%s>"):format(name, table.concat(children), name)
end

--- A whole document.
function xml.document(root, children)
  return ('<?xml version="1.0" encoding="UTF-8"?><%s xmlns="http://s3.amazonaws.com/doc/'
    .. '2006-03-01/">%s</%s>'):format(root, table.concat(children), root)
end

-- White space of Unicode beyond ASCII's, which a reader in JavaScript trims away.
local SPACES = {
  "\194\160", "\225\154\128", "\226\128[\128-\138\168\169]", "\226\128\175", "\226\129\159",
  "\227\128\128", "\239\187\191",
}

local function has_outer_space(text)
  if text:find("^ ") or text:find(" $") then
    return true
  end
  for _, space in ipairs(SPACES) do
    if text:find("^" .. space) or text:find(space .. "$") then
      return true
    end
  end
  return false
end

--- Whether a text of UTF-8 comes through as it is: XML 1.0 cannot hold control characters, U+FFFE
-- and U+FFFF, and its readers differ in what they do to the ends of lines and of texts.
function xml.can_hold(text)
  return not text:find("[%z\1-\31\127]") and not text:find("\239\191[\190\191]")
    and not has_outer_space(text)
end

-- ---- read ----

--- Whether lua-expat is there.
-- @return nil, message, err with err.kind invalid_config
function xml.check()
  if package.loaded.lxp then
    return true
  end
  local found, problem = pcall(require, "lxp")
  if found then
    return true
  elseif not tostring(problem):find("module 'lxp' not found", 1, true) then
    error(problem, 0) -- it is there: memory is out, or it was built for another Lua
  end
  return fail("invalid_config", nil,
    "R2 answers in XML, which the Lua library luaexpat reads: it is not installed")
end

-- Builds the tree under `top`.
local function builder(top)
  local open, count = { top }, 0
  return {
    StartElement = function(parser, name)
      local element = { name = name, pieces = {} }
      count = count + 1
      if #open > DEPTH_MAX or count > ELEMENTS_MAX then
        return parser:stop()
      end
      local parent = open[#open]
      parent[#parent + 1] = element
      open[#open + 1] = element
    end,
    EndElement = function()
      local element = open[#open]
      element.text, element.pieces = table.concat(element.pieces), nil
      open[#open] = nil
    end,
    -- Expat hands a text over in pieces.
    CharacterData = function(_, text)
      local pieces = open[#open].pieces
      pieces[#pieces + 1] = text
    end,
    StartDoctypeDecl = function(parser)
      parser:stop()
    end,
  }
end

--- Reads a document. Expat has to be there.
-- @tparam string text
-- @treturn table its root: `name`, `text`, and the elements in it as a list
-- @treturn nil what is no such document, or more than the bounds
function xml.read(text)
  if #text > xml.BYTES_MAX then
    return nil
  end
  local top = { pieces = {} }
  local parser = require("lxp").new(builder(top))
  if parser:parse(text) and parser:parse() then
    parser:close()
    return top[1]
  end
end

--- The first element of a name in another one, or nil.
function xml.child(element, name)
  for _, child in ipairs(element) do
    if child.name == name then
      return child
    end
  end
end

--- The text of the first element of a name in another one, or nil.
function xml.value(element, name)
  local child = xml.child(element, name)
  return child and child.text
end

--- The elements of a name in another one.
function xml.all(element, name)
  local found = {}
  for _, child in ipairs(element) do
    if child.name == name then
      found[#found + 1] = child
    end
  end
  return found
end

--- The texts of the elements of a name; nil where there are none.
function xml.values(element, name)
  local found = {}
  for i, child in ipairs(xml.all(element, name)) do
    found[i] = child.text
  end
  return found[1] and found
end

return xml
