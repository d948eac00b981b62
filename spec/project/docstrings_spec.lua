-- The docstrings in the code and types/r2.lua describe the same functions: each has what the other
-- has, with the same parameters and the same kinds of errors.
local tc = require "r2.temp_credentials"
local papers = require "spec.project.papers"
local support = require "spec.project.support"

-- Which docstrings are about public functions, and what their owners are called in types/r2.lua. Of
-- a name without an owner, the module is it: "".
local PUBLIC = {
  { "src/credentials/*.c", { [""] = "tc", client = "Client" } },
  { "src/http/*.c", { [""] = "http", http = "Http", exchange = "Exchange" } },
  { "src/sigv4/*.c", { [""] = "sigv4" } },
  { "lua/r2/init.lua", { r2 = "r2" } },
  { "lua/r2/export.lua", { export = "export" } },
  { "lua/r2/issuer/*.lua", { Issuer = "Issuer", patterns = "Issuer" } },
  { "lua/r2/provider/init.lua", { [""] = "r2", Provider = "Provider" } },
  { "lua/r2/task/init.lua", { [""] = "r2" } },
  { "lua/r2/rotating/init.lua", { [""] = "r2", Rotating = "Rotating" } },
  { "lua/r2/vend/init.lua", { [""] = "r2" } },
  { "lua/r2/task/object.lua", { Task = "Task" } },
  { "lua/r2/bucket/*.lua", {
    [""] = "r2", Bucket = "Bucket", objects = "Bucket", copying = "Bucket",
    deleting = "Bucket", listing = "Bucket", multipart = "Bucket", completing = "Bucket",
    uploads = "Bucket", uploading = "Bucket", downloading = "Bucket",
    settings = "Bucket", presigning = "Bucket",
  } },
}

-- Functions that are other ones under a second name, and what has none: a call of the module. The
-- formats of r2.export are fields in the types.
local SAME = {
  ["r2.actions"] = "tc.actions", ["r2.secret_from_api_token"] = "tc.secret_from_api_token",
}
local NAMELESS = { ["tc.tc"] = true }

-- ---- docstrings ----

