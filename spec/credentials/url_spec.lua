-- endpoint and api_base_url: parsed strictly, so that a key or a token never goes to a host that
-- the user did not mean. http is for this machine only.
local tc = require "r2.temp_credentials"
local r2 = require "r2"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local token = require "spec.support.token"
local values = require "spec.support.values"

local PASSWORD = "hunter2-in-a-url"

-- What neither endpoint nor api_base_url takes: name -> URL.
local bad = {
  ["nothing"] = "",
  ["a host alone"] = "s3.example.com",
  ["a host and a port"] = "s3.example.com:443",
  ["no scheme"] = "//s3.example.com",
  ["a scheme alone"] = "https:",
  ["no host"] = "https://",
  ["no host but a port"] = "https://:443",
  ["no host but a path"] = "https:///path",
  ["one slash"] = "https:/s3.example.com",
  ["three slashes"] = "https:///s3.example.com",
  ["another scheme"] = "ftp://s3.example.com",
  ["a file"] = "file:///etc/passwd",
  ["a scheme that starts as https"] = "httpss://s3.example.com",
  ["a space before"] = " https://s3.example.com",
  ["a space after"] = "https://s3.example.com ",
  ["a space in the host"] = "https://s3 .example.com",
  ["a line break after"] = "https://s3.example.com\n",
  ["a line break inside"] = "https://s3.exam\nple.com",
  ["a tab inside"] = "https://s3.exam\tple.com",
  ["a header behind"] = "https://s3.example.com\r\nX-Header: 1",
  ["a NUL after"] = "https://s3.example.com\0",
  ["a NUL and another host"] = "https://s3.example.com\0.evil.com",
  ["DEL"] = "https://s3.example.com\127",
  ["a user"] = "https://user@s3.example.com",
  ["a user and a password"] = "https://user:" .. PASSWORD .. "@s3.example.com",
  ["an empty user"] = "https://@s3.example.com",
  ["a host for a user"] = "https://api.cloudflare.com@evil.com",
  ["a user before loopback"] = "http://user@localhost",
  ["loopback for a user"] = "http://localhost@evil.com",
  ["loopback and a port for a user"] = "http://localhost:80@evil.com",
  ["a backslash after the host"] = "https://s3.example.com\\",
  ["a backslash before another host"] = "http://localhost\\@evil.com",
  ["backslashes for slashes"] = "https:\\\\s3.example.com",
  ["a query"] = "https://s3.example.com?a=" .. PASSWORD,
  ["an empty query"] = "https://s3.example.com?",
  ["a query after a slash"] = "https://s3.example.com/?a=b",
  ["a fragment"] = "https://s3.example.com#a",
  ["an empty fragment"] = "https://s3.example.com#",
  ["loopback and a fragment"] = "http://localhost#.evil.com",
  ["a percent sign in the host"] = "https://s3%2eexample.com",
  ["a percent-encoded slash"] = "https://localhost%2f.evil.com",
  ["letters that are not ASCII"] = "https://b\195\188cher.example",
  ["a full-width dot"] = "https://s3\227\128\130example.com",
  ["invalid UTF-8"] = "https://s3\255.example.com",
  ["two dots"] = "https://s3..example.com",
  ["a dot before"] = "https://.example.com",
  ["a dot alone"] = "https://.",
  ["a final dot"] = "https://s3.example.com.",
  ["a label that starts with a hyphen"] = "https://-s3.example.com",
  ["a label that ends with a hyphen"] = "https://s3-.example.com",
  ["a label of 64 characters"] = "https://" .. ("a"):rep(64) .. ".example.com",
  ["a host of 300 characters"] = "https://" .. ("label."):rep(49) .. "single",
  ["a star"] = "https://*.example.com",
  ["a comma"] = "https://s3,example.com",
  ["a quote"] = 'https://s3".example.com',
  ["braces"] = "https://{account}.r2.cloudflarestorage.com",
  ["an empty port"] = "https://s3.example.com:",
  ["port 0"] = "https://s3.example.com:0",
  ["port 65536"] = "https://s3.example.com:65536",
  ["port 2^32 + 443"] = "https://s3.example.com:4294967739",
  ["a port of 100 digits"] = "https://s3.example.com:" .. ("1"):rep(100),
  ["a port with a leading zero"] = "https://s3.example.com:0443",
  ["a port with a sign"] = "https://s3.example.com:+443",
  ["a negative port"] = "https://s3.example.com:-443",
  ["a port in hex"] = "https://s3.example.com:0x1bb",
  ["a port of letters"] = "https://s3.example.com:https",
  ["two ports"] = "https://s3.example.com:443:443",

  ["http to a host elsewhere"] = "http://s3.example.com",
  ["http to Cloudflare"] = "http://api.cloudflare.com",
  ["http to an address elsewhere"] = "http://10.0.0.1",
  ["http to all addresses"] = "http://0.0.0.0",
  ["http to 128.0.0.1"] = "http://128.0.0.1",
  ["http to 126.255.255.255"] = "http://126.255.255.255",
  ["http to localhost with a final dot"] = "http://localhost.",
  ["http to a host that starts as localhost"] = "http://localhost.evil.com",
  ["http to a host that ends as localhost"] = "http://evil-localhost",
  ["http to localhost.localdomain"] = "http://localhost.localdomain",
  ["http to a host that starts as 127.0.0.1"] = "http://127.0.0.1.evil.com",
  ["http to a host that starts as 127"] = "http://127.evil.com",
  ["127.1"] = "http://127.1",
  ["127.0.1"] = "http://127.0.1",
  ["127.0.0.1 and a final dot"] = "http://127.0.0.1.",
  ["127.0.0.1 in hex"] = "http://0x7f000001",
  ["127.0.0.1 in hex, dotted"] = "http://0x7f.0.0.1",
  ["127.0.0.1 as one number"] = "http://2130706433",
  ["127.0.0.1 in octal"] = "http://0177.0.0.1",
  ["127.0.0.1 with leading zeros"] = "http://127.000.000.001",
  ["127.0.0.256"] = "http://127.0.0.256",
  ["127.0.0.1 and one more"] = "http://127.0.0.1.1",
  ["127.0.0 and a letter"] = "http://127.0.0.a",
  ["::1 without brackets"] = "http://::1",
  ["::1 with half the brackets"] = "http://[::1",
  ["::1 and text behind the bracket"] = "http://[::1]evil.com",
  ["::1 written out"] = "http://[0:0:0:0:0:0:0:1]",
  ["::1 with a zone"] = "http://[::1%25lo]",
  ["127.0.0.1 in IPv6"] = "http://[::ffff:127.0.0.1]",
  ["another IPv6 address"] = "http://[::2]",
  ["all addresses in IPv6"] = "http://[::]",
  ["an IPv6 address elsewhere"] = "https://[2001:db8::1]",
  ["empty brackets"] = "http://[]",

  ["an address of three numbers"] = "https://1.2.3",
  ["an address of five numbers"] = "https://1.2.3.4.5",
  ["a number above 255"] = "https://256.0.0.1",
  ["a leading zero"] = "https://10.0.0.01",
  ["one number"] = "https://167772161",
  ["a number in hex"] = "https://0x0a000001",
  ["a last label that is a number"] = "https://s3.example.1",
  ["a last label that is a number in hex"] = "https://s3.example.0x1",
}

