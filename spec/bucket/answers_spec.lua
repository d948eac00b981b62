-- What a bucket sends, and what it makes of answers that no server here gives.
local leaks = require "spec.support.leaks"
local refused = require "spec.support.refused"
local scripted = require "spec.support.bucket.scripted"
local document = scripted.document

local HELLO = "5d41402abc4b2a76b9719d911017c592"

describe("a request", function()
  it("says what program it comes from, and signs it not", function()
    local bucket, log = scripted.new { scripted.good() }
    assert(bucket:put("a", "hello"))
    local headers = log.asked[1].headers
    assert.matches("^r2%-temp%-credentials/%d", headers["user-agent"])
    assert.is_nil(headers.authorization:find("user-agent", 1, true))
    assert.equal("UNSIGNED-PAYLOAD", headers["x-amz-content-sha256"])
    assert.is_nil(headers.expect)
  end)

  it("that is a document has its hash signed", function()
    local bucket, log = scripted.new { document "<DeleteResult/>" }
    bucket:delete { "a", "b" }
    assert.matches("^%x+$", log.asked[1].headers["x-amz-content-sha256"])
    assert.equal(64, #log.asked[1].headers["x-amz-content-sha256"])
  end)

  it("for the end of a list asks for no more than is wanted", function()
    local page = "<ListBucketResult><IsTruncated>%s</IsTruncated>%s</ListBucketResult>"
    local entry = "<Contents><Key>%d</Key><Size>1</Size></Contents>"
    local bucket, log = scripted.new {
      document(page:format("true", entry:format(1) .. entry:format(2)
        .. "<NextContinuationToken>t</NextContinuationToken>")),
      document(page:format("false", entry:format(3))),
    }
    local keys = {}
    for found in bucket:list { limit = 3 } do
      keys[#keys + 1] = found.key
    end
    assert.same({ "1", "2", "3" }, keys)
    assert.is_truthy(log.asked[1].url:find("max-keys=3", 1, true))
    assert.is_truthy(log.asked[2].url:find("max-keys=1", 1, true))
    assert.is_truthy(log.asked[2].url:find("continuation-token=t", 1, true))
  end)
end)

describe("an answer", function()
  it("may escape a name in either way, where it says that it does", function()
    local list = "<ListBucketResult><IsTruncated>false</IsTruncated>%s<Contents><Key>a+b%%20c"
      .. "%%2B</Key><Size>1</Size></Contents></ListBucketResult>"
    local bucket = scripted.new {
      document(list:format "<EncodingType>url</EncodingType>"), document(list:format ""),
    }
    assert.equal("a b c+", assert(bucket:list_page())[1].key)
    assert.equal("a+b%20c%2B", assert(bucket:list_page())[1].key)
  end)

  it("with a range needs its status too", function()
    local bucket = scripted.new { { status = 200, body = "ell",
      headers = { ["content-range"] = "bytes 1-3/5", ["content-length"] = "3" } } }
    refused({ kind = "bad_response" }, function()
      return bucket:get("a", { range = { 1, 3 } })
    end)
  end)

  it("about parts is held against their MD5s", function()
    local bucket = scripted.new { { status = 200, body = "",
      headers = { etag = '"00000000000000000000000000000000"' } } }
    refused({ kind = "bad_response", says = { "not the MD5" } }, function()
      return bucket:upload_part("a", "id", 1, "hello")
    end)
    bucket = scripted.new { document("<CompleteMultipartUploadResult><ETag>"
      .. HELLO .. "-1</ETag></CompleteMultipartUploadResult>") }
    local part = { number = 1, etag = "opaque" }
    assert(bucket:complete_upload("a", "id", { part }))
    part.md5 = HELLO
    local says = { "not that of the parts" }
    local err = refused({ kind = "bad_response", says = says }, function()
      return bucket:complete_upload("a", "id", { part })
    end)
    assert.is_nil(err.outcome)
  end)

  it("shows no secret key, whatever it says", function()
    local secret = "a-secret,of.several:words"
    local credentials = scripted.credentials { secret_access_key = secret }
    local bucket = scripted.new({ { status = 403, headers = {}, body = "<Error><Code>C</Code>"
      .. "<Message>it is a-secret,of.several:words!</Message></Error>" } },
      { credentials = credentials })
    local _, message, err = bucket:put("a", "hello")
    leaks.assert_none({ secret }, { message, err })
    assert.is_truthy(message:find("it is [redacted]!", 1, true))
  end)

  it("with a rule that is not known here brings no rules", function()
    for name, text in pairs {
      cors = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>"
        .. "<AllowedMethod>GET</AllowedMethod><Unless>x</Unless></CORSRule>"
        .. "</CORSConfiguration>",
      lifecycle = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><And>"
        .. "<Prefix>a</Prefix><Tag>t</Tag></And></Filter><Expiration><Days>1</Days>"
        .. "</Expiration></Rule></LifecycleConfiguration>",
    } do
      local bucket = scripted.new { document(text) }
      refused({ kind = "bad_response", says = { "does not know" } }, function()
        return bucket[name](bucket)
      end)
    end
    local bucket = scripted.new { document("<LifecycleConfiguration><Rule><Status>Enabled"
      .. "</Status><Filter/><Expiration><Days>1</Days></Expiration></Rule>"
      .. "</LifecycleConfiguration>") }
    assert.same({ { enabled = true, expiration_days = 1 } }, assert(bucket:lifecycle()))
  end)

  it("of 401 is not billed", function()
    local bucket = scripted.new { scripted.refusal(401, "Unauthorized"), scripted.good() }
    bucket:put("a", "hello")
    assert.equal(0, bucket:usage().class_a)
    assert(bucket:put("a", "hello"))
    assert.equal(1, bucket:usage().class_a)
  end)
end)
