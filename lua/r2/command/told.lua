-- Errors of the library, told in terms of the command line.

local config = require "r2.issuer.config"
local fail = require "r2.failure"

local function find(list, field)
  for _, item in ipairs(list or {}) do
    if item.field == field then
      return item
    end
  end
end

-- How a user of the command names what an error is about, and which item of it that is: an argument
-- that takes one value has none.
local function named(command, err)
  local argument = find(command.arguments, err.field)
  if argument then
    return argument.name:upper(), argument.count and err.item
  end
  local option = find(command.options, err.field)
  return option and option.name or config.variable(err.field), err.item
end

--- Passes a result through. An error about a field gets the name of the argument, the option or the
-- environment variable that gives it, and keeps its reason.
-- @tparam table command see r2.command.parser
return function(command, result, message, err)
  if result or not err.field then
    return result, message, err
  end
  local name, item = named(command, err)
  if not name then
    return nil, message, err
  end
  return fail.renamed(err, name, item or nil)
end
