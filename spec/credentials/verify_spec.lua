-- client:verify takes only what this very parent signed, unchanged and in time; tc.inspect reads
-- the claims and promises nothing. Tokens that the library would never make come from token.forge.
local tc = require "r2.temp_credentials"
local base64 = require "spec.support.base64"
local collector = require "spec.support.collector"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local values = require "spec.support.values"

local NOW = make.NOW
local client

setup(function()
  client = make.client()
end)

local function refuse(kind, session_token, now)
  local hides = type(session_token) == "string" and #session_token > 20 and { session_token }
  return refused({ kind = kind, field = "session_token", hides = hides or nil }, function()
    return client:verify(session_token, now or NOW)
  end)
end

-- Quick, for loops over thousands of tokens.
local function is_refused(session_token)
  local claims, message, err = client:verify(session_token, NOW)
  return claims == nil and type(message) == "string" and err.kind == "invalid_token"
end

local function replaced(text, position, character)
  return text:sub(1, position - 1) .. character .. text:sub(position + 1)
end

describe("client:verify hands back the claims as R2 names them", function()
  it("of a credential that it signed", function()
    local credentials = assert(client:sign(make.request { objects = { "logo.png" } }, NOW))
    assert.same({
      bucket = "my-bucket",
      scope = "object-read-only",
      paths = { prefixPaths = { "users/123/" }, objectPaths = { "logo.png" } },
      sub = keys.account_id,
      iss = keys.parent_access_key_id,
      aud = keys.account_id .. ".r2.cloudflarestorage.com",
      iat = NOW,
      exp = NOW + 3600,
    }, client:verify(credentials.session_token, NOW))
  end)

  it("of a token that another implementation signed", function()
    local claims = assert(client:verify(token.forge(), NOW))
    assert.equal("my-bucket", claims.bucket)
    assert.same({ "users/123/" }, claims.paths.prefixPaths)
  end)

  it("with whole numbers for times", function()
    local credentials = assert(client:sign(make.request(), NOW))
    for _, claims in ipairs {
      assert(client:verify(credentials.session_token, NOW)),
      assert(tc.inspect(credentials.session_token)),
    } do
      assert.equal("1700000000", tostring(claims.iat))
      assert.equal("1700003600", tostring(claims.exp))
    end
  end)

  it("of actions without scope or paths", function()
    local credentials = assert(client:sign(make.request {
      permission = make.ABSENT, prefixes = make.ABSENT,
      actions = { "PutObject", "GetObject" },
    }, NOW))
    local claims = assert(client:verify(credentials.session_token, NOW))
    assert.same({ "PutObject", "GetObject" }, claims.actions)
    assert.is_nil(claims.scope)
    assert.is_nil(claims.paths)
  end)

  it("at the system's time when none is given", function()
    assert(client:verify(assert(client:sign(make.request())).session_token))
    refused({ kind = "expired", field = "session_token" }, function()
      return client:verify(token.forge())
    end)
  end)
end)

