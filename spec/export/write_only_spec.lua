-- What r2.export.rclone takes for a credential that cannot look at objects. That rclone succeeds
-- then says spec/project/write_only_spec.lua.
local cjson = require "cjson"
local tc = require "r2.temp_credentials"
local export = require "r2.export"
local make = require "spec.support.make"
local token = require "spec.support.token"
local values = require "spec.support.values"

local function settings_for(session_token)
  local credentials = assert(make.client():sign(make.request(), make.NOW))
  credentials.session_token = session_token
  local settings = {}
  for name, value in assert(export.rclone(credentials)):gmatch("export ([%w_]+)='(%w+)'\n") do
    settings[name] = value
  end
  return settings
end

local function assert_write_only(expected, session_token)
  local settings = settings_for(session_token)
  assert.equal(tostring(expected), settings.RCLONE_S3_NO_HEAD)
  assert.equal(tostring(expected), settings.RCLONE_NO_CHECK_DEST)
end

describe("Lines for rclone", function()
  for _, permission in values.sorted(tc.permission) do
    it("look at nothing with object-write-only alone, not with " .. permission, function()
      local made = assert(make.client():sign(make.request { permission = permission }))
      assert_write_only(permission == "object-write-only", made.session_token)
      assert_write_only(permission == "object-write-only", token.forge {
        payload = token.payload { scope = '"' .. permission .. '"' },
      })
    end)
  end

  for _, action in ipairs(tc.actions().ALL) do
    it("look, with single actions, where HeadObject is one, and not with " .. action, function()
      assert_write_only(action ~= "HeadObject", token.forge {
        payload = token.payload {
          scope = make.ABSENT, actions = cjson.encode { "PutObject", action },
        },
      })
    end)
  end

  it("look as ever where the token does not tell", function()
    for _, payload in ipairs {
      "{}", "[]", "x", "",
      token.payload { scope = make.ABSENT }, token.payload { scope = "1" },
      token.payload { scope = '"object-read-write"', actions = '"PutObject"' },
    } do
      assert_write_only(false, token.forge { payload = payload })
    end
    for _, session_token in ipairs { "x", "'", ("x"):rep(2000000), "\255\254" } do
      assert_write_only(false, session_token)
    end
  end)

  it("go by no name that a script has changed", function()
    local permission = tc.permission.OBJECT_WRITE_ONLY
    tc.permission.OBJECT_WRITE_ONLY = "object-read-write"
    local good, problem = pcall(assert_write_only, false, token.forge {
      payload = token.payload { scope = '"object-read-write"' },
    })
    tc.permission.OBJECT_WRITE_ONLY = permission
    assert(good, problem)
  end)
end)
