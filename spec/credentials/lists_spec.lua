-- Lists of prefixes, objects and actions: read raw, once, and copied; whatever a reader could take
-- for fewer items than were meant is refused.
local cjson = require "cjson"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local token = require "spec.support.token"
local values = require "spec.support.values"

local ABSENT = make.ABSENT

-- Two good items for each list.
local GOOD = {
  prefixes = { "users/1/", "users/2/" },
  objects = { "logo.png", "index.html" },
  actions = { "GetObject", "PutObject" },
}

local function with(list_name, list)
  local changes = { [list_name] = list }
  if list_name == "actions" then
    changes.permission = ABSENT
  end
  return make.request(changes)
end

-- Tables that are no list, made anew from two good items: name -> { build, starts, says }.
local shapes = {
  ["an empty list"] = { function() return {} end, says = { "empty" } },
  ["a list that starts at 0"] = { function(a, b) return { [0] = a, b } end },
  ["a list that starts at 2"] = { function(a) return { [2] = a } end },
  ["a list with a hole"] = { function(a, b) return { a, nil, b } end },
  ["a list with a wide hole"] = { function(a, b) return { a, [1000000] = b } end },
  ["a list with a hole after 2^31"] = { function(a, b) return { a, [2 ^ 31] = b } end },
  ["a list with a hole after 2^32"] = { function(a, b) return { a, [2 ^ 32 + 2] = b } end },
  ["a list with a hole after 2^53"] = { function(a, b) return { a, [2 ^ 53] = b } end },
  ["a list with a negative key"] = { function(a, b) return { a, [-1] = b } end },
  ["a list with a fraction for a key"] = { function(a, b) return { a, [1.5] = b } end },
  ["a list with infinity for a key"] = { function(a, b) return { a, [1 / 0] = b } end },
  ["a list with a named field"] = { function(a, b) return { a, b, n = 2 } end },
  ["a list with a numeral for a key"] = { function(a, b) return { a, ["2"] = b } end },
  ["a list with true for a key"] = { function(a, b) return { a, [true] = b } end },
  ["a list with a table for a key"] = { function(a, b) return { a, [{}] = b } end },
  ["a list with cjson.null for a key"] = { function(a, b) return { a, [cjson.null] = b } end },
  ["a set"] = { function(a, b) return { [a] = true, [b] = true } end },
  ["an empty string first"] = { function(a) return { "", a } end, item = 1 },
  ["an empty string last"] = { function(a) return { a, "" } end, item = 2 },
  ["a number for an item"] = { function(a) return { a, 5 } end, item = 2 },
  ["a table for an item"] = { function(a, b) return { a, { b } } end, item = 2 },
  ["an item of 100 MB"] = {
    function(a) return { a, values.hundred_megabytes() } end, item = 2,
  },
  ["the parent's secret, not in a list"] = {
    function() return keys.parent_secret_access_key end,
  },
}
for name, value in pairs(values.alien) do
  shapes[name .. " for an item"] = { function(a) return { a, value } end, item = 2 }
end

for list_name, good in values.sorted(GOOD) do
  describe("A list of " .. list_name, function()
    local client

    setup(function()
      client = make.client()
    end)

    local function check(expected, build)
      expected.kind, expected.field = "invalid_request", list_name
      return refused(expected, function()
        return client:sign(with(list_name, build(good[1], good[2])))
      end)
    end

    for name, shape in values.sorted(shapes) do
      it("is refused when it is or has " .. name, function()
        local starts = shape.item and ("%s[%d]"):format(list_name, shape.item)
        check({ starts = starts, says = shape.says }, shape[1])
      end)
    end

    for name, value in values.sorted(values.not_a_string()) do
      if type(value) ~= "table" then
        it("is refused when it is " .. name, function()
          check({ says = { "list" } }, function() return value end)
        end)
      end
    end

    it("is refused when it is a string", function()
      check({ says = { "list" } }, function(a) return a end)
    end)

    for name, disguise in values.sorted(values.disguises) do
      it("is refused when it has a metatable with " .. name, function()
        check({ says = { "metatable" } }, function(a, b) return disguise { a, b } end)
      end)
    end

    for name, metatable in values.sorted(values.harmless) do
      it("may have a metatable with " .. name, function()
        assert(client:sign(with(list_name, setmetatable({ good[1] }, metatable))))
      end)
    end

    it("may have whole floats for keys", function()
      assert(client:sign(with(list_name, { [1.0] = good[1], [2.0] = good[2] })))
    end)

    it("of 1,000,000 items is refused", function()
      local list = {}
      for i = 1, 1000000 do
        list[i] = good[1]
      end
      for _, limit in ipairs { 8000, 1048576 } do
        local small = make.client { max_token_bytes = limit }
        refused({ kind = "invalid_request", field = list_name }, function()
          return small:sign(with(list_name, list))
        end)
      end
    end)
  end)
