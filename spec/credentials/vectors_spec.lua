-- Byte identity with Cloudflare's documented JavaScript example: spec/vectors/cases holds what it
-- makes, a file for each stage (see spec/vectors/generate.mjs); here the library has to make the
-- same bytes.

local cjson = require "cjson"
local tc = require "r2.temp_credentials"
local base64 = require "spec.support.base64"

local CASES = "spec/vectors/cases/"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end

-- The stages that led to a session token, by the names of their files.
local function stages_of(session_token)
  local token = assert(base64.decode(session_token):match("^jwt/(.*)$"), "no jwt/ in front")
  local header, claims = assert(token:match("^([^.]+)%.([^.]+)%.[^.]+$"))
  return {
    ["header.json"] = base64.decode_url(header),
    ["claims.json"] = base64.decode_url(claims),
    ["signing_input.txt"] = header .. "." .. claims,
    ["token.txt"] = token,
    ["session_token.txt"] = session_token,
  }
end

-- In the order in which they are made, so that a failure names the first stage that differs.
local STAGES = {
  "header.json", "claims.json", "signing_input.txt", "token.txt", "session_token.txt",
}

local function succeeds(command)
  local status = os.execute(command .. " >/dev/null 2>&1")
  return status == true or status == 0
end

local names = {}
for name in read(CASES .. "index.txt"):gmatch("[^\n]+") do
  names[#names + 1] = name
end

describe("local signing, compared with the documented JavaScript example", function()
  it("has at least 60 vectors, each named once", function()
    local seen = {}
    for _, name in ipairs(names) do
      assert.is_nil(seen[name], name)
      seen[name] = true
    end
    assert.is_true(#names >= 60, #names .. " vectors")
  end)

  for _, name in ipairs(names) do
    it("makes the same bytes: " .. name, function()
      local case = CASES .. name .. "/"
      local input = cjson.decode(read(case .. "input.json"))
      local request, now = input.request, input.now
      local client = assert(tc.new(input.config))

      local credentials = assert(client:sign(request, now))

      local stages = stages_of(credentials.session_token)
      for _, stage in ipairs(STAGES) do
        assert.equal(read(case .. stage), stages[stage], stage)
      end
      assert.equal(read(case .. "secret.txt"), credentials.secret_access_key)
      assert.equal(input.config.parent_access_key_id, credentials.access_key_id)
      assert.equal(math.floor(now) + request.ttl_seconds, credentials.expires_at)
      assert.equal(request.bucket, credentials.bucket)
      assert.equal(read(case .. "endpoint.txt"), credentials.endpoint)

      local claims = cjson.decode(read(case .. "claims.json"))
      assert.same(claims, assert(client:verify(credentials.session_token, now)))
      assert.same(claims, assert(tc.inspect(credentials.session_token)))
    end)
  end

  it("is still what the example makes today", function()
    local jose = io.open("spec/node_modules/jose/package.json")
    if jose then
      jose:close()
    end
    if not jose or not succeeds("node --version") then
      pending("needs Node and `npm ci` in spec/")
      return
    end
    local node = assert(io.popen("node spec/vectors/generate.mjs --check 2>&1; echo status $?"))
    local output = node:read("*a")
    node:close()
    assert.matches(#names .. " vectors made again, 0 files differ\nstatus 0\n$", output)
  end)
end)
