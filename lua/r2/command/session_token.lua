-- A session token as a command gets it: alone, or in what `r2creds mint`, other programs that print
-- credentials and `r2creds presign` print.

local options = require "r2.command.options"
local text = require "r2.command.text"

local session_token = {}

--- The argument that says where one is.
session_token.ARGUMENT = {
  name = "file", count = "?", convert = options.filled, must = "must name a file",
  about = "Where the token is, or what `r2creds mint` prints; standard input by default.",
}

local function decoded(escaped)
  return (escaped:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- What stands before a session token; what it consists of there; and how it is written.
local PLACES = {
  { '"[sS]essionToken"%s*:%s*"', '^[^"]*' },
  { '"session_token"%s*:%s*"', '^[^"]*' },
  { '"Token"%s*:%s*"', '^[^"]*' },
  { "_SESSION_TOKEN='", "^[^']*" },
  { '_SESSION_TOKEN="', '^[^"]*' },
  { "_SESSION_TOKEN=", "^[^%s;]*" },
  { "X%-Amz%-Security%-Token=", "^[^%s&#\"']*", decoded },
}

--- Finds it in a text, or takes the text for it. Of each place only the first is looked at, so that
-- the time stays in proportion to the length.
function session_token.find(content)
  for _, place in ipairs(PLACES) do
    local _, before = content:find(place[1])
    if before then
      local found = content:match(place[2], before + 1):gsub("\\/", "/")
      return place[3] and place[3](found) or found
    end
  end
  return text.trim(content)
end

return session_token
