-- What src/base/nfc.c finds to be in NFC, beside what others find: String.prototype.normalize of
-- Node, and the tests that Unicode publishes. Where a version of Unicode's database is here, tables
-- are made of it too, and compared: Debian's package unicode-data has one, and R2_UCD may name the
-- folder of another, with UnicodeData.txt, CompositionExclusions.txt and NormalizationTest.txt.

local support = require "spec.project.support"

local TABLES = "src/base/nfc_tables.h"

local function version_of(tables)
  return tables:match('#define R2_NFC_UNICODE "([^"]+)"')
end

-- Builds the program that tells what is in NFC.
local function build(root)
  local program = support.folder() .. "/nfc"
  support.run(("cd %s && ${CC:-cc} -std=c11 -O2 -o %s spec/host/nfc.c src/base/nfc.c"
    .. " src/base/text.c src/base/utf8.c"):format(root, program))
  return program
end

-- The same with tables of another version.
local function build_with(tables)
  local root = support.folder()
  support.run(("mkdir -p %s/src %s/spec && cp -r src/base %s/src && cp -r spec/host %s/spec")
    :format(root, root, root, root))
  support.write(root .. "/" .. TABLES, tables)
  return build(root)
end

-- A character for each text: y, n, or ? when the tables do not know all of it.
local function verdicts(program, texts)
  local path = support.folder() .. "/texts"
  support.write(path, table.concat(texts, "\255") .. "\255")
  local output = support.run(program .. " <" .. path)
  assert.equal(#texts, #output)
  return output
end

-- Two that tell the same, but for what one of them does not know.
local function assert_agree(texts, ours, theirs)
  local compared = 0
  for i, text in ipairs(texts) do
    local a, b = ours:sub(i, i), theirs:sub(i, i)
    if a ~= "?" and b ~= "?" then
      assert(a == b, text)
      compared = compared + 1
    end
  end
  assert(compared > 90000, "what do they know?")
end

local function every_code_point()
  local texts = {}
  for code = 0, 0x10FFFF do
    if code < 0xD800 or code > 0xDFFF then
      texts[#texts + 1] = utf8.char(code)
    end
  end
  return texts
end

-- The five columns of a line of NormalizationTest.txt as texts; nil when it is no test.
local function columns(line)
  local texts = {}
  for column in (line:match("^(%x[%x ;]+);") or ""):gmatch("[^;]+") do
    local codes = {}
    for code in column:gmatch("%x+") do
      codes[#codes + 1] = tonumber(code, 16)
    end
    texts[#texts + 1] = utf8.char(table.unpack(codes))
  end
  return #texts == 5 and texts or nil
end

-- Its texts with what they are: the second column is the NFC of the first three, the fourth that of
-- the last two.
local function published_tests(path)
  local texts, expected = {}, {}
  local lines = support.run(("cat %s 2>/dev/null || bzip2 -dc %s.bz2"):format(path, path))
  for _, line in ipairs(support.lines(lines)) do
    local column = columns(line)
    for i, text in ipairs(column or {}) do
      texts[#texts + 1] = text
      expected[#expected + 1] = text == column[i < 4 and 2 or 4] and "y" or "n"
    end
  end
  return texts, table.concat(expected)
end

teardown(support.remove_folders)

describe("What is in NFC", function()
  local program

  setup(function()
    program = build(".")
  end)

  it("is what Node finds, of every code point, pair that matters and a million texts", function()
    local version = support.try("node -p process.versions.unicode"):match("^%d+%.%d+")
    if not version then
      return pending("needs Node")
    end
    local output = support.run(("node spec/host/nfc.mjs %s %s"):format(
      program, version_of(support.read(TABLES))))
    assert.is_nil(output:find("not ok", 1, true), output)
    local _, groups = output:gsub("%f[^\n\0]ok [^\n]+ texts", "")
    assert.equal(10, groups, output)
  end)

  it("is of the Unicode that the README names", function()
    local named = support.read("README.md"):match("characters that Unicode (%d+%.%d+) has")
    assert.equal(version_of(support.read(TABLES)), named)
  end)

  it("has no byte that is cut off, and none that is no UTF-8", function()
    local whole = "a\195\169\224\174\149\240\159\152\128"
    local texts, expected = {}, {}
    for length = 0, #whole do
      texts[#texts + 1] = whole:sub(1, length)
      expected[#expected + 1] = utf8.len(texts[#texts]) and "y" or "n"
    end
    for _, wrong in ipairs {
      "\128", "abcdefgh\128", "\192\128", "\237\160\128", "\244\144\128\128", "e\204",
    } do
      texts[#texts + 1], expected[#expected + 1] = wrong, "n"
    end
    assert.equal(table.concat(expected), verdicts(program, texts))
  end)

  for _, folder in ipairs { "/usr/share/unicode", os.getenv("R2_UCD") } do
    describe("by the database in " .. folder, function()
      local is_there = select(2, support.try("test -e " .. folder .. "/UnicodeData.txt")) == 0
      local made, other

      setup(function()
        if is_there then
          made = support.run("build-aux/nfc-tables " .. folder)
          other = build_with(made)
        end
      end)

      it("agrees with the tables in the tree", function()
        if not is_there then
          return pending("needs Debian's unicode-data")
        elseif version_of(made) == version_of(support.read(TABLES)) then
          assert.equal(support.read(TABLES), made)
        end
        local texts = every_code_point()
        assert_agree(texts, verdicts(program, texts), verdicts(other, texts))
      end)

      it("agrees with the tests that are published with it", function()
        if not is_there then
          return pending("needs Debian's unicode-data")
        end
        local texts, expected = published_tests(folder .. "/NormalizationTest.txt")
        assert.equal(expected, verdicts(other, texts))
        assert_agree(texts, verdicts(program, texts), expected)
      end)
    end)
  end
end)
