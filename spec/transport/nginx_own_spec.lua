-- What only one of the transports for nginx does, and what there is without lua-resty-http.
local cjson = require "cjson"
local pair = require "spec.support.nginx_pair"
local nginx = require "spec.support.nginx"
local get, text, requests = pair.get, pair.text, pair.requests
local with, create, assert_error = pair.with, pair.create, pair.assert_error
local RESTY, TRANSPORTS = pair.RESTY, pair.TRANSPORTS

if nginx.missing() then
  pending(nginx.missing())
  return
end

setup(pair.start)
teardown(pair.stop)
before_each(pair.forget)
after_each(pair.assert_no_secret_is_logged)

describe("r2.transport.resty", function()
  local described = RESTY and it or pending

  described("ends in time although a byte comes now and then", function()
    for attempt = 1, 3 do
      local outcome = create(with(TRANSPORTS.resty("good", "slow_body"),
        { timeout = 0.5, attempts = 1 }))
      assert_error("timeout", outcome)
      assert.equal(attempt, #requests())
    end
  end)

  described("does not wait for ever on a negative length", function()
    local outcome = create(TRANSPORTS.resty("good", "negative_length"))
    assert_error("bad_response", outcome)
    assert.equal("a static page", text(pair.front, "web", "/static"))
  end)

  described("needs a resolver for names, and says so", function()
    local outcome = create { transport = "resty", base = "https://api.r2.example/client/v4" }
    assert_error("invalid_config", outcome, { "resolver", "api.r2.example" })
  end)

  described("asks no name server who localhost is", function()
    local base = ("http://localhost:%d/ok/client/v4"):format(pair.api.ports.plain)
    local outcome = create { transport = "resty", base = base }
    assert.is_table(outcome.credentials, outcome.message)
    assert.equal("localhost:" .. pair.api.ports.plain, requests()[1].headers.host)
  end)

  described("passes over what only says that an answer will come", function()
    local outcome = create(with(TRANSPORTS.resty("good", "interim"), { attempts = 1 }))
    assert.is_table(outcome.credentials, outcome.message)
    assert_error("bad_response", create(TRANSPORTS.resty("good", "only_interim")))
  end)

  described("reads no more of an answer than its framing may take", function()
    assert_error("bad_response", create(TRANSPORTS.resty("good", "framing")), { "8 MiB" })
    assert.equal("a static page", text(pair.front, "web", "/static"))
  end)

  described("is what an issuer takes by itself", function()
    local arguments = TRANSPORTS.resty("good", "ok")
    arguments.transport = nil
    local outcome = create(arguments)
    assert.is_table(outcome.credentials, outcome.message)
  end)
end)

describe("r2.transport.nginx", function()
  it("serves an issuer that was made before the worker", function()
    local outcome = cjson.decode(text(pair.front, "web", "/kept"))
    assert.is_table(outcome.credentials, outcome.message)
  end)

  it("adds no line to the access log", function()
    pair.front:clear("access.log")
    for _ = 1, 3 do
      create(TRANSPORTS.nginx("good", "ok"))
    end
    text(pair.front, "web", "/static")
    local _, lines = pair.front:read("access.log"):gsub("/create", "")
    assert.is_true(lines <= 3)
  end)

  it("uses the location /r2-api/ when none is named", function()
    local outcome = create { transport = "nginx",
      base = "https://api.cloudflare.com/ok/client/v4" }
    assert.is_table(outcome.credentials, outcome.message)
  end)

  it("asks another API through another location", function()
    local origin = "http://127.0.0.1:" .. pair.api.ports.plain
    local outcome = create { transport = "nginx", location = "/r2-sandbox/", origin = origin,
      base = origin .. "/ok/client/v4" }
    assert.is_table(outcome.credentials, outcome.message)
  end)

  it("asks nobody for a URL of another origin", function()
    for _, base in ipairs { "https://api.cloudflare.com.example/client/v4",
      "http://127.0.0.1:8787/client/v4", "https://api.cloudflare.com:8443/client/v4" } do
      assert_error("invalid_config", create { transport = "nginx", base = base },
        { "https://api.cloudflare.com", "api_base_url" })
    end
    assert.same({}, requests())
  end)

  it("says when its location is not there", function()
    local outcome = create(TRANSPORTS.nginx("missing", "ok"))
    assert_error("invalid_config", outcome, { "/r2-missing/", "docs/transports.md" })
    assert.is_nil(outcome.err.status)
  end)

  it("has a location that nobody enters from outside", function()
    local response = assert(get(pair.front, "web", "/r2-good/ok/client/v4/x"))
    assert.equal("of the site itself", assert(get(pair.front, "web", "/other")).body)
    assert.not_equal("", response.body)
    assert.same({}, requests())
  end)

  it("has a location that asks without a token when it is entered in another way", function()
    for _, path in ipairs { "/accel", "/exec" } do
      get(pair.front, "web", path, nil, { authorization = "Basic of-the-visitor" })
    end
    for _, request in ipairs(requests()) do
      assert.is_nil(request.headers.authorization)
      assert.is_nil(request.headers.cookie)
    end
    assert.equal(2, #requests())
  end)

  it("ends a body that trickles on, with the visitor's connection", function()
    local response, _, err = get(pair.front, "web", "/create",
      with(TRANSPORTS.nginx("good", "slow_body"), { timeout = 0.3, attempts = 1 }))
    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.is_truthy(pair.front:read("error.log")
      :find("still coming after twice the time", 1, true))
    assert.equal("a static page", text(pair.front, "web", "/static"))
  end)

  it("ends a body that has no end, with the visitor's connection", function()
    local response, _, err = get(pair.front, "web", "/create",
      with(TRANSPORTS.nginx("good", "endless_body"), { attempts = 1 }))
    assert.is_nil(response)
    assert.equal("network", err.kind)
    assert.is_truthy(pair.front:read("error.log"):find("longer than 128 MiB", 1, true))
    assert.equal("a static page", text(pair.front, "web", "/static"))
  end)

  it("takes no option that it does not know", function()
    for _, arguments in ipairs {
      { location = "r2-api" }, { location = "/r2-api" }, { location = "/r2-api?/" },
      { origin = "https://api.cloudflare.com/" }, { origin = "http://api.cloudflare.com" },
    } do
      local outcome = create(with({ transport = "nginx",
        base = "https://api.cloudflare.com/client/v4" }, arguments))
      assert_error("invalid_config", outcome)
      assert.equal(next(arguments), outcome.err.field)
    end
  end)
end)

describe("Without lua-resty-http", function()
  local bare

  setup(function()
    -- Found by nobody, wherever it is installed.
    bare = nginx.start(nginx.lua_paths() .. [[
            init_by_lua_block { package.preload["resty.http"] = function()
                error("module 'resty.http' not found:")
            end }
            server {
                listen 127.0.0.1:@web@;
                location / { content_by_lua_block { require("spec.support.nginx_front").create() } }
            }
        ]])
  end)

  for name, arguments in pairs {
    ["an issuer without a transport"] = {},
    ["r2.transport.resty"] = { transport = "resty" },
  } do
    it(name .. " says what to install and what to give", function()
      local outcome = cjson.decode(text(bare, "web", "/", arguments))
      assert_error("invalid_config", outcome, { "lua-resty-http", "r2.transport.nginx" })
      assert.equal("transport", outcome.err.field)
    end)
  end
end)

describe("Outside of nginx", function()
  it("neither transport can be made", function()
    for _, name in ipairs { "resty", "nginx" } do
      local transport, message, err = require("r2.transport." .. name).new()
      assert.is_nil(transport)
      assert.equal("invalid_config", err.kind)
      assert.is_truthy(message:find("inside nginx", 1, true))
    end
    assert.is_false(require("r2.transport.resty").is_installed())
  end)
end)
