-- Values that are wrong wherever a string, a number or a list belongs.
local cjson = require "cjson"

local values = {}

--- What no field takes, whatever its type: name -> value.
values.alien = {
  ["false"] = false,
  ["true"] = true,
  ["cjson.null"] = cjson.null,
  ["a function"] = print,
  ["a coroutine"] = coroutine.create(function() end),
  ["a file handle"] = io.stdout,
}

--- The same and more, for a field that takes a string.
function values.not_a_string()
  local result = { ["a number"] = 12345, ["a table"] = { "text" }, ["an empty table"] = {} }
  for name, value in pairs(values.alien) do
    result[name] = value
  end
  return result
end

--- For a field that takes a number.
function values.not_a_number()
  local result = { ["a numeral in a string"] = "3600", ["a table"] = { 3600 }, ["nothing"] = "" }
  for name, value in pairs(values.alien) do
    result[name] = value
  end
  return result
end

--- Numbers that no whole-number field takes.
values.odd_numbers = {
  ["not a number"] = 0 / 0,
  ["infinity"] = 1 / 0,
  ["minus infinity"] = -1 / 0,
  ["2^53"] = 2 ^ 53,
  ["2^63"] = 2 ^ 63,
  ["2^64 + 3600, were it cut to 64 bits"] = 2 ^ 64 + 2 ^ 12,
  ["-2^63"] = -2 ^ 63,
  ["1e308"] = 1e308,
  ["a fraction"] = 3600.5,
  ["a tiny fraction"] = 1e-300,
  ["zero"] = 0,
  ["minus zero"] = -0.0,
  ["minus one"] = -1,
  ["minus 3600"] = -3600,
}

--- Byte strings that are not UTF-8.
values.not_utf8 = {
  ["an overlong slash"] = "a\192\175b/",
  ["an overlong NUL"] = "a\192\128b/",
  ["an overlong form of three bytes"] = "\224\128\175/",
  ["an overlong form of four bytes"] = "\240\128\128\175/",
  ["the first surrogate"] = "\237\160\128/",
  ["the last surrogate"] = "\237\191\191/",
  ["a surrogate pair"] = "\237\160\189\237\184\128/",
  ["above U+10FFFF"] = "\244\144\128\128/",
  ["a lead byte of five"] = "\248\136\128\128\128/",
  ["a stray continuation byte"] = "a\128/",
  ["two bytes cut off"] = "caf\195",
  ["two bytes broken by ASCII"] = "caf\195/",
  ["three bytes cut off"] = "\226\130",
  ["four bytes cut off"] = "\240\159\152",
  ["the byte 254"] = "\254/",
  ["the byte 255"] = "\255/",
  ["Latin-1"] = "caf\233/",
}

--- Texts at the edges of UTF-8 that are well formed.
values.utf8 = {
  ["two bytes"] = "caf\195\169/",
  ["three bytes"] = "\226\130\172/",
  ["four bytes"] = "\240\159\152\128/",
  ["U+D7FF"] = "\237\159\191/",
  ["U+E000"] = "\238\128\128/",
  ["U+10FFFF"] = "\244\143\191\191/",
  ["control characters"] = "a\1\9\10\13\31\127b/",
  ["quotes and backslashes"] = '"\\"/',
}

--- Tables that a raw read would misread: name -> function that hands back `content` so disguised.
values.disguises = {
  ["__index"] = function(content)
    return setmetatable({}, { __index = content })
  end,
  ["__index beside the fields"] = function(content)
    return setmetatable(content, { __index = function() end })
  end,
  ["__len"] = function(content)
    return setmetatable(content, { __len = function() return 1 end })
  end,
  ["__pairs"] = function(content)
    return setmetatable(content, { __pairs = function(t) return next, t end })
  end,
  ["__index behind __metatable"] = function(content)
    return setmetatable(content, { __index = {}, __metatable = "hidden" })
  end,
  ["__index behind a plain __metatable"] = function(content)
    return setmetatable({}, { __index = content, __metatable = {} })
  end,
  ["__index behind __metatable = false"] = function(content)
    return setmetatable({}, { __index = content, __metatable = false })
  end,
}

--- Metatables that change nothing of what is read.
values.harmless = {
  ["an empty metatable"] = {},
  ["__tostring"] = { __tostring = function() return "a table" end },
  ["__name"] = { __name = "a table" },
}

-- Made once: 100 MB is slow to make on the older Luas.
local hundred_megabytes
function values.hundred_megabytes()
  hundred_megabytes = hundred_megabytes or ("0123456789"):rep(10 * 1024 * 1024)
  return hundred_megabytes
end

--- Names in a fixed order, so that a run can be compared with the next.
function values.sorted(cases)
  local names = {}
  for name in pairs(cases) do
    names[#names + 1] = name
  end
  table.sort(names)
  local position = 0
  return function()
    position = position + 1
    local name = names[position]
    return name, cases[name]
  end
end

return values
