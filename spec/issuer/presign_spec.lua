-- issuer:presign: a URL for one object, with a credential that can do nothing else.
local asking = require "spec.support.asking"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local token = require "spec.support.token"
local r2 = require "r2"

local NOW = make.NOW

local function query_of(url)
  local named = {}
  for name, value in url:match("%?(.*)$"):gmatch("([^&=]+)=([^&]*)") do
    named[name] = value:gsub("%%(%x%x)", function(hex)
      return string.char(tonumber(hex, 16))
    end)
  end
  return named
end

local function claims_of(url)
  return token.read(query_of(url)["X-Amz-Security-Token"]).claims
end

describe("issuer:presign, with the parent's secret", function()
  local issuer

  setup(function()
    issuer = make.issuer()
  end)

  for method, action in pairs {
    GET = "GetObject", HEAD = "HeadObject", PUT = "PutObject", DELETE = "DeleteObject",
  } do
    it("signs " .. method .. " with a credential for that alone, which ends with it", function()
      local url = issuer:presign(method, "my-bucket", "a/ü", { expires_seconds = 600 })
      assert.equal("600", query_of(url)["X-Amz-Expires"])
      local claims = claims_of(url)
      assert.same({ action }, claims.actions)
      assert.is_nil(claims.scope)
      assert.same({ prefixPaths = {}, objectPaths = { "a/ü" } }, claims.paths)
      assert.equal("my-bucket", claims.bucket)
      assert.equal(NOW + 600, claims.exp)
    end)
  end

  it("lasts 15 minutes by default", function()
    local results = { issuer:presign("GET", "my-bucket", "a") }
    assert.equal("900", query_of(results[1])["X-Amz-Expires"])
    assert.equal(NOW + 900, claims_of(results[1]).exp)
    assert.equal(1, #results)
  end)

  it("signs headers and a query", function()
    local query = query_of(assert(issuer:presign("PUT", "my-bucket", "a", {
      headers = { ["content-type"] = "image/png", ["if-none-match"] = "*" },
      query = { note = "b c" },
    })))
    assert.equal("content-type;host;if-none-match", query["X-Amz-SignedHeaders"])
    assert.equal("b c", query.note)
  end)

  it("signs a part with a credential for parts alone", function()
    local part = { upload_id = "u", part_number = 2 }
    local url = assert(issuer:presign("PUT", "my-bucket", "a", part))
    assert.same({ "UploadPart" }, claims_of(url).actions)
    assert.equal("u", query_of(url).uploadId)
    assert.equal("2", query_of(url).partNumber)
  end)

  it("names what is wrong as its caller does", function()
    for field, arguments in pairs {
      method = { "POST", "my-bucket", "a" },
      bucket = { "GET", "No", "a" },
      key = { "GET", "my-bucket", "" },
      expires_seconds = { "GET", "my-bucket", "a", { expires_seconds = 604801 } },
      headers = { "GET", "my-bucket", "a", { headers = { ["x\n"] = "a" } } },
      query = { "GET", "my-bucket", "a", { query = "a=b" } },
      upload_id = { "GET", "my-bucket", "a", { upload_id = "u", part_number = 1 } },
      ttl_seconds = { "GET", "my-bucket", "a", { ttl_seconds = 1 } },
      actions = { "GET", "my-bucket", "a", { actions = { "PutObject" } } },
    } do
      refused({ kind = "invalid_request", field = field }, function()
        return issuer:presign(arguments[1], arguments[2], arguments[3], arguments[4])
      end)
    end
    refused({ kind = "invalid_request", field = "key" }, function()
      return issuer:presign("GET", "my-bucket")
    end)
    refused({ kind = "invalid_request", field = "key", says = { "NFC" } }, function()
      return issuer:presign("GET", "my-bucket", "cafe\204\129")
    end)
  end)

  it("raises for options that are no table, and once the issuer is closed", function()
    assert.error_matches(function() issuer:presign("GET", "my-bucket", "a", 900) end, "'presign'")
    local closed = make.issuer()
    closed:close()
    assert.error_matches(function() closed:presign("GET", "my-bucket", "a") end, "closed")
  end)
end)

describe("issuer:presign, with an API token", function()
  it("asks for a credential that reads this object, for GET and HEAD", function()
    for _, method in ipairs { "GET", "HEAD" } do
      local issuer, log = asking.issuer_with { scripted.good() }
      local url = assert(issuer:presign(method, "my-bucket", "a/b", { expires_seconds = 60 }))
      assert.equal("60", query_of(url)["X-Amz-Expires"])
      assert.equal(1, #log.asked)
      local body = log.asked[1].body
      for _, piece in ipairs { '"object-read-only"', '"objects":["a/b"]', '"ttlSeconds":60' } do
        assert.is_truthy(body:find(piece, 1, true), piece)
      end
    end
  end)

  it("refuses PUT and DELETE, and asks for nothing", function()
    local issuer, log = asking.issuer_with { scripted.good() }
    for _, method in ipairs { "PUT", "DELETE" } do
      refused({ kind = "unsupported", says = { method, "the parent's secret" } }, function()
        return issuer:presign(method, "my-bucket", "a")
      end)
    end
    assert.equal(0, #log.asked)
  end)

  it("hands on why there is no credential", function()
    local issuer = assert(r2.new(make.api_config {
      transport = scripted.transport { scripted.status(403) },
    }))
    refused({ kind = "api" }, function()
      return issuer:presign("GET", "my-bucket", "a")
    end)
  end)
end)
