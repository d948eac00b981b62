-- SHA-256 and HMAC in plain arithmetic, for every Lua: an oracle that shares nothing with the
-- library. FIPS 180-4 and RFC 2104; slow, and for specs only.
local floor = math.floor
local TWO_32 = 2 ^ 32

-- a * 256 + b -> a xor b, each made of the bytes without their last bits, where it is asked for.
local xor_byte = setmetatable({ [0] = 0 }, {
  __index = function(known, pair)
    local a, b = floor(pair / 256), pair % 256
    local result = known[floor(a / 2) * 256 + floor(b / 2)] * 2 + (a + b) % 2
    known[pair] = result
    return result
  end,
})

local function xor(a, b)
  local result, unit = 0, 1
  for _ = 1, 4 do
    result = result + xor_byte[a % 256 * 256 + b % 256] * unit
    a, b, unit = floor(a / 256), floor(b / 256), unit * 256
  end
  return result
end

local function both(a, b)
  return (a + b - xor(a, b)) / 2
end

local function shift(word, bits)
  return floor(word / 2 ^ bits)
end

local function rotate(word, bits)
  return shift(word, bits) + word % 2 ^ bits * 2 ^ (32 - bits)
end

local function sum(word, r1, r2, r3)
  return xor(xor(rotate(word, r1), rotate(word, r2)), rotate(word, r3))
end

-- The constants are the first 32 bits of the fractional parts of the primes' square and cube roots.
local START, K = {}, {}
do
  local candidate = 2
  while #K < 64 do
    local prime = true
    for divisor = 2, floor(candidate ^ 0.5) do
      prime = prime and candidate % divisor ~= 0
    end
    if prime then
      K[#K + 1] = floor(candidate ^ (1 / 3) % 1 * TWO_32)
      START[#START + 1] = #START < 8 and floor(candidate ^ 0.5 % 1 * TWO_32) or nil
    end
    candidate = candidate + 1
  end
end

local function word_at(bytes, from)
  local b1, b2, b3, b4 = bytes:byte(from, from + 3)
  return ((b1 * 256 + b2) * 256 + b3) * 256 + b4
end

local function schedule(bytes, from)
  local w = {}
  for t = 1, 16 do
    w[t] = word_at(bytes, from + (t - 1) * 4)
  end
  for t = 17, 64 do
    local x, y = w[t - 15], w[t - 2]
    local s0 = xor(xor(rotate(x, 7), rotate(x, 18)), shift(x, 3))
    local s1 = xor(xor(rotate(y, 17), rotate(y, 19)), shift(y, 10))
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) % TWO_32
  end
  return w
end

local function compress(state, bytes, from)
  local w = schedule(bytes, from)
  local a, b, c, d, e, f, g, h = state[1], state[2], state[3], state[4], state[5], state[6],
    state[7], state[8]
  for t = 1, 64 do
    local choice = both(e, f) + both(TWO_32 - 1 - e, g)
    local majority = both(a, b) + both(xor(a, b), c)
    local t1 = h + sum(e, 6, 11, 25) + choice + K[t] + w[t]
    local t2 = sum(a, 2, 13, 22) + majority
    a, b, c, d, e, f, g, h = (t1 + t2) % TWO_32, a, b, c, (d + t1) % TWO_32, e, f, g
  end
  for i, word in ipairs { a, b, c, d, e, f, g, h } do
    state[i] = (state[i] + word) % TWO_32
  end
end

local function bytes_of(word)
  return string.char(floor(word / 2 ^ 24), floor(word / 2 ^ 16) % 256, floor(word / 2 ^ 8) % 256,
    word % 256)
end

local sha256 = {}

function sha256.digest(message)
  local padding = ("\0"):rep((55 - #message) % 64)
  local bits = #message * 8
  local padded = message .. "\128" .. padding .. bytes_of(floor(bits / TWO_32))
    .. bytes_of(bits % TWO_32)
  local state = {}
  for i = 1, 8 do
    state[i] = START[i]
  end
  for from = 1, #padded, 64 do
    compress(state, padded, from)
  end
  local digest = {}
  for i = 1, 8 do
    digest[i] = bytes_of(state[i])
  end
  return table.concat(digest)
end

function sha256.to_hex(bytes)
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

function sha256.hex(message)
  return sha256.to_hex(sha256.digest(message))
end

local function masked(key, mask)
  return (key:gsub(".", function(byte)
    return string.char(xor_byte[byte:byte() * 256 + mask])
  end))
end

function sha256.hmac(key, message)
  if #key > 64 then
    key = sha256.digest(key)
  end
  key = key .. ("\0"):rep(64 - #key)
  return sha256.digest(masked(key, 0x5c) .. sha256.digest(masked(key, 0x36) .. message))
end

return sha256
