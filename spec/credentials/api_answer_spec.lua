-- Answers of Cloudflare's API that bring a credential, or claim to; nothing was sent.
local base64 = require "spec.support.base64"
local cjson = require "cjson"
local answers = require "spec.support.api_answers"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local token = require "spec.support.token"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT
local client, RESULT, envelope, failure =
  answers.client, answers.RESULT, answers.envelope, answers.failure
local respond, refuse = answers.respond, answers.refuse

describe("client:response makes a credential", function()
  it("of a success", function()
    local credentials = assert(respond { body = envelope() })
    assert.same({
      access_key_id = RESULT.accessKeyId,
      secret_access_key = RESULT.secretAccessKey,
      session_token = RESULT.sessionToken,
      expires_at = NOW + 3600,
      bucket = "my-bucket",
      endpoint = "https://" .. keys.account_id .. ".r2.cloudflarestorage.com",
    }, credentials)
    leaks.assert_none({ RESULT.secretAccessKey, RESULT.sessionToken }, tostring(credentials))
  end)

  for name, changes in values.sorted {
    ["201"] = { status = 201 },
    ["messages as objects"] = { messages = { { code = 1000, message = "Hello" } } },
    ["messages as strings"] = { messages = { "Hello" } },
    ["messages of null"] = { messages = cjson.null },
    ["no messages and no errors"] = { messages = ABSENT, errors = ABSENT },
    ["errors of null"] = { errors = cjson.null },
    ["more than is known"] = { result_info = { page = 1 }, extra = true },
  } do
    it("of a success with " .. name, function()
      local status = changes.status
      assert(respond { status = status, body = envelope(make.changed(changes, {
        status = ABSENT,
      })) })
    end)
  end

  it("of a result with more than is known", function()
    local result = make.changed(RESULT, { expiresAt = "tomorrow", extra = cjson.null })
    assert(respond { body = envelope { result = result } })
  end)

  it("that ends the TTL after the request was started", function()
    assert.equal(NOW + 60, assert(respond {
      body = envelope(), request = make.request { ttl_seconds = 60.0 },
    }).expires_at)
    local credentials = assert(respond { body = envelope(), started_at = NOW + 0.9 })
    assert.equal(("%d"):format(NOW + 3600), tostring(credentials.expires_at))
    if math.type then
      assert.equal("integer", math.type(credentials.expires_at))
    end
  end)

  it("that ends when its token does, if that is earlier", function()
    for exp, expected in pairs {
      [NOW + 900] = NOW + 900, [NOW + 3600] = NOW + 3600, [NOW + 7200] = NOW + 3600,
    } do
      local session_token = token.forge {
        secret = keys.another_parent_secret_access_key, -- the parent's secret is not known
        payload = token.payload { exp = ("%d"):format(exp) },
      }
      local result = make.changed(RESULT, { sessionToken = session_token })
      local credentials = assert(respond { body = envelope { result = result } })
      assert.equal(expected, credentials.expires_at)
      assert.equal(session_token, credentials.session_token)
    end
  end)

  it("that never outlives its TTL, whatever its token says", function()
    for _, exp in ipairs {
      '"soon"', "null", "1e300", "1e999", "[]", "true", "99999999999999999999",
    } do
      local result = make.changed(RESULT, {
        sessionToken = token.forge { payload = token.payload { exp = exp } },
      })
      local credentials = assert(respond { body = envelope { result = result } })
      assert.equal(NOW + 3600, credentials.expires_at)
    end
  end)

  it("for the endpoint of the configuration", function()
    local elsewhere = make.api_client { jurisdiction = "eu" }
    local credentials = assert(elsewhere:response(200, {}, cjson.encode(envelope()), NOW,
      make.request()))
    assert.equal("https://" .. keys.account_id .. ".eu.r2.cloudflarestorage.com",
      credentials.endpoint)
  end)
end)

