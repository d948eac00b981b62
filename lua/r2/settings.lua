-- Settings that issuers and buckets have both: what each must be, and how they are taken out of a
-- configuration. A rule is { name, what it must be, test }.

local fail = require "r2.failure"

local settings = {}

local ATTEMPTS_MAX = 10

local function is_number(value, low, high)
  return type(value) == "number" and value >= low and value <= high -- NaN is not
end

local function is_function(value)
  return type(value) == "function"
end

--- A function of that name.
function settings.a_function(name, must_be)
  return { name, must_be or "must be a function", is_function }
end

settings.clock = settings.a_function("clock", "must be a function that returns Unix seconds")

settings.random =
  settings.a_function("random", "must be a function that returns a number from 0 to 1")

--- A whole number of that name.
-- @tparam string name
-- @tparam number low
-- @tparam number high
-- @tparam ?string of what it is a number of
function settings.whole(name, low, high, of)
  local must_be = ("must be a whole number%s from %d to %d"):format(of and " of " .. of or "", low,
    high)
  return { name, must_be, function(value)
    return is_number(value, low, high) and value % 1 == 0
  end }
end

settings.transport = {
  "transport", "must be a table with the functions perform and sleep", function(value)
    return type(value) == "table" and is_function(value.perform) and is_function(value.sleep)
  end,
}

settings.max_attempts = settings.whole("max_attempts", 1, ATTEMPTS_MAX)

settings.ca_file = {
  "ca_file", "must be the path of a file with certificates (PEM)", function(value)
    return type(value) == "string" and value ~= "" and not value:find("%z")
  end,
}

--- A time in seconds of that name.
function settings.seconds(name, most)
  return { name, ("must be a number of seconds above 0, at most %d"):format(most), function(value)
    return is_number(value, 0, most) and value > 0
  end }
end

--- The names of settings.
-- @tparam table rules
-- @tparam ?table names a list of others, which they are added to
-- @treturn table a list
function settings.names(rules, names)
  names = names or {}
  for _, rule in ipairs(rules) do
    names[#names + 1] = rule[1]
  end
  return names
end

--- Takes the settings that the rules name out of all of them.
-- @treturn table name -> value
-- @return nil, message, err with err.kind invalid_config
function settings.take(given, rules)
  local own = {}
  for _, rule in ipairs(rules) do
    local name, must_be, is_good = rule[1], rule[2], rule[3]
    local value = given[name]
    if value ~= nil and not is_good(value) then
      return fail("invalid_config", name, must_be)
    end
    own[name], given[name] = value, nil
  end
  if own.ca_file and own.transport then
    return fail("invalid_config", "ca_file",
      "must not be given beside transport, which decides itself whom it trusts")
  end
  return own
end

return settings
