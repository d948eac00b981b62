-- XML as S3 speaks it, read within bounds; and a machine on which nobody can read it.
local refused = require "spec.support.refused"
local scripted = require "spec.support.bucket.scripted"
local xml = require "r2.bucket.xml"

assert(xml.check())
scripted.new { scripted.good() }

describe("a document", function()
  it("is elements and texts", function()
    local root = xml.read('<?xml version="1.0" encoding="UTF-8"?>\n<A xmlns="http://a">\n '
      .. '<B>1 &amp; &#50;</B><B><![CDATA[<x>]]></B><!-- c --><C/>\n</A>\n')
    assert.equal("A", root.name)
    assert.equal("1 & 2", xml.value(root, "B"))
    assert.same({ "1 & 2", "<x>" }, xml.values(root, "B"))
    assert.equal("", xml.value(root, "C"))
    assert.is_nil(xml.value(root, "D"))
    assert.is_nil(xml.values(root, "D"))
    assert.equal(2, #xml.all(root, "B"))
  end)

  it("is none when it is broken, too deep, too long or of too many parts", function()
    for _, text in ipairs {
      "", "x", "<A>", "<A></B>", "<A/><B/>", "<A>&b;</A>", "<A>\1</A>", "<A>\255</A>",
      "<!DOCTYPE A><A/>", "<!DOCTYPE A [<!ENTITY b 'c'>]><A>&b;</A>",
      "<!DOCTYPE A SYSTEM 'http://127.0.0.1/'><A/>", ("<A>"):rep(100000),
      ("<A>"):rep(20) .. ("</A>"):rep(20), "<A>" .. ("<B/>"):rep(100000) .. "</A>",
      "<A>" .. (" "):rep(2 ^ 23) .. "</A>",
    } do
      assert.is_nil(xml.read(text), text:sub(1, 40))
    end
  end)

  it("is written so that it can be read", function()
    local text = '<&>"\' \195\169 ]]>'
    local root = xml.read(xml.document("A", { xml.text("B", text), xml.text("C", 5) }))
    assert.equal(text, xml.value(root, "B"))
    assert.equal("5", xml.value(root, "C"))
  end)

  it("cannot hold every key", function()
    for _, text in ipairs { "a", "a b", "\195\169", "&<>\"'", "a&amp;b" } do
      assert.is_true(xml.can_hold(text))
    end
    for _, text in ipairs { "\0", "\1", "a\tb", "a\nb", "a\rb", "\127", " a", "a ",
      "\239\191\190", "\239\191\191", "\194\160a", "a\226\128\131", "\239\187\191a" } do
      assert.is_false(xml.can_hold(text), ("%q"):format(text))
    end
  end)
end)

-- What the specs below use is loaded by then.
describe("without luaexpat", function()
  local loaded, path, cpath = package.loaded.lxp, package.path, package.cpath

  before_each(function()
    package.loaded.lxp, package.path, package.cpath = nil, "", ""
  end)

  after_each(function()
    package.loaded.lxp, package.path, package.cpath = loaded, path, cpath
  end)

  it("what answers in XML is refused before anything is sent", function()
    local bucket, log = scripted.new { scripted.good() }
    for _, call in ipairs {
      function() return bucket:list_page() end,
      function() return bucket:copy("a", "b") end,
      function() return bucket:delete { "a", "b" } end,
      function() return bucket:create_upload("a") end,
      function() return bucket:complete_upload("a", "id", { { number = 1, etag = "e" } }) end,
      function() return bucket:cors() end,
    } do
      refused({ kind = "invalid_config", says = { "luaexpat" } }, call)
    end
    assert.same({}, log.asked)
  end)

  it("all else works, and an error has a status and no code", function()
    local bucket = scripted.new { scripted.good(), scripted.refusal(403, "AccessDenied") }
    assert(bucket:put("a", "hello"))
    local _, _, err = bucket:put("a", "hello")
    assert.equal(403, err.status)
    assert.is_nil(err.code)
  end)
end)
