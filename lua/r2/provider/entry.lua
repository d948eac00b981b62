-- A credential as an entry of a dictionary that several workers share, and that any Lua of that
-- nginx can write to: in the form of the API's answer, which is read and held against the request
-- as that is, behind a MAC whose key is made of the API token. What is not so is no entry.

local json = require "r2.json"

local entry = {}

local MAC = 64 -- hex digits
local FORM = "^(%d+)\n(.*)$"

--- The name of an entry: one for each request to the API, with all that it is bound to.
-- @tparam table origin see r2.provider.origin
function entry.name(origin)
  return "r2 provider " .. origin.mac("name\n" .. origin.text)
end

--- @tparam table origin
-- @tparam string name
-- @tparam table credentials
-- @tparam number made_at Unix seconds
-- @treturn string
function entry.encode(origin, name, credentials, made_at)
  local text = ("%.0f\n"):format(math.floor(made_at)) .. '{"success":true,"result":'
    .. json.object {
      { "accessKeyId", credentials.access_key_id },
      { "secretAccessKey", credentials.secret_access_key },
      { "sessionToken", credentials.session_token },
    } .. "}"
  return origin.mac(name .. "\n" .. text) .. text
end

--- @tparam table origin
-- @tparam string name
-- @param text what the dictionary has
-- @treturn ?table credentials; nil of what is no entry of that name
-- @treturn ?number when it was made, Unix seconds
function entry.decode(origin, name, text)
  if type(text) ~= "string" or #text <= MAC then
    return nil
  end
  local mac, rest = text:sub(1, MAC), text:sub(MAC + 1)
  if mac ~= origin.mac(name .. "\n" .. rest) then
    return nil
  end
  local made_at, body = rest:match(FORM)
  made_at = tonumber(made_at)
  local credentials = origin.read(body, made_at)
  return credentials, credentials and made_at
end

return entry
