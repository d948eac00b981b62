-- HMAC-SHA-256 (RFC 2104) over bytes, and the comparison of what comes out.

local bit = require "bit"
local files = require "r2.files"

local hmac = {}

local BLOCK = 64 -- bytes that SHA-256 takes at a time

local function sha256(bytes)
  return files.digest("sha256"):update(bytes)
end

local function padded(key, pad)
  key = key .. ("\0"):rep(BLOCK - #key)
  return (key:gsub(".", function(byte)
    return string.char(bit.bxor(byte:byte(), pad))
  end))
end

--- SHA-256 in lower-case hexadecimal digits.
function hmac.sha256_hex(text)
  return sha256(text):hex("sha256")
end

--- HMAC-SHA-256 as 32 bytes.
function hmac.sign(key, message)
  if #key > BLOCK then
    key = sha256(key):bytes("sha256")
  end
  local inner = sha256(padded(key, 0x36) .. message):bytes("sha256")
  return sha256(padded(key, 0x5C) .. inner):bytes("sha256")
end

--- The same in lower-case hexadecimal digits.
function hmac.sign_hex(key, message)
  return (hmac.sign(key, message):gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

--- Whether two texts are equal, in a time that depends on their lengths alone.
function hmac.equal(expected, given)
  local difference = bit.bxor(#expected, #given)
  for i = 1, #expected do
    difference = bit.bor(difference, bit.bxor(expected:byte(i), given:byte(i) or 0))
  end
  return difference == 0
end

return hmac
