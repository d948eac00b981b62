-- The stages of a signature that Lua does not see, as the AWS SDK's signer makes them: where a
-- signature is another, this says from which stage on.
local cjson = require "cjson"
local support = require "spec.project.support"

local VECTORS = {}
for line in io.lines("spec/vectors/signatures.jsonl") do
  VECTORS[#VECTORS + 1] = cjson.decode(line)
end

-- A vector as spec/host/sigv4_stages.c reads it.
local function written(v)
  local c = v.credentials
  local lines = {
    v.kind, v.method, v.url, v.region, v.payload_hash or "UNSIGNED-PAYLOAD",
    ("%d"):format(v.now), ("%d"):format(v.expires_seconds or 3600), c.access_key_id,
    c.secret_access_key, c.session_token or "",
  }
  for name, value in pairs(v.headers) do
    lines[#lines + 1] = name .. "\t" .. value
  end
  return table.concat(lines, "\n") .. "\n\n"
end

-- The stages of all vectors, one behind the other.
local function stages_of(folder)
  support.run("${CC:-cc} -std=c11 -O1 -o " .. folder .. "/stages spec/host/sigv4_stages.c"
    .. " src/sigv4/canonical.c src/sigv4/signing_key.c src/base/buffer.c src/base/header.c"
    .. " src/base/percent.c src/base/secret.c src/base/sha256.c src/base/text.c src/base/url.c"
    .. " -lcrypto")
  local requests = {}
  for i, v in ipairs(VECTORS) do
    requests[i] = written(v)
  end
  support.write(folder .. "/requests", table.concat(requests))
  support.run(("%s/stages <%s/requests >%s/made"):format(folder, folder, folder))
  local made, stages, at = support.read(folder .. "/made"), {}, 1
  while at <= #made do
    local length, start = made:match("^(%d+)\n()", at)
    stages[#stages + 1] = made:sub(start, start + length - 1)
    at = start + length + 1
  end
  return stages
end

describe("On the way to each signature", function()
  local stages

  setup(function()
    stages = stages_of(support.folder())
  end)

  teardown(support.remove_folders)

  it("there are two stages", function()
    assert.equal(2 * #VECTORS, #stages)
  end)

  it("the canonical request is the SDK's", function()
    for i, v in ipairs(VECTORS) do
      assert.equal(v.canonical_request, stages[2 * i - 1], v.name)
    end
  end)

  it("the string to sign is the SDK's", function()
    for i, v in ipairs(VECTORS) do
      assert.equal(v.string_to_sign, stages[2 * i], v.name)
    end
  end)
end)
