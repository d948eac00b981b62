-- The issuer: its modes, its life from r2.new to close, and what the module r2 offers beside it.
local cjson = require "cjson"
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local collector = require "spec.support.collector"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local names = require "spec.support.names"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT
local compile = loadstring or load

-- Where a request to the API ends here: no network is needed to see that it was tried.
local unreachable = {
  perform = function()
    return nil, "unreachable", { kind = "network", message = "unreachable", retryable = true }
  end,
  sleep = function() end,
}

describe("issuer:create", function()
  it("signs with the parent's secret in modes local and auto", function()
    for _, mode in ipairs { "local", "auto", ABSENT } do
      for _, api_token in ipairs { keys.api_token, ABSENT } do
        local issuer = make.issuer { mode = mode, api_token = api_token }
        local credentials = assert(issuer:create(make.request()))
        assert(make.client():verify(credentials.session_token, NOW))
      end
    end
  end)

  it("makes what client:sign makes", function()
    local request = make.request { objects = { "logo.png" } }
    assert.same(make.client():sign(request, NOW), make.issuer():create(request))
  end)

  it("asks the API when there is no secret, or when the mode says so", function()
    for _, mode in ipairs { "api", "auto", ABSENT } do
      local issuer = assert(r2.new(make.api_config {
        mode = mode, transport = unreachable, max_attempts = 1,
      }))
      refused({ kind = "network" }, function()
        return issuer:create(make.request())
      end)
    end
  end)

  it("returns the credential and nothing more, whatever made it", function()
    local transport = scripted.transport { scripted.good() }
    local asks = assert(r2.new(make.api_config { mode = "api", transport = transport }))
    for _, issuer in ipairs { make.issuer(), asks } do
      assert.equal(1, select("#", issuer:create(make.request())))
      assert.equal(1, select("#", issuer:download_credentials("my-bucket", { "a" })))
      assert.equal(1, select("#", issuer:service_credentials("my-bucket", "a/")))
    end
  end)

  it("asks and reads answers without another library", function()
    local transport = scripted.transport { scripted.status(500), scripted.good() }
    local issuer = assert(r2.new(make.api_config { mode = "api", transport = transport }))
    local loaded, loader = package.loaded.cjson, package.preload.cjson
    package.loaded.cjson = nil
    package.preload.cjson = function() error("module 'cjson' not found") end
    local results = { pcall(issuer.create, issuer, make.request()) }
    package.loaded.cjson, package.preload.cjson = loaded, loader
    assert.is_true(results[1])
    assert.equal(scripted.RESULT.sessionToken, results[2].session_token)
  end)

  it("asks its clock for the time, at each call", function()
    local now = NOW
    local issuer = make.issuer { clock = function() return now end }
    assert.equal(NOW + 3600, assert(issuer:create(make.request())).expires_at)
    now = NOW + 100.75
    local credentials = assert(issuer:create(make.request()))
    assert.equal(NOW + 3700, credentials.expires_at)
    assert.equal("1700003700", tostring(credentials.expires_at))
  end)

  it("takes the system's time when it has no clock", function()
    local before = os.time()
    local issuer = make.issuer { clock = ABSENT }
    local credentials = assert(issuer:create(make.request()))
    assert.is_true(credentials.expires_at >= before + 3600)
    assert.is_true(credentials.expires_at <= os.time() + 3600)
  end)

  local function refuses_clock(clock)
    local issuer = make.issuer { clock = clock }
    refused({
      kind = "invalid_request", field = "clock", says = { "0 to 253402300799" },
    }, function()
      return issuer:create(make.request())
    end)
  end

  for name, time in values.sorted {
    ["not a number"] = 0 / 0, ["infinity"] = 1 / 0, ["minus infinity"] = -1 / 0,
    ["a string"] = "1700000000", ["negative"] = -1, ["hardly negative"] = -1e-9,
    ["false"] = false, ["true"] = true, ["a table"] = {}, ["the year 10000"] = 253402300800,
  } do
    it("blames its clock when that says " .. name, function()
      refuses_clock(function() return time end)
    end)
  end

  it("blames its clock when that says nothing", function()
    refuses_clock(function() end)
    refuses_clock(function() return nil end)
  end)

  it("believes its clock from 1970 to the last second of 9999", function()
    for _, time in ipairs { 0, 253402300799, 253402300799.5 } do
      local issuer = make.issuer { clock = function() return time end }
      local credentials = assert(issuer:create(make.request()))
      assert.equal(math.floor(time) + 3600, credentials.expires_at)
    end
  end)

  it("does not take a request's unknown field now for its clock", function()
    for _, now in ipairs { NOW, "now" } do
      refused({ kind = "invalid_request", field = "now", says = { "known" } }, function()
        return make.issuer():create(make.request { now = now })
      end)
    end
  end)

  for name, case in values.sorted {
    ["in mode local"] = { mode = "local", field = "parent_access_key_id" },
    ["in mode local with an API token"] = {
      mode = "local", api_token = keys.api_token, field = "parent_access_key_id",
    },
    ["in mode auto"] = { mode = "auto", field = "parent_access_key_id" },
    ["in no mode"] = { field = "parent_access_key_id" },
  } do
    it("does not sign for another parent " .. name, function()
      local issuer = make.issuer { mode = case.mode, api_token = case.api_token }
      refused({ kind = "unsupported", field = case.field }, function()
        return issuer:create(make.request {
          parent_access_key_id = keys.another_parent_access_key_id,
        })
      end)
    end)
  end

  it("asks the API for another parent in mode auto with an API token", function()
    local issuer = make.issuer {
      mode = "auto", api_token = keys.api_token, transport = unreachable, max_attempts = 1,
    }
    refused({ kind = "network" }, function()
      return issuer:create(make.request {
        parent_access_key_id = keys.another_parent_access_key_id,
      })
    end)
  end)

  it("keeps nothing of a request", function()
    local issuer, request = make.issuer(), make.request()
    local first = assert(issuer:create(request))
    request.bucket, request.prefixes[1] = "other-bucket", "other/"
    local second = assert(issuer:create(request))
    assert.equal("my-bucket", first.bucket)
    assert.equal("other-bucket", second.bucket)
    local claims = tc.inspect(first.session_token)
    assert.same({ "users/123/" }, claims.paths.prefixPaths)

    local kept = setmetatable({}, { __mode = "k" })
    kept[request], kept[request.prefixes] = true, true
    request = nil -- luacheck: ignore
    collector.collect()
    assert.is_nil(next(kept))
  end)
end)

