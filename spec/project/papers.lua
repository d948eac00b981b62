-- What the papers of the project say, as lists: README.md and the pages of docs/ that hold what
-- would make it long, and types/r2.lua.
local support = require "spec.project.support"

local papers = {}

papers.PAGES = support.lines(support.run("ls README.md CONTRIBUTING.md docs/*.md"))
-- The README, and those pages.
local README = support.run("cat README.md docs/*.md")
local TYPES = support.read("types/r2.lua")
papers.README, papers.TYPES = README, TYPES

-- ---- lists ----

function papers.sorted(list)
  table.sort(list)
  return list
end

-- All but what is private: the library's own names begin with an underscore, then in lower case.
function papers.keys_of(t)
  local names = {}
  for name in pairs(t) do
    names[#names + 1] = not tostring(name):find("^_%l") and name or nil
  end
  return papers.sorted(names)
end

function papers.matches_in(text, pattern)
  local seen = {}
  for match in text:gmatch(pattern) do
    seen[match] = true
  end
  return papers.keys_of(seen)
end

function papers.without(list, unwanted)
  local kept = {}
  for _, name in ipairs(list) do
    if not unwanted[name] then
      kept[#kept + 1] = name
    end
  end
  return kept
end

-- ---- README.md and docs/ ----

-- The part of the README below a heading, up to the next one.
function papers.section(heading)
  local start = assert(README:find("\n#+ " .. heading:gsub("%p", "%%%0") .. "\n"), heading)
  return README:sub(start + 1):match("^[^\n]*\n(.-)\n##?#? ") or README:sub(start)
end

-- The rows of the tables in a section, without their heads: lists of cells.
function papers.rows(heading)
  local result, body = {}, false
  for line in papers.section(heading):gmatch("[^\n]*") do
    if not line:find("^|") then
      body = false
    elseif line:find("^|%-%-%-") then
      body = true
    elseif body then
      local cells = {}
      for cell in line:gmatch("|%s*([^|]-)%s*%f[|]") do
        cells[#cells + 1] = cell
      end
      result[#result + 1] = cells
    end
  end
  assert(#result > 0, "no table below " .. heading)
  return result
end

-- The names in backquotes in one column.
function papers.names_in(table_rows, column)
  local names = {}
  for _, cells in ipairs(table_rows) do
    for name in cells[column]:gmatch("`([^`]+)`") do
      names[#names + 1] = name
    end
  end
  return papers.sorted(names)
end

function papers.row_of(table_rows, name)
  for _, cells in ipairs(table_rows) do
    if cells[1]:find("`" .. name, 1, true) == 1 then
      return cells
    end
  end
  error("no row of " .. name)
end

-- ---- types/r2.lua ----

-- A class of types/r2.lua: the names of its fields, its parents' among them.
function papers.class(name)
  local fields, inside, found = {}, false, false
  for line in TYPES:gmatch("[^\n]*") do
    local class_name, parents = line:match("^%-%-%-@class ([%w.]+)(.*)$")
    if not class_name then
      class_name, parents = line:match("^%-%-%-@class %(exact%) ([%w.]+)(.*)$")
    end
    inside = class_name == name or inside and line:find("^%-%-%-") ~= nil and not class_name
    found = found or inside
    for parent in (class_name == name and parents or ""):gmatch("r2%.%u%w+") do
      table.move(papers.class(parent), 1, 100, #fields + 1, fields)
    end
    fields[#fields + 1] = inside and line:match("^%-%-%-@field ([%w_]+)") or nil
  end
  assert(found, name)
  return papers.sorted(fields)
end

function papers.alias(name)
  local body = TYPES:match("\n%-%-%-@alias " .. name:gsub("%.", "%%.") .. "\n(.-)\n\n")
  return papers.matches_in(assert(body, name), '| "([^"]+)"')
end

-- The functions that types/r2.lua declares on a table: name -> parameters.
function papers.declared(owner)
  local functions = {}
  for name, parameters in TYPES:gmatch("\nfunction " .. owner .. "[.:]([%w_]+)%(([^)]*)%)") do
    functions[name] = parameters
  end
  return functions
end

return papers
