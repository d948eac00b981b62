-- URLs of objects. Lines: endpoint, bucket, key, then parameters as name=value, a name that is
-- there twice with a list. What is made can be signed, and says what it was made of.

local helpers = ...
local keys = require "spec.support.keys"
local sigv4 = require "r2.sigv4"

local credentials = {
  access_key_id = keys.parent_access_key_id,
  secret_access_key = keys.parent_secret_access_key,
}

local function read(input)
  local lines, query, flat = {}, {}, {}
  for line in (input .. "\n"):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  for i = 4, #lines do
    local name, value = lines[i]:match("^([^=]*)=(.*)$")
    if name and query[name] then
      table.insert(query[name], value)
    elseif name then
      query[name] = { value }
    end
    flat[#flat + 1] = name and name .. "=" .. value
  end
  return lines[1], lines[2] or "", lines[3] ~= "" and lines[3] or nil,
    next(query) and query or nil, flat
end

local function decode(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

local function check_query(text, flat)
  local found = {}
  for parameter in (text .. "&"):gmatch("([^&]*)&") do
    local name, value = parameter:match("^([^=]+)=([^=]*)$")
    assert(name, "a parameter without a name, or with two values")
    found[#found + 1] = decode(name) .. "=" .. decode(value)
  end
  table.sort(found)
  table.sort(flat)
  assert(#found == #flat)
  for i, parameter in ipairs(found) do
    assert(parameter == flat[i], "another parameter")
  end
end

local function check_url(url, bucket, key, query, flat)
  assert(url:find("^https?://[%w%%~_.:/?&=%[%]-]+$"), "a character that is not encoded")
  local path, behind = url:match("^https?://[^/]+([^?]*)%??(.*)$")
  assert(decode(path) == "/" .. bucket .. (key and "/" .. key or ""), "another path")
  if query then
    check_query(behind, flat)
  else
    assert(behind == "")
  end
  local request = { method = "GET", url = url }
  assert(sigv4.sign(request, credentials))
  assert(sigv4.presign(request, credentials):find(url, 1, true) == 1 or query)
end

return function(input)
  local endpoint, bucket, key, query, flat = read(input)
  local url, message, err = sigv4.url(endpoint, bucket, key, query)
  if url then
    check_url(url, bucket, key, query, flat)
    return
  end
  assert(err.kind == "invalid_request" and err.message == message)
  assert(helpers.is_one_line(message))
  assert(message:find(err.field, 1, true) == 1, "no field at the start")
end
