-- What the claims of a session token allow. Nothing is known of a token that was only read: its
-- claims may be anything.

local tc = require "r2.temp_credentials"
local clock = require "r2.clock"

local claims = {}

local function is_list(value)
  if type(value) ~= "table" then
    return false
  end
  local count = 0
  for _, item in next, value do
    count = count + 1
    if type(item) ~= "string" then
      return false
    end
  end
  return count == #value
end

local function is_time(value)
  return type(value) == "number" and value >= 0 and value <= clock.LAST_SECOND and value % 1 == 0
end

-- Other programs leave out the list that they do not need.
local function are_paths(value)
  return type(value) == "table"
    and (value.prefixPaths == nil or is_list(value.prefixPaths))
    and (value.objectPaths == nil or is_list(value.objectPaths))
end

--- Whether what a token says has the form of R2's claims. The other functions take nothing else.
-- @tparam table said
function claims.are_good(said)
  return type(said.bucket) == "string" and type(said.sub) == "string"
    and type(said.iss) == "string" and type(said.aud) == "string"
    and is_time(said.iat) and is_time(said.exp)
    and (said.scope == nil or type(said.scope) == "string")
    and (said.actions == nil or is_list(said.actions))
    and (said.paths == nil or are_paths(said.paths))
end

--- The operations on objects that claims allow; nil where that is not known.
function claims.actions(said)
  return said.actions or tc._scope_actions(said.scope)
end

--- The prefixes and the objects that claims are for; nil where that is every object.
function claims.paths(said)
  if said.paths then
    return said.paths.prefixPaths or {}, said.paths.objectPaths or {}
  end
end

return claims
