-- What print and a log line show of a credential, whatever became of its fields.
local make = require "spec.support.make"
local keys = require "spec.support.keys"

local LAST_SECOND = 253402300799 -- of the year 9999

local function shown(expires_at)
  local credentials = assert(make.client():sign(make.request(), make.NOW))
  credentials.expires_at = expires_at
  return tostring(credentials)
end

describe("A credential that is printed", function()
  local KNOWN = "r2 credentials of key " .. keys.parent_access_key_id .. " until "

  for expires_at, expected in pairs {
    [0] = "1970-01-01T00:00:00Z", [1767323045] = "2026-01-02T03:04:05Z",
    [LAST_SECOND] = "9999-12-31T23:59:59Z",
  } do
    it("shows the expiry " .. expected, function()
      assert.equal(KNOWN .. expected, shown(expires_at))
    end)
  end

  it("shows ? for a time that is none of the years 1970 to 9999", function()
    for _, expires_at in ipairs {
      LAST_SECOND + 1, LAST_SECOND + 604800, 1e300, 1 / 0, -1 / 0, 0 / 0, -1, "soon", true,
    } do
      assert.equal(KNOWN .. "?", shown(expires_at))
    end
    assert.equal(KNOWN .. "?", shown(nil))
  end)

  it("shows ? for one that was made in the last seconds of 9999", function()
    local credentials = assert(make.client():sign(make.request(), LAST_SECOND))
    assert.is_truthy(tostring(credentials):find("until ?", 1, true))
  end)
end)
