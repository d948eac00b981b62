-- Objects listed, and deleted.
local assert = require "luassert"
local refused = require "spec.support.refused"

local case, list = require("spec.support.bucket.cases")()

-- Keys below a folder of their own, which is handed back.
local function put_all(w, bucket, names)
  local folder = w:key("")
  for _, name in ipairs(names) do
    assert(bucket:put(folder .. name, name))
  end
  return folder
end

-- The names of a list's entries, without the folder; prefixes in brackets.
local function names_of(entries, folder)
  local names = {}
  for i, entry in ipairs(entries) do
    names[i] = (entry.key or "[" .. entry.prefix .. "]"):gsub(folder, "", 1)
  end
  return names
end

local function all_of(bucket, options)
  local entries = {}
  for entry in bucket:list(options) do
    entries[#entries + 1] = entry
  end
  return entries
end

case("a page tells of each object what there is", function(w)
  local bucket = w:bucket()
  local folder = put_all(w, bucket, { "b", "a" })
  local page = assert(bucket:list_page { prefix = folder })
  assert.equal(2, #page)
  assert.is_nil(page.next)
  assert.equal(folder .. "a", page[1].key)
  assert.equal(1, page[1].size)
  assert.equal("0cc175b9c0f1b6a831c399e269772661", page[1].etag)
  assert.is_true(math.abs(page[1].last_modified - os.time()) < 3600)
  assert.same({}, assert(bucket:list_page { prefix = w:key("nothing") }))
end)

case("names come in the order of their bytes, prefixes among them", function(w)
  local bucket = w:bucket()
  local folder = put_all(w, bucket, { "b/2", "a", "B", "b/1", "b", "c", "\195\169", "b0" })
  assert.same({ "B", "a", "b", "b/1", "b/2", "b0", "c", "\195\169" },
    names_of(all_of(bucket, { prefix = folder }), folder))
  assert.same({ "B", "a", "b", "[b/]", "b0", "c", "\195\169" }, (function()
    local names = names_of(all_of(bucket, { prefix = folder, delimiter = "/" }), folder)
    for i, name in ipairs(names) do
      names[i] = name:gsub("%[" .. folder:gsub("%p", "%%%0"), "[")
    end
    return names
  end)())
end, { iterator = true })

case("pages follow each other, and the iterator follows them all", function(w)
  local bucket, names = w:bucket(), {}
  for i = 1, 7 do
    names[i] = "k" .. i
  end
  local folder = put_all(w, bucket, names)
  local seen, token, pages = {}, nil, 0
  repeat
    local page = assert(bucket:list_page { prefix = folder, limit = 3, next = token })
    for _, name in ipairs(names_of(page, folder)) do
      seen[#seen + 1] = name
    end
    token, pages = page.next, pages + 1
  until not token
  assert.same(names, seen)
  assert.equal(3, pages)
  assert.same(names, names_of(all_of(bucket, { prefix = folder }), folder))
  assert.same({ "k1", "k2" }, names_of(all_of(bucket, { prefix = folder, limit = 2 }), folder))
  assert.same({ "k6", "k7" },
    names_of(all_of(bucket, { prefix = folder, start_after = folder .. "k5" }), folder))
end, { iterator = true })

case("names that XML cannot hold are listed as they are", function(w)
  local bucket = w:bucket()
  local names = { "a\tb", "a b", "a&b<c>\"'", "a+b", "a%41", "a\127" }
  table.sort(names)
  local folder = put_all(w, bucket, names)
  local found = names_of(all_of(bucket, { prefix = folder }), folder)
  table.sort(found)
  assert.same(names, found)
end, { iterator = true })

case("a list of keys is deleted, whatever its keys are", function(w)
  local bucket = w:bucket()
  local names = {
    "a", " a", "a ", "\194\160a", "a\t", "a&b<c>\"'", "&amp;", "&#65;", "a  b", "\227\128\128z",
    "\239\187\191q", "12", "<![CDATA[x]]>",
  }
  local folder = put_all(w, bucket, names)
  local keys, kept = {}, { [" a"] = true, ["12"] = true }
  for _, name in ipairs(names) do
    if not kept[name] then
      keys[#keys + 1] = folder .. name
    end
  end
  keys[#keys + 1] = folder .. "was never there"
  keys[#keys + 1] = keys[1]
  assert.is_true(bucket:delete(keys))
  local left = names_of(all_of(bucket, { prefix = folder }), folder)
  table.sort(left)
  assert.same({ " a", "12" }, left)
end, { iterator = true })

case("more than a thousand keys go out in batches", function(w)
  local bucket, keys = w:bucket(), {}
  for i = 1, 1001 do
    keys[i] = w:key("none")
  end
  assert.is_true(bucket:delete(keys))
  assert.is_true(bucket:usage().sent > 0)
end)

case("what is deleted is gone, and may be deleted again", function(w)
  local bucket, key = w:bucket(), w:key()
  assert(bucket:put(key, "x"))
  assert.is_true(bucket:delete(key))
  assert.is_true(bucket:delete(key))
  assert.equal(404, select(3, bucket:head(key)).status)
end)

case("of a list that may not all be deleted each key is told", function(w)
  local mine, others = w:key("mine"), w:key("others")
  local bucket = w:bucket()
  for _, key in ipairs { mine, others } do
    assert(bucket:put(key, "x"))
  end
  local narrow = w:bucket { actions = { "DeleteObjects" }, objects = { mine } }
  local err = refused({ kind = "api", says = { "1 of the keys", "AccessDenied" } }, function()
    return narrow:delete { mine, others }
  end)
  assert.same({ mine }, err.deleted)
  assert.equal("AccessDenied", err.refused[others].code)
  assert.is_nil(err.refused[mine])
  assert(bucket:head(others))
  assert.equal(404, select(3, bucket:head(mine)).status)
end, { sandbox = true })

return list
