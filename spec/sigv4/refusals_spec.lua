-- What holds for signing in headers and for signing in a URL: what is refused, and what is not.
local sigv4 = require "r2.sigv4"
local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local signing = require "spec.support.signing"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT
local SECRETS = signing.SECRETS
local request, credentials, options = signing.request, signing.credentials, signing.options

local FIELDS = {
  request = { "known", "method", "url", "headers" },
  credentials = {
    "known", "access_key_id", "secret_access_key", "session_token", "expires_at", "bucket",
    "endpoint",
  },
  sign = { "known", "now", "region", "service", "payload_hash" },
  presign = { "known", "expires_seconds", "now", "region", "service" },
}

for _, name in ipairs { "sign", "presign" } do
  local call = sigv4[name]

  local function refuses(what, field, changes, says)
    changes = make.changed({ request = {}, credentials = {}, options = {} }, changes)
    it("refuses " .. what, function()
      refused({ kind = "invalid_request", field = field, says = says, hides = SECRETS },
        function()
          return call(request(changes.request), credentials(changes.credentials),
            options(changes.options))
        end)
    end)
  end

  describe("sigv4." .. name, function()
    refuses("an unknown field of a request", "payload",
      { request = { payload = "" } }, FIELDS.request)
    refuses("a body, and says what to do with it", "body", { request = { body = "" } },
      name == "sign" and { "leave it out", "payload_hash = sigv4.hash(body)" }
        or { "leave it out" })
    refuses("an unknown field of a credential", "sessionToken",
      { credentials = { sessionToken = "x" } }, FIELDS.credentials)
    refuses("an unknown option", "expires", { options = { expires = 1 } }, FIELDS[name])
    refuses("an option of the other", name == "sign" and "expires_seconds" or "payload_hash", {
      options = name == "sign" and { expires_seconds = 60 }
        or { payload_hash = ("0"):rep(64) },
    }, FIELDS[name])

    for field in pairs { method = true, url = true } do
      refuses("a request without " .. field, field, { request = { [field] = ABSENT } })
    end
    for field in pairs { access_key_id = true, secret_access_key = true } do
      refuses("a credential without " .. field, field, { credentials = { [field] = ABSENT } })
    end

    for case, value in values.sorted(make.changed(values.not_a_string(), {
      ["nothing"] = "", ["small letters"] = "get", ["two words"] = "GET PUT",
      ["a line break"] = "GET\n", ["a digit"] = "GET1", ["too much"] = ("G"):rep(17),
    })) do
      refuses("a method: " .. case, "method", { request = { method = value } })
    end

    for case, value in values.sorted(make.changed(values.not_a_string(), {
      ["nothing"] = "", ["a slash"] = "a/b", ["a comma"] = "a,b", ["an equals sign"] = "a=b",
      ["a space"] = "a b", ["a line break"] = "a\n", ["129 characters"] = ("a"):rep(129),
    })) do
      refuses("an access_key_id: " .. case, "access_key_id",
        { credentials = { access_key_id = value } })
    end

    for field, longest in pairs { secret_access_key = 256, session_token = 1048576 } do
      for case, value in values.sorted(make.changed(values.not_a_string(), {
        ["nothing"] = "", ["a space"] = "secret secret secret",
        ["a line break"] = "secret\n",
        ["a NUL"] = "secret\0", ["DEL"] = "secret\127secret",
        ["no ASCII"] = "secret\195\169",
        ["the highest byte"] = "\255secretsecret", ["too much"] = ("s"):rep(longest + 1),
      })) do
        refuses(("a %s: %s"):format(field, case), field,
          { credentials = { [field] = value } })
      end
      -- Eight bytes are looked at together.
      it("looks at every byte of a " .. field, function()
        for at = 1, 20 do
          for _, byte in ipairs { 0, 32, 127, 128, 255 } do
            local text = ("s"):rep(at - 1) .. string.char(byte) .. ("~!"):rep(10)
            local _, _, err = call(request(), credentials { [field] = text }, options())
            assert.equal(field, err.field)
          end
        end
        local visible = {}
        for byte = 33, 126 do
          visible[#visible + 1] = string.char(byte)
        end
        assert(call(request(), credentials { [field] = table.concat(visible) }, options()))
      end)
    end

    for case, value in values.sorted(make.changed(values.not_a_number(), values.odd_numbers)) do
      if value ~= 0 and case ~= "2^53" then
        refuses("an expires_at: " .. case, "expires_at",
          { credentials = { expires_at = value } })
      end
    end
    for case, value in values.sorted(make.changed(values.not_a_number(), {
      ["not a number"] = 0 / 0, ["infinity"] = 1 / 0, ["before 1970"] = -1,
      ["after 9999"] = 253402300800,
    })) do
      refuses("a now: " .. case, "now", { options = { now = value } })
    end
    for field in pairs { region = true, service = true } do
      for case, value in values.sorted(make.changed(values.not_a_string(), {
        ["nothing"] = "", ["capitals"] = "Auto", ["a slash"] = "a/b",
        ["a line break"] = "a\n",
        ["a comma"] = "a,b", ["64 characters"] = ("a"):rep(64), ["a hyphen first"] = "-a",
      })) do
        refuses(("a %s: %s"):format(field, case), field, { options = { [field] = value } })
      end
    end

    local too_many = {}
    for i = 1, 125 do
      too_many["h" .. i] = "v"
    end
    for case, value in values.sorted(make.changed(values.alien, {
      ["a string"] = "a: b", ["a list"] = { "a: b" }, ["a number as a value"] = { a = 1 },
      ["a list as a value"] = { a = { "b" } }, ["a number as a name"] = { [1] = "b" },
      ["an empty name"] = { [""] = "b" }, ["a space in a name"] = { ["a b"] = "c" },
      ["a colon in a name"] = { ["a:"] = "b" },
      ["a line break in a name"] = { ["a\n"] = "b" },
      ["a NUL in a name"] = { ["a\0"] = "b" },
      ["no ASCII in a name"] = { ["\195\169"] = "b" },
      ["a carriage return"] = { a = "b\rc" }, ["a line feed"] = { a = "b\nc" },
      ["a NUL"] = { a = "b\0" }, ["DEL"] = { a = "b\127" }, ["no ASCII"] = { a = "\195\169" },
      ["two names that differ in case"] = { a = "b", A = "b" },
      ["three names, two of which differ in case"] = { b = "1", ["a-b"] = "2",
      ["A-B"] = "3" },
      ["authorization"] = { Authorization = "x" }, ["x-amz-date"] = { ["X-Amz-Date"] = "x" },
      ["x-amz-security-token"] = { ["x-amz-security-token"] = credentials().session_token },
      ["x-amz-content-sha256"] = { ["X-AMZ-CONTENT-SHA256"] = ("0"):rep(64) },
      ["the host twice"] = {
        Host = keys.account_id .. ".r2.cloudflarestorage.com",
        host = keys.account_id .. ".r2.cloudflarestorage.com",
      },
      ["another host"] = { host = "s3.example.com" },
      ["the host in capitals"] = {
        host = keys.account_id:upper() .. ".r2.cloudflarestorage.com",
      },
      ["125 headers"] = too_many,
      ["what is inherited"] = setmetatable({}, { __index = { a = "b" } }),
    })) do
      refuses("headers: " .. case, "headers", { request = { headers = value } })
    end

    for case, header in values.sorted {
      ["no string"] = { "content-length", 5, "must be a string" },
      ["a line break"] = { "Content-Type", "a\nb", "must have a value of visible ASCII" },
      ["no ASCII in metadata"] = { "x-amz-meta-name", "\195\169", "RFC 2047" },
      ["no ASCII in a file's name"] = {
        "content-disposition", "\195\169", "filename*=UTF-8",
      },
      ["what signing makes"] = {
        "x-amz-content-sha256", "UNSIGNED-PAYLOAD",
        name == "sign" and "signing makes it" or "signs no payload",
      },
    } do
      refuses("a header, and names it: " .. case, "headers",
        { request = { headers = { [header[1]] = header[2] } } },
        { ("headers[%s] must "):format(header[1]), header[3] })
    end

    it("names no header that could be a secret", function()
      for _, secret in ipairs { ("5e55"):rep(8), "a/b+c" } do
        local message = select(2, call(request { headers = { [secret] = 1 } },
          credentials(), options()))
        assert.is_nil(message:find(secret, 1, true))
        assert.matches("^headers%[%.%.%.%] must be a string$", message)
      end
    end)

    it("refuses tables that inherit", function()
      local inherits = { __index = function() return "x" end }
      for i = 1, 3 do
        local arguments = { request(), credentials(), options() }
        setmetatable(arguments[i], inherits)
        refused({ kind = "invalid_request" }, function()
          return call(arguments[1], arguments[2], arguments[3])
        end)
      end
    end)

    it("raises when an argument is no table", function()
      for _, value in pairs(make.changed(values.alien, { text = "text" })) do
        assert.has_error(function() call(value, credentials()) end)
        assert.has_error(function() call(request(), value) end)
        assert.has_error(function() call(request(), credentials(), value) end)
      end
      assert.has_error(function() call() end)
      assert.has_error(function() call(request()) end)
    end)

    it("takes the URL's host, 124 other headers, and a credential of an issuer's", function()
      too_many.h125 = nil
      too_many.Host = keys.account_id .. ".r2.cloudflarestorage.com"
      local issuer = make.issuer()
      local made = assert(issuer:create(make.request()))
      assert(call(request { headers = too_many }, made, options()))
    end)

    it("signs at the machine's time when it is given none", function()
      local before = os.time()
      local result = assert(call(request(), credentials { expires_at = before + 600 }))
      local date = type(result) == "table" and result["x-amz-date"]
        or result:match("X%-Amz%-Date=(%w+)")
      assert.is_true(date >= os.date("!%Y%m%dT%H%M%SZ", before))
      assert.is_true(date <= os.date("!%Y%m%dT%H%M%SZ"))
    end)

    it("rounds a time down", function()
      assert.same(call(request(), credentials(), options()),
        call(request(), credentials(), options { now = NOW + 0.999 }))
    end)

    it("refuses an expired credential, and says when it ended and what time it is", function()
      for seconds, good in pairs { [0] = false, [-1] = false, [-900] = false, [1] = true } do
        local expired = credentials { expires_at = NOW + seconds }
        if good then
          assert(call(request(), expired, options()))
        else
          refused({
            kind = "expired", field = "expires_at", hides = SECRETS,
            says = {
              os.date("!%Y-%m-%dT%H:%M:%SZ", NOW + seconds), "2023-11-14T22:13:20Z",
            },
          }, function()
            return call(request(), expired, options())
          end)
        end
      end
    end)

    it("takes the end of a credential without expires_at from R2's own token", function()
      local made = assert(make.issuer():create(make.request { ttl_seconds = 900 }))
      made.expires_at = nil
      local result = assert(call(request(), made, options { now = NOW + 899 }))
      if type(result) == "string" then
        assert.is_truthy(result:find("X-Amz-Expires=1&", 1, true))
        refused({ kind = "expired", field = "expires_seconds" }, function()
          return call(request(), made, options { expires_seconds = 901 })
        end)
      end
      refused({ kind = "expired", field = "expires_at" }, function()
        return call(request(), made, options { now = NOW + 900 })
      end)
    end)

    it("reads the end of a token however its claims are spelt", function()
      for _, claims in ipairs {
        '{"exp":1e3}', '{"exp":10.0e2}', ' { "exp" : 1000 } ', '{"\\u0065xp":1000}',
        '{"paths":{"prefixPaths":["a\\"b","exp"]},"exp":1000}', '{"exp":1,"exp":1000}',
      } do
        local jwt = ("%s.%s.%s"):format(base64.encode_url("{}"), base64.encode_url(claims),
          base64.encode_url(("\0"):rep(32)))
        refused({ kind = "expired", field = "expires_at" }, function()
          return call(request(), credentials {
            session_token = base64.encode("jwt/" .. jwt), expires_at = ABSENT,
          }, options())
        end)
      end
    end)

    it("takes a token that is another's, or not to be read, to have no end", function()
      for _, claims in ipairs {
        "", "{}", '{"exp":null}', '{"exp":"1"}', '{"exp":-1}', '{"exp":1.5}',
        '{"exp":253402300800}', '{"exp":1} ?', "[1]",
      } do
        local jwt = ("%s.%s.%s"):format(base64.encode_url("{}"), base64.encode_url(claims),
          base64.encode_url(("\0"):rep(32)))
        for _, prefix in ipairs { "jwt/", "" } do
          assert(call(request(), credentials {
            session_token = base64.encode(prefix .. jwt), expires_at = ABSENT,
          }, options()))
        end
      end
    end)

    it("takes a key without an end or a session token", function()
      local key = credentials { expires_at = ABSENT, session_token = ABSENT }
      local result = assert(call(request(), key, options()))
      if type(result) == "table" then
        assert.is_nil(result["x-amz-security-token"])
      else
        assert.is_nil(result:find("Token", 1, true))
        assert.is_truthy(result:find("X-Amz-Expires=3600&", 1, true))
      end
    end)
  end)
end