-- A docstring taken apart: a list of { tag, text }, each on one line.
local function tags_of(text)
  local tags = {}
  for line in text:gmatch("[^\n]+") do
    local tag, rest = line:match("^%s*@(%S+)%s*(.*)$")
    if tag then
      tags[#tags + 1] = { tag, rest }
    elseif #tags > 0 then
      tags[#tags][2] = tags[#tags][2] .. " " .. line:match("^%s*(.*)$")
    end
  end
  return tags
end

local function function_in(tags)
  for _, tag in ipairs(tags) do
    if tag[1] == "function" then
      return tag[2]:match("^%S+")
    end
  end
end

-- Call found(name, tags) for each docstring, with the name of the function that it is about.
local function in_c(source, found)
  for block in source:gmatch("/%*%*%*(.-)%*/") do
    local tags = tags_of((block:gsub("\n %*", "\n")))
    found(function_in(tags) or "", tags)
  end
end

local function in_lua(source, found)
  local lines = {}
  for line in source:gmatch("[^\n]*") do
    if line:find("^%-%-%- ") then
      lines = { line:sub(5) }
    elseif line:find("^%-%- ") and #lines > 0 then
      lines[#lines + 1] = line:sub(4)
    elseif #lines > 0 then
      local tags = tags_of(table.concat(lines, "\n"))
      found(function_in(tags) or line:match("^function ([%w_.:]+)%(") or "", tags)
      lines = {}
    end
  end
end

-- "type name what it is" or, of @param, "name what it is": the name, and a question mark where it
-- may be left out.
local function parameter(tag, text)
  local kind, name = text:match("^(%S+)%s+([%w_.]+)")
  name = (tag == "param" or kind == "...") and kind or name
  local optional = kind:find("^%?") or tag:find("opt", 1, true)
  return name .. (optional and "?" or "")
end

-- The kinds in a text, and the functions that it refers to: "as from X", "what X returns".
local function add_errors(errors, text)
  for word in text:gmatch("[%w_]+") do
    errors.kinds[word] = tc._kinds[word]
  end
  for name in text:gmatch("[%w]+[:.][%l_]+") do
    errors.references[name] = true
  end
  for name in text:gmatch("as f?r?o?m? ?`?([%l]+)`?%f[^%w:.`]") do
    errors.references[name] = true
  end
end

local function described(tags)
  local d = { parameters = {}, errors = { kinds = {}, references = {} } }
  for _, tag in ipairs(tags) do
    if tag[1]:find("^t?param") then
      d.parameters[#d.parameters + 1] = parameter(tag[1], tag[2])
    elseif tag[1] == "return" then
      add_errors(d.errors, tag[2])
    end
  end
  return d
end

-- ---- types ----

local function in_types()
  local all, lines = {}, {}
  for line in papers.TYPES:gmatch("[^\n]*") do
    local owner, name = line:match("^function (%w+)[.:]([%w_]+)%(")
    if line:find("^%-%-%-") then
      lines[#lines + 1] = line:sub(4)
    else
      if owner then
        all[owner .. "." .. name] = tags_of(table.concat(lines, "\n"))
      end
      lines = {}
    end
  end
  return all
end

local function typed(tags)
  local d = { parameters = {}, errors = { kinds = {}, references = {} } }
  for _, tag in ipairs(tags) do
    if tag[1] == "param" then
      local name, kind = tag[2]:gsub("%b<>", ""):match("^([%w_.]+%??)%s+(%S*)")
      local optional = kind:find("%?$") and not name:find("%?")
      d.parameters[#d.parameters + 1] = name .. (optional and "?" or "")
    elseif tag[1] == "return" and tag[2]:find("^r2%.Error%?") then
      add_errors(d.errors, (tag[2]:gsub("^r2%.Error%?", "")))
    end
  end
  return d
end

-- ---- both ----

local function collect()
  local docs = {}
  for _, public in ipairs(PUBLIC) do
    local function note(name, tags)
      local owner, method = name:match("^([%w_]+)[:.]([%w_]+)$")
      owner = public[2][owner or ""]
      local whole = owner and name ~= "" and owner .. "." .. (method or name)
      if whole and not NAMELESS[whole] then
        docs[whole] = described(tags)
      end
    end
    for _, path in ipairs(support.lines(support.run("ls " .. public[1]))) do
      local read = path:find("%.c$") and in_c or in_lua
      read(support.read(path), note)
    end
  end
  local types = {}
  for name, tags in pairs(in_types()) do
    types[name] = typed(tags)
  end
  for name, other in pairs(SAME) do
    docs[name] = docs[other]
  end
  return docs, types
end

-- The kinds of errors of a function, those of the functions that it refers to among them.
local function kinds_of(all, name, seen)
  seen = seen or {}
  seen[name] = true
  local kinds = {}
  for kind in pairs(all[name].errors.kinds) do
    kinds[kind] = true
  end
  for reference in pairs(all[name].errors.references) do
    for other in pairs(all) do
      local found = other:lower() == reference:gsub(":", "."):lower()
        or other == name:match("^%w+%.") .. reference
      if found and not seen[other] then
        for _, kind in ipairs(kinds_of(all, other, seen)) do
          kinds[kind] = true
        end
      end
    end
  end
  return papers.keys_of(kinds)
end

describe("The docstrings and the types", function()
  local docs, types = collect()

  it("are about the same functions", function()
    assert.is_true(#papers.keys_of(docs) > 30)
    assert.same(papers.keys_of(docs), papers.keys_of(types))
  end)

  for name, doc in pairs(docs) do
    it("say the same of " .. name, function()
      assert.same(doc.parameters, types[name].parameters)
      assert.same(kinds_of(docs, name), kinds_of(types, name))
    end)
  end
end)