-- Hosts that both take: given -> { origin, host with a port that is not the default }.
local good = {
  ["https://s3.example.com"] = { "https://s3.example.com", "s3.example.com" },
  ["https://S3.Example.COM"] = { "https://s3.example.com", "s3.example.com" },
  ["https://s3.example.com:443"] = { "https://s3.example.com", "s3.example.com" },
  ["https://s3.example.com:80"] = { "https://s3.example.com:80", "s3.example.com:80" },
  ["https://s3.example.com:1"] = { "https://s3.example.com:1", "s3.example.com:1" },
  ["https://s3.example.com:65535"] = { "https://s3.example.com:65535", "s3.example.com:65535" },
  ["https://minio"] = { "https://minio", "minio" },
  ["https://my_store.internal"] = { "https://my_store.internal", "my_store.internal" },
  ["https://xn--bcher-kva.example"] = {
    "https://xn--bcher-kva.example", "xn--bcher-kva.example",
  },
  ["https://1.example.com"] = { "https://1.example.com", "1.example.com" },
  ["https://10.0.0.1:9000"] = { "https://10.0.0.1:9000", "10.0.0.1:9000" },
  ["https://255.255.255.255"] = { "https://255.255.255.255", "255.255.255.255" },
  ["https://localhost:8443"] = { "https://localhost:8443", "localhost:8443" },
  ["https://[::1]:8443"] = { "https://[::1]:8443", "[::1]:8443" },
  ["http://localhost"] = { "http://localhost", "localhost" },
  ["http://LocalHost:9000"] = { "http://localhost:9000", "localhost:9000" },
  ["http://localhost:80"] = { "http://localhost", "localhost" },
  ["http://localhost:443"] = { "http://localhost:443", "localhost:443" },
  ["http://127.0.0.1:8787"] = { "http://127.0.0.1:8787", "127.0.0.1:8787" },
  ["http://127.255.255.254"] = { "http://127.255.255.254", "127.255.255.254" },
  ["http://[::1]"] = { "http://[::1]", "[::1]" },
  ["http://[::1]:9000"] = { "http://[::1]:9000", "[::1]:9000" },
  ["https://" .. ("a"):rep(63) .. ".example"] = {
    "https://" .. ("a"):rep(63) .. ".example", ("a"):rep(63) .. ".example",
  },
}

