-- The primitives behind the library, which Lua does not see: spec/host/primitives.c runs them
-- against the vectors of their standards and prints a line for each check.

local support = require "spec.project.support"

local GROUPS = {
  ["SHA-256"] = "agrees with NIST's examples for FIPS 180-4",
  ["HMAC-SHA-256"] = "agrees with RFC 4231, with a key that is prepared once",
  ["base64"] = "agrees with RFC 4648, in both alphabets",
  ["canonical base64"] = "is the only one that is read back",
  ["base64 round trips"] = "lose nothing",
  ["hex"] = "is lower case",
  ["UTF-8"] = "is told from all else as RFC 3629 says",
  ["JSON strings"] = "are escaped as JSON.stringify does",
  ["numbers"] = "are written whole",
  ["buffers"] = "grow, are wiped, and survive a lack of memory",
  ["JWT"] = "agrees with RFC 7515, appendix A.1",
}

describe("A primitive:", function()
  local passed, failed, status = {}, {}, nil

  setup(function()
    local program = support.folder() .. "/primitives"
    support.run("${CC:-cc} -std=c11 -O1 -o " .. program .. " spec/host/primitives.c"
      .. " src/base/base64.c src/base/buffer.c src/base/json_parts.c src/base/json_valid.c"
      .. " src/base/json_write.c src/base/jwt.c"
      .. " src/base/secret.c src/base/sha256.c src/base/text.c src/base/utf8.c"
      .. " src/credentials/token.c -lcrypto")
    local output
    output, status = support.try(program)
    for _, line in ipairs(support.lines(output)) do
      local group, what = line:match("^ok ([^:]+): (.*)$")
      local list = passed
      if not group then
        group, what = line:match("^not ok ([^:]+): (.*)$")
        list = failed
      end
      group = group or "no check"
      list[group] = list[group] or {}
      table.insert(list[group], what or line)
    end
  end)

  teardown(support.remove_folders)

  for group, what in pairs(GROUPS) do
    it(group .. " " .. what, function()
      assert.same({}, failed[group] or {})
      assert.is_truthy(passed[group], "nothing was checked")
    end)
  end

  it("there is no other group, and the program ends well", function()
    for group in pairs(passed) do
      assert.is_truthy(GROUPS[group], group)
    end
    assert.is_nil(next(failed))
    assert.equal(0, status)
  end)
end)
