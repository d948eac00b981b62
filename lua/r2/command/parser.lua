-- Reads a command line, by commands that are described as data. All of it is argparse's work.
--
-- A command is a table of
--   name, description, help   how it is called, what it does, what stands below its help
--   summary, usage            where they are not made of the others
--   arguments                 a list of { name, about, field, count, choices, convert, must }; what
--                             is given is kept under the name; `must` is what `convert` wants
--   options                   a list of { name, about, field, value, choices, repeated, convert,
--                             must, prints }; what is given is kept under the field; `value` is
--                             what stands for one, nil where there is none
--   commands                  a list of commands; with `optional` none need be given
--   run                       a function of what was given
-- Errors about a `field` are told by the name of what gives it: see r2.command.told.

local parser = {}

--- Ends the reading with a mistake of the user's.
-- @tparam string message one line
-- @tparam ?string path the command whose help tells more
function parser.refuse(message, path)
  error({ usage = message, help = path }, 0)
end

local function print_instead(output)
  error({ printed = output .. "\n" }, 0)
end

local function add_help(at, command, path)
  at:add_help(false):epilog(command.help):usage_margin(4):help_description_margin(28)
    :help_max_width(80)
  at:flag("-h --help"):description("Show this help."):target(path .. " help"):action(function()
    print_instead(at:get_help())
  end)
end

-- What an argument and an option have in common.
local function add_values(element, of)
  element:description(of.about)
  if of.choices then
    element:choices(of.choices)
  end
  if of.convert then
    element:convert(function(word)
      local value = of.convert(word)
      return value, value == nil and of.name .. " " .. of.must or nil
    end)
  end
end

local function add_argument(at, argument)
  add_values(at:argument(argument.name):args(argument.count or 1), argument)
end

local function keep(reading, option, value, path)
  local values, field = reading.values, option.field
  if option.repeated then
    values[field] = values[field] or {}
    table.insert(values[field], value)
  elseif values[field] == nil then
    values[field] = value == nil or value
  else
    parser.refuse(("option '%s' must be used at most 1 time"):format(option.name), path)
  end
  table.insert(reading.given, option)
end

-- argparse by itself would forget what came before a command that knows the option too.
local function add_option(reading, at, option, path)
  local element = option.value and at:option(option.name):argname(option.value)
    or at:flag(option.name)
  element:target(path .. " " .. option.name):overwrite(false)
    :count(option.repeated and "*" or "?"):action(function(_, _, value)
      if option.prints then
        print_instead(option.prints)
      end
      keep(reading, option, value, path)
    end)
  add_values(element, option)
end

local function add_command(reading, at, command, path)
  reading.paths[at] = path
  at:description(command.description):require_command(not command.optional)
    :action(function() -- the innermost comes first
      reading.command, reading.path = reading.command or command, reading.path or path
    end)
  if command.usage then
    at:usage(command.usage)
  end
  if command.summary then
    at:summary(command.summary)
  end
  for _, argument in ipairs(command.arguments or {}) do
    add_argument(at, argument)
  end
  add_help(at, command, path)
  for _, option in ipairs(command.options or {}) do
    add_option(reading, at, option, path)
  end
  for _, inner in ipairs(command.commands or {}) do
    add_command(reading, at:command(inner.name), inner, path .. " " .. inner.name)
  end
end

local function has(list, wanted)
  for _, item in ipairs(list or {}) do
    if item == wanted then
      return true
    end
  end
  return false
end

-- A command has the options that it lists, not those of the command that it belongs to.
local function check_options(reading)
  for _, option in ipairs(reading.given) do
    if not has(reading.command.options, option) then
      parser.refuse(("%s takes no %s: it says by itself what is open"):format(
        reading.path:match(" (.*)$"), option.name), reading.path)
    end
  end
end

local function build(root)
  local reading = { paths = {}, values = {}, given = {} }
  local at = require "argparse"(root.name)
  add_command(reading, at, root, root.name)
  return at, reading
end

--- The parser of argparse's that reads them, as for what it writes for shells.
function parser.argparse(root)
  return (build(root))
end

--- Reads words.
-- @tparam table root the command that all others belong to
-- @tparam table words
-- @treturn table the command that was given
-- @treturn table what was given with it
-- @raise a table: `printed`, a text that was asked for; or `usage`, one line about a mistake, and
--   `help`, the command whose help tells more
function parser.read(root, words)
  local at, reading = build(root)
  function at.error(inner, message)
    parser.refuse((message:gsub("\nDid you mean", "; did you mean")), reading.paths[inner])
  end
  local result = at:parse(words)
  check_options(reading)
  for _, argument in ipairs(reading.command.arguments or {}) do
    reading.values[argument.name] = result[argument.name]
  end
  return reading.command, reading.values
end

return parser
