-- Base64 in plain arithmetic, for every Lua (RFC 4648, sections 4 and 5): an oracle that shares
-- nothing with the library. It decodes generously; what is refused is the library's business.
local STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local URL = STANDARD:gsub("%+", "-"):gsub("/", "_")

local floor = math.floor

local function encode(alphabet, bytes)
  local out = {}
  for from = 1, #bytes, 3 do
    local b1, b2, b3 = bytes:byte(from, from + 2)
    local group = (b1 * 256 + (b2 or 0)) * 256 + (b3 or 0)
    for sextet = 3, 3 - (b3 and 3 or b2 and 2 or 1), -1 do
      local index = floor(group / 64 ^ sextet) % 64 + 1
      out[#out + 1] = alphabet:sub(index, index)
    end
  end
  return table.concat(out)
end

local function decode(alphabet, text)
  local out, group, bits = {}, 0, 0
  for character in text:gmatch("[^=]") do
    group, bits = group * 64 + assert(alphabet:find(character, 1, true)) - 1, bits + 6
    if bits >= 8 then
      bits = bits - 8
      out[#out + 1] = string.char(floor(group / 2 ^ bits))
      group = group % 2 ^ bits
    end
  end
  return table.concat(out)
end

local base64 = { STANDARD = STANDARD, URL = URL }

--- The standard alphabet, padded.
function base64.encode(bytes)
  local text = encode(STANDARD, bytes)
  return text .. ("="):rep(-#text % 4)
end

function base64.decode(text)
  return decode(STANDARD, text)
end

--- The URL alphabet, not padded, as in a JWT.
function base64.encode_url(bytes)
  return encode(URL, bytes)
end

function base64.decode_url(text)
  return decode(URL, text)
end

return base64
