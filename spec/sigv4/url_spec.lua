-- URLs: those that r2.sigv4 makes, and those that it is given.
local sigv4 = require "r2.sigv4"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local signing = require "spec.support.signing"
local values = require "spec.support.values"
local ENDPOINT, URL, SECRETS = signing.ENDPOINT, signing.URL, signing.SECRETS
local request, credentials, options = signing.request, signing.credentials, signing.options

local function signature_of(url)
  return assert(sigv4.sign(request { url = url }, credentials(), options())).authorization
end

describe("A URL that sigv4.url did not make", function()
  for name, pair in values.sorted {
    ["with escapes in lower case"] = { "/b/%c3%a9%2b", "/b/%C3%A9%2B" },
    ["with needless escapes"] = { "/b/%61%2D%7e", "/b/a-~" },
    ["without escapes that may be left out"] = {
      "/b/(a)!$&'*,;=:@", "/b/%28a%29%21%24%26%27%2A%2C%3B%3D%3A%40",
    },
    ["with its query out of order"] = { "/b?c=3&a=2&a=1&b", "/b?a=1&a=2&b=&c=3" },
    ["with signs in its query"] = { "/b?a=b=c&d=/e?f:g", "/b?a=b%3Dc&d=%2Fe%3Ff%3Ag" },
    ["with an empty query"] = { "/b?", "/b" },
    ["without a path"] = { "", "/" },
    ["without a path, with a query"] = { "?a=1", "/?a=1" },
  } do
    it(name .. " is signed as what it means", function()
      assert.equal(signature_of(ENDPOINT .. pair[2]), signature_of(ENDPOINT .. pair[1]))
      local presigned = assert(sigv4.presign(request { url = ENDPOINT .. pair[1] },
        credentials(), options()))
      assert.equal(assert(sigv4.presign(request { url = ENDPOINT .. pair[2] }, credentials(),
        options())), presigned)
    end)
  end

  it("may have its host written in any way when it is presigned", function()
    local made = {}
    for i, url in ipairs { "https://s3.example.com/b/k", "https://S3.Example.COM:443/b/k" } do
      made[i] = assert(sigv4.presign(request { url = url }, credentials(), options()))
    end
    assert.equal(made[1], made[2])
  end)

  local wrong = {
    ["no URL"] = "s3.example.com/b/k",
    ["another scheme"] = "ftp://s3.example.com/b/k",
    ["http to another machine"] = "http://s3.example.com/b/k",
    ["no host"] = "https:///b/k",
    ["a user"] = "https://user@s3.example.com/b/k",
    ["a fragment"] = URL .. "#top",
    ["a fragment behind the host"] = "https://s3.example.com#/b",
    ["a backslash"] = URL .. "\\",
    ["a space"] = URL .. " b",
    ["a line break"] = URL .. "\r\nx: y",
    ["a NUL"] = URL .. "\0",
    ["DEL"] = URL .. "\127",
    ["bytes that are not ASCII"] = URL .. "\195\169",
    ["a percent sign at its end"] = URL .. "%",
    ["half an escape"] = URL .. "%4",
    ["an escape that is none"] = URL .. "%4g",
    ["an escaped NUL"] = URL .. "%00",
    ["an escaped slash in its path"] = URL .. "%2fc",
    ["a plus in its path"] = URL .. "+c",
    ["a plus in its query"] = URL .. "?a=b+c",
    ["a half escape in its query"] = URL .. "?a=%",
    ["a nameless parameter"] = URL .. "?=1",
    ["nothing between two parameters"] = URL .. "?a=1&&b=2",
    ["nothing behind the last sign"] = URL .. "?a=1&",
    ["257 parameters"] = URL .. "?a" .. ("&a"):rep(256),
    ["more than 16384 bytes"] = URL .. ("a"):rep(16385 - #URL),
    ["a signature"] = URL .. "?X-Amz-Signature=00",
    ["a part of one, in another case"] = URL .. "?a=1&x-aMZ-date=20260101T000000Z",
    ["a part of one, encoded"] = URL .. "?%58-Amz-Expires=1",
    ["nothing in it"] = "",
  }
  for name, url in values.sorted(make.changed(values.not_a_string(), wrong)) do
    it("is refused with " .. name, function()
      for _, call in ipairs { sigv4.sign, sigv4.presign } do
        refused({ kind = "invalid_request", field = "url", hides = SECRETS }, function()
          return call(request { url = url }, credentials(), options())
        end)
      end
    end)
  end

  for name, url in values.sorted {
    ["with capitals in its host"] = "https://S3.example.com/b/k",
    ["with its scheme's own port"] = "https://s3.example.com:443/b/k",
  } do
    it("is refused by sign " .. name, function()
      refused({ kind = "invalid_request", field = "url", says = { "lower case" } }, function()
        return sigv4.sign(request { url = url }, credentials(), options())
      end)
    end)
  end

  it("may have 16384 bytes, and 256 parameters", function()
    for _, rest in ipairs { ("a"):rep(16384 - #URL), "?a" .. ("&a"):rep(255) } do
      assert(sigv4.sign(request { url = URL .. rest }, credentials(), options()))
    end
  end)
end)

describe("An origin that begins as the one before", function()
  local KEY = { access_key_id = "id", secret_access_key = "secret" }

  local function signed(module, url)
    return module.presign({ method = "GET", url = url }, KEY, options())
  end

  for case, rest in values.sorted {
    ["with a longer host"] = ".evil.net/b/k", ["with a longer label"] = "m/b/k",
    ["with a port"] = ":8443/b/k", ["alone"] = "", ["with a query"] = "?a=1",
  } do
    it("is another one " .. case, function()
      local module = signing.fresh_module()
      local origin = "https://s3.example.com"
      assert(signed(module, origin .. "/b/k"))
      local url = assert(signed(signing.fresh_module(), origin .. rest))
      assert.equal(origin .. rest:match("^[^/?]*"), url:match("^https://[^/?]*"))
      assert.equal(url, signed(module, origin .. rest))
    end)
  end

  for case, rest in values.sorted {
    ["as a user"] = "@evil.net/b", ["with a fragment"] = "#x", ["with a backslash"] = "\\b",
    ["with a percent sign"] = "%2eevil.net/b",
  } do
    it("is refused " .. case, function()
      local module = signing.fresh_module()
      assert(signed(module, "https://s3.example.com/b/k"))
      refused({ kind = "invalid_request", field = "url" }, function()
        return signed(module, "https://s3.example.com" .. rest)
      end)
    end)
  end
end)

describe("sigv4.url", function()
  it("leaves the key out when there is none", function()
    assert.equal(ENDPOINT .. "/my-bucket", sigv4.url(ENDPOINT, "my-bucket"))
    assert.equal(ENDPOINT .. "/my-bucket", sigv4.url(ENDPOINT, "my-bucket", nil))
  end)

  it("leaves an empty query out", function()
    assert.equal(URL, sigv4.url(ENDPOINT, "my-bucket", "a/b.txt", {}))
  end)

  it("takes an endpoint as people write it", function()
    assert.equal("https://s3.example.com/abc", sigv4.url("https://S3.Example.com:443/", "abc"))
  end)

  it("encodes each of the 256 bytes once", function()
    for byte = 1, 255 do
      local char = byte < 128 and string.char(byte)
        or string.char(0xC0 + math.floor(byte / 64), 0x80 + byte % 64)
      local plain = char:find("^[%w%-._~/]$")
      local encoded = plain and char or char:gsub(".", function(c)
        return ("%%%02X"):format(c:byte())
      end):gsub("\n", "%%0A")
      -- Letters and digits are looked at in sixteens.
      for _, before in ipairs { "", "a", ("Zz09"):rep(6) } do
        for _, behind in ipairs { "", ("9aA"):rep(12) } do
          assert.equal(ENDPOINT .. "/my-bucket/" .. before .. encoded .. behind,
            sigv4.url(ENDPOINT, "my-bucket", before .. char .. behind))
        end
      end
    end
  end)

  it("writes whole numbers without a fraction, whatever their type", function()
    assert.equal(ENDPOINT .. "/abc?a=1000&b=0&c=-7&d=9007199254740991",
      sigv4.url(ENDPOINT, "abc", nil, { a = 1000.0, b = 0, c = -7, d = 2 ^ 53 - 1 }))
  end)

  local function many(count)
    local list = {}
    for i = 1, count do
      list[i] = "v"
    end
    return list
  end

  local function refuses(field, name, ...)
    local arguments = { n = 4, ... }
    it("refuses " .. field .. ": " .. name, function()
      refused({ kind = "invalid_request", field = field }, function()
        return sigv4.url(arguments[1], arguments[2], arguments[3], arguments[4])
      end)
    end)
  end

  for name, endpoint in values.sorted(make.changed(values.not_a_string(), {
    ["http"] = "http://s3.example.com", ["a path"] = ENDPOINT .. "/my-bucket",
    ["a query"] = ENDPOINT .. "?a", ["nothing"] = "", ["a line break"] = ENDPOINT .. "\n",
  })) do
    refuses("endpoint", name, endpoint, "my-bucket", "k")
  end
  for name, bucket in values.sorted(make.changed(values.not_a_string(), {
    ["too short"] = "ab", ["too long"] = ("a"):rep(64), ["capitals"] = "Abc",
    ["a slash"] = "a/b",
    ["dots"] = "...", ["a hyphen first"] = "-ab",
  })) do
    refuses("bucket", name, ENDPOINT, bucket, "k")
  end
  for name, key in values.sorted(make.changed(values.not_a_string(), {
    ["1,025 bytes"] = ("k"):rep(1025), ["a NUL"] = "a\0b", ["no UTF-8"] = "\255",
    ["half a character"] = "\195", ["nothing, which would be the bucket"] = "",
  })) do
    refuses("key", name, ENDPOINT, "abc", key)
  end
  for name, query in values.sorted(make.changed(values.alien, {
    ["a string"] = "a=b", ["a list"] = { "a" }, ["an empty name"] = { [""] = "b" },
    ["a name with a NUL"] = { ["a\0"] = "b" }, ["a name of no UTF-8"] = { ["\255"] = "b" },
    ["a boolean"] = { a = true }, ["a fraction"] = { a = 1.5 },
    ["not a number"] = { a = 0 / 0 },
    ["infinity"] = { a = 1 / 0 }, ["2^53"] = { a = 2 ^ 53 },
    ["a value with a NUL"] = { a = "\0" },
    ["a value of no UTF-8"] = { a = "\255" }, ["an empty list"] = { a = {} },
    ["a list with a hole"] = { a = { "1", nil, "3" } },
    ["a list with a name"] = { a = { "1", b = "2" } },
    ["a list in a list"] = { a = { { "1" } } }, ["a list with a boolean"] = { a = { false } },
    ["a list from zero"] = { a = { [0] = "0", "1" } },
    ["a list of 257 values"] = { a = many(257) },
    ["257 parameters"] = { a = many(256), b = "" },
    ["a parameter of a signature"] = { ["X-Amz-Expires"] = "1" },
    ["what begins as one, in another case"] = { a = "1", ["x-amz-checksum-mode"] = "ENABLED" },
    ["what is inherited"] = setmetatable({}, { __index = { a = "b" } }),
    ["a list that is inherited"] = { a = setmetatable({ "1" }, { __index = { "2" } }) },
  })) do
    refuses("query", name, ENDPOINT, "abc", "k", query)
  end

  it("takes 256 parameters", function()
    local url = assert(sigv4.url(ENDPOINT, "abc", "k", { a = many(256) }))
    assert.equal(ENDPOINT .. "/abc/k?a=v" .. ("&a=v"):rep(255), url)
  end)
end)
