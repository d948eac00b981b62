-- Connections that are kept: what comes over one without having been asked for reaches nobody, and
-- one that has brought nonsense is not used again.
--
-- R2_RESTY_HTTP names the folder of lua-resty-http, where nginx does not find it by itself.

local in_nginx = require "spec.support.in_nginx"
local make = require "spec.support.make"
local r2 = require "r2"

if in_nginx.missing() then
  pending(in_nginx.missing())
  return
end

setup(in_nginx.start)
teardown(in_nginx.stop)

-- Ways to ask: show -> a function that asks for a credential of a bucket, and returns it, or nil,
-- message, err.
local WAYS = {}

for _, name in ipairs { "resty", "nginx" } do
  WAYS[name] = function(show)
    return function(bucket)
      local outcome = in_nginx.create(name, show, bucket)
      return outcome.credentials, outcome.message, outcome.err
    end
  end
end

local function issuer_for(show)
  return assert(r2.new(make.api_config {
    mode = "api", ca_file = in_nginx.ca_file,
    api_base_url = ("https://%s/%s/client/v4"):format(in_nginx.host, show),
  }))
end

function WAYS.curl(show)
  local issuer = issuer_for(show)
  return function(bucket)
    return issuer:create(make.request { bucket = bucket })
  end
end

WAYS["curl, step by step"] = function(show)
  local issuer = issuer_for(show)
  return function(bucket)
    return assert(issuer:start(make.request { bucket = bucket })):wait()
  end
end

local function each_way(names, run)
  for _, name in ipairs(names) do
    describe("r2.transport." .. name, function()
      if in_nginx.missing(name) then
        pending(in_nginx.missing(name))
      else
        run(WAYS[name])
      end
    end)
  end
end

-- The bucket that a credential was made for, and the connection that it came over.
local function origin_of(credentials, message)
  assert.is_truthy(credentials, message)
  return credentials.session_token:match("^(.+)%.(%d+)$")
end

each_way({ "nginx", "resty" }, function(way)
  for _, show in ipairs { "unasked_4096", "unasked_8192" } do
    it("gives nobody an answer that came without being asked for: " .. show, function()
      local ask = way(show)
      for i = 1, 20 do
        assert.equal("bucket-" .. i, (origin_of(ask("bucket-" .. i))))
      end
    end)
  end
end)

each_way({ "curl", "curl, step by step", "resty" }, function(way)
  it("keeps a connection, but for one that brought nonsense", function()
    local ask = way("nonsense")
    local function connection_for(bucket)
      local _, connection = origin_of(ask(bucket))
      return connection
    end
    local first = connection_for("bucket-1")
    assert.equal(first, connection_for("bucket-2"))
    local _, _, err = ask("nonsense")
    assert.equal("bad_response", err.kind)
    local second = connection_for("bucket-3")
    assert.not_equal(first, second)
    assert.equal(second, connection_for("bucket-4"))
  end)
end)

describe("What is under way", function()
  it("goes on when the connections are discarded that libcurl keeps", function()
    local issuer = issuer_for("nonsense")
    local first = assert(issuer:start(make.request { bucket = "bucket-1" }))
    local second = assert(issuer:start(make.request { bucket = "nonsense" }))
    local third = assert(issuer:start(make.request { bucket = "bucket-3" }))
    local _, _, err = second:wait()
    assert.equal("bad_response", err.kind)
    assert.equal("bucket-1", (origin_of(first:wait())))
    assert.equal("bucket-3", (origin_of(third:wait())))
    issuer:close()
  end)
end)

each_way({ "nginx" }, function(way)
  it("asks over a connection of its own each time", function()
    local ask, seen = way("unasked_later"), {}
    for i = 1, 20 do
      local bucket, connection = origin_of(ask("bucket-" .. i))
      assert.equal("bucket-" .. i, bucket)
      assert.is_nil(seen[connection])
      seen[connection] = true
    end
  end)
end)
