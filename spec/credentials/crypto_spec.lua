-- The cryptography as a user sees it, against published vectors and an implementation in plain Lua.
local r2 = require "r2"
local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local values = require "spec.support.values"

-- FIPS 180-4's examples, as NIST publishes them ("SHA256.pdf", "SHA2_Additional.pdf").
local NIST = {
  [""] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ["abc"] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"] =
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ["abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopq"
    .. "klmnopqrlmnopqrsmnopqrstnopqrstu"] =
    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
}

describe("The specs' own oracle", function()
  it("agrees with NIST on SHA-256", function()
    for message, digest in pairs(NIST) do
      assert.equal(digest, sha256.hex(message))
    end
  end)

  -- RFC 4231, test cases 1, 2, 3, 4, 6 and 7: key, data, HMAC-SHA-256.
  it("agrees with RFC 4231 on HMAC", function()
    local counting = {}
    for byte = 1, 25 do
      counting[byte] = string.char(byte)
    end
    for _, case in ipairs {
      {
        ("\11"):rep(20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      },
      {
        "Jefe", "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      },
      {
        ("\170"):rep(20), ("\221"):rep(50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
      },
      {
        table.concat(counting), ("\205"):rep(50),
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
      },
      {
        ("\170"):rep(131), "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      },
      {
        ("\170"):rep(131),
        "This is a test using a larger than block-size key and a larger than block-size "
          .. "data. The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
      },
    } do
      assert.equal(case[3], sha256.to_hex(sha256.hmac(case[1], case[2])))
    end
  end)

  it("agrees with RFC 4648 on base64", function()
    for bytes, text in pairs {
      [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=",
      foobar = "Zm9vYmFy",
    } do
      assert.equal(text, base64.encode(bytes))
      assert.equal(bytes, base64.decode(text))
    end
  end)
end)

describe("SHA-256", function()
  for message, digest in values.sorted(NIST) do
    if message ~= "" then
      it("of NIST's example of " .. #message .. " bytes", function()
        assert.equal(digest, r2.secret_from_api_token(message))
      end)
    end
  end

  it("is right on either side of every block's end", function()
    for _, length in ipairs {
      1, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 121, 127, 128, 129, 191, 192, 193, 255,
      256, 257, 383, 384, 447, 448, 511, 512,
    } do
      local message = ("0123456789abcdef"):rep(32):sub(1, length)
      assert.equal(sha256.hex(message), r2.secret_from_api_token(message))
    end
  end)
end)

describe("A session token", function()
  it("is the one that an independent implementation makes, byte for byte", function()
    local credentials = assert(make.client():sign(make.request(), make.NOW))
    assert.equal(token.forge(), credentials.session_token)
  end)

  it("is signed by the ASCII bytes of the hex secret", function()
    local secret = keys.another_parent_secret_access_key
    local client = make.client { parent_secret_access_key = secret }
    local credentials = assert(client:sign(make.request(), make.NOW))
    assert.equal(token.forge { secret = secret }, credentials.session_token)
  end)

  it("of every length modulo 3, 4 and 64 is signed right", function()
    local client = make.client()
    for length = 1, 70 do
      local prefix = ("p"):rep(length)
      local payload = token.payload {
        paths = ('{"prefixPaths":["%s"],"objectPaths":[]}'):format(prefix),
      }
      local request = make.request { prefixes = { prefix } }
      local credentials = assert(client:sign(request, make.NOW))
      assert.equal(token.forge { payload = payload }, credentials.session_token)
      assert.equal(sha256.hex(token.read(credentials.session_token).jwt),
        credentials.secret_access_key)
    end
  end)
end)