-- What a text holds lua-cjson says, but for what it takes beyond RFC 8259: a point without digits
-- at both its sides, and control characters in strings.
describe("client:response reads", function()
  local cjson_of_own = cjson.new()
  cjson_of_own.decode_invalid_numbers(false)

  local CHARACTERS = {
    "", " ", "\n", '"', "\\", "{", "}", "[", "]", ",", ":", "-", "0", "1", "e", ".", "x", "\1",
    "\127", "\255",
  }

  -- Calls `check` with the text changed in all these ways at each place; within runs of letters
  -- and digits all places are alike.
  local function each_change(text, check)
    for at = 1, #text + 1 do
      if not text:find("^%w%w%w", at - 1) then
        for _, character in ipairs(CHARACTERS) do
          check(text:sub(1, at - 1) .. character .. text:sub(at))
          check(text:sub(1, at - 1) .. character .. text:sub(at + 1))
        end
      end
    end
  end

  -- Whether all of these are left out of it.
  local function is_strict(text)
    local outside, position = "", 1
    for before, string, after in text:gmatch('([^"]*)("[^"]*")()') do
      if string:find("[%z\1-\31]") then
        return false
      end
      outside, position = outside .. before, after
    end
    outside = " " .. outside .. text:sub(position) .. " "
    return not (outside:find("%.[^%d]") or outside:find("[^%d]%."))
  end

  local function decoded(text)
    local ok, value = pcall(cjson_of_own.decode, text)
    return ok and type(value) == "table" and is_strict(text) and value or {}
  end

  local function is_visible(text)
    return type(text) == "string" and text:find("^[\33-\126]+$") ~= nil
  end

  it("a body, whatever is changed in it", function()
    each_change('{"success":true,"errors":[],"messages":[{"code":-10,"message":"a"}],' ..
      '"result":{"accessKeyId":"id","secretAccessKey":"key","sessionToken":"token"}} ',
      function(body)
        local found = decoded(body)
        local result = type(found.result) == "table" and found.result or {}
        local complete = found.success == true and is_visible(result.accessKeyId)
          and is_visible(result.secretAccessKey) and is_visible(result.sessionToken)
        local credentials = respond { body = body }
        assert(complete == (credentials ~= nil), body)
        if complete then
          assert.equal(result.accessKeyId, credentials.access_key_id)
          assert.equal(result.secretAccessKey, credentials.secret_access_key)
          assert.equal(result.sessionToken, credentials.session_token)
        end
      end)
  end)

  it("a body with a name twice, or spelt with an escape", function()
    local text = '{"success":true,%s"result":{"accessKeyId":"id","secretAccessKey":"key",%s' ..
      '"sessionToken":"token"%s}%s}'
    for _, more in ipairs {
      { "", "", "", "" },
      { '"success":false,', "", "", "" },
      { "", "", "", ',"success":false' },
      { "", '"sessionToken":"first",', "", "" },
      { "", "", ',"sessionToken":"last"', "" },
      { "", "", ',"session\\u0054oken":"last"', "" },
      { "", "", ',"sessionToken":"l\\u0061\\/st"', "" },
      { "", "", ',"sessionToken":"l\\nst"', "" },
      { "", "", "", ',"result":{}' },
      { "", "", "", ',"\\u0072esult":{}' },
      { "", "", "", ',"deep":' .. ("["):rep(20) .. ("]"):rep(20) },
    } do
      local body = text:format(more[1], more[2], more[3], more[4])
      local found = decoded(body)
      local result = found.success and found.result or {}
      local credentials = respond { body = body }
      assert.equal(is_visible(result.sessionToken) and result.sessionToken or nil,
        credentials and credentials.session_token)
    end
  end)

  -- Whether the claims are those of make.request().
  local function are_asked_for(claims)
    local paths = claims.paths
    return claims.bucket == "my-bucket" and claims.sub == keys.account_id
      and claims.iss == keys.parent_access_key_id
      and claims.scope == "object-read-only" and claims.actions == nil
      and type(paths) == "table" and type(paths.prefixPaths) == "table"
      and #paths.prefixPaths == 1 and paths.prefixPaths[1] == "users/123/"
      and (paths.objectPaths == nil
        or type(paths.objectPaths) == "table" and next(paths.objectPaths) == nil)
  end

  it("a token's claims, whatever is changed in them", function()
    local start = base64.encode_url('{"alg":"HS256","typ":"JWT"}')
    local signature = base64.encode_url(("s"):rep(32))
    local claims = token.payload { exp = ("%d"):format(NOW + 900) }
    each_change(claims:gsub(',"aud":"[^"]*"', ""), function(text)
      local found = decoded(text)
      local object = next(found) ~= nil and found[1] == nil
      local credentials, _, err = respond { body = envelope {
        result = make.changed(RESULT, {
          sessionToken = base64.encode("jwt/" .. start .. "."
            .. base64.encode_url(text) .. "." .. signature),
        }),
      } }
      assert(not object or are_asked_for(found) == (credentials ~= nil), text)
      if not credentials then
        assert.equal("bad_response", err.kind)
        return
      end
      local exp = found.exp
      local sooner = type(exp) == "number" and exp % 1 == 0 and exp >= 0 and exp < NOW + 3600
      assert.equal(sooner and exp or NOW + 3600, credentials.expires_at, text)
    end)
  end)
end)

