-- What the commands are put together from: commands, options, help. All of it is argparse's.

local parts = {}

--- Ends the reading with a mistake of the user's.
-- @tparam string message one line
-- @tparam ?string help the command that tells more
function parts.refuse(message, help)
  error({ usage = message, help = help }, 0)
end

-- Parser -> how it is called: "r2creds mint upload".
local full_names = setmetatable({}, { __mode = "k" })

--- Makes a parser the root of all commands.
function parts.root(parser, name)
  full_names[parser] = name
  return parser
end

function parts.full_name(parser)
  return full_names[parser]
end

function parts.command(parent, name)
  local command = parent:command(name)
  full_names[command] = full_names[parent] .. " " .. name
  return command
end

--- Adds an option. The result has its values under `name`, wherever among the commands it was
-- given: argparse by itself would forget what came before a command that knows the option too.
-- @tparam parser parser
-- @tparam string name with its dashes
-- @tparam string metavar what stands for its value
-- @tparam string description
-- @tparam ?table settings repeated, choices, convert: a function and what its values are
function parts.option(parser, name, metavar, description, settings)
  settings = settings or {}
  local target = name:gsub("^%-%-", ""):gsub("%-", "_")
  local element = parser:option(name):argname(metavar):description(description)
    :target(full_names[parser] .. " " .. name):overwrite(false)
  if settings.choices then
    element:choices(settings.choices)
  end
  if settings.convert then
    local convert, text_of_refusal = settings.convert[1], settings.convert[2]
    element:convert(function(word)
      local value = convert(word)
      return value, value == nil and name .. " " .. text_of_refusal or nil
    end)
  end
  if settings.repeated then
    element:count("*"):action(function(result, _, value)
      result[target] = result[target] or {}
      table.insert(result[target], value)
    end)
  else
    element:count("?"):action(function(result, _, value)
      if result[target] ~= nil then
        parts.refuse(("option '%s' must be used at most 1 time"):format(name), full_names[parser])
      end
      result[target] = value
    end)
  end
end

--- Adds --help, and the text below it.
function parts.help(parser, epilog)
  parser:add_help(false):epilog(epilog):usage_margin(4):help_description_margin(28)
    :help_max_width(100)
  parser:flag("-h --help"):description("Show this help.")
    :target(full_names[parser] .. " help"):action(function()
      error({ printed = parser:get_help() .. "\n" }, 0)
    end)
end

return parts