local PATH = "/accounts/" .. keys.account_id .. "/r2/temp-access-credentials"

local function check(field, url)
  for _, new in ipairs { tc.new, r2.new } do
    refused({
      kind = "invalid_config", field = field, says = { "https" }, hides = { PASSWORD },
    }, function()
      return new(make.config { [field] = url })
    end)
  end
end

describe("endpoint", function()
  for name, url in values.sorted(bad) do
    it("refuses " .. name, function()
      check("endpoint", url)
    end)
  end

  for name, path in values.sorted {
    ["a final slash"] = "/", ["a path"] = "/my-bucket", ["a dot"] = "/.",
    ["two slashes"] = "//",
  } do
    it("refuses " .. name, function()
      check("endpoint", "https://s3.example.com" .. path)
      check("endpoint", "http://localhost:9000" .. path)
    end)
  end

  for url, expected in values.sorted(good) do
    it("takes " .. url, function()
      local credentials = assert(make.client { endpoint = url }:sign(make.request()))
      assert.equal(expected[1], credentials.endpoint)
      assert.equal(expected[2], token.read(credentials.session_token).claims.aud)
    end)
  end

  it("is made of the account's id and the jurisdiction when it is left out", function()
    for jurisdiction, host in pairs {
      [make.ABSENT] = keys.account_id .. ".r2.cloudflarestorage.com",
      eu = keys.account_id .. ".eu.r2.cloudflarestorage.com",
      fedramp = keys.account_id .. ".fedramp.r2.cloudflarestorage.com",
      ["x-1"] = keys.account_id .. ".x-1.r2.cloudflarestorage.com",
    } do
      local client = make.client { jurisdiction = jurisdiction }
      local credentials = assert(client:sign(make.request()))
      assert.equal("https://" .. host, credentials.endpoint)
      assert.equal(host, token.read(credentials.session_token).claims.aud)
    end
  end)
end)

describe("api_base_url", function()
  for name, url in values.sorted(bad) do
    it("refuses " .. name, function()
      check("api_base_url", url)
    end)
  end

  for name, path in values.sorted {
    ["a dot segment"] = "/./v4", ["a final dot segment"] = "/v4/.",
    ["a double-dot segment"] = "/../v4", ["a final double-dot segment"] = "/v4/..",
    ["an empty segment"] = "/client//v4", ["two final slashes"] = "/client/v4//",
    ["two slashes alone"] = "//", ["another host"] = "//evil.com", ["a space"] = "/client v4",
    ["a percent sign"] = "/client%2fv4", ["an encoded dot segment"] = "/%2e%2e/v4",
    ["a backslash"] = "/client\\v4", ["a query"] = "/client?v=4", ["a fragment"] = "/client#v4",
    ["a semicolon"] = "/client;v=4", ["an at sign"] = "/@evil.com", ["a colon"] = "/a:b",
    ["a NUL"] = "/client\0v4", ["a line break"] = "/client\nv4",
    ["letters that are not ASCII"] = "/cli\195\169nt",
  } do
    it("refuses a path with " .. name, function()
      check("api_base_url", "https://api.example.com" .. path)
      check("api_base_url", "http://localhost:9000" .. path)
    end)
  end

  local function url_of(base)
    local request = assert(make.api_client { api_base_url = base }:request(make.request()))
    return request.url
  end

  for url, expected in values.sorted(good) do
    it("takes " .. url, function()
      assert.equal(expected[1] .. PATH, url_of(url))
    end)
  end

  for path, expected in values.sorted {
    ["/"] = "", ["/client/v4"] = "/client/v4", ["/client/v4/"] = "/client/v4",
    ["/Client/V4"] = "/Client/V4", ["/a.b_c~d-e"] = "/a.b_c~d-e", ["/..."] = "/...",
    ["/.a/b."] = "/.a/b.",
  } do
    it("takes the path " .. path, function()
      assert.equal("https://api.example.com" .. expected .. PATH,
        url_of("https://API.example.com:443" .. path))
    end)
  end

  it("is Cloudflare's when it is left out", function()
    assert.equal("https://api.cloudflare.com/client/v4" .. PATH, url_of(nil))
  end)
end)
