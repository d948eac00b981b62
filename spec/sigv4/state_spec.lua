-- What r2.sigv4 keeps between calls, and what becomes of it when a finalizer signs, and when the
-- state closes.
local sigv4 = require "r2.sigv4"
local collector = require "spec.support.collector"
local make = require "spec.support.make"
local signing = require "spec.support.signing"

local NOW, ABSENT = make.NOW, make.ABSENT
local ENDPOINT = signing.ENDPOINT
local request, credentials, options = signing.request, signing.credentials, signing.options

describe("The signing key that is kept", function()
  -- What is signed first, when nothing is kept, is right: the vectors say so.
  local function fresh(...)
    return assert(signing.fresh_module().sign(...)).authorization
  end

  it("is another one for each secret, day, region and service", function()
    local cases = {}
    for i = 1, 7 do -- more than are kept
      local secret = credentials().secret_access_key:sub(1, -2) .. i
      for _, changes in ipairs {
        {}, { now = NOW + 86400 }, { region = "weur" }, { service = "s4" },
      } do
        cases[#cases + 1] = { { secret_access_key = secret, expires_at = ABSENT }, changes }
      end
    end
    for _, secret in ipairs { ("5e55"):rep(16) .. "5", ("5e55"):rep(15) } do
      cases[#cases + 1] = { { secret_access_key = secret, expires_at = ABSENT }, {} }
    end
    local expected, seen = {}, {}
    for i, case in ipairs(cases) do
      expected[i] = fresh(request(), credentials(case[1]), options(case[2]))
      assert.is_nil(seen[expected[i]])
      seen[expected[i]] = true
    end
    for step = 1, #cases * 3 do
      local i = step * 11 % #cases + 1
      for _ = 1, 2 do
        assert.equal(expected[i], assert(sigv4.sign(request(), credentials(cases[i][1]),
          options(cases[i][2]))).authorization)
      end
    end
  end)

  it("is right on both sides of midnight, again and again", function()
    local midnight = 1767225600 -- 2026-01-01T00:00:00Z
    local key = credentials { expires_at = ABSENT }
    local before = fresh(request(), key, { now = midnight - 1 })
    local after = fresh(request(), key, { now = midnight })
    assert.is_truthy(before:find("/20251231/", 1, true))
    assert.is_truthy(after:find("/20260101/", 1, true))
    for _ = 1, 3 do
      assert.equal(before, sigv4.sign(request(), key, { now = midnight - 1 }).authorization)
      assert.equal(after, sigv4.sign(request(), key, { now = midnight }).authorization)
    end
  end)
end)

-- The collector may run a finalizer inside any allocating call, so inside sigv4.sign too.
describe("Signing from a finalizer while signing", function()
  -- What a call with this object's name is made of, and what of its result says whose it is.
  local function arguments(name, key)
    if name == "url" then
      return { sigv4.url, ENDPOINT, "my-bucket", key }
    end
    local url = assert(sigv4.url(ENDPOINT, "my-bucket", key))
    return { sigv4[name], request { url = url }, credentials(), options() }
  end

  local function call(of)
    return assert(of[1](of[2], of[3], of[4]))
  end

  for _, name in ipairs { "sign", "presign", "url" } do
    it("gives each its own result: " .. name, function()
      local caller, finalizer = arguments(name, "caller"), arguments(name, "finalizer")
      local expected = { caller = call(caller), finalizer = call(finalizer) }
      local interrupted = 0
      for _ = 1, 20 do
        local inside
        local ok, result = collector.interrupt(function()
          interrupted = interrupted + 1
          inside = call(finalizer)
        end, caller[1], caller[2], caller[3], caller[4])
        assert.is_true(ok)
        assert.same(expected.caller, result)
        assert.same(expected.finalizer, inside)
      end
      assert.equal(20, interrupted)
    end)
  end
end)

-- Under a checker of memory, what is left at the end shows.
describe("Signing while the state closes", function()
  it("leaves nothing behind, before and after the signer's own end", function()
    local interpreter = 0
    while arg[interpreter - 1] do
      interpreter = interpreter - 1
    end
    local process = assert(io.popen(("exec %s spec/support/closing.lua sigv4 2>&1"):format(
      arg[interpreter])))
    local output = process:read("*a")
    process:close()
    assert.equal("signed\nsigned\n", output)
  end)
end)

describe("Signing again and again", function()
  it("keeps no memory", function()
    local function sign(count)
      for _ = 1, count do
        assert(sigv4.sign(request(), credentials(), options()))
        assert(sigv4.presign(request(), credentials(), options()))
      end
    end
    sign(200)
    local before = collector.bytes_in_use()
    sign(2000)
    assert.is_true(collector.bytes_in_use() - before < 2000)
  end)
end)
