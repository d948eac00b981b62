-- XML as S3 speaks it: elements and texts, no attributes that matter. Written here as strings; read
-- by lua-expat, within bounds, and never with a document type: that is where entities come from.

local xml = {}

xml.HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
local NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

local MAX_DEPTH = 8
local ENTITIES = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&apos;",
}

-- ---- written ----

--- An element that holds a text; what XML cannot hold goes out as it is, as R2's does.
function xml.text(name, text)
  return ("<%s>%s</%s>"):format(name, (tostring(text):gsub("[&<>\"']", ENTITIES)), name)
end

--- An element that holds others, as strings.
function xml.element(name, children)
  return ("<%s>%s</%s>"):format(name, table.concat(children), name)
end

--- A whole document.
function xml.document(root, children)
  return ('%s<%s xmlns="%s">%s</%s>'):format(xml.HEAD, root, NAMESPACE, table.concat(children),
    root)
end

-- ---- read ----

local function new_element(name)
  return { name = name, text = "" }
end

-- Builds the tree under `root`; an error ends the reading.
local function builder(root)
  local open = { root }
  return {
    StartElement = function(_, name)
      assert(#open <= MAX_DEPTH, "too deep")
      local element = new_element(name)
      table.insert(open[#open], element)
      open[#open + 1] = element
    end,
    EndElement = function()
      open[#open] = nil
    end,
    -- Expat hands a text over in pieces.
    CharacterData = function(_, text)
      local element = open[#open]
      element.pieces = element.pieces or {}
      table.insert(element.pieces, text)
    end,
    StartDoctypeDecl = function()
      error("a document type")
    end,
  }
end

local function parse(lxp, text, root)
  local parser = lxp.new(builder(root))
  assert(parser:parse(text))
  assert(parser:parse())
  parser:close()
end

-- Texts count where there are no elements beside them: between elements they are layout.
local function join_texts(element)
  if #element == 0 and element.pieces then
    element.text = table.concat(element.pieces)
  end
  element.pieces = nil
  for _, child in ipairs(element) do
    join_texts(child)
  end
end

--- Reads a document.
-- @tparam string text
-- @tparam string root the name that its root must have
-- @treturn table the root: `name`, `text`, and its elements as a list; nil where it is no such
--   document
function xml.read(text, root)
  local top = new_element("")
  local lxp = require "lxp" -- the API's side does without
  if not pcall(parse, lxp, text, top) or top[1].name ~= root then
    return nil
  end
  join_texts(top)
  return top[1]
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

--- The text of the one element of a name; nil where there is none or more than one.
function xml.value(element, name)
  local found = xml.all(element, name)
  return #found == 1 and found[1].text or nil
end

return xml