describe("r2.from_env", function()
  local getenv = os.getenv
  local environment

  before_each(function()
    environment = {
      CLOUDFLARE_ACCOUNT_ID = keys.account_id,
      R2_ACCESS_KEY_ID = keys.parent_access_key_id,
      R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
    }
    os.getenv = function(name) -- luacheck: ignore
      return environment[name]
    end
  end)

  after_each(function()
    os.getenv = getenv -- luacheck: ignore
  end)

  local function endpoint(options)
    return assert(assert(r2.from_env(options)):create(make.request())).endpoint
  end

  local HOST = keys.account_id .. ".r2.cloudflarestorage.com"

  it("makes an issuer from the environment", function()
    local credentials = assert(assert(r2.from_env()):create(make.request()))
    assert.equal(keys.parent_access_key_id, credentials.access_key_id)
    assert.equal("https://" .. HOST, credentials.endpoint)
    assert(make.client():verify(credentials.session_token))
  end)

  it("reads the environment at each call", function()
    assert(r2.from_env())
    environment.R2_ACCESS_KEY_ID = keys.another_parent_access_key_id
    local credentials = assert(assert(r2.from_env()):create(make.request()))
    assert.equal(keys.another_parent_access_key_id, credentials.access_key_id)
  end)

  it("takes an API token in place of the secret", function()
    environment.R2_SECRET_ACCESS_KEY = nil
    environment.CLOUDFLARE_API_TOKEN = keys.api_token
    local issuer = assert(r2.from_env { transport = unreachable, max_attempts = 1 })
    refused({ kind = "network" }, function()
      return issuer:create(make.request())
    end)
  end)

  it("takes R2_JURISDICTION and R2_ENDPOINT", function()
    environment.R2_JURISDICTION = "eu"
    assert.equal("https://" .. keys.account_id .. ".eu.r2.cloudflarestorage.com", endpoint())
    environment.R2_JURISDICTION, environment.R2_ENDPOINT = nil, "https://s3.example.com"
    assert.equal("https://s3.example.com", endpoint())
  end)

  it("asks the API where CLOUDFLARE_BASE_URL says, and an option says it better", function()
    environment.R2_SECRET_ACCESS_KEY = nil
    environment.CLOUDFLARE_API_TOKEN = keys.api_token
    environment.CLOUDFLARE_BASE_URL = "http://127.0.0.1:8787/client/v4"
    local asked
    local transport = {
      perform = function(request)
        asked = request.url
        return unreachable.perform(request)
      end,
      sleep = unreachable.sleep,
    }
    for _, case in ipairs { { nil, "http://127.0.0.1:8787/client/v4/accounts/" },
      { "https://api.example.com", "https://api.example.com/accounts/" } } do
      local issuer = assert(r2.from_env {
        transport = transport, max_attempts = 1, api_base_url = case[1],
      })
      assert.is_nil((issuer:create(make.request())))
      assert.equal(case[2], asked:sub(1, #case[2]))
    end
  end)

  it("takes an empty variable for none", function()
    environment.R2_JURISDICTION, environment.R2_ENDPOINT = "", ""
    environment.CLOUDFLARE_API_TOKEN, environment.CLOUDFLARE_BASE_URL = "", ""
    assert.equal("https://" .. HOST, endpoint())
    environment.R2_SECRET_ACCESS_KEY = ""
    assert.is_nil((r2.from_env()))
  end)

  it("lets options win, field by field", function()
    environment.CLOUDFLARE_ACCOUNT_ID = "wrong"
    environment.R2_ACCESS_KEY_ID = "wrong"
    environment.R2_SECRET_ACCESS_KEY = "wrong"
    environment.R2_JURISDICTION = "-wrong-"
    local issuer = assert(r2.from_env(make.config { jurisdiction = "eu" }))
    local credentials = assert(issuer:create(make.request()))
    assert.equal(keys.parent_access_key_id, credentials.access_key_id)
    assert.equal("https://" .. keys.account_id .. ".eu.r2.cloudflarestorage.com",
      credentials.endpoint)
  end)

  it("lets an endpoint or a jurisdiction as an option silence the other's variable", function()
    environment.R2_JURISDICTION = "eu"
    assert.equal("https://s3.example.com", endpoint { endpoint = "https://s3.example.com" })
    environment.R2_JURISDICTION, environment.R2_ENDPOINT = nil, "https://s3.example.com"
    assert.equal("https://" .. keys.account_id .. ".us.r2.cloudflarestorage.com",
      endpoint { jurisdiction = "us" })
  end)

  it("refuses both variables at once", function()
    environment.R2_JURISDICTION, environment.R2_ENDPOINT = "eu", "https://s3.example.com"
    refused({
      kind = "invalid_config", field = "endpoint",
      says = { "R2_ENDPOINT", "jurisdiction" },
    }, function()
      return r2.from_env()
    end)
  end)

  it("takes every other option of r2.new", function()
    local function clock() return NOW end
    local issuer = assert(r2.from_env { whole_bucket = false, clock = clock })
    assert.equal(NOW + 3600, assert(issuer:create(make.request())).expires_at)
    assert.is_nil((issuer:create(make.request { prefixes = ABSENT })))
  end)

  it("does not change its options", function()
    local options = { whole_bucket = false }
    assert(r2.from_env(options))
    assert.same({ whole_bucket = false }, options)
  end)

  for variable, case in values.sorted {
    CLOUDFLARE_ACCOUNT_ID = { field = "account_id", wrong = "0123" },
    R2_ACCESS_KEY_ID = { field = "parent_access_key_id", wrong = "0123" },
    R2_SECRET_ACCESS_KEY = { field = "parent_secret_access_key", wrong = "0123" },
    R2_JURISDICTION = { field = "jurisdiction", wrong = "a.b" },
    R2_ENDPOINT = { field = "endpoint", wrong = "http://s3.example.com" },
    CLOUDFLARE_API_TOKEN = { field = "api_token", wrong = "two words" },
    CLOUDFLARE_BASE_URL = { field = "api_base_url", wrong = "http://api.example.com" },
  } do
    it("names " .. variable .. " when its value is wrong", function()
      environment[variable] = case.wrong
      refused({
        kind = "invalid_config", field = case.field, says = { variable },
      }, function()
        return r2.from_env()
      end)
    end)
  end

  for variable, field in values.sorted {
    CLOUDFLARE_ACCOUNT_ID = "account_id", R2_ACCESS_KEY_ID = "parent_access_key_id",
    R2_SECRET_ACCESS_KEY = "parent_secret_access_key",
  } do
    it("names " .. variable .. " when it is missing", function()
      environment[variable] = nil
      refused({
        kind = "invalid_config", field = field, says = { variable },
      }, function()
        return r2.from_env()
      end)
    end)
  end

  it("does not blame a variable for a wrong option", function()
    local err = refused({ kind = "invalid_config", field = "account_id" }, function()
      return r2.from_env { account_id = "wrong" }
    end)
    assert.is_nil(err.message:find("CLOUDFLARE_ACCOUNT_ID", 1, true))
  end)

  it("recognises an API token in R2_SECRET_ACCESS_KEY", function()
    environment.R2_SECRET_ACCESS_KEY = keys.api_token
    refused({
      kind = "invalid_config", field = "parent_secret_access_key",
      says = { "R2_SECRET_ACCESS_KEY", "r2.secret_from_api_token" },
    }, function()
      return r2.from_env()
    end)
  end)

  it("refuses options that are not known, or disguised", function()
    refused({ kind = "invalid_config", field = "prefix", says = { "known" } }, function()
      return r2.from_env { prefix = "users/" }
    end)
    for _, disguise in values.sorted(values.disguises) do
      refused({ kind = "invalid_config", says = { "metatable" } }, function()
        return r2.from_env(disguise { whole_bucket = true })
      end)
    end
  end)

  it("raises when its options are not a table", function()
    for _, options in ipairs { "options", 5, true, print, cjson.null } do
      assert.has_error(function() r2.from_env(options) end)
    end
  end)
end)

describe("A closed issuer", function()
  it("raises, whatever is asked of it", function()
    local issuer = make.issuer()
    assert(issuer:create(make.request()))
    issuer:close()
    assert.has_error(function() issuer:create(make.request()) end)
    assert.has_error(function() issuer:create({}) end)
  end)

  it("may be closed again and printed", function()
    local issuer = make.issuer()
    issuer:close()
    issuer:close()
    assert.is_string(tostring(issuer))
  end)

  it("does not close another", function()
    local first, second = make.issuer(), make.issuer()
    first:close()
    assert(second:create(make.request()))
  end)

  if _VERSION == "Lua 5.4" then
    it("is what a to-be-closed variable leaves behind", function()
      local use = assert(compile [[
                local make_it, use_it = ...
                local kept
                do
                    local it <close> = make_it()
                    kept = it
                    use_it(it)
                end
                return kept
            ]])
      local issuer = use(make.issuer, function(issuer)
        assert(issuer:create(make.request()))
      end)
      assert.has_error(function() issuer:create(make.request()) end)

      local client = use(make.client, function(client)
        assert(client:sign(make.request()))
      end)
      assert.has_error(function() client:sign(make.request()) end)
    end)
  end
end)

describe("Misuse of an issuer raises:", function()
  it("a method without its issuer", function()
    local issuer = make.issuer()
    for _, method in ipairs { "create", "close" } do
      assert.has_error(function() issuer[method]() end)
      assert.has_error(function() issuer[method](make.request()) end)
      assert.has_error(function() issuer[method](5) end)
    end
  end)

  it("a configuration that is not a table", function()
    for _, config in ipairs { "config", 5, true, print, cjson.null } do
      assert.has_error(function() r2.new(config) end)
    end
    assert.has_error(function() r2.new() end)
  end)
end)

describe("The module r2", function()
  it("knows its version", function()
    assert.matches("^%d+%.%d+%.%d+$", r2._VERSION)
    assert.equal(r2._VERSION, tc._VERSION)
  end)

  it("names the permissions as they go on the wire", function()
    assert.same(names.permissions, r2.permission)
    assert.same(names.permissions, tc.permission)
  end)

  local function sorted(list)
    local copy = {}
    for i, item in ipairs(list) do
      copy[i] = item
    end
    table.sort(copy)
    return copy
  end

  it("lists the actions in groups", function()
    local function groups(actions)
      local lists = {}
      for group, list in pairs(actions) do
        lists[group] = sorted(list)
      end
      return lists
    end
    assert.same(groups(names.actions), groups(r2.actions()))
    assert.same(names.actions.WRITE_ONLY, r2.actions().WRITE_ONLY) -- in this order
  end)

  it("hands the actions out in fresh tables", function()
    for _, actions in ipairs { r2.actions, tc.actions } do
      local first = actions()
      first.READ[1], first.WRITE_ONLY[1], first.ALL = "changed", "DeleteObject", nil
      local second = actions()
      assert.are_not_equal(first, second)
      assert.equal(#names.actions.ALL, #second.ALL)
      assert.equal("PutObject", second.WRITE_ONLY[1])
    end
    local credentials = assert(make.issuer():create(make.request {
      permission = "object-write-only",
    }))
    assert.same(r2.actions().WRITE_ONLY, tc.inspect(credentials.session_token).actions)
  end)

  it("is the C module's face, not another one", function()
    assert.equal(tc, r2.temp_credentials)
  end)

  it("has nothing behind a name that does not exist", function()
    assert.is_nil(r2.no_such_room)
    assert.is_nil(r2[1])
  end)

  it("sets no global", function()
    assert.is_nil(rawget(_G, "r2"))
    assert.is_nil(rawget(_G, "temp_credentials"))
  end)
end)