describe("client:response calls it a bad_response when an answer claims success and", function()
  local bodies = {
    ["is empty"] = "",
    ["is white space"] = " \n",
    ["is HTML"] = "<html><body>Welcome</body></html>",
    ["is a list"] = "[]",
    ["is a list of envelopes"] = cjson.encode { envelope() },
    ["is a string"] = '"success"',
    ["is a number"] = "200",
    ["is true"] = "true",
    ["is null"] = "null",
    ["is an empty object"] = "{}",
    ["is cut off"] = cjson.encode(envelope()):sub(1, -2),
    ["is cut off in a string"] = '{"success":true,"result":{"accessKeyId":"0123',
    ["has more behind it"] = cjson.encode(envelope()) .. "{}",
    ["starts with NUL"] = "\0" .. cjson.encode(envelope()),
    ["nests 100,000 brackets"] = ("["):rep(100000),
    ["nests 100,000 closed brackets"] = ("["):rep(100000) .. ("]"):rep(100000),
    ["nests 100,000 objects"] = ('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000),
    ["nests 100,000 brackets in its result"] =
      '{"success":true,"result":' .. ("["):rep(100000),
    ["says success: false"] = failure({ { code = 10001, message = "Internal error" } }),
    ["says success: false and nothing else"] = '{"success":false}',
    ["says success: false with a result"] = envelope { success = false },
    ["says success: null"] = envelope { success = cjson.null },
    ["says success in a string"] = envelope { success = "true" },
    ["says success: 1"] = envelope { success = 1 },
    ["does not say success"] = envelope { success = ABSENT },
    ["has a result of null"] = envelope { result = cjson.null },
    ["has no result"] = envelope { result = ABSENT },
    ["has an empty result"] = envelope { result = {} },
    ["has a list for a result"] = envelope { result = { RESULT } },
    ["has a string for a result"] = envelope { result = "credentials" },
    ["has a number for a result"] = envelope { result = 5 },
    ["has true for a result"] = envelope { result = true },
  }
  for _, field in ipairs { "accessKeyId", "secretAccessKey", "sessionToken" } do
    for name, value in pairs {
      ["missing"] = ABSENT, ["null"] = cjson.null, ["empty"] = "", ["a number"] = 5,
      ["true"] = true, ["a list"] = { "a" }, ["an object"] = { a = "b" },
      ["with a line break"] = "text\r\nx-header: 1", ["with LF"] = "text\n",
      ["with a NUL"] = "text\0", ["with a space"] = "text text",
      ["with a tab"] = "text\ttext", ["with byte 31"] = "\31text", ["with DEL"] = "text\127",
      ["not ASCII"] = "t\195\169xt", ["with a C1 control"] = "text\194\128",
    } do
      bodies[("its result's %s is %s"):format(field, name)] = envelope {
        result = make.changed(RESULT, { [field] = value }),
      }
    end
  end
  for name, body in values.sorted(bodies) do
    it(name, function()
      local err = refuse("bad_response", { body = body })
      assert.equal(200, err.status)
    end)
  end

  it("is 20 MB of white space", function()
    refuse("bad_response", { body = (" "):rep(20 * 1024 * 1024) })
  end)

  it("is 204 without a body", function()
    refuse("bad_response", { status = 204, body = "" })
  end)

  it("redirects", function()
    refuse("bad_response", {
      status = 302, body = "", headers = { location = "https://evil.com/" },
    })
  end)
end)

describe("client:response calls it a bad_response when a credential comes", function()
  for _, status in ipairs { 100, 199, 300, 301, 302, 304, 307, 399 } do
    it("with status " .. status, function()
      local err = refuse("bad_response", { status = status, body = envelope() }, {
        tostring(status),
      })
      assert.equal(status, err.status)
    end)
  end
end)

describe("The length of the API's session token", function()
  local function respond_with(length, changes)
    local result = make.changed(RESULT, { sessionToken = ("t"):rep(length) })
    return make.api_client(changes):response(200, {}, cjson.encode(envelope {
      result = result,
    }), NOW, make.request())
  end

  for name, case in values.sorted {
    ["8,000 unless set otherwise"] = { limit = ABSENT, longest = 8000 },
    ["a smaller max_token_bytes"] = { limit = 1000, longest = 1000 },
    ["the largest max_token_bytes"] = { limit = 1048576, longest = 1048576 },
  } do
    it("is at most " .. name, function()
      local limit = { max_token_bytes = case.limit }
      local credentials = assert(respond_with(case.longest, limit))
      assert.equal(case.longest, #credentials.session_token)
      refused({ kind = "bad_response", starts = false, says = { "max_token_bytes" } },
        function()
          return respond_with(case.longest + 1, limit)
        end)
    end)
  end
end)

-- Deeper than this is no answer of the API's: its own have 5 levels.
describe("An answer nested", function()
  -- What has `depth` levels when the envelope's own is counted.
  local function nested(depth, opening, closing)
    local rest = opening:rep(depth - 1) .. "1" .. closing:rep(depth - 1)
    return (cjson.encode(envelope()):gsub("}$", ',"extra":' .. rest .. "}"))
  end

  for name, bracket in values.sorted {
    ["lists"] = { "[", "]" }, ["objects"] = { '{"a":', "}" },
  } do
    it("32 levels deep in " .. name .. " is read", function()
      assert(respond { body = nested(32, bracket[1], bracket[2]) })
    end)

    it("33 levels deep in " .. name .. " or deeper is not", function()
      for _, depth in ipairs { 33, 34, 100, 999, 1000, 1001 } do
        refuse("bad_response", { body = nested(depth, bracket[1], bracket[2]) })
      end
    end)
  end
end)

describe("client:response raises", function()
  local function raises(...)
    local arguments, count = { ... }, select("#", ...)
    assert.has_error(function()
      client:response((unpack or table.unpack)(arguments, 1, count))
    end)
  end

  it("without a status", function()
    raises(nil, {}, "", NOW, make.request())
    raises("200", {}, "", NOW, make.request())
    raises(0 / 0, {}, "", NOW, make.request())
    raises(200.5, {}, "", NOW, make.request())
  end)

  it("without the time of the request", function()
    raises(200, {}, "", nil, make.request())
    raises(200, {}, "", "1700000000", make.request())
    raises(200, {}, "", 0 / 0, make.request())
    raises(200, {}, "", 1 / 0, make.request())
  end)

  it("without the request", function()
    raises(200, {}, "", NOW)
    raises(200, {}, "", NOW, "my-bucket")
  end)
end)

describe("client:response refuses a request", function()
  it("that client:request would have refused", function()
    for field, value in pairs { bucket = "B", ttl_seconds = 0, prefixes = {} } do
      refused({ kind = "invalid_request", field = field }, function()
        return client:response(200, {}, cjson.encode(envelope()), NOW,
          make.request { [field] = value })
      end)
    end
  end)
end)
