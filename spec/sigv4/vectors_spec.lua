-- Signatures as others make them: Amazon's published examples, and the AWS SDK's own signer.
-- spec/vectors/signatures.jsonl holds what that makes (see spec/vectors/generate_signatures.mjs).
local cjson = require "cjson"
local sigv4 = require "r2.sigv4"
local make = require "spec.support.make"
local sha256 = require "spec.support.sha256"
local values = require "spec.support.values"

local VECTORS = {}
for line in io.lines("spec/vectors/signatures.jsonl") do
  VECTORS[#VECTORS + 1] = cjson.decode(line)
end

-- JSON has no nil: the vectors write "" for the bucket itself.
local function key_of(key)
  return key ~= "" and key or nil
end

local function succeeds(command)
  local status = os.execute(command .. " >/dev/null 2>&1")
  return status == true or status == 0
end

describe("Signatures, compared with the AWS SDK's signer", function()
  it("are compared for at least 300 requests", function()
    assert.is_true(#VECTORS >= 300, #VECTORS .. " vectors")
  end)

  for _, v in ipairs(VECTORS) do
    it("are the same: " .. v.name, function()
      local url = assert(sigv4.url(v.endpoint, v.bucket, key_of(v.key), v.query))
      assert.equal(v.url, url)
      local what = { method = v.method, url = url, headers = v.headers }
      if v.kind == "url" then
        assert.equal(v.presigned, assert(sigv4.presign(what, v.credentials, {
          now = v.now, region = v.region, expires_seconds = v.expires_seconds,
        })))
      else
        assert.same(v.added, assert(sigv4.sign(what, v.credentials, {
          now = v.now, region = v.region, payload_hash = v.payload_hash,
        })))
      end
    end)
  end

  it("are still what the signers make today", function()
    local sdk = io.open("spec/node_modules/@smithy/signature-v4/package.json")
    if sdk then
      sdk:close()
    end
    if not sdk or not succeeds("node --version") then
      pending("needs Node and `npm ci` in spec/")
      return
    end
    local node = assert(io.popen(
      "node spec/vectors/generate_signatures.mjs --check 2>&1; echo status $?"))
    local output = node:read("*a")
    node:close()
    assert.matches("^" .. #VECTORS .. " signatures made again, %d+ by both signers, "
      .. "all the same\nstatus 0\n$", output)
  end)
end)

-- ---- Amazon's examples ----

-- docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
-- sigv4-query-string-auth.html
describe("Amazon's published example", function()
  local key = {
    access_key_id = "AKIAIOSFODNN7EXAMPLE",
    secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  }
  local host = "https://examplebucket.s3.amazonaws.com"
  local at = { now = 1369353600, region = "us-east-1" } -- 2013-05-24T00:00:00Z
  local scope = "AWS4-HMAC-SHA256 "
    .. "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "

  for name, case in values.sorted {
    ["GET Object"] = {
      what = { method = "GET", url = host .. "/test.txt", headers = { Range = "bytes=0-9" } },
      body = "",
      expected = "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        .. "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    },
    ["PUT Object"] = {
      what = {
        method = "PUT", url = host .. "/test%24file.text",
        headers = {
          Date = "Fri, 24 May 2013 00:00:00 GMT",
          ["x-amz-storage-class"] = "REDUCED_REDUNDANCY",
        },
      },
      body = "Welcome to Amazon S3.",
      expected = "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;"
        .. "x-amz-storage-class, "
        .. "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    },
    ["GET Bucket Lifecycle"] = {
      what = { method = "GET", url = host .. "/?lifecycle" },
      body = "",
      expected = "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
        .. "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    },
    ["List Objects"] = {
      what = { method = "GET", url = host .. "/?max-keys=2&prefix=J" },
      body = "",
      expected = "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
        .. "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    },
  } do
    it(name .. " is signed as published", function()
      local added = assert(sigv4.sign(case.what, key,
        make.changed(at, { payload_hash = sigv4.hash(case.body) })))
      assert.same({
        authorization = scope .. case.expected,
        ["x-amz-date"] = "20130524T000000Z",
        ["x-amz-content-sha256"] = sha256.hex(case.body),
      }, added)
    end)
  end

  it("of a presigned URL is made as published", function()
    assert.equal(host .. "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
      .. "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
      .. "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      .. "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      sigv4.presign({ method = "GET", url = host .. "/test.txt" }, key,
        make.changed(at, { expires_seconds = 86400 })))
  end)
end)
