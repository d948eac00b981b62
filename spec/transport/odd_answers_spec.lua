-- Answers that are not forbidden, or just so, over the two transports inside nginx. For libcurl the
-- fault server shows them.
--
-- R2_RESTY_HTTP names the folder of lua-resty-http, where nginx does not find it by itself.

local in_nginx = require "spec.support.in_nginx"

if in_nginx.missing() then
  pending(in_nginx.missing())
  return
end

setup(in_nginx.start)
teardown(in_nginx.stop)

local function says(outcome, text)
  assert.is_truthy(outcome.message:find(text, 1, true), outcome.message)
end

for _, name in ipairs { "nginx", "resty" } do
  local described = in_nginx.missing(name) and pending or it

  describe("r2.transport." .. name, function()
    for _, status in ipairs { 0, 99, 600, 999 } do
      described("blames the server for the status " .. status, function()
        local outcome = in_nginx.create(name, ("status_%03d"):format(status))
        assert.equal("bad_response", outcome.err.kind, outcome.message)
        assert.equal(1, outcome.err.attempts)
        says(outcome, "HTTP")
      end)
    end

    described("names what is packed without having been asked for", function()
      local outcome = in_nginx.create(name, "packed_200")
      assert.equal("bad_response", outcome.err.kind)
      assert.equal(1, outcome.err.attempts)
      says(outcome, "packed")
    end)

    described("takes the status of an error that is packed", function()
      local outcome = in_nginx.create(name, "packed_403")
      assert.equal("api", outcome.err.kind)
      assert.equal(403, outcome.err.status)
      outcome = in_nginx.create(name, "packed_429")
      assert.equal("rate_limited", outcome.err.kind)
      assert.equal(60, outcome.err.retry_after)
    end)

    described("takes what is said to be packed in no way", function()
      assert.is_table(in_nginx.create(name, "not_packed").credentials)
    end)
  end)
end

describe("r2.transport.resty", function()
  local described = in_nginx.missing("resty") and pending or it

  described("passes over answers that only say that one will come", function()
    for _, status in ipairs { "100", "103" } do
      local outcome = in_nginx.create("resty", "interim_" .. status)
      assert.is_table(outcome.credentials, outcome.message)
    end
  end)

  described("takes a CR within a header's value for a space", function()
    local outcome = in_nginx.perform("resty", "return_in_value")
    assert.equal("a b", outcome.response.headers["x-one"])
  end)

  described("refuses a CR within a header's name, and NUL", function()
    for _, show in ipairs { "return_in_name", "nul" } do
      assert.equal("bad_response", in_nginx.perform("resty", show).err.kind)
    end
  end)
end)

describe("r2.transport.nginx", function()
  it("says that it cannot pass over interim answers, at once", function()
    for _, status in ipairs { "100", "103" } do
      local outcome = in_nginx.create("nginx", "interim_" .. status)
      assert.equal("unsupported", outcome.err.kind, outcome.message)
      assert.equal(1, outcome.err.attempts)
      says(outcome, "r2.transport.resty")
    end
  end)

  it("refuses a CR, and NUL, within a header", function()
    for _, show in ipairs { "return_in_value", "return_in_name", "nul" } do
      assert.equal("network", in_nginx.perform("nginx", show).err.kind)
    end
  end)
end)
