-- r2creds mint --format process: AWS tools ask again 15 minutes before a credential ends, so that
-- one which lives no longer is made anew for each of their requests.

local cjson = require "cjson"
local export = require "r2.export"
local token = require "spec.support.token"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

teardown(support.remove_folders)

local PATTERNS = {
  "upload my-bucket", "client-upload user-42 my-bucket", "download my-bucket a",
  "service my-bucket a/",
}

local function life_of(json)
  local claims = token.read(cjson.decode((json)).SessionToken).claims
  return claims.exp - claims.iat
end

describe("r2creds mint --format process", function()
  for _, pattern in ipairs(PATTERNS) do
    it("makes by itself what lives an hour at least: " .. pattern, function()
      local output = r2creds.output_of("r2creds mint --format process " .. pattern)
      assert.is_true(life_of(output) >= 3600)
    end)
  end

  it("obeys --ttl", function()
    local output = r2creds.output_of(
      "r2creds mint client-upload user-42 my-bucket --ttl 16m --format process")
    assert.equal(960, life_of(output))
  end)

  it("says what less than that leads to, and prints it", function()
    for _, ttl in ipairs { "15m", "900", "1" } do
      for _, words in ipairs {
        "upload my-bucket", "--bucket my-bucket --permission object-read-only",
      } do
        local output, errors, status = r2creds.run(
          ("r2creds mint %s --ttl %s --format process"):format(words, ttl))
        assert.equal(0, status)
        assert.matches('^{"Version":1,', output)
        assert.matches("^r2creds: note: [^\n]*%-%-ttl[^\n]*15 minutes[^\n]*\n$", errors)
      end
    end
  end)

  it("says nothing in other formats, whose life is their own", function()
    for _, format in ipairs(export.formats()) do
      if format.name ~= "process" then
        r2creds.output_of("r2creds mint upload my-bucket --ttl 60 --format " .. format.name)
      end
    end
  end)

  it("tells about it in its help", function()
    local help = r2creds.output_of("r2creds mint --help")
    assert.matches("15 minutes", help:match("\nFormats:(.*)\nKeys "))
  end)
end)
