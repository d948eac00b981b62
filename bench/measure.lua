-- Measures the library on the Lua that runs this; bench/run calls it.
--   measure.lua input NAME    what floor.c and documented.mjs read: parent's secret, claims
--   measure.lua bytes         for each case its name, the secret access key and the session token
--   measure.lua seconds       for each case its name and the CPU time of one call
--   measure.lua memory        for each case its name and what a million calls leave behind
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local stopwatch = require "bench.stopwatch"

local NOW = 1767225600 -- 2026-01-01, for what must come out the same everywhere
local MILLION = 1000000

-- Of the right form; they open nothing.
local keys = {
  account_id = ("acc0"):rep(8),
  parent_access_key_id = ("1dea"):rep(8),
  parent_secret_access_key = ("5ec0"):rep(16),
}

local requests = {
  download = {
    bucket = "my-bucket",
    permission = r2.permission.OBJECT_READ_ONLY,
    ttl_seconds = 3600,
    prefixes = { "users/123/" },
  },
  upload = {
    bucket = "my-bucket",
    permission = r2.permission.OBJECT_WRITE_ONLY,
    ttl_seconds = 900,
    prefixes = { "uploads/user-123/" },
  },
}

-- A case is a function of a clock, nil for the machine's, that hands back what is measured: a
-- function that mints `count` credentials and hands back the last.
local function sign(name)
  return function(clock)
    local client = assert(tc.new(keys))
    local request, now = requests[name], clock and clock()
    return function(count)
      local credentials
      for _ = 1, count do
        credentials = client:sign(request, now)
      end
      return credentials
    end
  end
end

local function client_upload(clock)
  local issuer = assert(r2.new {
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key,
    clock = clock,
  })
  return function(count)
    local credentials
    for _ = 1, count do
      credentials = issuer:client_upload_credentials("user-123", "my-bucket")
    end
    return credentials
  end
end

local cases = {
  { "sign.download", sign "download" },
  { "sign.upload", sign "upload" },
  { "pattern.upload", client_upload },
}

local function clock()
  return NOW
end

local function resident_kilobytes()
  local status = io.open("/proc/self/status")
  if not status then
    return 0
  end
  local text = status:read("*a")
  status:close()
  return tonumber(text:match("VmRSS:%s*(%d+)"))
end

local function kilobytes_in_use()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count"), resident_kilobytes()
end

local actions = {}

function actions.input(name)
  local base64 = require "spec.support.base64"
  local jwt = base64.decode(sign(name)(clock)(1).session_token)
  print(keys.parent_secret_access_key)
  print(base64.decode_url(jwt:match("%.([^.]+)%.")))
end

function actions.bytes()
  for _, case in ipairs(cases) do
    local credentials = assert(case[2](clock)(1))
    print(case[1], credentials.secret_access_key, credentials.session_token)
  end
end

function actions.seconds()
  for _, case in ipairs(cases) do
    print(case[1], ("%.12f"):format(stopwatch.best_of_batches(case[2]())))
  end
end

function actions.memory()
  for _, case in ipairs(cases) do
    local run = case[2]()
    run(MILLION / 10)
    local lua_before, resident_before = kilobytes_in_use()
    run(MILLION)
    local lua_after, resident_after = kilobytes_in_use()
    print(case[1], ("%.1f"):format(lua_after - lua_before), resident_after - resident_before)
  end
end

actions[arg[1]](arg[2])
