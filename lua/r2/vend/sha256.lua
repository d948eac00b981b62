-- SHA-256 as hex digits.

local files = require "r2.files"

--- @tparam string text
-- @treturn string 64 hex digits
return function(text)
  return files.digest("sha256"):update(text):hex("sha256")
end
