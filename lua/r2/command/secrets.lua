-- Words of a command line that may be secrets. Every user of the machine sees a command line, and
-- what the command writes about one lasts longer still.

local secrets = {}

--- Whether somebody might call an option for a secret so. None of the command's own is.
function secrets.is_option(name)
  name = name:lower()
  return name:find("^%-") and (name:find("secret", 1, true) or name:find("token", 1, true)
    or name:find("password", 1, true) or name:find("api%-?key")) ~= nil
end

--- Whether a word may be a secret or a session token: what begins or continues as a token does, or
-- has no slash and no dot, as names of files have, and is long.
function secrets.is_likely(word)
  return word:find("and0L", 1, true) ~= nil or #word >= 32 and not word:find("[/.]")
end

--- Whether a word is too long to be repeated where nothing is known of it.
function secrets.is_possible(word)
  return #word > 31
end

local function without(message, part)
  local first, last = message:find(part, 1, true)
  while first do
    message = message:sub(1, first - 1) .. "..." .. message:sub(last + 1)
    first, last = message:find(part, first + 3, true)
  end
  return message
end

--- A message without those words, nor what stands in them behind "=". Quotes do not tell where a
-- word ends.
-- @tparam string message
-- @tparam table words
-- @tparam function is_secret one of the above
function secrets.without(message, words, is_secret)
  for _, word in ipairs(words) do
    for _, part in ipairs { word, word:match("=(.*)$") } do
      message = is_secret(part) and without(message, part) or message
    end
  end
  return message
end

return secrets
