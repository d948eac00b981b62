-- What a script can do with an issuer that it is handed, with all that `require "r2"` returns and
-- without the debug library: use it, and change nothing of what others are given.
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local collector = require "spec.support.collector"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local scripted = require "spec.support.scripted"

local function claims_of(credentials)
  return assert(make.client():verify(credentials.session_token, make.NOW))
end

describe("A script that changes the public tables", function()
  local permission, actions = tc.permission, {}

  before_each(function()
    for name, wire in pairs(permission) do
      actions[name] = wire
      permission[name] = "admin-read-write"
    end
  end)

  after_each(function()
    for name, wire in pairs(actions) do
      permission[name] = wire
    end
  end)

  it("does not change what the patterns sign", function()
    local issuer = make.issuer()
    local write_only = tc.actions().WRITE_ONLY
    for _, credentials in ipairs {
      assert(issuer:upload_credentials("my-bucket")),
      assert(issuer:client_upload_credentials("user-1", "my-bucket")),
    } do
      assert.same(write_only, claims_of(credentials).actions)
      assert.is_nil(claims_of(credentials).scope)
    end
    assert.equal("object-read-only",
      claims_of(assert(issuer:download_credentials("my-bucket", { "a" }))).scope)
    assert.equal("object-read-write",
      claims_of(assert(issuer:service_credentials("my-bucket", "a/"))).scope)
  end)
end)

describe("A script that has an issuer, or a pending credential,", function()
  local transport, log, issuer, pending

  before_each(function()
    transport, log = scripted.transport { { takes = 5, scripted.good() } }
    issuer = assert(r2.new(make.api_config { transport = transport }))
    pending = assert(issuer:start(make.request()))
  end)

  it("finds no fields in them", function()
    for _, object in ipairs { issuer, pending } do
      assert.is_nil(next(object))
      leaks.assert_none({ keys.api_token }, object)
    end
  end)

  it("does not reach their methods' table", function()
    for _, object in ipairs { issuer, pending } do
      assert.is_false(getmetatable(object))
      assert.has_error(function() setmetatable(object, {}) end)
      assert.is_nil(object.__index)
    end
  end)

  it("does not become the transport, which is given the token", function()
    local seen = {}
    issuer.transport = { perform = function(request) seen = request end }
    issuer.mode = "local"
    issuer.client = "none"
    assert(issuer:create(make.request()))
    assert.same({}, seen)
    assert.equal(2, #log.asked)
  end)
end)

describe("A script that has a credential", function()
  it("does not reach what all credentials have in common, their metatable", function()
    local credentials = assert(make.issuer():create(make.request()))
    assert.is_false(getmetatable(credentials))
    assert.has_error(function() setmetatable(credentials, {}) end)
    credentials.bucket = "another" -- it is a plain table all the same
    assert.equal("another", credentials.bucket)
  end)
end)

describe("An issuer", function()
  it("is nothing that only looks like one", function()
    local issuer = make.issuer()
    local copy = {}
    for _, name in ipairs { "create", "start", "signs", "close", "upload_credentials" } do
      copy[name] = issuer[name]
    end
    assert.error_matches(function() copy:create(make.request()) end, "no issuer")
    assert.error_matches(function() copy:upload_credentials("my-bucket") end, "no issuer")
    assert.error_matches(function() copy:close() end, "no issuer")
  end)

  it("goes with what it consists of when nobody has it any more", function()
    local kept = setmetatable({}, { __mode = "k" })
    local function use_one() -- whose variables LuaJIT does not keep
      local clock = setmetatable({}, { __call = function() return make.NOW end })
      local function tell() return clock() end
      local issuer = make.issuer { clock = tell }
      assert(issuer:create(make.request()))
      kept[clock], kept[issuer] = true, true
    end
    use_one()
    collector.collect()
    assert.is_nil(next(kept))
  end)
end)
