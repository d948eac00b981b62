-- A credential that the API sends is held against what was asked for: over a connection that is
-- kept an answer may be somebody else's. What of a session token cannot be read is not looked at.
local answers = require "spec.support.api_answers"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local token = require "spec.support.token"
local values = require "spec.support.values"

local ABSENT = make.ABSENT

-- What becomes of a session token with these claims, for a request with these fields.
local function answer(claims, changes)
  return {
    request = make.request(changes),
    body = answers.envelope { result = make.changed(answers.RESULT, {
      sessionToken = token.forge {
        secret = keys.another_parent_secret_access_key, payload = token.payload(claims),
      },
    }) },
  }
end

local function takes(claims, changes)
  local credentials, message = answers.respond(answer(claims, changes))
  assert(credentials, message)
end

local function refuses(claims, changes, says)
  local err = answers.refuse("bad_response", answer(claims, changes), { says })
  assert.is_false(err.retryable)
end

local function list(...)
  return '["' .. table.concat({ ... }, '","') .. '"]'
end

local function paths(prefixes, objects)
  return ('{"prefixPaths":%s,"objectPaths":%s}'):format(prefixes, objects)
end

describe("A credential of the API is taken", function()
  it("when it is what was asked for, whoever signed it", function()
    takes()
    takes({ aud = '"elsewhere"', iat = "null", exp = ABSENT })
  end)

  for permission in pairs { ["object-read-only"] = 1, ["object-read-write"] = 1,
    ["admin-read-only"] = 1, ["admin-read-write"] = 1, ["object-write-only"] = 1 } do
    it("with the scope " .. permission, function()
      takes({ scope = '"' .. permission .. '"' }, { permission = permission })
    end)
  end

  it("with actions that the permission covers", function()
    for permission, actions in pairs {
      ["object-write-only"] = list("PutObject", "UploadPart", "AbortMultipartUpload"),
      ["object-read-only"] = list("GetObject", "ListParts"),
      ["object-read-write"] = list("GetObject", "DeleteObject"),
    } do
      takes({ scope = ABSENT, actions = actions }, { permission = permission })
    end
  end)

  it("with its paths in another order, twice, or spelt in another way", function()
    local asked = { prefixes = { "a/", "b/", 'c"/' }, objects = { "x", "caf\195\169" } }
    for _, prefixes in ipairs {
      list("a/", "b/", 'c\\"/'), list('c\\"/', "b/", "a/"),
      list("b/", "a/", "a/", 'c\\u0022/'),
      list("\\u0061\\/", "b\\/", 'c\\"\\/'),
    } do
      for _, objects in ipairs { list("x", "caf\195\169"), list("caf\\u00e9", "x") } do
        takes({ paths = paths(prefixes, objects) }, asked)
      end
    end
  end)

  it("with many paths in any order", function()
    local asked, reversed = {}, {}
    for i = 1, 900 do
      asked[i] = "p" .. i
      reversed[901 - i] = "p" .. i
    end
    local client = make.api_client { max_token_bytes = 1048576 }
    for _, prefixes in ipairs { asked, reversed } do
      local found = answer({ paths = paths(list((unpack or table.unpack)(prefixes)), "[]") })
      local body = require("cjson").encode(found.body)
      assert(client:response(200, {}, body, make.NOW, make.request { prefixes = asked }))
    end
  end)

  it("without the list of paths that nobody asked for", function()
    takes { paths = '{"prefixPaths":["users/123/"]}' }
    takes({ paths = '{"objectPaths":["a"]}' }, { prefixes = ABSENT, objects = { "a" } })
    for _, none in ipairs { ABSENT, "{}", paths("[]", "[]") } do
      takes({ paths = none }, { prefixes = ABSENT })
    end
  end)

  it("of another parent when the request named it", function()
    takes({ iss = '"' .. keys.another_parent_access_key_id .. '"' },
      { parent_access_key_id = keys.another_parent_access_key_id })
  end)

  it("when its token cannot be read", function()
    for _, session_token in ipairs {
      "opaque", token.forge():sub(5), token.forge { payload = "no JSON" },
      token.forge { payload = "[]" }, token.forge { payload = '"claims"' },
    } do
      local result = make.changed(answers.RESULT, { sessionToken = session_token })
      assert(answers.respond { body = answers.envelope { result = result } })
    end
  end)
end)

describe("A credential of the API is refused", function()
  local mine = paths('["users/123/"]', "[]")
  for name, case in values.sorted {
    ["for another bucket"] = { { bucket = '"other-bucket"' }, "another bucket" },
    ["for a bucket that begins alike"] = { { bucket = '"my-bucket-2"' }, "another bucket" },
    ["of another account"] = {
      { sub = '"' .. keys.another_account_id .. '"' }, "another account",
    },
    ["of no account"] = { { sub = ABSENT }, "another account" },
    ["of another parent"] = {
      { iss = '"' .. keys.another_parent_access_key_id .. '"' }, "another parent",
    },
    ["of no parent"] = { { iss = "null" }, "another parent" },
    ["with another scope"] = { { scope = '"object-read-write"' }, "another permission" },
    ["with a scope that nobody knows"] = { { scope = '"root"' }, "another permission" },
    ["with actions that are not covered"] = {
      { scope = ABSENT, actions = '["GetObject","PutObject"]' }, "another permission",
    },
    ["with actions that nobody knows"] = {
      { scope = ABSENT, actions = '["GetEverything"]' }, "another permission",
    },
    ["for the whole bucket"] = { { paths = ABSENT }, "other paths" },
    ["for another prefix"] = { { paths = paths('["users/124/"]', "[]") }, "other paths" },
    ["for one more prefix"] = {
      { paths = paths('["users/123/","users/124/"]', "[]") }, "other paths",
    },
    ["for an object in place of a prefix"] = {
      { paths = paths("[]", '["users/123/"]') }, "other paths",
    },
    ["for an object besides"] = { { paths = paths('["users/123/"]', '["a"]') }, "other paths" },
    ["without a bucket"] = { { bucket = ABSENT }, "other claims" },
    ["with a scope and actions"] = { { actions = '["GetObject"]' }, "other claims" },
    ["with neither"] = { { scope = ABSENT }, "other claims" },
    ["with no action"] = { { scope = ABSENT, actions = "[]" }, "other claims" },
    ["with paths of null"] = { { paths = "null" }, "other claims" },
    ["with a list for paths"] = { { paths = "[]" }, "other claims" },
    ["with a prefix that is no list"] = {
      { paths = paths('"users/123/"', "[]") }, "other claims",
    },
  } do
    it(name, function()
      refuses(case[1], nil, case[2])
      refuses(make.changed(case[1], { exp = ("%d"):format(make.NOW + 60) }), nil, case[2])
    end)
  end

  it("when it reads, copies or deletes although it was to write only", function()
    for _, actions in ipairs { '["GetObject"]', '["PutObject","HeadObject"]',
      '["PutObject","DeleteObject"]', '["CopyObject"]' } do
      refuses({ scope = ABSENT, actions = actions }, { permission = "object-write-only" },
        "another permission")
    end
    refuses({ scope = '"object-read-write"' }, { permission = "object-write-only" },
      "another permission")
  end)

  it("for paths when the whole bucket was asked for", function()
    refuses({ paths = mine }, { prefixes = ABSENT }, "other paths")
  end)

  it("for fewer paths than were asked for", function()
    refuses({ paths = mine }, { prefixes = { "users/123/", "users/124/" } }, "other paths")
    refuses({ paths = mine }, { objects = { "a" } }, "other paths")
  end)
end)