end

-- Prefixes and objects are keys of R2: up to 1,024 bytes of UTF-8 without NUL.
for _, list_name in ipairs { "prefixes", "objects" } do
  describe("An item of " .. list_name, function()
    local client

    setup(function()
      client = make.client()
    end)

    local function refuse(item, says)
      refused({
        kind = "invalid_request", field = list_name, starts = list_name .. "[2]",
        says = says,
      }, function()
        return client:sign(with(list_name, { "good/", item }))
      end)
    end

    local function accept(item)
      local credentials = assert(client:sign(with(list_name, { "good/", item }), make.NOW))
      local paths = token.read(credentials.session_token).claims.paths
      local claim = list_name == "prefixes" and paths.prefixPaths or paths.objectPaths
      assert.same({ "good/", item }, claim)
    end

    for name, item in values.sorted(values.not_utf8) do
      it("is refused when it is not UTF-8: " .. name, function()
        refuse(item, { "UTF-8" })
      end)
    end

    for name, item in values.sorted(values.utf8) do
      it("may hold " .. name, function()
        accept(item)
      end)
    end

    for name, item in values.sorted {
      ["alone"] = "\0", ["at the end"] = "users/1/\0", ["inside"] = "users\0/1/",
    } do
      it("is refused with a NUL " .. name, function()
        refuse(item, { "NUL" })
      end)
    end

    it("may have 1,024 bytes and no more", function()
      accept(("k"):rep(1024))
      refuse(("k"):rep(1025), { "1024" })
    end)

    it("is measured in bytes, not in characters", function()
      accept(("\195\169"):rep(512))
      refuse(("\195\169"):rep(512) .. "/", { "1024" })
    end)
  end)
end

describe("A list of actions", function()
  local client

  setup(function()
    client = make.client()
  end)

  for name, action in values.sorted {
    ["that does not exist"] = "DeleteBucket",
    ["in lower case"] = "getobject",
    ["in upper case"] = "GETOBJECT",
    ["with a prefix"] = "s3:GetObject",
    ["with a final NUL"] = "GetObject\0",
    ["with a final space"] = "GetObject ",
    ["cut off"] = "GetObjec",
    ["with a star"] = "*",
    ["that is a permission"] = "object-read-only",
  } do
    it("refuses an action " .. name, function()
      refused({
        kind = "invalid_request", field = "actions", starts = "actions[1]",
        says = { "GetObject", "CompleteMultipartUpload" },
      }, function()
        return client:sign(with("actions", { action, "GetObject" }))
      end)
    end)
  end

  it("goes into the token as it was given", function()
    local all = require("r2.temp_credentials").actions().ALL
    local credentials = assert(client:sign(with("actions", all), make.NOW))
    assert.same(all, token.read(credentials.session_token).claims.actions)
  end)
end)

describe("A list", function()
  it("is copied: changing it later changes no credential", function()
    local client, prefixes = make.client(), { "users/1/" }
    local request = make.request { prefixes = prefixes }
    local first = assert(client:sign(request, make.NOW))
    prefixes[1], prefixes[2] = "users/2/", "users/3/"
    local claims = token.read(first.session_token).claims
    assert.same({ "users/1/" }, claims.paths.prefixPaths)
    claims = token.read(assert(client:sign(request, make.NOW)).session_token).claims
    assert.same({ "users/2/", "users/3/" }, claims.paths.prefixPaths)
  end)

  it("is not changed by signing", function()
    local prefixes, objects = { "b/", "a/", "b/" }, { "z", "a" }
    assert(make.client():sign(make.request { prefixes = prefixes, objects = objects }))
    assert.same({ "b/", "a/", "b/" }, prefixes)
    assert.same({ "z", "a" }, objects)
  end)
end)
