-- Errors of Cloudflare's edge, which are no envelope of its API: RFC 9457's "problem details" with
-- fields of Cloudflare's own (developers.cloudflare.com/support/troubleshooting, "1xxx errors").
local answers = require "spec.support.api_answers"
local keys = require "spec.support.keys"
local make = require "spec.support.make"

local refuse = answers.refuse

local LIMITED = {
  type = "https://developers.cloudflare.com/error-1015/",
  title = "Error 1015: You are being rate limited", status = 429,
  detail = "You are being rate-limited by the website owner's configuration.",
  instance = "9d99a4434fz2d168", error_code = 1015, error_name = "rate_limited",
  error_category = "rate_limit", ray_id = "9d99a4434fz2d168", cloudflare_error = true,
  retryable = true, retry_after = 30, owner_action_required = false,
}

local function problem(kind, status, changes, headers)
  return refuse(kind, {
    status = status, headers = headers, body = make.changed(LIMITED, changes),
  })
end

describe("An error of Cloudflare's edge", function()
  it("is told with its code, its text and when to come back", function()
    local err = problem("rate_limited", 429)
    assert.equal(1015, err.code)
    assert.equal(30, err.retry_after)
    assert.is_true(err.retryable)
    assert.is_truthy(err.message:find("1015 Error 1015: You are being rate limited: You are "
      .. "being rate-limited by the website owner's configuration.", 1, true), err.message)
    assert.equal(1, #err.errors)
    assert.equal(1015, err.errors[1].code)
  end)

  it("may have one text of the two, or none", function()
    local none = make.ABSENT
    for text, changes in pairs {
      ["Error 1015: You are being rate limited"] = { detail = none },
      ["You are being rate-limited by the website owner's configuration."] = { title = none },
      [""] = { title = none, detail = none },
    } do
      assert.equal(text, problem("rate_limited", 429, changes).errors[1].message)
    end
    assert.is_nil(problem("api", 502, { error_code = none }).code)
  end)

  it("says itself whether asking again may help", function()
    for _, status in ipairs { 403, 409, 429, 502, 520, 526, 530 } do
      local kind = status == 429 and "rate_limited" or "api"
      assert.is_true(problem(kind, status, { retryable = true }).retryable)
      assert.is_false(problem(kind, status, { retryable = false }).retryable)
    end
    assert.is_true(problem("api", 520, { retryable = make.ABSENT }).retryable)
    assert.is_false(problem("api", 403, { retryable = make.ABSENT }).retryable)
    assert.is_false(problem("api", 403, { retryable = "true" }).retryable)
  end)

  it("counts with its seconds where Retry-After has less", function()
    for _, case in ipairs {
      { "0", 30, 30 }, { "40", 30, 40 }, { nil, 5, 5 }, { "7", nil, 7 },
    } do
      local err = problem("rate_limited", 429,
        { retry_after = case[2] or make.ABSENT }, { ["Retry-After"] = case[1] })
      assert.equal(case[3], err.retry_after)
    end
    for _, odd in ipairs { "30", -1, 1.5, 100000, {}, false } do
      assert.is_nil(problem("api", 502, { retry_after = odd }).retry_after)
    end
  end)

  it("is no word on the permission", function()
    local err = refuse("api", {
      status = 403, body = make.changed(LIMITED, { error_code = 1020, retryable = false }),
      request = make.request { permission = "object-write-only" },
    })
    assert.is_nil(err.message:find("object-write-only", 1, true))
  end)

  it("is cleaned as every text of a server is", function()
    local err = problem("api", 403, {
      title = "no \27[31m" .. keys.api_token, detail = ("x "):rep(500),
    })
    assert.is_nil(err.message:find(keys.api_token, 1, true))
    assert.is_true(#err.errors[1].message <= 250)
  end)

  it("is not looked for where the API has sent its own", function()
    local err = problem("api", 403, {
      success = false, errors = { { code = 9109, message = "Invalid access token" } },
    })
    assert.equal(9109, err.code)
    assert.is_nil(err.message:find("1015", 1, true))
  end)
end)

describe("A status that HTTP does not have", function()
  it("is a bad response that says so", function()
    for _, status in ipairs { 0, 99, 600, 999 } do
      local err = refuse("bad_response", {
        status = status, body = answers.envelope(),
      }, { tostring(status), "status that HTTP does not have" })
      assert.equal(status, err.status)
      assert.is_false(err.retryable)
    end
    for _, status in ipairs { 1000, -1, 1.5, 0 / 0 } do
      assert.has_error(function()
        answers.client:response(status, nil, "", make.NOW, make.request())
      end)
    end
  end)
end)
