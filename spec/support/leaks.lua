-- Looks for secrets, whole or in part, in anything that a caller or a log could see.
local assert = require "luassert"

local WINDOW, STEP = 12, 8 -- any 20 bytes of a secret in a row hold one of the pieces looked for
local LONGEST = 8192

local leaks = {}

local function collect(value, texts, seen)
  if type(value) == "string" then
    texts[#texts + 1] = value
  elseif type(value) ~= "nil" and not seen[value] then
    texts[#texts + 1] = tostring(value)
    if type(value) == "table" then
      seen[value] = true
      for key, field in pairs(value) do
        collect(key, texts, seen)
        collect(field, texts, seen)
      end
    end
  end
end

--- Every string in the value: itself, its tostring, a table's keys and fields, at any depth.
function leaks.texts(value)
  local texts = {}
  collect(value, texts, {})
  return texts
end

-- What is looked for of a secret.
local function pieces_of(secret)
  if #secret <= WINDOW then
    return { secret }
  end
  secret = secret:sub(1, LONGEST)
  local pieces = {}
  for from = 1, #secret - WINDOW + 1, STEP do
    pieces[#pieces + 1] = secret:sub(from, from + WINDOW - 1)
  end
  return pieces
end

local function shows(text, secret)
  for _, piece in ipairs(pieces_of(secret)) do
    if text:find(piece, 1, true) then
      return true
    end
  end
  return false
end

--- Fails when any text in `value` shows one of the `secrets`.
function leaks.assert_none(secrets, value)
  local text = table.concat(leaks.texts(value), "\n")
  for _, secret in ipairs(secrets) do
    assert.is_false(shows(text, secret), "a secret is shown in: " .. text)
  end
end

return leaks
