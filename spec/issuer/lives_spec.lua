-- What keeps an issuer, and a pending credential: whoever has it, and nothing that it has itself.
local collector = require "spec.support.collector"
local make = require "spec.support.make"
local r2 = require "r2"

-- Runs `make_one` in a function of its own, so that no local variable keeps what it returns.
local function is_collected(make_one)
  local kept = setmetatable({}, { __mode = "v" });
  (function() kept[1] = make_one() end)()
  collector.collect()
  return kept[1] == nil
end

-- A program's own table, which has what it made, and which the functions that it gave refer to.
local function owner_of(changes)
  local owner = { asked = 0 }
  local transport = {
    perform = function() owner.asked = owner.asked + 1 end,
    start = function()
      owner.asked = owner.asked + 1
      return { poll = function() return false end, cancel = function() end }
    end,
    sleep = function() end,
    now = function() return owner.now or 0 end,
  }
  owner.issuer = assert(r2.new(make.api_config(make.changed({
    transport = transport, clock = function() return owner.time or make.NOW end,
  }, changes))))
  return owner
end

describe("Nobody keeps", function()
  it("an issuer whose own functions refer to it", function()
    assert.is_true(is_collected(function()
      local owner = owner_of()
      owner.issuer:create(make.request())
      assert.equal(1, owner.asked)
      return owner.issuer
    end))
  end)

  it("one that was closed", function()
    assert.is_true(is_collected(function()
      local owner = owner_of()
      owner.issuer:close()
      return owner.issuer
    end))
  end)

  it("a pending credential that its transport refers to", function()
    assert.is_true(is_collected(function()
      local owner = owner_of()
      owner.pending = assert(owner.issuer:start(make.request()))
      assert.is_false(owner.pending:poll())
      return owner.pending
    end))
  end)
end)

describe("An issuer that is called like a function", function()
  it("tells nothing of what it consists of", function()
    local issuer = make.issuer()
    for _, key in ipairs { {}, "state", true, issuer } do
      assert.error_matches(function() issuer(key) end, "no function")
    end
    assert.error_matches(function() issuer() end, "no function")
  end)

  it("is not asked by what only looks like one", function()
    local seen = {}
    local forged = setmetatable({}, { __call = function(...) seen = { ... } end })
    assert.error_matches(function() make.issuer().create(forged, make.request()) end,
      "no issuer")
    assert.same({}, seen)
  end)
end)
