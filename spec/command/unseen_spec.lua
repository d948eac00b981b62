-- Characters that a reader does not see, or that change what is around them, in what the command
-- prints: a key with one of them looks like another key.

local cjson = require "cjson"
local json = require "r2.json"
local text = require "r2.command.text"
local token = require "spec.support.token"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

teardown(support.remove_folders)

-- Unicode 15, UnicodeData.txt: general categories Cc above ASCII, Zl, Zp, and Cf but for what has a
-- form of its own (U+0600 to U+0605, U+06DD, U+070F, U+0890, U+0891, U+08E2, U+110BD, U+110CD,
-- U+13430 to U+1343F).
local UNSEEN = {
  { 0x80, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
  { 0x2028, 0x202e }, { 0x2060, 0x2064 }, { 0x2066, 0x206f }, { 0xfeff, 0xfeff },
  { 0xfff9, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0001, 0xe0001 },
  { 0xe0020, 0xe007f },
}

local SEEN = {
  0xa0, 0xa9, 0xe9, 0x30b, 0x61b, 0x61d, 0x180d, 0x180f, 0x200a, 0x2010, 0x2027, 0x202f, 0x205f,
  0x2070, 0xd7ff, 0xe000, 0xfefe, 0xff00, 0xfff8, 0xfffc, 0x1bca4, 0x1d172, 0x1d17b, 0x1f600,
  0xe0100, 0x10ffff,
}

local function shown(character)
  return (character:gsub(".", function(byte) return ("\\x%02x"):format(byte:byte()) end))
end

describe("What nobody sees", function()
  for _, range in ipairs(UNSEEN) do
    local name = ("U+%04X to U+%04X"):format(range[1], range[2])
    it("is escaped in JSON and in text: " .. name, function()
      for code = range[1], range[2] do
        local character = utf8.char(code)
        local key = "a" .. character .. character .. "é"
        local written = json.object { { "key", key } }
        assert.is_nil(written:find(character, 1, true))
        assert.same({ key = key }, cjson.decode(written))
        assert.equal("a" .. shown(character):rep(2) .. "é", text.plain(key))
      end
    end)
  end

  it("is nothing else", function()
    for _, code in ipairs(SEEN) do
      local key = "a" .. utf8.char(code) .. "é"
      assert.equal('{"key":"' .. key .. '"}', json.object { { "key", key } })
      assert.equal(key, text.plain(key))
    end
  end)

  it("is shown by r2creds inspect", function()
    -- CSI of Latin-1, right-to-left override, line separator, zero width space
    local key = "a\u{9b}1m\u{202e}fdp.exe\u{2028}b\u{200b}"
    local session_token = token.forge {
      payload = token.payload {
        paths = cjson.encode { prefixPaths = { key }, objectPaths = { key } },
      },
    }
    local words = "printf %s " .. session_token .. " | r2creds inspect"
    local object = r2creds.output_of(words .. " --json", {})
    assert.same({ key }, cjson.decode(object).prefixes)
    assert.is_nil(object:find("[\128-\255]"))
    assert.is_truthy(object:find("a\\u009b1m\\u202efdp.exe\\u2028b\\u200b", 1, true))
    assert.is_nil(r2creds.output_of(words, {}):find("[\128-\255]"))
  end)

  it("is shown where an error repeats a word", function()
    local _, errors = r2creds.run("r2creds inspect 'x\u{202e}y'", {})
    assert.is_truthy(errors:find("x" .. shown "\u{202e}" .. "y", 1, true), errors)
  end)
end)
