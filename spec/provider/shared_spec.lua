-- One credential for several workers: providers that share a dictionary as nginx has them, each
-- with an issuer of its own that asks the API.
local new_dictionary = require "spec.support.dictionary"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local r2 = require "r2"
local scripted = require "spec.support.scripted"

local ABSENT = make.ABSENT

-- ---- workers ----

local now, dictionary, asked

local function clock()
  return now
end

-- The issuer of a worker. Each answer has another secret.
local function new_issuer(changes)
  local transport = { sleep = function(seconds) now = now + seconds end }
  function transport.perform()
    asked = asked + 1
    return scripted.good(make.changed(scripted.RESULT, {
      secretAccessKey = ("%064x"):format(asked),
      sessionToken = ("token %06d"):format(asked):gsub(" ", "_"),
    }))
  end
  return make.issuer(make.changed({
    parent_secret_access_key = ABSENT, api_token = keys.api_token, transport = transport,
    clock = clock,
  }, changes))
end

local REQUEST = { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600,
  prefixes = { "in/" } }

local function new_worker(changes, request, options)
  return assert(r2.provider(new_issuer(changes), request or REQUEST, make.changed({
    shared = dictionary, random = function() return 0 end,
  }, options)))
end

before_each(function()
  now, asked = make.NOW, 0
  dictionary = new_dictionary(clock)
end)

-- The entry that is no lock.
local function the_entry()
  local name, found
  for key, value in pairs(dictionary.values) do
    if not key:find("lock", 1, true) then
      assert(not found)
      name, found = key, value
    end
  end
  return name, found
end

local function get(worker)
  return assert(worker:get())
end

