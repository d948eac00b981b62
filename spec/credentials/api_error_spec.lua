-- Answers of Cloudflare's API that are errors: what of them becomes of an error here.
local cjson = require "cjson"
local answers = require "spec.support.api_answers"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local values = require "spec.support.values"
local envelope, failure = answers.envelope, answers.failure
local respond, refuse = answers.respond, answers.refuse

describe("client:response calls it an api error when the status is 400 or above", function()
  local statuses = { 400, 401, 403, 404, 405, 409, 418, 500, 501, 502, 503, 504, 520, 599 }
  for _, status in ipairs(statuses) do
    it("as " .. status, function()
      local err = refuse("api", {
        status = status, body = failure({ { code = 10001, message = "Internal error" } }),
      }, { tostring(status), "Internal error" })
      assert.equal(status, err.status)
      assert.equal(10001, err.code)
    end)
  end

  local bodies = {
    ["empty"] = "",
    ["HTML"] = "<html><head><title>502 Bad Gateway</title></head></html>",
    ["a list"] = "[]",
    ["a string"] = '"failed"',
    ["null"] = "null",
    ["cut off"] = '{"success":false,"errors":[{"code":100',
    ["100,000 brackets"] = ("["):rep(100000),
    ["an empty object"] = "{}",
    ["no JSON, in bytes that are not UTF-8"] = "\255\254\0\1",
    ["a success"] = envelope(),
    ["no errors"] = failure(cjson.empty_array),
    ["errors of null"] = failure(cjson.null),
    ["errors that are a string"] = failure("failed"),
    ["errors that are an object"] = failure({ code = 1, message = "failed" }),
    ["errors that are strings"] = failure({ "failed" }),
    ["errors that are null"] = failure({ cjson.null }),
    ["errors that are numbers"] = failure({ 1, 2 }),
    ["errors that are lists"] = failure({ { { "failed" } } }),
    ["an error of wrong types"] = failure({ { code = "10001", message = 5 } }),
    ["an error of null fields"] = failure({ { code = cjson.null, message = cjson.null } }),
    ["an error of nested fields"] = failure({ { code = { 1 }, message = { "failed" } } }),
    ["an error with a huge code"] = failure({ { code = 1e300, message = "failed" } }),
    ["an error with a fraction for a code"] = failure({ { code = 1.5, message = "failed" } }),
  }
  for name, body in values.sorted(bodies) do
    it("even when the body is or has " .. name, function()
      for _, status in ipairs { 400, 403, 500, 502 } do
        local err = refuse("api", { status = status, body = body }, { tostring(status) })
        assert.equal(status, err.status)
        assert.is_true(err.errors == nil or type(err.errors) == "table")
        if err.code ~= nil then
          assert.equal("number", type(err.code))
          assert.equal(math.floor(err.code), err.code)
        end
      end
      local err = refuse("rate_limited", { status = 429, body = body }, { "429" })
      assert.equal(429, err.status)
    end)
  end

  it("with no error, one error and three errors", function()
    local none = refuse("api", { status = 400, body = failure(cjson.empty_array) })
    assert.is_nil(none.code)

    local one = refuse("api", {
      status = 400, body = failure({ { code = 10005, message = "Invalid bucket name" } }),
    }, { "Invalid bucket name", "10005" })
    assert.equal(10005, one.code)
    assert.equal(1, #one.errors)
    assert.equal(10005, one.errors[1].code)
    assert.equal("Invalid bucket name", one.errors[1].message)

    local three = refuse("api", { status = 400, body = failure({
      { code = 10040, message = "Not well formed" },
      {
        code = 10005, message = "Invalid bucket name",
        documentation_url = "https://developers.cloudflare.com/r2/",
        source = { pointer = "/bucket" },
      },
      { code = 10006, message = "No such bucket" },
    }) }, { "Not well formed" })
    assert.equal(10040, three.code)
    assert.equal(3, #three.errors)
    assert.equal("Invalid bucket name", three.errors[2].message)
    assert.equal("No such bucket", three.errors[3].message)
  end)

  it("and gives codes as whole numbers", function()
    local err = refuse("api", {
      status = 400, body = '{"success":false,"errors":[{"code":10000,"message":"No"}]}',
    })
    assert.equal("10000", tostring(err.code))
    assert.equal("10000", tostring(err.errors[1].code))
    assert.equal("400", tostring(err.status))
  end)

  for status, retryable in pairs {
    [400] = false, [401] = false, [403] = false, [404] = false, [409] = false,
    [500] = true, [502] = true, [503] = true, [504] = true,
  } do
    it("and says whether " .. status .. " may pass when it is asked again", function()
      local err = refuse("api", { status = status, body = failure(cjson.empty_array) })
      assert.equal(retryable, err.retryable or false)
    end)
  end
end)

describe("The headers of an answer", function()
  local busy = failure({ { code = 971, message = "Please wait" } })

  local function limited(value, name)
    return refuse("rate_limited", {
      status = 429, body = busy, headers = { [name or "retry-after"] = value },
    })
  end

  it("say when to come back", function()
    assert.equal(300, limited("300").retry_after)
    assert.equal(0, limited("0").retry_after)
    assert.is_true(limited("300").retryable)
  end)

  it("cannot put it off for more than a day", function()
    assert.equal(86399, limited("86399").retry_after)
    assert.equal(86400, limited("86400").retry_after)
    for _, value in ipairs { "86401", "100000", "999999999" } do
      assert.equal(86400, limited(value).retry_after)
    end
  end)

  it("need not say it", function()
    local err = refuse("rate_limited", { status = 429, body = busy })
    assert.is_nil(err.retry_after)
    assert.is_true(err.retryable)
  end)

  it("are believed only when they are whole seconds, or a date", function()
    for _, value in ipairs {
      "", "soon", "-5", "1.5", "0x10", "1e3", "5 minutes", "nan", "inf", "300\0",
      ("9"):rep(400),
    } do
      assert.is_nil(limited(value).retry_after)
    end
  end)

  it("name the request for Cloudflare's support", function()
    for _, answer in ipairs {
      { status = 403, body = failure({ { code = 10000, message = "No" } }) },
      { status = 502, body = "<html></html>" },
    } do
      answer.headers = { ["cf-ray"] = "8f0123456789abcd-FRA" }
      local err = refuse("api", answer, { "8f0123456789abcd-FRA" })
      assert.equal("8f0123456789abcd-FRA", err.ray_id)
    end
    local err = refuse("bad_response", {
      body = "", headers = { ["cf-ray"] = "8f0123456789abcd-FRA" },
    })
    assert.equal("8f0123456789abcd-FRA", err.ray_id)
    assert.is_nil(refuse("api", { status = 500, body = "" }).ray_id)
  end)

  it("are found however they are spelt", function()
    for _, name in ipairs { "Retry-After", "RETRY-AFTER", "retry-After" } do
      assert.equal(30, limited("30", name).retry_after)
    end
    for _, name in ipairs { "CF-Ray", "Cf-Ray", "CF-RAY" } do
      local err = refuse("api", {
        status = 500, body = "", headers = { [name] = "8f0123456789abcd-FRA" },
      })
      assert.equal("8f0123456789abcd-FRA", err.ray_id)
    end
  end)

  it("may not carry anything else into an error", function()
    for _, ray in ipairs {
      keys.api_token, "8f01\r\nx-header: 1", "\27[31m", ("8"):rep(100000), "",
      "ray of " .. keys.api_token,
    } do
      local err = refuse("api", {
        status = 500, body = "", headers = { ["cf-ray"] = ray, ["retry-after"] = ray },
      })
      assert.is_true(err.ray_id == nil or #err.ray_id <= 100)
      assert.is_nil((err.ray_id or ""):find("%c"))
    end
  end)
end)

-- The service may not know the permission: an error that can mean this says so.
describe("Write-only through the API, refused by the service,", function()
  local request = make.request { permission = "object-write-only" }

  local function explained(status, code, asked)
    local errors = code and { { code = code, message = "no" } } or cjson.empty_array
    local _, message = respond {
      status = status, body = failure(errors), request = asked or request,
    }
    assert.equal(message:find("object-write-only", 1, true) ~= nil,
      message:find("the parent's secret", 1, true) ~= nil)
    return message:find("object-write-only", 1, true) ~= nil
  end

  for _, status in ipairs { 400, 403, 422 } do
    it("is explained, with the way out, when the status is " .. status, function()
      for _, code in ipairs { 10001, 10004, 10040, 9999, 0 } do
        assert.is_true(explained(status, code), code)
      end
      assert.is_true(explained(status))
    end)
  end

  for _, status in ipairs { 200, 302, 401, 404, 429, 500, 502, 503, 504, 520 } do
    it("is not explained when the status says something else: " .. status, function()
      assert.is_false(explained(status, 10040))
      assert.is_false(explained(status))
    end)
  end

  for code, meaning in pairs {
    [10000] = "authentication", [9109] = "the token", [10005] = "the bucket's name",
    [10006] = "the bucket",
  } do
    it("is not explained when the code says that it was " .. meaning, function()
      for _, status in ipairs { 400, 403, 422 } do
        assert.is_false(explained(status, code))
      end
    end)
  end

  it("is explained for no other permission", function()
    for _, permission in pairs(require("r2.temp_credentials").permission) do
      if permission ~= "object-write-only" then
        local asked = make.request { permission = permission }
        for _, status in ipairs { 400, 403, 422 } do
          assert.is_false(explained(status, 10040, asked))
        end
      end
    end
  end)
end)
