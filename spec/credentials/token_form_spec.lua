-- What a session token must say for client:verify to call it good, although its signature is. R2
-- refuses some of these; the others no program of sense makes. tc.inspect shows them all.
local base64 = require "spec.support.base64"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local tc = require "r2.temp_credentials"
local token = require "spec.support.token"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT
local client = make.client()

local function forged(claims, more)
  local payload = token.payload(claims):gsub("}$", (more or "") .. "}")
  return token.forge { payload = payload }
end

local function refuse(reason, session_token)
  local err = refused({ kind = "invalid_token", field = "session_token" }, function()
    return client:verify(session_token, NOW)
  end)
  assert.equal(reason, err.reason)
  assert(tc.inspect(session_token))
end

local function time(seconds)
  return ("%d"):format(NOW + seconds)
end

local BOTH = "must not hold both a scope and actions: R2 refuses it"
local NEITHER = "must hold a scope or actions"
local SCOPE = "must hold its scope as a string"
local ACTIONS = "must hold its actions as a list of one or more strings"
local PATHS = "must hold its paths as an object with the lists of strings prefixPaths and "
  .. "objectPaths"
local BUCKET = "must hold the name of a bucket (bucket)"
local NBF = "must hold its beginning (nbf) as whole seconds"

describe("A signed token is not good", function()
  for name, case in values.sorted {
    ["with a scope and actions"] = { BOTH, { actions = '["GetObject"]' } },
    ["with a scope and actions of null"] = { BOTH, { actions = "null" } },
    ["with neither"] = { NEITHER, { scope = ABSENT } },
    ["with a list for a scope"] = { SCOPE, { scope = '["object-read-only"]' } },
    ["with a scope of null"] = { SCOPE, { scope = "null" } },
    ["with a string for actions"] = { ACTIONS, { scope = ABSENT, actions = '"GetObject"' } },
    ["with no action"] = { ACTIONS, { scope = ABSENT, actions = "[]" } },
    ["with an action that is a number"] = { ACTIONS, { scope = ABSENT, actions = '["a",1]' } },
    ["with an object for actions"] = { ACTIONS, { scope = ABSENT, actions = '{"1":"a"}' } },
    ["with no bucket"] = { BUCKET, { bucket = ABSENT } },
    ["with a bucket of null"] = { BUCKET, { bucket = "null" } },
    ["with an empty bucket"] = { BUCKET, { bucket = '""' } },
    ["with a bucket that can be none"] = { BUCKET, { bucket = '"No"' } },
    ["with paths of null"] = { PATHS, { paths = "null" } },
    ["with a list for paths"] = { PATHS, { paths = "[]" } },
    ["with a string for paths"] = { PATHS, { paths = '""' } },
    ["with prefixes of null"] = { PATHS, { paths = '{"prefixPaths":null}' } },
    ["with a string for prefixes"] = { PATHS, { paths = '{"prefixPaths":"a/"}' } },
    ["with an object for prefixes"] = { PATHS, { paths = '{"prefixPaths":{}}' } },
    ["with a number among objects"] = { PATHS, { paths = '{"objectPaths":["a",1]}' } },
    ["that ended before it was made"] = {
      "must end after it was made (iat, exp)", { iat = time(50), exp = time(40) },
    },
    ["that ended when it was made"] = {
      "must end after it was made (iat, exp)", { iat = time(50), exp = time(50) },
    },
    ["that lives a second too long"] = {
      "must not live longer than 7 days (iat, exp)", { exp = time(604801) },
    },
    ["that lives for ten years"] = {
      "must not live longer than 7 days (iat, exp)", { exp = time(315360000) },
    },
    ["that is for later"] = {
      "must not be for later (nbf)", {}, ',"nbf":' .. time(61),
    },
    ["with a beginning of null"] = { NBF, {}, ',"nbf":null' },
    ["with a beginning in a string"] = { NBF, {}, ',"nbf":"0"' },
    ["with half a second for a beginning"] = { NBF, {}, ',"nbf":0.5' },
  } do
    it(name, function()
      refuse(case[1], forged(case[2], case[3]))
    end)
  end

  it("whatever else it says of itself, when its form is not", function()
    local _, _, err = client:verify(forged { scope = ABSENT, iat = time(-90000),
      exp = time(-80000) }, NOW)
    assert.equal("invalid_token", err.kind)
  end)
end)

describe("A signed token is good", function()
  for name, case in values.sorted {
    ["with prefixes alone"] = { { paths = '{"prefixPaths":["a/"]}' } },
    ["with objects alone"] = { { paths = '{"objectPaths":["a"]}' } },
    ["with actions alone"] = { { scope = ABSENT, actions = '["GetObject"]' } },
    ["without paths"] = { { paths = ABSENT } },
    ["for 7 days"] = { { exp = time(604800) } },
    ["for a second"] = { { exp = time(1) } },
    ["that began, or will in a minute"] = { {}, ',"nbf":' .. time(60) },
    ["with claims that nobody knows"] = { {}, ',"jti":"1","x":{"scope":[1]}' },
    ["with blanks between claims"] = {
      { bucket = ' "my-bucket" ', exp = "\n" .. time(60) .. "\t" },
    },
    ["with names and values in escapes"] = {
      { bucket = ABSENT, scope = '"object-r\\u0065ad-only"' },
      ',"\\u0062ucket":"my-bucket"',
    },
    ["whose last word on a claim is good"] = {
      { scope = '["x"]' }, ',"scope":"object-read-only"',
    },
  } do
    it(name, function()
      local claims = assert(client:verify(forged(case[1], case[2]), NOW))
      assert.equal("my-bucket", claims.bucket)
    end)
  end

  it("whose header has blanks", function()
    assert(client:verify(token.forge { header = ' { "typ" : "JWT" , "alg" : "HS256" } ' }, NOW))
  end)
end)

describe("A token that the library makes", function()
  it("is of that form, whatever is asked for", function()
    for _, changes in ipairs {
      {}, { prefixes = ABSENT }, { prefixes = ABSENT, objects = { 'a"\\\1' } },
      { ttl_seconds = 604800 }, { ttl_seconds = 1 }, { permission = "object-write-only" },
      { permission = ABSENT, actions = { "GetObject" } },
    } do
      local made = assert(client:sign(make.request(changes), NOW)).session_token
      assert(client:verify(made, NOW))
      assert.is_truthy(base64.decode(made):find("^jwt/"))
    end
  end)
end)
