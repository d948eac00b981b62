-- What r2.http refuses before anything is sent: wrong options, wrong requests.
local make = require "spec.support.make"
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local values = require "spec.support.values"
local http = require "r2.http"
local request = over.request

local SECRET = "Bearer demonstration-token-that-opens-nothing-2"

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

describe("http.new", function()
  for field, wrong in pairs {
    ca_file = { "", 5, "a\0b", false, {} },
    timeout_seconds = { 0, -1, 0 / 0, 1 / 0, "30", 604801, false },
    connect_timeout_seconds = { 0, -1, 0 / 0, 1 / 0, "30", 604801, false },
    max_header_bytes = { 0, -1, 1.5, 0 / 0, 2 ^ 41, "1", false },
    max_body_bytes = { 0, -1, 1.5, 0 / 0, 2 ^ 41, "1", false },
    verify = { false, true },
    insecure = { true },
    proxy = { "http://127.0.0.1:1" },
  } do
    it("refuses a wrong " .. field, function()
      for _, value in ipairs(wrong) do
        refused({ kind = "invalid_config", field = field }, function()
          return http.new { [field] = value }
        end)
      end
    end)
  end

  it("refuses options in disguise", function()
    for _, disguise in values.sorted(values.disguises) do
      refused({ kind = "invalid_config" }, function()
        return http.new(disguise { ca_file = "a.pem" })
      end)
    end
  end)

  it("raises when the options are no table", function()
    for _, options in ipairs { 1, "ca.pem", true } do
      assert.has_error(function() http.new(options) end)
    end
  end)

  it("takes options at their bounds", function()
    http.new({
      timeout_seconds = 604800, connect_timeout_seconds = 1e-9, max_header_bytes = 1,
      max_body_bytes = 2 ^ 40, ca_file = "no-such-file-yet.pem",
    }):close()
    http.new({}):close()
  end)
end)

describe("a request", function()
  local function check(field, changes, hides)
    local asked, run = request("echo", changes)
    for _, method in ipairs { "perform", "start" } do
      refused({ kind = "invalid_request", field = field, hides = hides }, function()
        return over.h[method](over.h, asked)
      end)
    end
    assert.equal(0, #over.server:seen(run).requests)
  end

  for field, wrong in pairs {
    method = {
      make.ABSENT, "", "GET X", "GET\r\n", "G\0T", " GET", "GET:", "G(T", "caf\233", 5,
    },
    headers = { "a: b", 5, true },
    body = { 5, true, false },
    output = { 5, true, "file" },
    progress = { 5, true, {}, "p" },
    compressed = { 1, "yes" },
    content_length = { -1, 1.5, "5", 0 / 0, 1 / 0, 2 ^ 60 },
    timeout_seconds = { 0, -1, 0 / 0, 1 / 0, "30", 604801 },
    body_length = { 5 },
    proxy = { "http://127.0.0.1:1" },
    follow = { true },
  } do
    it("is refused with a wrong " .. field, function()
      for _, value in ipairs(wrong) do
        check(field, { [field] = value })
      end
    end)
  end

  for _, url in ipairs {
    "", "/", "//127.0.0.1/", "127.0.0.1", "https:", "https://", "https:///x",
    "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
    "http://example.com/", "http://192.168.0.1/",
    "http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://127.1/",
    "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.0.0.256/",
    "http://[::ffff:127.0.0.1]/", "http://[::2]/", "http://[::1", "http://[::1].example.com/",
    "https://user@example.com/", "https://user:word@example.com/", "https://:word@example.com/",
    "http://127.0.0.1@example.com/", "http://127.0.0.1:1@example.com/",
    "http://127.0.0.1:80\\@example.com/", "https://example.com\\@evil.example/",
    "https://example.com/a\\b", "https://example.com/a#b", "https://example.com#b",
    "https://example.com/a b", "https://example.com/a\tb", "https://example.com/a\r\nb",
    "https://example.com/a\nX: y", "https://example.com/a\0b", "https://example.com/caf\233",
    "https://example.com/\127", "https://ex ample.com/", "https://exa\0mple.com/",
    "https://example.com:0/", "https://example.com:65536/", "https://example.com:/",
    "https://example.com:80x/", "https://example.com:-1/", "https://%65xample.com/",
    "https://caf\195\169.example/", " https://example.com/", "https://example.com/ ",
    "https://-/", "https://.example.com/", "https://example..com/",
  } do
    it(("is refused with the URL %q"):format(url), function()
      check("url", { url = url })
    end)
  end

  it("is refused without a URL, or with one that is no string", function()
    for _, url in ipairs { make.ABSENT, 5, true, false, {} } do
      check("url", { url = url })
    end
  end)

  it("does not repeat a refused URL", function()
    check("url", { url = "https://user:" .. SECRET .. "@example.com/" }, { SECRET })
  end)

  for _, name in ipairs {
    "", "a b", "a:", "a\r", "a\n", "a\0", "a\0b", "caf\233", "a\127", "(a)", "a,b", "a/b",
    "a@b", "host", "Host", "content-length", "Content-Length", "transfer-encoding",
    "Transfer-Encoding", "expect", "Expect", "connection", "Connection",
    "TE", "trailer", "upgrade", "keep-alive", "proxy-connection", "Proxy-Authorization", 1,
  } do
    it(("is refused with a header named %q"):format(name), function()
      check("headers", { headers = { [name] = "1" } })
    end)
  end

  for _, value in ipairs {
    "a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rb", "a\0b", "\0", "\1", "a\27[31m", "\127",
  } do
    it(("is refused with the header value %q"):format(value), function()
      check("headers", { headers = { ["x-a"] = value } })
      check("headers", { headers = { authorization = SECRET .. value } }, { SECRET })
    end)
  end

  it("is refused with a header value that is no string", function()
    for _, value in ipairs { 5, true, false, {} } do
      check("headers", { headers = { ["x-a"] = value } })
    end
  end)

  it("is refused when it or its headers are in disguise", function()
    for _, disguise in values.sorted(values.disguises) do
      local asked = disguise((request "echo"))
      refused({ kind = "invalid_request" }, function()
        return over.h:perform(asked)
      end)
      check("headers", { headers = disguise { ["x-a"] = "1" } })
    end
  end)

  it("that is no table raises", function()
    for _, asked in ipairs { 5, "GET /", true } do
      assert.has_error(function() over.h:perform(asked) end)
      assert.has_error(function() over.h:start(asked) end)
    end
    assert.has_error(function() over.h:perform() end)
  end)
end)
