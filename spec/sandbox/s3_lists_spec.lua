-- Lists of objects in the sandbox's S3 side: both versions, in pages, by prefixes and delimiters.
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local KEYS = {
  "a", "a/", "a/1", "a/2", "a/b/1", "a/b/2", "b", "b/1", "c//d", "c//e", "c/d",
  "d d/\226\130\172", "e",
}

-- What a list says, as it would be read: keys, then what stands for others.
local function entries(response)
  local found = s3.texts(response.body, "Key")
  for part in response.body:gmatch("<CommonPrefixes>(.-)</CommonPrefixes>") do
    found[#found + 1] = "[" .. s3.text(part, "Prefix") .. "]"
  end
  return found
end

describe("a list of the sandbox's S3 side", function()
  local bucket

  setup(function()
    bucket = s3.start()
    for _, key in ipairs(KEYS) do
      bucket:put(key, "x")
    end
  end)

  teardown(server.stop_all)

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  local function list(query)
    query["list-type"] = query["list-type"] or 2
    return bucket:must { query = query }
  end

  for what, case in values.sorted {
    ["everything"] = { {}, table.concat(KEYS, " ") },
    ["a prefix"] = { { prefix = "a/b/" }, "a/b/1 a/b/2" },
    ["half a name"] = { { prefix = "a/b/1" }, "a/b/1" },
    ["a prefix of nothing"] = { { prefix = "z" }, "" },
    ["a prefix above all"] = { { prefix = "\244\143\191\191" }, "" },
    ["a delimiter"] = { { delimiter = "/" }, "a b e [a/] [b/] [c/] [d d/]" },
    ["both"] = { { prefix = "a/", delimiter = "/" }, "a/ a/1 a/2 [a/b/]" },
    ["a prefix that ends within a folder"] = { { prefix = "a", delimiter = "/" }, "a [a/]" },
    ["a folder of no name"] = { { prefix = "c/", delimiter = "/" }, "c/d [c//]" },
    ["a long delimiter"] = {
      { delimiter = "//" },
      "a a/ a/1 a/2 a/b/1 a/b/2 b b/1 c/d d d/\226\130\172 e [c//]",
    },
    ["a delimiter that is nowhere"] = { { prefix = "b", delimiter = "." }, "b b/1" },
    ["an empty delimiter"] = { { prefix = "b", delimiter = "" }, "b b/1" },
    ["what comes after"] = { { ["start-after"] = "c/d" }, "d d/\226\130\172 e" },
    ["what comes after no key"] = { { ["start-after"] = "c/cc" }, "c/d d d/\226\130\172 e" },
    ["what comes after all"] = { { ["start-after"] = "zzz" }, "" },
    ["what comes after within a folder"] = {
      { ["start-after"] = "a/1", delimiter = "/" }, "b e [a/] [b/] [c/] [d d/]",
    },
    ["a token that is none"] = { { ["continuation-token"] = "?" }, "" },
    ["encoded"] = {
      { ["encoding-type"] = "url", prefix = "d d/" }, "d%20d%2F%E2%82%AC",
    },
  } do
    it("has " .. what, function()
      assert.equal(case[2], table.concat(entries(list(case[1])), " "))
    end)
  end

  it("says of an object what it is", function()
    local body = list({ prefix = "e" }).body
    assert.equal("1", s3.text(body, "Size"))
    assert.equal('"9dd4e461268c8034f5c8564e155c67a6"', s3.text(body, "ETag"))
    assert.equal("STANDARD", s3.text(body, "StorageClass"))
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d%.%d%d%dZ$",
      s3.text(body, "LastModified"))
    assert.equal("my-bucket", s3.text(body, "Name"))
  end)

  it("says again what it was asked", function()
    local body = list({
      prefix = "d d/", delimiter = "|", ["start-after"] = "a", ["max-keys"] = 5,
      ["encoding-type"] = "url",
    }).body
    for name, text in pairs { Prefix = "d%20d%2F", Delimiter = "%7C", StartAfter = "a",
      MaxKeys = "5", EncodingType = "url", KeyCount = "1", IsTruncated = "false" } do
      assert.equal(text, s3.text(body, name))
    end
  end)

  -- Goes through all pages. Returns the entries of all, and how many pages there were.
  local function walk(query, next_name, next_parameter)
    local found, pages = {}, 0
    repeat
      local page = bucket:must { query = query }
      for _, entry in ipairs(entries(page)) do
        found[#found + 1] = entry
      end
      pages = pages + 1
      assert(pages < 50, "it never ends")
      local truncated = s3.text(page.body, "IsTruncated") == "true"
      query[next_parameter] = s3.text(page.body, next_name)
      assert.equal(truncated, query[next_parameter] ~= nil)
    until not truncated
    return found, pages
  end

  for size = 1, 5 do
    for _, delimiter in ipairs { "", "/" } do
      it(("in pages of %d, delimiter %q, is the same list in both versions"):format(size,
        delimiter), function()
        local expected = entries(list { delimiter = delimiter })
        table.sort(expected)
        for version, names in pairs {
          [1] = { "NextMarker", "marker" },
          [2] = { "NextContinuationToken", "continuation-token" },
        } do
          local query = { delimiter = delimiter, ["max-keys"] = size,
            ["list-type"] = version == 2 and 2 or nil }
          local found, pages = walk(query, names[1], names[2])
          table.sort(found)
          assert.same(expected, found)
          assert.equal(math.ceil(#expected / size), pages)
        end
      end)
    end
  end

  it("of no keys is truncated where there is one, and leads nowhere", function()
    local body = list({ ["max-keys"] = 0 }).body
    assert.equal("true 0", s3.text(body, "IsTruncated") .. " " .. s3.text(body, "KeyCount"))
    assert.is_nil(s3.text(body, "NextContinuationToken"))
    body = list({ ["max-keys"] = 0, prefix = "b" }).body
    assert.equal("true", s3.text(body, "IsTruncated"))
    assert.is_nil(s3.text(body, "NextContinuationToken"))
    assert.equal("false", s3.text(list({ ["max-keys"] = 0, prefix = "z" }).body, "IsTruncated"))
  end)

  it("goes on where it was when a key has gone", function()
    local first = list({ ["max-keys"] = 3 })
    bucket:must { method = "DELETE", key = "a/1" }
    local rest = list { ["continuation-token"] = s3.text(first.body, "NextContinuationToken") }
    assert.equal("a/2", entries(rest)[1])
    bucket:put("a/1", "x")
  end)

  for what, case in values.sorted {
    ["a limit that is no number"] = { { ["max-keys"] = "x" }, "400 InvalidMaxKeys" },
    ["a limit below none"] = { { ["max-keys"] = "-1" }, "400 InvalidMaxKeys" },
    ["an empty limit"] = { { ["max-keys"] = "" }, "400 InvalidMaxKeys" },
    ["another encoding"] = { { ["encoding-type"] = "base64" }, "501 NotImplemented" },
    ["a third version"] = { { ["list-type"] = 3 }, "501 NotImplemented" },
    ["a parameter that it has not"] = { { odd = "1" }, "501 NotImplemented" },
    ["versions"] = { { versions = "" }, "501 NotImplemented" },
    ["a token for the first version"] = {
      { ["list-type"] = false, ["continuation-token"] = "x" }, "400 InvalidArgument",
    },
  } do
    it("refuses " .. what, function()
      if case[1]["list-type"] == nil then
        case[1]["list-type"] = 2
      end
      case[1]["list-type"] = case[1]["list-type"] or nil
      assert.equal(case[2], outcome(bucket:ask { query = case[1] }))
    end)
  end

  it("has at most a thousand keys on a page", function()
    for i = 1, 1001 do
      local key = ("%04d"):format(i)
      bucket:must { method = "PUT", bucket = "full-bucket", key = key, body = "" }
    end
    local case = { bucket = "full-bucket", query = { ["list-type"] = 2, ["max-keys"] = 5000 } }
    local page = bucket:must(case)
    assert.equal(1000, #s3.texts(page.body, "Key"))
    assert.equal("5000", s3.text(page.body, "MaxKeys"))
    case.query["continuation-token"] = s3.text(page.body, "NextContinuationToken")
    assert.same({ "1001" }, s3.texts(bucket:must(case).body, "Key"))
  end)

  -- ---- deleted ----

  local function delete(document)
    return bucket:ask {
      method = "POST", bucket = "full-bucket", query = { delete = "" }, body = document,
    }
  end

  local function keys_as_xml(from, to)
    local parts = {}
    for i = from, to do
      parts[#parts + 1] = ("<Object><Key>%04d</Key></Object>"):format(i)
    end
    return table.concat(parts)
  end

  it("is empty when a thousand are deleted at once", function()
    local response = delete('<?xml version="1.0"?><Delete xmlns="http://s3.amazonaws.com/doc/'
      .. '2006-03-01/">' .. keys_as_xml(2, 1001) .. "<Quiet>true</Quiet></Delete>")
    assert.equal(200, response.status)
    assert.equal(1000, #s3.texts(response.body, "Key"))
    local left = bucket:must { bucket = "full-bucket", query = { ["list-type"] = 2 } }
    assert.same({ "0001" }, s3.texts(left.body, "Key"))
  end)

  for what, document in values.sorted {
    ["of more than a thousand"] = "<Delete>" .. keys_as_xml(1, 1001) .. "</Delete>",
    ["of none"] = "<Delete></Delete>",
    ["that is cut off"] = "<Delete>" .. keys_as_xml(1, 1),
    ["of another name"] = "<Deletion>" .. keys_as_xml(1, 1) .. "</Deletion>",
    ["without a key"] = "<Delete><Object></Object></Delete>",
    ["with two keys for one"] = "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
    ["that is neither quiet nor not"] = "<Delete>" .. keys_as_xml(1, 1)
      .. "<Quiet>perhaps</Quiet></Delete>",
    ["with a document type"] = '<!DOCTYPE d [<!ENTITY a "0001">]><Delete><Object>'
      .. "<Key>&a;</Key></Object></Delete>",
    ["with an entity of its own"] = "<Delete><Object><Key>&a;</Key></Object></Delete>",
    ["with a character that XML has not"] = "<Delete><Object><Key>&#1;</Key></Object></Delete>",
    ["that is deep"] = "<Delete>" .. keys_as_xml(1, 1) .. ("<a>"):rep(1000)
      .. ("</a>"):rep(1000) .. "</Delete>",
    ["that is no XML"] = "0001",
    ["that is empty"] = "",
  } do
    it("of deletions " .. what .. " is refused, and nothing is deleted", function()
      assert.equal("400 MalformedXML", outcome(delete(document)))
      assert.equal(200, bucket:ask({ bucket = "full-bucket", key = "0001" }).status)
    end)
  end

  it("of deletions that is very long is refused before it is read", function()
    local document = "<Delete>" .. (" "):rep(4 * 1024 * 1024) .. "</Delete>"
    assert.equal("400 EntityTooLarge", outcome(delete(document)))
  end)
end)