describe("client:verify refuses", function()
  it("a token with any one character changed", function()
    local session_token = token.forge()
    assert(client:verify(session_token, NOW))
    for position = 1, #session_token do
      local original = session_token:sub(position, position)
      local next_letter = base64.STANDARD:sub(
        (base64.STANDARD:find(original, 1, true) or 0) % 64 + 1)
      for _, character in ipairs {
        next_letter:sub(1, 1), "A", "w", "9", "/", "=", "-", " ", "\0", "\n", "\255",
      } do
        if character ~= original then
          assert.is_true(is_refused(replaced(session_token, position, character)),
            ("%q at %d"):format(character, position))
        end
      end
    end
  end)

  it("a JWT with any one character changed", function()
    local jwt = token.jwt {}
    for position = 1, #jwt do
      local original = jwt:sub(position, position)
      for _, character in ipairs { "A", "B", "g", "8", "_", "-", ".", "=", "+", "/", "\0" } do
        if character ~= original then
          assert.is_true(is_refused(token.wrap(replaced(jwt, position, character))),
            ("%q at %d"):format(character, position))
        end
      end
    end
  end)

  it("a token with one character taken out or put in", function()
    local session_token = token.forge()
    for position = 1, #session_token do
      local before = session_token:sub(1, position - 1)
      assert.is_true(is_refused(before .. session_token:sub(position + 1)))
      assert.is_true(is_refused(before .. "A" .. session_token:sub(position)))
      assert.is_true(is_refused(before))
    end
    assert.is_true(is_refused(session_token .. "A"))
    assert.is_true(is_refused(session_token .. session_token))
  end)

  -- Payloads of three lengths, so that the outer base64 ends in "", "=" and "==".
  local function of_every_padding(check)
    local seen = {}
    for extra = 0, 20 do
      local payload = token.payload { bucket = '"my-bucket' .. ("x"):rep(extra) .. '"' }
      local session_token = token.forge { payload = payload }
      local padding = session_token:match("=*$")
      if not seen[padding] then
        seen[padding] = true
        assert(client:verify(session_token, NOW))
        check(session_token, padding)
      end
    end
    assert.same({ [""] = true, ["="] = true, ["=="] = true }, seen)
  end

  it("base64 with bits set behind the last byte", function()
    of_every_padding(function(session_token, padding)
      if padding ~= "" then
        local last = #session_token - #padding
        local value = base64.STANDARD:find(session_token:sub(last, last), 1, true)
        for unused = 1, (padding == "=" and 3 or 15) do
          local character = base64.STANDARD:sub(value + unused, value + unused)
          local changed = replaced(session_token, last, character)
          assert.equal(base64.decode(session_token), base64.decode(changed))
          refuse("invalid_token", changed)
        end
      end
    end)
  end)

  it("a signature with bits set behind its last byte", function()
    local jwt = token.jwt {}
    local value = base64.URL:find(jwt:sub(-1), 1, true)
    for unused = 1, 3 do
      local changed = jwt:sub(1, -2) .. base64.URL:sub(value + unused, value + unused)
      assert.equal(base64.decode_url(jwt:match("[^.]+$")),
        base64.decode_url(changed:match("[^.]+$")))
      refuse("invalid_token", token.wrap(changed))
    end
  end)

  it("base64 with its padding missing, short or long", function()
    of_every_padding(function(session_token, padding)
      local bare = session_token:sub(1, #session_token - #padding)
      for count = 0, 5 do
        if count ~= #padding then
          refuse("invalid_token", bare .. ("="):rep(count))
        end
      end
    end)
  end)

  for name, wrap in values.sorted {
    ["a line break after it"] = function(text) return text .. "\n" end,
    ["a space before it"] = function(text) return " " .. text end,
    ["a line break inside"] = function(text) return text:sub(1, 76) .. "\n" .. text:sub(77) end,
    ["a NUL after it"] = function(text) return text .. "\0" end,
    ["padding inside"] = function(text) return text:sub(1, 4) .. "====" .. text:sub(5) end,
  } do
    it("a token with " .. name, function()
      refuse("invalid_token", wrap(token.forge()))
    end)
  end

  -- Signed right, over the very characters that are there: only the alphabet is wrong.
  it("the standard alphabet or padding inside the JWT", function()
    local function sign(header, payload)
      local input = header .. "." .. payload
      local mac = sha256.hmac(keys.parent_secret_access_key, input)
      return token.wrap(input .. "." .. base64.encode_url(mac))
    end
    local header = base64.encode_url(token.HEADER)
    local payload = token.payload { bucket = '"b???>>>~~~"' }
    local with_slash = base64.encode(payload):gsub("=", "")
    assert.is_truthy(with_slash:find("[+/]"))
    refuse("invalid_token", sign(header, with_slash))
    refuse("invalid_token", sign(header .. "=", base64.encode_url(token.payload())))
    refuse("invalid_token", sign(header, base64.encode_url(token.payload()) .. "="))
    refuse("invalid_token", sign(header .. "\n", base64.encode_url(token.payload())))
    refuse("invalid_token", sign("", base64.encode_url(token.payload())))
    refuse("invalid_token", sign(header, ""))
  end)

  it("the URL alphabet around the JWT", function()
    local session_token = token.forge()
    for position = 1, 8 do
      refuse("invalid_token", replaced(session_token, position, "-"))
      refuse("invalid_token", replaced(session_token, position, "_"))
    end
  end)

  for name, header in values.sorted {
    ["alg none"] = '{"alg":"none","typ":"JWT"}',
    ["alg None"] = '{"alg":"None","typ":"JWT"}',
    ["alg HS512"] = '{"alg":"HS512","typ":"JWT"}',
    ["alg HS384"] = '{"alg":"HS384","typ":"JWT"}',
    ["alg RS256"] = '{"alg":"RS256","typ":"JWT"}',
    ["alg hs256 in lower case"] = '{"alg":"hs256","typ":"JWT"}',
    ["alg with a NUL behind"] = '{"alg":"HS256\\u0000","typ":"JWT"}',
    ["alg a list"] = '{"alg":["HS256"],"typ":"JWT"}',
    ["alg null"] = '{"alg":null,"typ":"JWT"}',
    ["alg twice"] = '{"alg":"HS256","alg":"none","typ":"JWT"}',
    ["no alg"] = '{"typ":"JWT"}',
    ["crit"] = '{"alg":"HS256","typ":"JWT","crit":["exp"]}',
    ["crit and b64"] = '{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":false}',
    ["a list for a header"] = '["HS256"]',
    ["a string for a header"] = '"HS256"',
    ["an empty object for a header"] = "{}",
    ["a header cut off"] = '{"alg":"HS256","typ":"JWT"',
    ["a header and more"] = '{"alg":"HS256","typ":"JWT"}{}',
    ["no JSON for a header"] = "HS256",
  } do
    it(name .. ", signed right", function()
      refuse("invalid_token", token.forge { header = header })
    end)
  end

  it("alg none without a signature", function()
    local input = base64.encode_url('{"alg":"none","typ":"JWT"}') .. "."
      .. base64.encode_url(token.payload())
    refuse("invalid_token", token.wrap(input .. "."))
    refuse("invalid_token", token.wrap(input))
  end)

  it("a signature that is missing, empty or cut", function()
    local header, payload, signature = token.jwt {}:match("^([^.]+)%.([^.]+)%.([^.]+)$")
    for _, rest in ipairs {
      "", ".", "." .. signature:sub(1, -2), "." .. signature .. "A", "." .. signature .. ".",
      "." .. signature .. "." .. signature, ".." .. signature,
    } do
      refuse("invalid_token", token.wrap(header .. "." .. payload .. rest))
    end
  end)

  it("a JWT without its wrapping", function()
    local jwt = token.jwt {}
    refuse("invalid_token", jwt)
    refuse("invalid_token", "jwt/" .. jwt)
    refuse("invalid_token", base64.encode(jwt))
    refuse("invalid_token", base64.encode("JWT/" .. jwt))
    refuse("invalid_token", base64.encode("jwt/jwt/" .. jwt))
    refuse("invalid_token", base64.encode(" jwt/" .. jwt))
    refuse("invalid_token", base64.encode("jwt/" .. jwt .. "\n"))
    refuse("invalid_token", base64.encode(base64.encode("jwt/" .. jwt)))
  end)

  it("a token that another secret signed", function()
    refuse("invalid_token", token.forge { secret = keys.another_parent_secret_access_key })
    refuse("invalid_token", token.forge { secret = keys.parent_secret_access_key:upper() })
    refuse("invalid_token", token.forge { secret = "" })
  end)

  it("the 32 bytes behind the hex secret as the key", function()
    local raw = keys.parent_secret_access_key:gsub("..", function(pair)
      return string.char(tonumber(pair, 16))
    end)
    refuse("invalid_token", token.forge { secret = raw })
  end)

  for name, claims in values.sorted {
    ["another parent"] = { iss = '"' .. keys.another_parent_access_key_id .. '"' },
    ["another account"] = { sub = '"' .. keys.another_account_id .. '"' },
    ["another account's host"] = {
      aud = '"' .. keys.another_account_id .. '.r2.cloudflarestorage.com"',
    },
    ["another jurisdiction"] = {
      aud = '"' .. keys.account_id .. '.eu.r2.cloudflarestorage.com"',
    },
    ["an audience that starts alike"] = {
      aud = '"' .. keys.account_id .. '.r2.cloudflarestorage.com.evil.com"',
    },
    ["an audience with a NUL behind"] = {
      aud = '"' .. keys.account_id .. '.r2.cloudflarestorage.com\\u0000"',
    },
    ["the parent in upper case"] = { iss = '"' .. keys.parent_access_key_id:upper() .. '"' },
    ["no parent"] = { iss = make.ABSENT },
    ["no account"] = { sub = make.ABSENT },
    ["no audience"] = { aud = make.ABSENT },
    ["a null parent"] = { iss = "null" },
    ["a null audience"] = { aud = "null" },
    ["a number for an account"] = { sub = "5" },
    ["a list of audiences"] = {
      aud = '["' .. keys.account_id .. '.r2.cloudflarestorage.com"]',
    },
    ["no iat"] = { iat = make.ABSENT },
    ["no exp"] = { exp = make.ABSENT },
    ["neither iat nor exp"] = { iat = make.ABSENT, exp = make.ABSENT },
    ["a string for iat"] = { iat = '"1700000000"' },
    ["a string for exp"] = { exp = '"1700003600"' },
    ["true for exp"] = { exp = "true" },
    ["null for exp"] = { exp = "null" },
    ["null for iat"] = { iat = "null" },
    ["a list for exp"] = { exp = "[1700003600]" },
    ["iat 61 seconds ahead"] = { iat = ("%d"):format(NOW + 61) },
    ["iat far ahead"] = { iat = ("%d"):format(NOW + 86400), exp = ("%d"):format(NOW + 90000) },
    ["an infinite exp"] = { exp = "1e999" },
    ["an infinite iat"] = { iat = "1e999" },
  } do
    it(name .. ", signed right", function()
      refuse("invalid_token", token.forge { payload = token.payload(claims) })
    end)
  end

  for name, payload in values.sorted {
    ["an empty object"] = "{}",
    ["a list"] = "[]",
    ["a string"] = '"claims"',
    ["a number"] = "5",
    ["null"] = "null",
    ["true"] = "true",
    ["cut off"] = token.payload():sub(1, -2),
    ["an object and more"] = token.payload() .. "{}",
    ["no JSON"] = "claims",
    ["100,000 brackets"] = ("["):rep(100000),
    ["10,000 braces"] = ('{"a":'):rep(10000),
  } do
    it("a payload that is " .. name .. ", signed right", function()
      refuse("invalid_token", token.forge { payload = payload })
    end)
  end

  for _, opening in ipairs { "[", '{"a":' } do
    local closing = opening == "[" and "]" or "}"

    it("what nests deeper than 32 levels, signed right: " .. opening, function()
      local function nested(depth)
        return opening:rep(depth - 1) .. "1" .. closing:rep(depth - 1)
      end
      local function payload(depth)
        return (token.payload():gsub("}$", ',"extra":' .. nested(depth) .. "}"))
      end
      local function header(depth)
        return (token.HEADER:gsub("}$", ',"extra":' .. nested(depth) .. "}"))
      end
      local deep = token.forge { payload = payload(32), header = header(32) }
      assert(client:verify(deep, NOW))
      assert(tc.inspect(deep))
      for _, depth in ipairs { 33, 34, 100, 1000 } do
        local deeper = token.forge { payload = payload(depth) }
        refuse("invalid_token", deeper)
        refused({ kind = "invalid_token", field = "session_token" }, function()
          return tc.inspect(deeper)
        end)
        refuse("invalid_token", token.forge { header = header(depth) })
      end
    end)
  end

  for name, junk in values.sorted {
    ["an empty string"] = "",
    ["one character"] = "a",
    ["padding alone"] = "====",
    ["words"] = "not a session token",
    ["base64 of nothing"] = base64.encode("jwt/"),
    ["base64 of dots"] = base64.encode("jwt/.."),
    ["base64 of more dots"] = base64.encode("jwt/...."),
    ["NULs"] = ("\0"):rep(64),
    ["all bytes set"] = ("\255"):rep(64),
    ["the letter A"] = ("A"):rep(600),
  } do
    it(name, function()
      refuse("invalid_token", junk)
    end)
  end

  it("10 MB and 100 MB", function()
    refuse("invalid_token", ("A"):rep(10 * 1024 * 1024))
    refuse("invalid_token", base64.encode("jwt/") .. ("A"):rep(10 * 1024 * 1024))
    refuse("invalid_token", token.forge() .. ("\n"):rep(10 * 1024 * 1024))
    refuse("invalid_token", values.hundred_megabytes())
  end)

  for name, value in values.sorted(values.not_a_string()) do
    it("what is no string: " .. name, function()
      refuse("invalid_token", value)
    end)
  end

  it("nothing at all", function()
    refused({ kind = "invalid_token", field = "session_token" }, function()
      return client:verify(nil, NOW)
    end)
  end)
end)

-- Their claims are token.payload() with spaces before the last brace. The signatures are OpenSSL's
-- (openssl dgst -sha256 -hmac), as plain Lua takes its time for so much.
describe("A session token of good form", function()
  local function padded(bytes, signature)
    local payload = token.payload()
    payload = payload:sub(1, -2) .. (" "):rep(bytes - #payload) .. "}"
    return token.wrap(base64.encode_url(token.HEADER) .. "." .. base64.encode_url(payload)
      .. "." .. signature)
  end

  it("of 1 MiB is read", function()
    local session_token = padded(589760, "mITbGAnly_rdfy2Atmd933-OdnOd1bC-Z76TCok8WnY")
    assert.equal(1048576, #session_token)
    assert.equal("my-bucket", assert(client:verify(session_token, NOW)).bucket)
    assert.equal("my-bucket", assert(tc.inspect(session_token)).bucket)
  end)

  it("of more is refused for its length", function()
    local session_token = padded(589761, "wPalJEkogEE1TfhFJYGeP2CcHmcIDW8hCexNSnJ0YSA")
    assert.equal(1048580, #session_token)
    for _, read in ipairs {
      function() return client:verify(session_token, NOW) end,
      function() return tc.inspect(session_token) end,
    } do
      refused({
        kind = "invalid_token", field = "session_token", says = { "1048576 bytes" },
      }, read)
    end
  end)
end)

-- The collector may run a finalizer inside any allocating call.
describe("A client that a finalizer closes while it reads a token", function()
  local function verify_while_closing(session_token)
    local closed = false
    local doomed = make.client()
    local ok, claims, message, err = collector.interrupt(function()
      closed = true
      doomed:close()
    end, doomed.verify, doomed, session_token, NOW)
    assert.is_true(closed)
    if not ok then
      assert.matches("closed", claims, 1, true)
    end
    return ok, claims, message, err
  end

  it("hands back the claims or raises, but never calls a good token wrong", function()
    local session_token = token.forge()
    local expected = assert(client:verify(session_token, NOW))
    for _ = 1, 20 do
      local ok, claims, message = verify_while_closing(session_token)
      if ok then
        assert.same(expected, claims, message)
      end
    end
  end)

  it("still refuses a wrong one, or raises", function()
    local session_token = token.forge { secret = keys.another_parent_secret_access_key }
    for _ = 1, 20 do
      local ok, claims, _, err = verify_while_closing(session_token)
      if ok then
        assert.is_nil(claims)
        assert.equal("invalid_token", err.kind)
      end
    end
  end)
end)

describe("A session token's time", function()
  it("ends at exp: one second before it is good, at exp it is expired", function()
    local session_token = token.forge()
    assert(client:verify(session_token, NOW + 3599))
    assert(client:verify(session_token, NOW + 3599.9))
    refuse("expired", session_token, NOW + 3600)
    refuse("expired", session_token, NOW + 3601)
    refuse("expired", session_token, 253402300799)
  end)

  it("begins up to 60 seconds early, for clocks that differ", function()
    local session_token = token.forge()
    assert(client:verify(session_token, NOW))
    assert(client:verify(session_token, NOW - 60))
    refuse("invalid_token", session_token, NOW - 61)
    refuse("invalid_token", session_token, 0)
  end)

  it("is not looked at before the signature is", function()
    local session_token = token.forge { secret = keys.another_parent_secret_access_key }
    refuse("invalid_token", session_token, NOW + 7200)
  end)

  for name, now in values.sorted {
    ["not a number"] = 0 / 0, ["infinity"] = 1 / 0, ["minus infinity"] = -1 / 0,
    ["negative"] = -1, ["a string"] = "1700000000", ["false"] = false,
    ["after the year 9999"] = 253402300800,
  } do
    it("is not compared with a clock that is " .. name, function()
      refused({ kind = "invalid_request", field = "now" }, function()
        return client:verify(token.forge(), now)
      end)
    end)
  end
end)

describe("A client of", function()
  for name, changes in values.sorted {
    ["another parent"] = { parent_access_key_id = keys.another_parent_access_key_id },
    ["another account"] = { account_id = keys.another_account_id },
    ["another jurisdiction"] = { jurisdiction = "eu" },
    ["another endpoint"] = { endpoint = "https://s3.example.com" },
    ["another secret"] = { parent_secret_access_key = keys.another_parent_secret_access_key },
  } do
    it(name .. " does not take this one's tokens", function()
      local session_token = assert(client:sign(make.request(), NOW)).session_token
      refused({ kind = "invalid_token", field = "session_token" }, function()
        return make.client(changes):verify(session_token, NOW)
      end)
    end)
  end
end)

describe("tc.inspect", function()
  it("reads the claims of any credential, whoever signed it and whenever", function()
    local expected = token.read(token.forge()).claims
    assert.same(expected, tc.inspect(token.forge()))
    assert.same(expected, tc.inspect(token.forge {
      secret = keys.another_parent_secret_access_key,
    }))
    local payload = token.payload { iss = '"somebody"', exp = "1" }
    assert.equal("somebody", tc.inspect(token.forge { payload = payload }).iss)
  end)

  it("hands back a fresh table each time", function()
    local session_token = token.forge()
    tc.inspect(session_token).bucket = "changed"
    assert.equal("my-bucket", tc.inspect(session_token).bucket)
  end)

  local jwt = token.jwt {}
  local deep = base64.encode_url(token.HEADER) .. "."
    .. base64.encode_url(("["):rep(100000)) .. "."
    .. ("A"):rep(43)
  for name, junk in values.sorted(make.changed(values.not_a_string(), {
    ["an empty string"] = "",
    ["words"] = "not a session token",
    ["a JWT without its wrapping"] = jwt,
    ["a JWT with a wrong prefix"] = base64.encode("JWT/" .. jwt),
    ["a wrapping and nothing in it"] = base64.encode("jwt/"),
    ["dots"] = base64.encode("jwt/.."),
    ["two parts"] = base64.encode("jwt/a.b"),
    ["a token with its padding missing"] =
      token.forge { payload = token.payload { bucket = '"b"' } }:gsub("=", "") .. "A",
    ["a token with a line break behind"] = token.forge() .. "\n",
    ["a payload that is a list"] = token.forge { payload = "[]" },
    ["a payload that is a string"] = token.forge { payload = '"claims"' },
    ["a payload that is null"] = token.forge { payload = "null" },
    ["a payload cut off"] = token.forge { payload = '{"bucket":' },
    ["a payload of 100,000 brackets"] = token.wrap(deep),
    ["10 MB"] = ("A"):rep(10 * 1024 * 1024),
  })) do
    it("refuses " .. name, function()
      refused({ kind = "invalid_token", field = "session_token" }, function()
        return tc.inspect(junk)
      end)
    end)
  end

  it("refuses nothing at all", function()
    refused({ kind = "invalid_token", field = "session_token" }, function()
      return tc.inspect(nil)
    end)
  end)
end)
