-- How r2.http sends a request: its path, its head, its method.
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local values = require "spec.support.values"
local request, get, assert_works = over.request, over.get, over.assert_works

local SECRET = "Bearer demonstration-token-that-opens-nothing-2"

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

local PATHS = {
  "/a/../b/./c//d", "/..", "/.", "/a/.", "/%2e%2e/%2E/x", "/a%2Fb%00%20", "//", "/a?b=/../c",
  "?x=1", "?", "/a?", "/a??b", "/~!$&'()*+,;=:@", "/%zz%", "/\"<>[]^`{|}", "/a%25b",
}

describe("the path", function()
  for _, path in ipairs(PATHS) do
    it(("goes out as it is: %q"):format(path), function()
      local asked, run = request("echo", {}, path)
      assert(over.h:perform(asked))
      assert.equal("/echo/" .. run .. path, over.server:seen(run).requests[1].target)
    end)
  end

  -- What libcurl knows of a URL is used again when it comes again.
  it("goes out as it is however often it comes, and whatever comes in between", function()
    local run, wanted = over.server:new_run(), {}
    local function send(path, method)
      assert(over.h:perform {
        method = method or "GET", url = over.server:url("echo", run) .. path,
      })
      wanted[#wanted + 1] = "/echo/" .. run .. path
    end
    for i, path in ipairs(PATHS) do
      for _ = 1, 3 do
        send(path)
      end
      send(PATHS[i % #PATHS + 1])
      send(path)
      send(path, "PUT")
      send(path, "PUT")
      send(path)
    end
    for i, seen in ipairs(over.server:seen(run).requests) do
      assert.equal(wanted[i], seen.target)
      assert.equal("Host: 127.0.0.1:" .. over.server.port, seen.lines[1])
    end
    assert.equal(1, over.server:seen(run).connections)
  end)

  it("may be left out", function()
    local asked, run = request "echo"
    assert(over.h:perform(asked))
    assert.equal("/echo/" .. run, over.server:seen(run).requests[1].target)
  end)

  it("may be long", function()
    local long = "/" .. ("k"):rep(8000)
    local _, seen = get("echo", {}, long)
    assert.equal(long, seen.target:sub(-8001))
  end)
end)

describe("the head of a request", function()
  it("has what it needs and nothing of the program's own", function()
    local _, seen = get("echo")
    assert.equal("GET", seen.method)
    assert.equal("1.1", seen.version)
    assert.same({ "Host: 127.0.0.1:" .. over.server.port, "Accept: */*" }, seen.lines)
  end)

  it("has the headers that are given", function()
    local _, seen = get("echo", { headers = {
      ["X-Case"] = "Kept", ["x-spaces"] = "a  b\tc", ["x-latin"] = "caf\195\169",
      ["x-empty"] = "", ["x-blank"] = " \t ", ["x-semicolon"] = "a;b:c, d",
      ["user-agent"] = "spec", accept = "text/plain",
      authorization = SECRET, ["!#$%&'*+-.^_`|~09"] = "odd",
    } })
    assert.equal("Kept", seen.headers["x-case"])
    assert.equal("a  b\tc", seen.headers["x-spaces"])
    assert.equal("caf\195\169", seen.headers["x-latin"])
    assert.equal("", seen.headers["x-empty"])
    assert.equal("", seen.headers["x-blank"])
    assert.equal("a;b:c, d", seen.headers["x-semicolon"])
    assert.equal("spec", seen.headers["user-agent"])
    assert.equal("text/plain", seen.headers.accept)
    assert.equal(SECRET, seen.headers.authorization)
    assert.equal("odd", seen.headers["!#$%&'*+-.^_`|~09"])
    assert.equal(11, #seen.lines)
  end)

  it("may be long", function()
    local long = ("v"):rep(60000)
    local _, seen = get("echo", { headers = { ["x-long"] = long } })
    assert.equal(long, seen.headers["x-long"])
  end)

  for _, method in ipairs {
    "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "X-y.z",
  } do
    it("has the method " .. method, function()
      local _, seen = get("echo", { method = method })
      assert.equal(method, seen.method)
      assert.is_nil(seen.headers["content-type"])
      assert.is_nil(seen.headers["transfer-encoding"])
      assert.equal(0, seen.body_length)
      _, seen = get("echo", { method = method, body = "x=1" })
      assert.equal(method, seen.method)
      assert.equal("3", seen.headers["content-length"])
      assert.equal("x=1", seen.body)
    end)
  end
end)

describe("a request without a body", function()
  for method, length in values.sorted { GET = false, DELETE = false, PUT = "0", POST = "0",
    PATCH = "0" } do
    it("that is a " .. method .. (length and " says so" or " says nothing of it"), function()
      local _, seen = get("echo", { method = method })
      assert.equal(length or nil, seen.headers["content-length"])
      assert.is_nil(seen.headers["content-type"])
      assert.is_nil(seen.headers["transfer-encoding"])
    end)
  end
end)

describe("HEAD", function()
  it("has no body", function()
    for _, body in ipairs { "x", function() end } do
      local asked = request("echo", { method = "HEAD", body = body })
      refused({ kind = "invalid_request", field = "body" }, function()
        return over.h:perform(asked)
      end)
    end
  end)

  it("gets the headers and no body", function()
    local response = get("big", { method = "HEAD" }, "/1000000000")
    assert.equal(200, response.status)
    assert.equal("1000000000", response.headers["content-length"])
    assert.equal("", response.body)
    assert_works()
  end)
end)
