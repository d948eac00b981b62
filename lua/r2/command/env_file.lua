-- A file of NAME=value lines with keys, in place of the environment.

local config = require "r2.issuer.config"
local fail = require "r2.failure"
local files = require "r2.command.files"
local sorted = require "r2.sorted"
local text = require "r2.command.text"

local NAME = "^%s*([%a_][%w_]*)%s*=(.*)$"

local function unquoted(value)
  return value:match("^'(.*)'$") or value:match('^"(.*)"$') or value
end

-- Reads lines of NAME=value: shells' `export` and quotes around a whole value are taken off.
local function parse(content, path)
  local variables, number = {}, 0
  content = content:gsub("^\239\187\191", "") -- the byte order mark of some editors
  for line in (content .. "\n"):gmatch("(.-)\r?\n") do
    number = number + 1
    if not line:find("^%s*#") and line:find("%S") then
      local name, value = line:gsub("^%s*export%s+", ""):match(NAME)
      if not name then
        return fail("invalid_config", nil, ("%s, line %d: must be NAME=value"):format(path, number))
      end
      variables[name] = unquoted(text.trim(value))
    end
  end
  return variables
end

-- A name with a typing error must not be left out as if it were another program's.
local function check_names(variables, known, path)
  for _, name in ipairs(sorted(variables)) do
    if not known[name] and (name:find("^R2_") or name:find("^CLOUDFLARE_")) then
      return fail("invalid_config", nil, ("%s: %s is not known; there are %s"):format(path,
        #name < 32 and name or "R2_... or CLOUDFLARE_...", table.concat(sorted(known), ", ")))
    end
  end
  return true
end

--- Completes options as r2.issuer.config's from_env does, from a file of one's own.
-- @tparam table options
-- @tparam string path
-- @treturn table settings
-- @return nil, message, err with err.kind invalid_config, or file
return function(options, path)
  local content, message, err = files.read_private(path)
  if not content then
    return nil, message, err
  end
  local name = files.name(path)
  local variables
  variables, message, err = parse(content, name)
  if not variables then
    return nil, message, err
  end
  local known = {}
  local all, good
  all, message, err = config.from_env(options, function(variable)
    known[variable] = true
    return variables[variable]
  end)
  if not all then
    return nil, message, err
  end
  good, message, err = check_names(variables, known, name)
  return good and all, message, err
end
