-- HMAC-SHA-256 as tokens are checked with it: Wycheproof's cases, through spec/host/hmac_vectors.c,
-- since Lua sees it with keys of one length only.

local support = require "spec.project.support"

describe("HMAC-SHA-256", function()
  teardown(support.remove_folders)

  it("takes and refuses what Wycheproof says", function()
    local program = support.folder() .. "/hmac_vectors"
    support.run("${CC:-cc} -std=c11 -O1 -o " .. program .. " spec/host/hmac_vectors.c"
      .. " src/base/base64.c src/base/buffer.c src/base/json_parts.c src/base/json_valid.c"
      .. " src/base/jwt.c src/base/secret.c src/base/sha256.c src/base/text.c -lcrypto")
    local lines = support.lines(support.run(program .. " <spec/vectors/hmac_sha256.txt"))
    for _, line in ipairs(lines) do
      assert.matches("^ok %d+$", line)
    end
    assert.equal(87, #lines)
  end)
end)
