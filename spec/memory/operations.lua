-- Every public function, as operations that failing_allocator.c runs while memory runs out.
-- An operation: prepare() hands back the arguments of run(…), which is what memory runs out in;
-- finish(…) gets run's results, with memory again, and asserts that they are right. What finish
-- hands back must be the same each time.
-- gave_up(…), where there is one, gets the same: whether they are an error that says, as data, that
-- memory ran out below Lua.
local keys = require "spec.support.keys"
local make = require "spec.support.make"

local tc = require "r2.temp_credentials"

local NOW, ABSENT = make.NOW, make.ABSENT

local operations = {}

-- Whoever runs these sets server_url: that of spec/support/fault_server.lua.
local spec = { operations = operations, keys = keys }

local function operation(name, prepare, run, finish)
    assert(not operations[name], name)
    operations[name] = { prepare = prepare, run = run, finish = finish }
end

local function same(...)
    return ...
end

-- ---- what results must be ----

local function list_is(list, wanted)
    assert(#(list or {}) == #(wanted or {}))
    for i, item in ipairs(wanted or {}) do
        assert(list[i] == item)
    end
end

-- A locally signed credential says what its request says.
local function signed(request, parent)
    return function(credentials, message)
        assert(credentials, message)
        local claims = assert(tc.inspect(credentials.session_token))
        local paths = claims.paths or {}
        assert(claims.bucket == request.bucket and credentials.bucket == request.bucket)
        assert(claims.scope == request.permission or #claims.actions > 0)
        assert(claims.exp - claims.iat == request.ttl_seconds)
        assert(credentials.expires_at == claims.exp)
        assert(claims.iss == (parent or keys.parent_access_key_id))
        assert(claims.sub == keys.account_id)
        list_is(paths.prefixPaths, request.prefixes)
        list_is(paths.objectPaths, request.objects)
        return credentials, tostring(credentials)
    end
end

local function refused(kind, field)
    return function(result, message, err)
        assert(result == nil, "it was not refused")
        assert(err.kind == kind and err.field == field and err.message == message, message)
        return message, err
    end
end

-- ---- the module, and making clients ----

local function forget(...)
    for _, name in ipairs { ... } do
        package.loaded[name] = nil
    end
end

operation("require 'r2.temp_credentials'", function()
    forget "r2.temp_credentials"
    return "r2.temp_credentials"
end, require, function(module)
    return signed(make.request())(assert(module.new(make.config())):sign(make.request(), NOW))
end)

operation("tc.permission and tc.actions", same, function()
    return tc.permission, tc.actions()
end, same)

operation("tc.secret_from_api_token", function()
    return keys.api_token
end, tc.secret_from_api_token, function(secret)
    assert(secret == keys.parent_secret_access_key)
end)

operation("tc.secret_from_api_token of something else", function()
    return keys.api_token .. " "
end, tc.secret_from_api_token, refused("invalid_config", "api_token"))

local function both_keys(changes)
    return make.config(make.changed({ api_token = keys.api_token }, changes))
end

for name, config in pairs {
    ["a secret"] = make.config(),
    ["a token"] = make.api_config { max_token_bytes = 7000, user_agent = "game/1.0" },
    ["a secret and a token"] = both_keys { jurisdiction = "eu", whole_bucket = false },
    ["an endpoint and a base URL"] = both_keys {
        endpoint = "https://r2.example.com:8443", api_base_url = "http://localhost:8787/v4",
    },
} do
    operation("tc.new with " .. name, function()
        return config
    end, tc.new, function(client, message)
        assert(client, message)
        return client, client:sign(make.request(), NOW)
    end)
end

for field, config in pairs {
    account_id = both_keys { account_id = "secret" },
    parent_access_key_id = both_keys { parent_access_key_id = 1 },
    parent_secret_access_key = make.config { parent_secret_access_key = keys.api_token },
    api_token = both_keys { api_token = "" },
    jurisdiction = both_keys { jurisdiction = "EU" },
    endpoint = both_keys { endpoint = "http://r2.example.com" },
    api_base_url = both_keys { api_base_url = "https://user@example.com" },
    max_token_bytes = both_keys { max_token_bytes = 0 },
    whole_bucket = both_keys { whole_bucket = 1 },
    user_agent = both_keys { user_agent = "\n" },
    parent = both_keys { parent = 1 },
} do
    operation("tc.new with a wrong " .. field, function()
        return config
    end, tc.new, refused("invalid_config", field))
end

-- ---- a client ----

local function client_and(...)
    return assert(tc.new(both_keys { max_token_bytes = 1048576 })), ...
end

-- Lists of more bytes than a buffer keeps between two calls.
local function many()
    local list = {}
    for i = 1, 80 do
        list[i] = ("\1users %02d \"/"):format(i) .. ("x"):rep(1000)
    end
    return list
end

local REQUESTS = {
    ["a whole bucket"] = make.request { prefixes = ABSENT },
    ["write-only"] = make.request { permission = "object-write-only" },
    ["read-write"] = make.request { permission = "object-read-write" },
    ["admin-read-only"] = make.request { permission = "admin-read-only" },
    ["admin-read-write"] = make.request { permission = "admin-read-write" },
    ["prefixes and objects"] = make.request { objects = { "shared/logo.png", "b c" } },
    ["objects"] = make.request { prefixes = ABSENT, objects = { "shared/logo.png" } },
    ["its own parent"] = make.request { parent_access_key_id = keys.parent_access_key_id },
    ["80 prefixes"] = make.request { prefixes = many() },
}

local WRONG_REQUESTS = {
    bucket = make.request { bucket = "B" },
    permission = make.request { permission = "read" },
    actions = make.request { actions = { "GetObject" } },
    ttl_seconds = make.request { ttl_seconds = 0 },
    prefixes = make.request { prefixes = { "a/", "" } },
    objects = make.request { objects = {} },
    parent_access_key_id = make.request { parent_access_key_id = "1dea" },
    prefix = make.request { prefix = "users/" },
}

local function sign(client, request, now)
    return client:sign(request, now)
end

local function ask(client, request)
    return client:request(request)
end

local function asked(request)
    return function(message, why)
        assert(message, why)
        assert(message.headers.authorization == "Bearer " .. keys.api_token)
        assert(message.body:find('"bucket":"' .. request.bucket .. '"', 1, true))
        assert(message.body:find('"permission":"' .. request.permission .. '"', 1, true))
        return message
    end
end

for name, request in pairs(REQUESTS) do
    operation("client:sign for " .. name, function()
        return client_and(request, NOW)
    end, sign, signed(request))
    operation("client:request for " .. name, function()
        return client_and(request)
    end, ask, asked(request))
end

for field, request in pairs(WRONG_REQUESTS) do
    operation("client:sign with a wrong " .. field, function()
        return client_and(request, NOW)
    end, sign, refused("invalid_request", field))
    operation("client:request with a wrong " .. field, function()
        return client_and(request)
    end, ask, refused("invalid_request", field))
end

local ACTIONS = make.request { permission = ABSENT, actions = { "GetObject", "ListParts" } }

operation("client:sign for actions", function()
    return client_and(ACTIONS, NOW)
end, sign, signed(ACTIONS))

operation("client:request for actions", function()
    return client_and(ACTIONS)
end, ask, refused("unsupported", "actions"))

operation("client:sign for another parent", function()
    return client_and(make.request {
        parent_access_key_id = keys.another_parent_access_key_id,
    }, NOW)
end, sign, refused("unsupported", "parent_access_key_id"))

operation("client:sign without a secret", function()
    return make.api_client(), make.request(), NOW
end, sign, refused("unsupported", "parent_secret_access_key"))

operation("client:request without a token", function()
    return make.client(), make.request()
end, ask, refused("unsupported", "api_token"))

operation("client:sign at a wrong time", function()
    return client_and(make.request(), -1)
end, sign, refused("invalid_request", "now"))

for name, run in pairs { sign = sign, request = ask } do
    operation("client:" .. name .. " for too long a token", function()
        return assert(tc.new(both_keys { max_token_bytes = 700 })), make.request {
            prefixes = { ("a"):rep(100) .. "/" },
        }
    end, run, refused("invalid_request", "prefixes"))
end

operation("three calls in a row", function()
    return client_and(make.request(), REQUESTS["80 prefixes"], REQUESTS.objects)
end, function(client, first, second, third)
    return { client:sign(first, NOW), client:request(second), client:sign(third, NOW) }
end, function(results)
    return signed(make.request())(results[1]), asked(REQUESTS["80 prefixes"])(results[2]),
        signed(REQUESTS.objects)(results[3])
end)

operation("tostring, close and tostring again", same, function()
    local client = client_and()
    local open = tostring(client)
    client:close()
    client:close()
    return open, tostring(client)
end, same)

operation("a client whose scope ends", same, function()
    local client = client_and()
    debug.getmetatable(client).__close(client)
    return client
end, function(client)
    assert(not pcall(client.sign, client, make.request()))
end)

-- Lua 5.2 makes its stack smaller before it calls a finalizer, and forgets an object when it then
-- has no memory for the call.
local may_collect = _VERSION ~= "Lua 5.2"

operation("a collection", function()
    collectgarbage("stop")
    assert(client_and():sign(REQUESTS["80 prefixes"], NOW))
    assert(make.client():sign(make.request(), NOW))
end, function()
    if may_collect then
        collectgarbage()
        collectgarbage()
    end
end, same)

-- ---- reading tokens; cold: lua-cjson is not loaded yet, as in a fresh process ----

local function token(changes)
    return make.client():sign(make.request(changes), NOW).session_token
end

local function verify(client, session_token, now)
    return client:verify(session_token, now)
end

local function claims_are_right(claims, message)
    assert(claims, message)
    assert(claims.bucket == "my-bucket" and claims.exp == NOW + 3600)
    list_is(claims.paths.prefixPaths, { "users/123/" })
    return claims
end

local function warm()
    assert(tc.inspect(token()))
end

for name, load in pairs { cold = same, warm = warm } do
    operation("client:verify, " .. name, function()
        load()
        return make.client(), token(), NOW
    end, verify, claims_are_right)

    operation("tc.inspect, " .. name, function()
        load()
        return token()
    end, tc.inspect, claims_are_right)
end

operation("client:verify of an expired token", function()
    warm()
    return make.client(), token(), NOW + 3600
end, verify, refused("expired", "session_token"))

operation("client:verify of another key's token", function()
    return make.client { parent_secret_access_key = keys.another_parent_secret_access_key },
        token(), NOW
end, verify, refused("invalid_token", "session_token"))

operation("client:verify of another account's token", function()
    warm()
    return make.client { account_id = keys.another_account_id }, token(), NOW
end, verify, refused("invalid_token", "session_token"))

operation("client:verify of junk", function()
    return make.client(), ("A"):rep(4000), NOW
end, verify, refused("invalid_token", "session_token"))

operation("client:verify without a secret", function()
    return make.api_client(), token(), NOW
end, verify, refused("unsupported", "parent_secret_access_key"))

operation("tc.inspect of junk", function()
    return token():sub(1, -5)
end, tc.inspect, refused("invalid_token", "session_token"))

-- ---- answers of Cloudflare's API ----

local function respond(client, status, headers, body, request)
    return client:response(status, headers, body, NOW, request)
end

local function answer(name, status, body, finish, changes)
    operation("client:response, " .. name, function()
        warm()
        return client_and(status, {
            ["CF-Ray"] = "0123456789abcdef-AMS", ["retry-after"] = "30",
        }, type(body) == "function" and body() or body, make.request(changes))
    end, respond, finish)
end

local function success(session_token)
    return ('{"success":true,"errors":[],"messages":[],"result":{"accessKeyId":"%s",'
        .. '"secretAccessKey":"%s","sessionToken":"%s"}}'):format(keys.parent_access_key_id,
        ("5e55"):rep(16), session_token)
end

local function credential_until(expires_at)
    return function(credentials, message)
        assert(credentials, message)
        assert(credentials.expires_at == expires_at)
        assert(credentials.secret_access_key == ("5e55"):rep(16))
        return credentials, tostring(credentials)
    end
end

local function failed(kind, code)
    return function(result, message, err)
        assert(result == nil and err.kind == kind and err.code == code, message)
        assert(err.ray_id == "0123456789abcdef-AMS")
        assert(not message:find(keys.api_token, 1, true))
        return message, err
    end
end

answer("a credential", 200, success("opaque"), credential_until(NOW + 3600))

answer("a credential whose token ends earlier", 200, function()
    return success(token { ttl_seconds = 60 })
end, credential_until(NOW + 60))

answer("errors", 403, ('{"success":false,"errors":[{"code":10000,"message":"%s"},{"code":9109},'
    .. '"plain"],"messages":[],"result":null}'):format(("long \27[1m "):rep(100)),
    failed("api", 10000))

answer("an error with the token in it", 403, function()
    return '{"errors":[{"code":9109,"message":"no: ' .. keys.api_token .. '"}]}'
end, failed("api", 9109))

answer("a refusal of write-only", 400, '{"success":false,"errors":[{"code":10040}]}',
    failed("api", 10040), { permission = "object-write-only" })

answer("the rate limit", 429, "", failed("rate_limited"))
answer("a page of HTML", 500, "<html>" .. (" "):rep(5000) .. "</html>", failed("api"))
answer("no body", 503, nil, failed("api"))
answer("success without a credential", 200, '{"success":true,"result":{}}', failed("bad_response"))
answer("success that is not JSON", 200, "OK", failed("bad_response"))

operation("client:response, cold", function()
    return client_and(200, nil, success("opaque"), make.request())
end, respond, credential_until(NOW + 3600))

operation("client:response with a wrong request", function()
    return client_and(200, nil, success("opaque"), WRONG_REQUESTS.prefix)
end, respond, refused("invalid_request", "prefix"))

-- ---- configuration and request in one table ----

local function whole(changes)
    return make.changed(make.changed(make.config(), make.request()), changes)
end

local function call(t)
    return tc(t, NOW)
end

operation("tc{…}", function()
    return whole()
end, call, signed(make.request()))

operation("tc{…} with a wrong secret", function()
    return whole { parent_secret_access_key = "5ec7" }
end, call, refused("invalid_config", "parent_secret_access_key"))

operation("tc{…} with a wrong bucket", function()
    return whole { bucket = "B" }
end, call, refused("invalid_request", "bucket"))

-- ---- the Lua layer ----

local function clock()
    return NOW
end

-- Not what it requires in turn: all that takes memory there is Lua's reading of the files.
operation("require 'r2'", function()
    require "r2"
    forget "r2"
    return "r2"
end, require, function(r2)
    return signed(make.request())(
        assert(r2.new(make.config { clock = clock })):create(make.request()))
end)

local function issuer_and(...)
    return make.issuer(), ...
end

local function r2_and(...)
    return require "r2", ...
end

local function close(issuer)
    local open = tostring(issuer)
    issuer:close()
    return open, tostring(issuer)
end

operation("r2.new", function()
    return r2_and(make.config { mode = "local", clock = clock })
end, function(r2, settings)
    return r2.new(settings)
end, function(issuer, message)
    assert(issuer, message)
    return signed(make.request())(issuer:create(make.request())), close(issuer)
end)

operation("r2.new with a wrong mode", function()
    return r2_and(make.config { mode = "remote" })
end, function(r2, settings)
    return r2.new(settings)
end, refused("invalid_config", "mode"))

operation("r2.new with a wrong endpoint", function()
    return r2_and(make.config { endpoint = "ftp://example.com" })
end, function(r2, settings)
    return r2.new(settings)
end, refused("invalid_config", "endpoint"))

local VARIABLES = {
    CLOUDFLARE_ACCOUNT_ID = keys.account_id,
    R2_ACCESS_KEY_ID = keys.parent_access_key_id,
    R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
}

operation("r2.from_env", function()
    os.getenv = function(name) -- luacheck: ignore
        return VARIABLES[name]
    end
    return r2_and { clock = clock }
end, function(r2, options)
    return r2.from_env(options)
end, function(issuer, message)
    assert(issuer, message)
    return signed(make.request())(issuer:create(make.request()))
end)

operation("r2.from_env with a wrong option", function()
    return r2_and { max_attempts = 0 }
end, function(r2, options)
    return r2.from_env(options)
end, refused("invalid_config", "max_attempts"))

operation("issuer:create", function()
    return issuer_and(make.request())
end, function(issuer, request)
    return issuer:create(request)
end, signed(make.request()))

operation("issuer:create with a wrong field", function()
    return issuer_and(WRONG_REQUESTS.prefix)
end, function(issuer, request)
    return issuer:create(request)
end, refused("invalid_request", "prefix"))

operation("issuer:upload_credentials", issuer_and, function(issuer)
    return issuer:upload_credentials("my-bucket")
end, signed(make.request { permission = "object-write-only", prefixes = ABSENT }))

operation("issuer:upload_credentials with options", function()
    return issuer_and { ttl_seconds = 60, prefixes = { "in/" }, objects = { "logo.png" } }
end, function(issuer, options)
    return issuer:upload_credentials("my-bucket", options)
end, signed(make.request {
    permission = "object-write-only", ttl_seconds = 60, prefixes = { "in/" },
    objects = { "logo.png" },
}))

operation("issuer:client_upload_credentials", issuer_and, function(issuer)
    return issuer:client_upload_credentials("123", "my-bucket")
end, signed(make.request {
    permission = "object-write-only", ttl_seconds = 900, prefixes = { "uploads/123/" },
}))

operation("issuer:client_upload_credentials with a wrong user", issuer_and, function(issuer)
    return issuer:client_upload_credentials("\255", "my-bucket")
end, refused("invalid_request", "user_id"))

operation("issuer:download_credentials", function()
    return issuer_and({ "reports/2026.pdf" }, { ttl_seconds = 60 })
end, function(issuer, objects, options)
    return issuer:download_credentials("my-bucket", objects, options)
end, signed(make.request {
    ttl_seconds = 60, prefixes = ABSENT, objects = { "reports/2026.pdf" },
}))

operation("issuer:service_credentials", issuer_and, function(issuer)
    return issuer:service_credentials("my-bucket", "backups/")
end, signed(make.request {
    permission = "object-read-write", ttl_seconds = 43200, prefixes = { "backups/" },
}))

operation("issuer:service_credentials with a wrong prefix", issuer_and, function(issuer)
    return issuer:service_credentials("my-bucket", "backups\255/")
end, refused("invalid_request", "service_prefix"))

operation("issuer: tostring, close and tostring again", function()
    return r2_and(make.config { clock = clock })
end, function(r2, settings)
    return close(assert(r2.new(settings)))
end, same)

-- ---- the other modules ----

require "spec.memory.sigv4_operations"(operation, refused)

-- ---- r2.http, over libcurl ----

-- libcurl and r2.http tell of memory that runs out during an exchange like of any other end of it.
local function ended_early(result, message, err)
    return result == nil and err.message == message
        and (err.kind == "network" or err.kind == "bad_response")
        and not message:find(keys.api_token, 1, true)
end

local function exchange(name, prepare, run, finish)
    operation(name, prepare, run, finish)
    operations[name].gave_up = ended_early
end

local function url(fault)
    return ("%s/%s/run"):format(spec.server_url, fault)
end

require "spec.memory.http_operations" {
    operation = operation, exchange = exchange, refused = refused, forget = forget, url = url,
    may_collect = may_collect,
}

-- ---- the API ----

-- To read a file takes much memory, and that is Lua's own affair.
local function load_modules()
    return require "r2", require "r2.transport.curl", require "r2.http", require "r2.issuer"
end

local function asker(fault, changes)
    load_modules()
    return make.issuer(make.changed({
        parent_secret_access_key = ABSENT, api_token = keys.api_token, mode = "api",
        api_base_url = url(fault), max_attempts = 2, random = function() return 0 end,
    }, changes)), make.request()
end

local function create(issuer, request)
    return issuer:create(request)
end

local function wait(issuer, request)
    local pending, message, err = issuer:start(request)
    if not pending then
        return nil, message, err
    end
    return pending:wait()
end

local function credential(credentials, message)
    assert(credentials, message)
    assert(#credentials.secret_access_key == 64 and credentials.expires_at == NOW + 3600)
    assert(credentials.bucket == "my-bucket")
    return credentials, tostring(credentials)
end

for name, ask_for in pairs { create = create, start = wait } do
    exchange(("issuer:%s through the API"):format(name), function()
        return asker "packed-credential"
    end, ask_for, credential)
end

exchange("issuer:create, closed instead of an answer", function()
    return asker "closed"
end, create, refused("network"))

exchange("issuer:create through the API, cold", function()
    local issuer, request = asker "good"
    forget("r2.transport.curl", "r2.http")
    return issuer, request
end, create, credential)

operation("issuer:create through the API with a wrong field", function()
    local issuer = asker "good"
    return issuer, WRONG_REQUESTS.prefix
end, create, refused("invalid_request", "prefix"))

exchange("a pending credential that is cancelled", function()
    return asker("held-credential", { max_attempts = 1 })
end, function(issuer, request)
    local pending = assert(issuer:start(request))
    pending:poll()
    pending:cancel()
    return pending:poll()
end, refused("cancelled"))

exchange("a pending credential whose issuer is closed", function()
    load_modules()
    return function()
        return (asker("held-credential", { max_attempts = 1 }))
    end, make.request()
end, function(make_issuer, request)
    local issuer = make_issuer()
    local pending = assert(issuer:start(request))
    pending:poll()
    issuer:close()
    return pending:poll()
end, refused("cancelled"))

for name, ask_for in pairs { create = create, start = wait } do
    operation(("issuer:%s over a given transport, thrice"):format(name), function()
        local scripted = require "spec.support.scripted"
        load_modules()
        warm()
        return function()
            return (asker("good", {
                max_attempts = 3,
                transport = scripted.transport {
                    scripted.failure "network",
                    scripted.status(429, { ["Retry-After"] = "2" }),
                    scripted.good(),
                },
            }))
        end, make.request()
    end, function(make_issuer, request)
        return ask_for(make_issuer(), request)
    end, credential)
end

-- ---- results as text ----

local function write(value, out)
    if type(value) == "table" then
        local names = {}
        for name in pairs(value) do
            names[#names + 1] = tostring(name)
        end
        table.sort(names)
        for _, name in ipairs(names) do
            out[#out + 1] = name .. "="
            local field = value[name]
            write(field == nil and value[tonumber(name)] or field, out)
        end
    elseif type(value) == "function" then
        out[#out + 1] = "function"
    else
        out[#out + 1] = tostring(value)
    end
end

for _, op in pairs(operations) do
    local finish = op.finish
    function op.finish(...)
        local out = {}
        for _, value in ipairs { finish(...) } do
            write(value, out)
        end
        return table.concat(out, "\n")
    end
end

--- Lua 5.1 never loads a module again whose loading ended by an error; a program may.
local function forget_half_loaded()
    for name, module in pairs(package.loaded) do
        if type(module) ~= "table" and module ~= true then
            package.loaded[name] = nil
        end
    end
end

spec.recover = forget_half_loaded

return spec
