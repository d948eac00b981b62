-- Whatever a network and a server can do wrong, over libcurl: what the issuer makes of it, how
-- often it asked, and that the token is nowhere in what came back. The faults are in
-- spec/support/faults.lua; spec/support/fault_server.lua shows them.
local faults = require "spec.support.faults"
local faulty = require "spec.support.faulty"
local hurried = require "spec.support.hurried"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local r2 = require "r2"

local unpack = table.unpack or unpack -- luacheck: compat
local server

local function issuer_for(base_url, changes)
  return assert(r2.new(make.changed(make.api_config {
    mode = "api", api_base_url = base_url, timeout_seconds = 20,
    random = function() return 0 end,
  }, changes)))
end

-- The ways to ask: both must come to the same.
local WAYS = {
  { "create", function(issuer)
    return issuer:create(make.request())
  end },
  { "start", function(issuer)
    return assert(issuer:start(make.request())):wait()
  end },
}

local function check_credentials(credentials)
  assert.equal(faults.result.accessKeyId, credentials.access_key_id)
  assert.equal(faults.result.secretAccessKey, credentials.secret_access_key)
  assert.equal(faults.result.sessionToken, credentials.session_token)
  leaks.assert_none({ keys.api_token }, credentials)
end

local function is_kind(expected, kind)
  if type(expected) == "string" then
    return kind == expected
  end
  return kind == expected[1] or kind == expected[2]
end

local function check_error(row, results)
  assert.is_true(is_kind(row.kind, results[3].kind), results[2])
  local err = refused({ kind = results[3].kind, says = row.says },
    function()
      return unpack(results, 1, 3)
    end)
  for _, field in ipairs { "status", "code", "retry_after", "ray_id" } do
    if row[field] ~= nil then
      assert.equal(row[field], err[field])
    end
  end
  if row.errors then
    assert.equal(row.errors, #(err.errors or {}))
  end
  return err
end

-- What the server has recorded, once it has noticed that the client is gone.
local function seen_by_server(row, run)
  if not row.sent_at_most then
    return server:seen(run)
  end
  return server:wait_until(run, function(seen)
    return seen.gone == seen.connections
  end)
end

-- An issuer that meets the row's timeouts, where it has any.
local function issuer_of(row, run)
  local changes = row.times and {
    timeout_seconds = 600,
    transport = hurried(assert(require("r2.transport.curl").new()), row.times),
  }
  return issuer_for(server:url(row.path, run), changes)
end

local function check(row, ask)
  local run = server:new_run()
  local issuer = issuer_of(row, run)
  local results = { ask(issuer) }
  local attempts = row.attempts
  if row.kind then
    local err = check_error(row, results)
    attempts = attempts or err.attempts
    assert.equal(attempts, err.attempts)
  else
    check_credentials(assert(results[1], results[2]))
  end
  issuer:close()
  local seen = seen_by_server(row, run)
  if row.times and row.kind then
    assert.is_true(#seen.requests <= attempts) -- time may be over before one has gone out
  else
    assert.equal(attempts, #seen.requests)
  end
  for _, request in ipairs(seen.requests) do
    assert.equal("Bearer " .. keys.api_token, request.headers.authorization)
  end
  assert.is_true(seen.sent <= (row.sent_at_most or math.huge), "took " .. seen.sent .. " bytes")
end

setup(function()
  server = faulty.start()
end)

teardown(function()
  server:stop()
end)

for _, way in ipairs(WAYS) do
  describe("by issuer:" .. way[1] .. ", what comes of", function()
    for _, row in ipairs(faults.rows) do
      if not row.times or way[1] == "create" then
        it(row.name, function()
          check(row, way[2])
        end)
      end
    end

    it("a port where nobody listens", function()
      local issuer = issuer_for("http://127.0.0.1:" .. faulty.free_port())
      local err = check_error({ kind = "network" }, { way[2](issuer) })
      assert.equal(3, err.attempts)
      assert.is_true(err.retryable)
    end)

    for what, port in pairs { slammed = "slamming_port", hung_up = "hanging_up_port" } do
      for _, scheme in ipairs { "http", "https" } do
        it("a server that has " .. what:gsub("_", " ") .. ", over " .. scheme, function()
          local before = server:ports()[what]
          local issuer = issuer_for(("%s://127.0.0.1:%d"):format(scheme, server[port]))
          local err = check_error({ kind = "network" }, { way[2](issuer) })
          assert.equal(3, err.attempts)
          assert.equal(before + 3, server:ports()[what])
        end)
      end
    end

    it("a server that knows no TLS", function()
      local issuer = issuer_for("https://127.0.0.1:" .. server.port)
      local err = check_error({ kind = "tls" }, { way[2](issuer) })
      assert.equal(1, err.attempts)
    end)

    it("a name that does not exist", function()
      local issuer = issuer_for("https://nowhere.invalid", { max_attempts = 1 })
      local err = check_error({ kind = "network" }, { way[2](issuer) })
      assert.equal(1, err.attempts)
    end)

    it("a CA file that does not exist", function()
      local issuer = issuer_for("https://127.0.0.1:" .. server.port,
        { ca_file = "spec/no-such-file.pem" })
      local err = check_error({ kind = "tls" }, { way[2](issuer) })
      assert.equal(1, err.attempts)
    end)
  end)
end

describe("a server to which the service redirects", function()
  it("never hears of it", function()
    assert.equal(0, server:ports().bystander)
  end)
end)
