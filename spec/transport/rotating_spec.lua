-- What r2.rotating asks by itself, of the sandbox: whether it knows the new parent.
local keys = require "sandbox.keys"
local leaks = require "spec.support.leaks"
local r2 = require "r2"
local server = require "spec.support.server"
local servers = require "spec.support.bucket.servers"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local REQUEST = { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600 }

local sandbox, now

setup(function()
  sandbox = servers.sandbox()
end)

before_each(function()
  now = os.time()
end)

teardown(server.stop_all)

local function issuer(changes)
  local settings = {
    account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key, endpoint = sandbox.url,
    clock = function() return now end,
  }
  for name, value in pairs(changes or {}) do
    settings[name] = value
  end
  return assert(r2.new(settings))
end

-- Calls it until the first proof is over.
local function prove(changes, bucket)
  local old = issuer { parent_access_key_id = ("0"):rep(32) }
  local rotating <close> = assert(r2.rotating { old = old, new = issuer(changes) })
  local request = { bucket = bucket or "my-bucket", permission = "object-read-only",
    ttl_seconds = 60 }
  local transport = assert(require("r2.transport.curl").new())
  for _ = 1, 3000 do
    assert.equal(("0"):rep(32), assert(rotating:create(request)).access_key_id)
    local progress, message, err = rotating:progress()
    if progress ~= "old" or message then
      return progress, message, err
    end
    transport.sleep(0.01)
  end
  return "old"
end

it("is known where its credential lists, and where there is no such bucket", function()
  assert.same({ "proven" }, { prove() })
  assert.same({ "proven" }, { prove(nil, keys.missing_bucket) })
end)

it("has a wrong secret where R2 refuses what that signs, and says so without it", function()
  local secret = ("9"):rep(64)
  local progress, message, err = prove { parent_secret_access_key = secret }
  assert.equal("old", progress)
  assert.matches("^new has a parent secret that R2 refuses %(%a+%)", message)
  assert.equal("invalid_config", err.kind)
  leaks.assert_none({ secret }, { message, err })
end)

it("is not known where nobody answers, and that is told", function()
  local progress, message, err = prove { endpoint = "http://127.0.0.1:1" }
  assert.equal("old", progress)
  assert.is_string(message)
  assert.equal("network", err.kind)
end)

-- libcurl, and the statuses that came over it.
local function noted()
  local curl, statuses = assert(require("r2.transport.curl").new()), {}
  local transport = { sleep = curl.sleep, perform = curl.perform, now = curl.now }
  function transport.start(request)
    local attempt = assert(curl.start(request))
    return {
      poll = function()
        local response, message, err = attempt:poll()
        statuses[#statuses + 1] = response and response.status or nil
        return response, message, err
      end,
      wait = function(_, seconds) return attempt:wait(seconds) end,
      cancel = function() attempt:cancel() end,
    }
  end
  return transport, statuses
end

it("is not known yet where its key is not, which is no error", function()
  local transport, statuses = noted()
  local new = issuer { parent_access_key_id = ("1"):rep(32), transport = transport }
  local rotating <close> = assert(r2.rotating { old = issuer(), new = new })
  for _ = 1, 3000 do
    assert(rotating:create(REQUEST))
    transport.sleep(0.01)
    if statuses[1] then
      break
    end
  end
  assert.same({ 401 }, statuses)
  assert.same({ "old" }, { rotating:progress() })
end)
