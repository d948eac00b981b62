-- issuer:presign, against the sandbox: a URL opens what it is for, in any HTTP client, and the
-- credential that can be taken out of it opens nothing else.
local http = require "r2.http"
local r2 = require "r2"
local make = require "spec.support.make"
local s3 = require "spec.support.s3"
local sandbox_keys = require "sandbox.keys"
local server = require "spec.support.server"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

describe("a URL of issuer:presign", function()
  local bucket, client

  setup(function()
    bucket, client = s3.start(), assert(http.new())
  end)

  teardown(server.stop_all)

  local function issuer(changes)
    return assert(r2.new(make.changed({
      account_id = sandbox_keys.account_id,
      parent_access_key_id = sandbox_keys.parent_access_key_id,
      parent_secret_access_key = sandbox_keys.parent_secret_access_key,
      api_token = sandbox_keys.api_token,
      endpoint = bucket.url,
      api_base_url = bucket.url .. "/client/v4",
    }, changes)))
  end

  local function send(url, request)
    return assert(client:perform(make.changed({ method = "GET", url = url }, request)))
  end

  local function get(url)
    return send(url).body
  end

  it("gets, in both modes", function()
    bucket:put("to get/ü", "bytes")
    for _, mode in ipairs { "local", "api" } do
      local made = issuer { mode = mode }
      assert.equal("bytes", get(assert(made:presign("GET", "my-bucket", "to get/ü"))))
      assert.equal(200,
        send(assert(made:presign("HEAD", "my-bucket", "to get/ü")), { method = "HEAD" }).status)
    end
  end)

  it("puts what was said, and not over what is there", function()
    local headers = { ["content-type"] = "text/x-said", ["if-none-match"] = "*" }
    local url = assert(issuer():presign("PUT", "my-bucket", "to-put", { headers = headers }))
    local sent = { method = "PUT", body = "hello", headers = headers }
    assert.equal(403, send(url, { method = "PUT", body = "hello" }).status)
    assert.equal(200, send(url, sent).status)
    assert.equal(412, send(url, sent).status)
    assert.equal("hello", get(assert(issuer():presign("GET", "my-bucket", "to-put"))))
  end)

  it("deletes", function()
    bucket:put("to-delete", "bytes")
    local url = assert(issuer():presign("DELETE", "my-bucket", "to-delete"))
    assert.equal(204, send(url, { method = "DELETE" }).status)
    assert.equal(404, send(assert(issuer():presign("GET", "my-bucket", "to-delete"))).status)
  end)

  it("puts a part", function()
    local uploads = assert(r2.bucket { credentials = make.changed(s3.PARENT, {
      bucket = "my-bucket", endpoint = bucket.url,
    }) })
    local upload_id = assert(uploads:create_upload("in-parts"))
    local url = assert(issuer():presign("PUT", "my-bucket", "in-parts",
      { upload_id = upload_id, part_number = 1 }))
    assert.equal(200, send(url, { method = "PUT", body = "a part" }).status)
    assert.equal(1, #assert(uploads:list_parts("in-parts", upload_id)))
    uploads:close()
  end)

  it("has a credential that opens nothing else", function()
    bucket:put("mine", "bytes")
    bucket:put("another", "bytes")
    local made = issuer()
    local taken
    local new = r2.sigv4.presign
    r2.sigv4.presign = function(request, credentials, options)
      taken = credentials
      return new(request, credentials, options)
    end
    local url = made:presign("GET", "my-bucket", "mine")
    r2.sigv4.presign = new
    assert.equal("bytes", get(url))
    local thief = bucket:as(taken)
    assert.equal(200, thief:ask { key = "mine" }.status)
    assert.equal(403, thief:ask { key = "another" }.status)
    assert.equal(403, thief:ask { method = "PUT", key = "mine", body = "x" }.status)
    assert.equal(403, thief:ask { method = "DELETE", key = "mine" }.status)
  end)
end)
