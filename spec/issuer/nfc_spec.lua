-- Names of people, files and services in every script, in the patterns that make paths of them. R2
-- keeps keys in Unicode's NFC, so a name that has two forms is taken in one of them alone.

local make = require "spec.support.make"
local refused = require "spec.support.refused"
local values = require "spec.support.values"

-- Code points to UTF-8, on every Lua.
local function text(...)
  local bytes = {}
  for _, code in ipairs { ... } do
    local size = code < 0x80 and 1 or code < 0x800 and 2 or code < 0x10000 and 3 or 4
    local lead = ({ 0, 0xC0, 0xE0, 0xF0 })[size] + math.floor(code / 64 ^ (size - 1))
    bytes[#bytes + 1] = string.char(lead)
    for place = size - 2, 0, -1 do
      bytes[#bytes + 1] = string.char(0x80 + math.floor(code / 64 ^ place) % 64)
    end
  end
  return table.concat(bytes)
end

local NAMES = {
  ["English"] = "alice",
  ["French"] = "Zoë",
  ["Vietnamese"] = "Nguyễn Thị Hương",
  ["Yoruba, with a mark of its own"] = "Adébáyọ̀",
  ["Yoruba, composed"] = "Ọláyínká",
  ["Tamil"] = "ராமன்",
  ["Tamil, with a vowel of two parts"] = "கோபாலன்",
  ["Bengali"] = "রবীন্দ্রনাথ",
  ["Bengali, with a dotted letter"] = "বড়ুয়া",
  ["Hindi"] = "अर्जुन",
  ["Hindi, with a dotted letter"] = "फ़ारूक़",
  ["Thai"] = "สมชาย",
  ["Thai, with a vowel and a tone"] = "ผู้ใหญ่",
  ["Korean"] = "김민준",
  ["Japanese"] = "がばパ漢",
  ["Arabic"] = "محمّد أ",
  ["Hebrew, with points"] = "שָׁלוֹם",
  ["Greek"] = "Άννα",
  ["Russian"] = "Андрей",
  ["Sinhala"] = "කෝ",
  ["Burmese"] = "ဦး",
  ["Kirat Rai"] = text(0x16D6A),
  ["an emoji of several"] = text(0x1F469, 0x1F3FD, 0x200D, 0x1F4BB),
  ["a private character"] = text(0xE000),
  ["a mark alone"] = text(0x301),
  ["a letter and three marks"] = "q" .. text(0x327, 0x323, 0x301),
}

-- Written as code points: who edits this file may have an editor that normalizes.
local OTHER_FORMS = {
  ["French, decomposed"] = "Zoe" .. text(0x308),
  ["French, of two code points"] = "cafe\204\129",
  ["Vietnamese, decomposed"] = "Nguye" .. text(0x302, 0x303) .. "n",
  ["Vietnamese, half decomposed"] = "Nguy" .. text(0xEA, 0x303) .. "n",
  ["Yoruba, decomposed"] = "Ad" .. text(0xE9) .. "b" .. text(0xE1) .. "yo" .. text(0x323, 0x300),
  ["Yoruba, its marks in another order"] = "y" .. text(0xF2, 0x323),
  ["Tamil, decomposed"] = text(0xB95, 0xBC7, 0xBBE),
  ["Bengali, decomposed"] = text(0x995, 0x9C7, 0x9BE),
  ["Bengali, a dotted letter as one"] = text(0x9AC, 0x9DC),
  ["Hindi, a dotted letter as one"] = text(0x95E),
  ["Thai, a tone before a vowel"] = text(0xE1C, 0xE49, 0xE39),
  ["Korean, decomposed"] = text(0x1100, 0x1175, 0x11B7),
  ["Korean, half decomposed"] = text(0xAE30, 0x11B7),
  ["Japanese, decomposed"] = text(0x304B, 0x3099),
  ["Arabic, decomposed"] = text(0x627, 0x654),
  ["Arabic, a vowel behind the doubling"] = text(0x645, 0x651, 0x64E),
  ["Greek, another accent"] = text(0x1FBB),
  ["Russian, decomposed"] = text(0x438, 0x306),
  ["Sinhala, decomposed"] = text(0xD9A, 0xDDC, 0xDCA),
  ["Kirat Rai, decomposed"] = text(0x16D63, 0x16D68),
  ["a unit that is a letter"] = text(0x212B),
  ["a character of Chinese that is another"] = text(0xF900),
  ["marks out of order"] = "q" .. text(0x301, 0x323),
}

local issuer = make.issuer()
local asking = make.issuer { parent_secret_access_key = make.ABSENT, api_token = "token",
  transport = {
    perform = function() error("it was sent") end,
    sleep = function() end,
  },
}

-- How each pattern makes a path of a name; what the path is, and what the argument is called.
local PATTERNS = {
  user_id = {
    call = function(by, name) return by:client_upload_credentials(name, "my-bucket") end,
    path = function(name) return "prefixPaths", "uploads/" .. name .. "/" end,
  },
  service_prefix = {
    call = function(by, name)
      return by:service_credentials("my-bucket", name .. "/")
    end,
    path = function(name) return "prefixPaths", name .. "/" end,
  },
  object_keys = {
    call = function(by, name)
      return by:download_credentials("my-bucket", { "a.pdf", name })
    end,
    path = function(name) return "objectPaths", name end,
    item = 2,
  },
}

for argument, pattern in values.sorted(PATTERNS) do
  describe("The pattern that takes " .. argument, function()
    for language, name in values.sorted(NAMES) do
      it("takes a name in " .. language, function()
        local credentials = assert(pattern.call(issuer, name))
        local claims = assert(make.client():verify(credentials.session_token, make.NOW))
        local list, path = pattern.path(name)
        assert.equal(path, claims.paths[list][pattern.item or 1])
      end)
    end

    for language, name in values.sorted(OTHER_FORMS) do
      it("refuses a name in " .. language, function()
        for _, by in ipairs { issuer, asking } do
          local err = refused({
            kind = "invalid_request", field = argument,
            says = { "Unicode's NFC", "normalize it" }, hides = { name },
          }, function()
            return pattern.call(by, name)
          end)
          assert.equal(pattern.item, err.item)
        end
      end)
    end

    it("refuses a character that came after the Unicode that is known here", function()
      for _, code in ipairs { 0x378, 0xFFFE, 0xEFFFF } do
        refused({
          kind = "invalid_request", field = argument, says = { "not in Unicode" },
        }, function()
          return pattern.call(issuer, "name" .. text(code))
        end)
      end
    end)
  end)
end

describe("A request of its own", function()
  it("takes its prefixes and objects in any form, as it is told", function()
    for _, name in values.sorted(OTHER_FORMS) do
      assert(issuer:create(make.request { prefixes = { name .. "/" }, objects = { name } }))
    end
    assert(issuer:upload_credentials("my-bucket", { prefixes = { "cafe\204\129/" } }))
  end)
end)