describe("workers with one dictionary", function()
  it("ask once in all, and hand out the same", function()
    local workers = {}
    for i = 1, 8 do
      workers[i] = new_worker()
    end
    local first = get(workers[1])
    for _, worker in ipairs(workers) do
      local made = get(worker)
      assert.same(first, made)
      assert.equal(tostring(first), tostring(made))
    end
    assert.equal(1, asked)
    now = first.expires_at - 500
    for _, worker in ipairs(workers) do
      assert.not_equal(first.session_token, get(worker).session_token)
    end
    assert.equal(2, asked)
  end)

  it("hold nothing in common when anything of the request or the issuer differs", function()
    get(new_worker())
    local others = {
      { nil, make.changed(REQUEST, { bucket = "another-bucket" }) },
      { nil, make.changed(REQUEST, { prefixes = { "in" } }) },
      { nil, make.changed(REQUEST, { prefixes = ABSENT, objects = { "in/" } }) },
      { nil, make.changed(REQUEST, { permission = "object-read-write" }) },
      { nil, make.changed(REQUEST, { ttl_seconds = 3601 }) },
      { { account_id = ("b"):rep(32) } },
      { { parent_access_key_id = ("b"):rep(32) } },
      { { jurisdiction = "eu" } },
      { { api_token = ("t"):rep(40) } },
      { { api_base_url = "https://api.example" } },
    }
    for i, other in ipairs(others) do
      get(new_worker(other[1], other[2]))
      assert.equal(i + 1, asked)
    end
  end)

  it("take nothing that somebody else has put there, or has changed", function()
    local good = get(new_worker())
    local name, kept = the_entry()
    local value = kept.value
    local planted = {
      "", "x", ("0"):rep(64), ("0"):rep(64) .. value:sub(65), value:sub(1, -2), value .. " ",
      value:gsub("%d%d%d%d%d\n", "99999\n"), value:gsub("token_000001", "token_000009"), 1, true,
      value:sub(65),
    }
    for i, text in ipairs(planted) do
      dictionary.values[name] = { value = text, ends = math.huge }
      assert.not_equal(good.session_token, get(new_worker()).session_token)
      assert.equal(i + 1, asked)
    end
    -- Nor an entry of one request as that of another one.
    local other = new_worker(nil, make.changed(REQUEST, { prefixes = { "on/" } }))
    dictionary.values[name] = nil
    get(other)
    local other_name, other_entry = the_entry()
    dictionary.values[name], dictionary.values[other_name] = other_entry, nil
    local before = asked
    get(new_worker())
    assert.equal(before + 1, asked)
  end)

  it("keep their own where there is no room", function()
    dictionary.room = false
    local one, other = new_worker(), new_worker()
    local first = get(one)
    assert.not_equal(first.session_token, get(other).session_token)
    assert.equal(first, get(one))
    assert.equal(2, asked)
  end)

  it("wait for the one that has the lock, until that ends by itself", function()
    get(new_worker())
    local name = the_entry()
    dictionary.values[name] = nil
    dictionary.values[name .. " lock"] = { value = "a worker that died", ends = now + 35 }
    local before = now
    get(new_worker())
    assert.is_true(now - before >= 34 and now - before < 37, now - before)
    assert.equal(2, asked)
    assert.is_nil(dictionary.values[name .. " lock"])
  end)

  it("have the old one while another worker renews it", function()
    local one = new_worker()
    local first = get(one)
    local name = the_entry()
    now = first.expires_at - 500
    dictionary.values[name .. " lock"] = { value = "another worker", ends = now + 35 }
    assert.equal(first, get(one))
    assert.equal(make.NOW + 3100, now)
    assert.equal(1, asked)
    dictionary.values[name .. " lock"] = nil
    now = now + 1
    assert.not_equal(first, get(one))
  end)

  it("look again soon where another was at it, though a limit was their own last answer", function()
    local limited = scripted.status(429, { ["retry-after"] = "20" })
    local answers = { scripted.good(), limited, scripted.good(make.changed(scripted.RESULT, {
      sessionToken = "another_token",
    })) }
    local one = new_worker { max_attempts = 1, transport = {
      sleep = error,
      perform = function()
        asked = asked + 1
        return answers[asked]
      end,
    } }
    local first = get(one)
    local name = the_entry()
    now = first.expires_at - 500
    assert.equal(first, get(one))
    now = now + 20
    dictionary.values[name .. " lock"] = { value = "another worker", ends = now + 35 }
    assert.equal(first, get(one))
    assert.equal(2, asked)
    dictionary.values[name .. " lock"] = nil
    now = now + 1
    assert.not_equal(first, get(one))
  end)

  it("forget what one of them calls over, and nothing else", function()
    local one, other = new_worker(), new_worker()
    local first = get(one)
    get(other)
    one:invalidate(first)
    local second = get(one)
    assert.not_equal(first.session_token, second.session_token)
    other:invalidate(first) -- late: the entry is another one by now
    assert.same(second, get(other))
    assert.equal(2, asked)
  end)

  it("take no entry that was called over, and was put back", function()
    local one = new_worker()
    local first = get(one)
    local name, kept = the_entry()
    one:invalidate(first)
    dictionary.values[name] = kept
    assert.not_equal(first.session_token, get(one).session_token)
    assert.equal(2, asked)
  end)

  it("leave the lock to others when they fail", function()
    local failing = assert(r2.provider(make.issuer {
      parent_secret_access_key = ABSENT, api_token = keys.api_token, max_attempts = 1,
      transport = (scripted.transport { scripted.failure "network" }), clock = clock,
    }, REQUEST, { shared = dictionary }))
    assert.equal("network", select(3, failing:get()).kind)
    local before = now
    get(new_worker())
    assert.equal(before, now)
  end)

  it("have what others left, where they can make none themselves", function()
    local first = get(new_worker())
    local failing = assert(r2.provider(make.issuer {
      parent_secret_access_key = ABSENT, api_token = keys.api_token, max_attempts = 1,
      transport = (scripted.transport { scripted.failure "network" }), clock = clock,
    }, REQUEST, { shared = dictionary }))
    now = first.expires_at - 200
    for _ = 1, 3 do
      assert.equal(first.session_token, get(failing).session_token)
      now = now + 60
    end
    now = first.expires_at
    assert.equal("network", select(3, failing:get()).kind)
  end)

  it("leave the lock to others when anything raises", function()
    local raising = new_worker(nil, nil, { made = function() error("no audit", 0) end })
    assert.has_error(function() return raising:get() end, "no audit")
    local issuer = new_issuer()
    local closing = assert(r2.provider(issuer, REQUEST, {
      shared = dictionary, made = function() issuer:close() end,
    }))
    assert.has_error(function() return closing:get() end)
    local before = now
    get(new_worker())
    assert.equal(before, now)
    assert.equal(3, asked)
  end)

  it("put nothing there that is signed, nor the API token", function()
    get(new_worker { parent_secret_access_key = keys.parent_secret_access_key, mode = "local" })
    assert.is_nil(next(dictionary.values))
    get(new_worker())
    local name, kept = the_entry()
    leaks.assert_none({ keys.api_token, keys.parent_secret_access_key }, name .. kept.value)
  end)
end)
