-- Cloudflare's own SDK (npm cloudflare) as the oracle: it asks the sandbox, so that the sandbox
-- answers what the SDK can read; and what it sends is compared with what this library sends.

local cjson = require "cjson"
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local keys = require "sandbox.keys"
local make = require "spec.support.make"
local server = require "spec.support.server"
local values = require "spec.support.values"
local support = require "spec.project.support"

local SDK = "spec/node_modules/cloudflare/"

local function has_sdk()
  local file = io.open(SDK .. "package.json")
  if file then
    file:close()
  end
  return file and select(2, support.try("node --version")) == 0
end

if not server.has_nginx() or not has_sdk() then
  pending("Cloudflare's SDK needs Node, `npm ci` in spec/, and nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

-- Writes down each request, a line of JSON, and passes it on to the sandbox.
local RECORDER = [[
    client_max_body_size 1m;
    client_body_buffer_size 1m;
    server {
        listen 127.0.0.1:@port@;
        location / {
            access_by_lua_block {
                ngx.req.read_body()
                local file = assert(io.open("@folder@/requests", "a"))
                file:write(require("cjson").encode {
                    method = ngx.req.get_method(),
                    path = ngx.var.request_uri,
                    headers = ngx.req.get_headers(),
                    body = ngx.req.get_body_data(),
                }, "\n")
                file:close()
            }
            proxy_pass %s;
        }
    }
]]

-- ---- what the SDK has: read from its type declarations ----

local DECLARED = support.read(SDK .. "resources/r2/temporary-credentials.d.ts")
  :match("interface TemporaryCredentialCreateParams (%b{})"):gsub("/%*.-%*/", "")

local PERMISSIONS, FIELDS = {}, {}
for permission in DECLARED:match("permission: ([^;]*);"):gmatch("'([^']*)'") do
  PERMISSIONS[#PERMISSIONS + 1] = permission
end
for name in DECLARED:gmatch("([%w_]+)%??: [^;]*;") do
  FIELDS[#FIELDS + 1] = name
end
table.sort(FIELDS)

-- Field of a request -> the SDK's name for it.
local WIRE = {
  bucket = "bucket", permission = "permission", ttl_seconds = "ttlSeconds",
  prefixes = "prefixes", objects = "objects", parent_access_key_id = "parentAccessKeyId",
}

-- ---- the requests that are compared ----

local SCOPES = {
  ["the whole bucket"] = {},
  ["a prefix"] = { prefixes = { "users/123/" } },
  ["prefixes"] = { prefixes = { "a/", "a/b/", "c" } },
  ["an object"] = { objects = { "reports/2026.pdf" } },
  ["objects"] = { objects = { "a", "b/c", "d//e" } },
  ["prefixes and objects"] = { prefixes = { "a/" }, objects = { "b", "c" } },
  ["keys in other scripts"] = { prefixes = { "Überblick/", "報告/" }, objects = { "😀.png" } },
  ["keys with what JSON escapes"] = { objects = { [["\]], "tab\tnewline\n\127", "</script>" } },
  ["keys with what URLs escape"] = { objects = { "a b+c%20d?e#f&g=h", "../x", "a//b" } },
  ["a key of 1,024 bytes"] = { objects = { ("k"):rep(1024) } },
  ["a hundred prefixes"] = { prefixes = {} },
}
for i = 1, 100 do
  SCOPES["a hundred prefixes"].prefixes[i] = ("users/%d/"):format(i)
end

local CASES = {}
local function add(name, changes)
  CASES[#CASES + 1] = {
    name = name,
    request = make.changed({
      bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 3600,
    }, changes),
  }
end
for _, permission in ipairs(PERMISSIONS) do
  for name, scope in values.sorted(SCOPES) do
    add(permission .. ", " .. name, make.changed(scope, { permission = permission }))
  end
end
for _, ttl_seconds in ipairs { 1, 900, 604800 } do
  add(("for %d seconds"):format(ttl_seconds), { ttl_seconds = ttl_seconds })
end
add("a bucket's shortest name", { bucket = "a1b" })
add("a bucket's longest name", { bucket = "a" .. ("-"):rep(61) .. "1" })
add("a parent key that is not known", { parent_access_key_id = ("abcd"):rep(8) })
add("a bucket that is not there", { bucket = keys.missing_bucket })

describe("Cloudflare's SDK", function()
  local sandbox, recorder, outcomes, recorded

  -- The requests that were recorded since this was last asked.
  local position = 0
  local function records()
    local lines = support.lines(recorder.read("requests") or "")
    local result = {}
    for i = position + 1, #lines do
      result[#result + 1] = cjson.decode(lines[i])
    end
    position = #lines
    return result
  end

  local function ask_sdk(calls, changes)
    local input = support.folder() .. "/calls.json"
    support.write(input, cjson.encode(calls))
    local environment = make.changed({
      CLOUDFLARE_BASE_URL = recorder.url .. "/client/v4",
      CLOUDFLARE_API_TOKEN = keys.api_token,
    }, changes)
    local words = {}
    for name, value in pairs(environment) do
      words[#words + 1] = name .. "=" .. support.quote(value)
    end
    return cjson.decode(support.run(("env %s node spec/sdk/ask.mjs <%s"):format(
      table.concat(words, " "), input)))
  end

  local function call_for(request)
    local call = { account_id = keys.account_id, parentAccessKeyId = keys.parent_access_key_id }
    for name, value in pairs(request) do
      call[WIRE[name]] = value
    end
    return call
  end

  local config
  setup(function()
    sandbox = server.command {
      command = "env PORT=@port@ sandbox/run", ready = "Ctrl-C ends it",
    }
    recorder = server.nginx { http = RECORDER:format(sandbox.url) }
    config = {
      account_id = keys.account_id, api_token = keys.api_token,
      parent_access_key_id = keys.parent_access_key_id,
      api_base_url = recorder.url .. "/client/v4", endpoint = sandbox.url,
    }
    local calls = {}
    for i, case in ipairs(CASES) do
      calls[i] = call_for(case.request)
    end
    outcomes = ask_sdk(calls)
    recorded = records()
    assert.equal(#CASES, #outcomes)
    assert.equal(#CASES, #recorded)
  end)

  it("has the fields and permissions that are compared here, and no other", function()
    local known = { "account_id" }
    for _, name in pairs(WIRE) do
      known[#known + 1] = name
    end
    table.sort(known)
    assert.same(known, FIELDS)

    local ours, theirs = {}, { ["object-write-only"] = true } -- which is not published
    for _, permission in pairs(r2.permission) do
      ours[permission] = true
    end
    for _, permission in ipairs(PERMISSIONS) do
      theirs[permission] = true
    end
    assert.same(theirs, ours)
  end)

  -- What of a request counts for the service.
  local function essence(method, path, headers, body)
    return {
      method = method,
      path = path,
      authorization = headers["authorization"],
      content_type = headers["content-type"],
      body = cjson.decode(body),
    }
  end

  local function essence_of_record(record)
    return essence(record.method, record.path, record.headers, record.body)
  end

  -- What a session token grants, whenever it was made.
  local function claims_of(session_token)
    local claims = assert(tc.inspect(session_token))
    return make.changed(claims, {
      iat = make.ABSENT, exp = make.ABSENT, lifetime = claims.exp - claims.iat,
    })
  end

  for i, case in ipairs(CASES) do
    it("sends what this library sends: " .. case.name, function()
      local theirs = essence_of_record(recorded[i])
      assert.equal("Bearer " .. keys.api_token, theirs.authorization)

      local client = assert(tc.new(config))
      local encoded = assert(client:request(case.request))
      assert.same(theirs, essence(encoded.method, encoded.url:sub(#recorder.url + 1),
        encoded.headers, encoded.body))

      local issuer <close> = assert(r2.new(config))
      local credentials, message, err = issuer:create(case.request)
      local sent = records()
      assert.equal(1, #sent)
      assert.same(theirs, essence_of_record(sent[1]))

      local outcome = outcomes[i]
      if outcome.result then
        assert(credentials, message)
        assert.equal(outcome.result.accessKeyId, credentials.access_key_id)
        assert.same(claims_of(outcome.result.sessionToken),
          claims_of(credentials.session_token))
      else
        assert.equal(outcome.error.status, err.status)
        assert.equal(outcome.error.errors[1].code, err.code)
        assert.equal(outcome.error.errors[1].message, err.errors[1].message)
      end
    end)
  end

  it("gets a credential for every request that is in order", function()
    local refused = {}
    for i, case in ipairs(CASES) do
      if not outcomes[i].result then
        refused[#refused + 1] = case.name
      end
    end
    table.sort(refused)
    assert.same({ "a bucket that is not there", "a parent key that is not known" }, refused)
  end)

  it("can read the sandbox's refusals", function()
    local in_order = call_for(CASES[1].request)
    local expected = {
      { { permission = "object-write-only" }, "BadRequestError", 10040 },
      { { bucket = "B" }, "BadRequestError", 10005 },
      { { ttlSeconds = 604801 }, "BadRequestError", 10040 },
      { { parentAccessKeyId = "x" }, "AuthenticationError", 10002 },
      { { bucket = keys.missing_bucket }, "NotFoundError", 10006 },
      { { account_id = "x" }, "PermissionDeniedError", 10000 },
    }
    local calls = {}
    for i, case in ipairs(expected) do
      calls[i] = make.changed(in_order, case[1])
    end
    for i, outcome in ipairs(ask_sdk(calls)) do
      assert.equal(expected[i][2], outcome.error.name)
      assert.equal(expected[i][3], outcome.error.errors[1].code)
    end
    local outcome = ask_sdk({ in_order }, { CLOUDFLARE_API_TOKEN = "another" })[1]
    assert.equal("PermissionDeniedError", outcome.error.name)
    assert.equal(9109, outcome.error.errors[1].code)
  end)
end)
