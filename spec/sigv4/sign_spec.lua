-- r2.sigv4: what only sigv4.sign, only sigv4.presign, and sigv4.hash do.
local r2 = require "r2"
local sigv4 = require "r2.sigv4"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local sha256 = require "spec.support.sha256"
local signing = require "spec.support.signing"
local values = require "spec.support.values"

local NOW = make.NOW
local SECRETS = signing.SECRETS
local request, credentials, options = signing.request, signing.credentials, signing.options

describe("sigv4.sign", function()
  for case, value in values.sorted(make.changed(values.not_a_string(), {
    ["nothing"] = "", ["capitals"] = ("A"):rep(64), ["63 characters"] = ("a"):rep(63),
    ["a stream"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ["small letters"] = "unsigned-payload",
  })) do
    it("refuses a payload_hash: " .. case, function()
      refused({ kind = "invalid_request", field = "payload_hash" }, function()
        return sigv4.sign(request(), credentials(), options { payload_hash = value })
      end)
    end)
  end

  it("takes UNSIGNED-PAYLOAD, which is the default", function()
    local default = assert(sigv4.sign(request(), credentials(), options()))
    assert.equal("UNSIGNED-PAYLOAD", default["x-amz-content-sha256"])
    assert.same(default, sigv4.sign(request(), credentials(),
      options { payload_hash = "UNSIGNED-PAYLOAD" }))
  end)

  it("changes nothing that it is given", function()
    local given = { request { headers = { ["X-A"] = " b " } }, credentials(), options() }
    assert(sigv4.sign(given[1], given[2], given[3]))
    assert.same({ request { headers = { ["X-A"] = " b " } }, credentials(), options() }, given)
  end)
end)

describe("sigv4.presign", function()
  local function expires(seconds, left)
    local url, message, err = sigv4.presign(request(), credentials { expires_at = NOW + left },
      options { expires_seconds = seconds })
    return url and tonumber(url:match("X%-Amz%-Expires=(%d+)&")), message, err
  end

  it("lasts an hour, or what is left of the credential", function()
    assert.equal(3600, (expires(nil, 43200)))
    assert.equal(3600, (expires(nil, 3600)))
    assert.equal(3599, (expires(nil, 3599)))
    assert.equal(1, (expires(nil, 1)))
  end)

  it("may last as long as the credential", function()
    assert.equal(900, (expires(900, 900)))
    assert.equal(604800, (expires(604800, 604800)))
  end)

  it("may not last longer, and says when which would end", function()
    refused({
      kind = "expired", field = "expires_seconds", hides = SECRETS,
      says = { "2023-11-14T22:28:21Z", "2023-11-14T22:28:20Z" }, -- date -u -d @1700000900
    }, function()
      return sigv4.presign(request(), credentials(), options { expires_seconds = 901 })
    end)
  end)

  for case, value in values.sorted(make.changed(make.changed(values.not_a_number(),
    values.odd_numbers), { ["604801"] = 604801, ["minus one"] = -1 })) do
    it("refuses expires_seconds: " .. case, function()
      refused({
        kind = "invalid_request", field = "expires_seconds", says = { "1 to 604800" },
      }, function()
        return sigv4.presign(request(), credentials(), options { expires_seconds = value })
      end)
    end)
  end

  for _, method in ipairs { "POST", "OPTIONS", "PATCH" } do
    it("refuses " .. method .. ", which R2 does not take in a URL", function()
      refused({ kind = "invalid_request", field = "method", says = { "GET, HEAD, PUT" } },
        function()
          return sigv4.presign(request { method = method }, credentials(), options())
        end)
    end)
  end

  it("signs the headers that are to be sent with it", function()
    local url = assert(sigv4.presign(request {
      method = "PUT", headers = { ["Content-Type"] = "image/png", ["content-length"] = "5" },
    }, credentials(), options()))
    assert.is_truthy(
      url:find("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&", 1, true))
  end)

  it("makes a URL that is refused when it is to be signed again", function()
    local url = assert(sigv4.presign(request(), credentials(), options()))
    refused({ kind = "invalid_request", field = "url", hides = SECRETS }, function()
      return sigv4.presign(request { url = url }, credentials(), options())
    end)
  end)
end)

describe("sigv4.hash", function()
  it("is the SHA-256 in lower-case hex", function()
    for _, body in ipairs { "", "hello", ("\0\255"):rep(5000) } do
      assert.equal(sha256.hex(body), sigv4.hash(body))
    end
  end)

  it("raises when the body is no string", function()
    for _, value in pairs(values.not_a_string()) do
      assert.has_error(function() sigv4.hash(value) end)
    end
    assert.has_error(function() sigv4.hash() end)
  end)
end)

describe("r2.sigv4", function()
  it("is the module, required on first use", function()
    assert.equal(sigv4, r2.sigv4)
    assert.equal(r2._VERSION, sigv4._VERSION)
    assert.is_nil(r2.sigv5)
  end)
end)
