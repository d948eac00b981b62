-- A bucket's settings in the sandbox's S3 side: kept, and of CORS applied.
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local NAMESPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'

local function rule(parts)
  return "<CORSRule>" .. parts .. "</CORSRule>"
end

local ORIGIN = "<AllowedOrigin>https://page.example</AllowedOrigin>"
local GET = "<AllowedMethod>GET</AllowedMethod>"
local CORS = "<CORSConfiguration" .. NAMESPACE .. ">"
  .. rule(ORIGIN .. GET .. "<AllowedMethod>PUT</AllowedMethod>"
    .. "<AllowedHeader>Authorization</AllowedHeader><AllowedHeader>x-amz-date</AllowedHeader>"
    .. "<ExposeHeader>ETag</ExposeHeader><ExposeHeader>cf-ray</ExposeHeader>"
    .. "<MaxAgeSeconds>600</MaxAgeSeconds>")
  .. rule("<AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod>"
    .. "<AllowedHeader>*</AllowedHeader>")
  .. "</CORSConfiguration>"

local LIFECYCLE = "<LifecycleConfiguration" .. NAMESPACE .. "><Rule><ID>a</ID><Filter><Prefix>logs/"
  .. "</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>"
  .. "</LifecycleConfiguration>"

describe("a bucket of the sandbox's S3 side", function()
  local bucket

  setup(function()
    bucket = s3.start()
  end)

  teardown(server.stop_all)

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  local function put(name, document)
    return bucket:ask { method = "PUT", query = { [name] = "" }, body = document }
  end

  it("is there, and where R2 says that buckets are", function()
    assert.equal(200, bucket:ask({ method = "HEAD" }).status)
    local response = bucket:must { query = { location = "" } }
    assert.equal('<?xml version="1.0" encoding="UTF-8"?><LocationConstraint' .. NAMESPACE
      .. ">auto</LocationConstraint>", response.body)
    assert.equal(404, bucket:ask({ method = "HEAD", bucket = "no-such-bucket" }).status)
  end)

  it("can be neither made nor removed here", function()
    assert.equal("501 NotImplemented", outcome(bucket:ask { method = "PUT" }))
    assert.equal("501 NotImplemented", outcome(bucket:ask { method = "DELETE" }))
    assert.equal("400 InvalidArgument",
      outcome(bucket:ask { method = "DELETE", query = { odd = "" } }))
  end)

  for _, name in ipairs { "acl", "policy", "tagging", "versioning", "website" } do
    it("has no " .. name, function()
      assert.equal("501 NotImplemented", outcome(bucket:ask { query = { [name] = "" } }))
    end)
  end

  for name, case in values.sorted {
    cors = { CORS, "404 NoSuchCORSConfiguration" },
    lifecycle = { LIFECYCLE, "404 NoSuchLifecycleConfiguration" },
  } do
    it("keeps its " .. name .. " until that is removed", function()
      local get = { query = { [name] = "" } }
      assert.equal(case[2], outcome(bucket:ask(get)))
      assert.equal(200, put(name, case[1]).status)
      assert.equal(case[1], bucket:must(get).body)
      assert.equal(200, put(name, (case[1]:gsub(NAMESPACE, ""))).status)
      assert.equal((case[1]:gsub(NAMESPACE, "")), bucket:must(get).body)
      assert.equal(204, bucket:ask({ method = "DELETE", query = { [name] = "" } }).status)
      assert.equal(case[2], outcome(bucket:ask(get)))
    end)
  end

  for what, rules in values.sorted {
    ["no rules"] = "", ["no origin"] = rule(GET), ["no method"] = rule(ORIGIN),
    ["a method that S3 has not"] = rule(ORIGIN .. "<AllowedMethod>PATCH</AllowedMethod>"),
    ["an origin with a path"] = rule(
      "<AllowedOrigin>https://a.example/</AllowedOrigin>" .. GET),
    ["an origin without a scheme"] = rule("<AllowedOrigin>a.example</AllowedOrigin>" .. GET),
    ["an age that is too long"] = rule(ORIGIN .. GET .. "<MaxAgeSeconds>86401</MaxAgeSeconds>"),
    ["an age that is no number"] = rule(ORIGIN .. GET .. "<MaxAgeSeconds>x</MaxAgeSeconds>"),
    ["something else"] = "<Rule/>",
  } do
    it("refuses CORS with " .. what, function()
      assert.equal("400 MalformedXML",
        outcome(put("cors", "<CORSConfiguration>" .. rules .. "</CORSConfiguration>")))
    end)
  end

  for what, rules in values.sorted {
    ["no rules"] = "", ["no status"] = "<Rule><Expiration/></Rule>",
    ["a status that is none"] = "<Rule><Status>On</Status><Expiration/></Rule>",
    ["nothing to do"] = "<Rule><Status>Enabled</Status></Rule>",
    ["something else"] = "<Rules/>",
  } do
    it("refuses a lifecycle with " .. what, function()
      assert.equal("400 MalformedXML", outcome(put("lifecycle",
        "<LifecycleConfiguration>" .. rules .. "</LifecycleConfiguration>")))
    end)
  end

  describe("with rules for pages", function()
    setup(function()
      bucket:put("a", "hello")
      assert.equal(200, put("cors", CORS).status)
    end)

    -- Asks as a browser does, beforehand.
    local function preflight(headers)
      return assert(bucket.http:perform {
        method = "OPTIONS", url = bucket.url .. "/my-bucket/a", headers = headers,
      })
    end

    it("lets a page that they name read its answers, errors too", function()
      for key, status in pairs { a = 200, none = 404 } do
        local response = bucket:ask {
          key = key, unsigned = { origin = "https://page.example" },
        }
        assert.equal(status, response.status)
        local headers = response.headers
        assert.equal("https://page.example", headers["access-control-allow-origin"])
        assert.equal("ETag, cf-ray", headers["access-control-expose-headers"])
        assert.equal("Origin", headers.vary)
      end
    end)

    for what, case in values.sorted {
      ["another page"] = { origin = "https://page.example.com" },
      ["its name in capitals"] = { origin = "https://PAGE.example" },
      ["another scheme"] = { origin = "http://page.example" },
      ["another port"] = { origin = "https://page.example:444" },
      ["no page"] = {},
    } do
      it("says nothing to " .. what, function()
        local response = bucket:ask { key = "a", unsigned = case }
        assert.equal(200, response.status)
        assert.is_nil(response.headers["access-control-allow-origin"])
      end)
    end

    it("answers beforehand what they allow, to nobody's signature", function()
      local response = preflight {
        origin = "https://page.example", ["access-control-request-method"] = "PUT",
        ["access-control-request-headers"] = "authorization, X-Amz-Date",
      }
      assert.equal(204, response.status)
      local headers = response.headers
      assert.equal("https://page.example", headers["access-control-allow-origin"])
      assert.equal("GET, PUT", headers["access-control-allow-methods"])
      assert.equal("authorization, X-Amz-Date", headers["access-control-allow-headers"])
      assert.equal("600", headers["access-control-max-age"])
    end)

    for what, headers in values.sorted {
      ["another page"] = {
        origin = "https://other.example", ["access-control-request-method"] = "GET",
      },
      ["another method"] = {
        origin = "https://page.example", ["access-control-request-method"] = "DELETE",
      },
      ["a header that is not named"] = {
        origin = "https://page.example", ["access-control-request-method"] = "PUT",
        ["access-control-request-headers"] = "authorization,content-type",
      },
      ["a header where only an asterisk is named"] = {
        origin = "https://other.example", ["access-control-request-method"] = "HEAD",
        ["access-control-request-headers"] = "authorization",
      },
      ["no method"] = { origin = "https://page.example" },
      ["no page"] = { ["access-control-request-method"] = "GET" },
    } do
      it("refuses beforehand " .. what, function()
        local response = preflight(headers)
        assert.equal(403, response.status)
        assert.is_nil(response.headers["access-control-allow-origin"])
      end)
    end

    it("may allow every page", function()
      local response = preflight {
        origin = "https://other.example", ["access-control-request-method"] = "HEAD",
      }
      assert.equal("*", response.headers["access-control-allow-origin"])
    end)
  end)
end)
