-- The pure halves of an exchange with Cloudflare's API: a request encoded, an answer decoded,
-- nothing sent. The API: "Create Temporary Access Credentials" in Cloudflare's API reference.
local base64 = require "spec.support.base64"
local cjson = require "cjson"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local token = require "spec.support.token"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT
local client

setup(function()
    client = make.api_client()
end)

local function encode(changes)
    return assert(client:request(make.request(changes)))
end

local function body_of(changes)
    return cjson.decode(encode(changes).body)
end

local function header(request, name)
    local found
    for key, value in pairs(request.headers) do
        if key:lower() == name then
            assert.is_nil(found, name .. " is there twice")
            found = value
        end
    end
    return found
end

describe("client:request", function()
    it("is a POST to the account's temporary credentials, with the token", function()
        local request = encode()
        assert.equal("POST", request.method)
        assert.equal("https://api.cloudflare.com/client/v4/accounts/" .. keys.account_id
            .. "/r2/temp-access-credentials", request.url)
        assert.equal("Bearer " .. keys.api_token, header(request, "authorization"))
        assert.is_truthy(header(request, "content-type"):find("^application/json"))
        assert.is_string(request.body)
    end)

    it("asks for what the request says and for nothing else", function()
        assert.same({
            bucket = "my-bucket",
            parentAccessKeyId = keys.parent_access_key_id,
            permission = "object-read-only",
            ttlSeconds = 3600,
            prefixes = { "users/123/" },
        }, body_of())
        assert.same({
            bucket = "my-bucket",
            parentAccessKeyId = keys.parent_access_key_id,
            permission = "object-read-only",
            ttlSeconds = 3600,
        }, body_of { prefixes = ABSENT })
        assert.same({
            bucket = "other-bucket",
            parentAccessKeyId = keys.parent_access_key_id,
            permission = "admin-read-write",
            ttlSeconds = 604800,
            prefixes = { "a/", "b/" },
            objects = { "c", "d" },
        }, body_of {
            bucket = "other-bucket", permission = "admin-read-write", ttl_seconds = 604800,
            prefixes = { "a/", "b/" }, objects = { "c", "d" },
        })
    end)

    it("sends every permission as it is, write-only too", function()
        for _, permission in pairs(require("r2.temp_credentials").permission) do
            assert.equal(permission, body_of({ permission = permission }).permission)
        end
    end)

    it("writes whole seconds", function()
        for _, ttl in ipairs { 1, 3600, 3600.0, 604800, 604800.0 } do
            local written = encode({ ttl_seconds = ttl }).body:match('"ttlSeconds":([^,}]*)')
            assert.equal(("%d"):format(ttl), written)
        end
    end)

    it("keeps every character of a path", function()
        local path = '"\\/\1\n\27\127 \195\169\226\128\168\240\159\152\128'
        local body = body_of { prefixes = { path }, objects = { path } }
        assert.same({ path }, body.prefixes)
        assert.same({ path }, body.objects)
    end)

    it("asks in the name of another parent when the request does", function()
        local parent = keys.another_parent_access_key_id
        assert.equal(parent, body_of({ parent_access_key_id = parent }).parentAccessKeyId)
        assert.equal(keys.parent_access_key_id, body_of().parentAccessKeyId)
    end)

    it("goes to another base URL", function()
        local elsewhere = make.api_client { api_base_url = "http://localhost:8787/client/v4" }
        assert.equal("http://localhost:8787/client/v4/accounts/" .. keys.account_id
            .. "/r2/temp-access-credentials", assert(elsewhere:request(make.request())).url)
    end)

    it("cannot ask for single actions, and says what can", function()
        refused({
            kind = "unsupported", field = "actions",
            says = { "actions", "parent_secret_access_key" },
        }, function()
            return client:request(make.request { permission = ABSENT, actions = { "GetObject" } })
        end)
    end)

    it("does not touch the request", function()
        local request = make.request { objects = { "a" } }
        assert(client:request(request))
        assert.same(make.request { objects = { "a" } }, request)
    end)

    it("is a fresh table each time", function()
        encode().headers.authorization = "changed"
        assert.equal("Bearer " .. keys.api_token, header(encode(), "authorization"))
    end)
end)

-- Answers ----------------------------------------------------------------------------------------

local RESULT = {
    accessKeyId = keys.parent_access_key_id,
    secretAccessKey = ("5e55"):rep(16),
    sessionToken = "an-opaque-session-token-of-the-service",
}

local function envelope(changes)
    return make.changed({
        success = true, errors = cjson.empty_array, messages = cjson.empty_array, result = RESULT,
    }, changes)
end

local function respond(answer)
    local body = answer.body
    if type(body) == "table" then
        body = cjson.encode(body)
    end
    return client:response(answer.status or 200, answer.headers or {}, body,
        answer.started_at or NOW, answer.request or make.request())
end

local function failure(errors)
    return { success = false, errors = errors, messages = cjson.empty_array, result = cjson.null }
end

local function refuse(kind, answer, says)
    return refused({
        kind = kind, starts = false, says = says,
        hides = { RESULT.secretAccessKey, RESULT.sessionToken },
    }, function()
        return respond(answer)
    end)
end

describe("client:response makes a credential", function()
    it("of a success", function()
        local credentials = assert(respond { body = envelope() })
        assert.same({
            access_key_id = RESULT.accessKeyId,
            secret_access_key = RESULT.secretAccessKey,
            session_token = RESULT.sessionToken,
            expires_at = NOW + 3600,
            bucket = "my-bucket",
            endpoint = "https://" .. keys.account_id .. ".r2.cloudflarestorage.com",
        }, credentials)
        leaks.assert_none({ RESULT.secretAccessKey, RESULT.sessionToken }, tostring(credentials))
    end)

    for name, changes in values.sorted {
        ["201"] = { status = 201 },
        ["messages as objects"] = { messages = { { code = 1000, message = "Hello" } } },
        ["messages as strings"] = { messages = { "Hello" } },
        ["messages of null"] = { messages = cjson.null },
        ["no messages and no errors"] = { messages = ABSENT, errors = ABSENT },
        ["errors of null"] = { errors = cjson.null },
        ["more than is known"] = { result_info = { page = 1 }, extra = true },
    } do
        it("of a success with " .. name, function()
            local status = changes.status
            assert(respond { status = status, body = envelope(make.changed(changes, {
                status = ABSENT,
            })) })
        end)
    end

    it("of a result with more than is known", function()
        local result = make.changed(RESULT, { expiresAt = "tomorrow", extra = cjson.null })
        assert(respond { body = envelope { result = result } })
    end)

    it("that ends the TTL after the request was started", function()
        assert.equal(NOW + 60, assert(respond {
            body = envelope(), request = make.request { ttl_seconds = 60.0 },
        }).expires_at)
        local credentials = assert(respond { body = envelope(), started_at = NOW + 0.9 })
        assert.equal(("%d"):format(NOW + 3600), tostring(credentials.expires_at))
        if math.type then
            assert.equal("integer", math.type(credentials.expires_at))
        end
    end)

    it("that ends when its token does, if that is earlier", function()
        for exp, expected in pairs {
            [NOW + 900] = NOW + 900, [NOW + 3600] = NOW + 3600, [NOW + 7200] = NOW + 3600,
        } do
            local session_token = token.forge {
                secret = keys.another_parent_secret_access_key, -- the parent's secret is not known
                payload = token.payload { exp = ("%d"):format(exp) },
            }
            local result = make.changed(RESULT, { sessionToken = session_token })
            local credentials = assert(respond { body = envelope { result = result } })
            assert.equal(expected, credentials.expires_at)
            assert.equal(session_token, credentials.session_token)
        end
    end)

    it("that never outlives its TTL, whatever its token says", function()
        for _, exp in ipairs {
            '"soon"', "null", "1e300", "1e999", "[]", "true", "99999999999999999999",
        } do
            local result = make.changed(RESULT, {
                sessionToken = token.forge { payload = token.payload { exp = exp } },
            })
            local credentials = assert(respond { body = envelope { result = result } })
            assert.equal(NOW + 3600, credentials.expires_at)
        end
    end)

    it("for the endpoint of the configuration", function()
        local elsewhere = make.api_client { jurisdiction = "eu" }
        local credentials = assert(elsewhere:response(200, {}, cjson.encode(envelope()), NOW,
            make.request()))
        assert.equal("https://" .. keys.account_id .. ".eu.r2.cloudflarestorage.com",
            credentials.endpoint)
    end)
end)

-- Nearly all answers are read without decoding them into tables; lua-cjson says what they hold.
describe("client:response reads what lua-cjson reads", function()
    local strict = cjson.new()
    strict.decode_invalid_numbers(false)

    local CHARACTERS = {
        "", " ", "\n", '"', "\\", "{", "}", "[", "]", ",", ":", "-", "0", "1", "e", ".", "x", "\1",
        "\127", "\255",
    }

    -- Calls `check` with the text changed in all these ways at each place.
    local function each_change(text, check)
        for at = 1, #text + 1 do
            for _, character in ipairs(CHARACTERS) do
                check(text:sub(1, at - 1) .. character .. text:sub(at))
                check(text:sub(1, at - 1) .. character .. text:sub(at + 1))
            end
        end
    end

    local function decoded(text)
        local ok, value = pcall(strict.decode, text)
        return ok and type(value) == "table" and value or {}
    end

    local function is_visible(text)
        return type(text) == "string" and text:find("^[\33-\126]+$") ~= nil
    end

    it("in a body, whatever is changed in it", function()
        each_change('{"success":true,"errors":[],"messages":[{"code":-10,"message":"a"}],' ..
            '"result":{"accessKeyId":"id","secretAccessKey":"key","sessionToken":"token"}} ',
            function(body)
                local found = decoded(body)
                local result = type(found.result) == "table" and found.result or {}
                local complete = found.success == true and is_visible(result.accessKeyId)
                    and is_visible(result.secretAccessKey) and is_visible(result.sessionToken)
                local credentials = respond { body = body }
                assert(complete == (credentials ~= nil), body)
                if complete then
                    assert.equal(result.accessKeyId, credentials.access_key_id)
                    assert.equal(result.secretAccessKey, credentials.secret_access_key)
                    assert.equal(result.sessionToken, credentials.session_token)
                end
            end)
    end)

    it("in a body with a name twice, or spelt with an escape", function()
        local text = '{"success":true,%s"result":{"accessKeyId":"id","secretAccessKey":"key",%s' ..
            '"sessionToken":"token"%s}%s}'
        for _, more in ipairs {
            { "", "", "", "" },
            { '"success":false,', "", "", "" },
            { "", "", "", ',"success":false' },
            { "", '"sessionToken":"first",', "", "" },
            { "", "", ',"sessionToken":"last"', "" },
            { "", "", ',"session\\u0054oken":"last"', "" },
            { "", "", "", ',"result":{}' },
            { "", "", "", ',"\\u0072esult":{}' },
            { "", "", "", ',"deep":' .. ("["):rep(20) .. ("]"):rep(20) },
        } do
            local body = text:format(more[1], more[2], more[3], more[4])
            local found = decoded(body)
            local result = found.success and found.result or {}
            local credentials = respond { body = body }
            assert.equal(result.sessionToken, credentials and credentials.session_token)
        end
    end)

    it("in a token's claims, whatever is changed in them", function()
        local start = base64.encode_url('{"alg":"HS256","typ":"JWT"}')
        local signature = base64.encode_url(("s"):rep(32))
        each_change(('{"iat":%d,"paths":{"exp":[1]},"exp":%d}'):format(NOW, NOW + 900),
            function(claims)
                local exp = decoded(claims).exp
                local sooner = type(exp) == "number" and exp % 1 == 0 and exp >= 0
                    and exp < NOW + 3600
                local credentials = assert(respond { body = envelope {
                    result = make.changed(RESULT, {
                        sessionToken = base64.encode("jwt/" .. start .. "."
                            .. base64.encode_url(claims) .. "." .. signature),
                    }),
                } })
                assert.equal(sooner and exp or NOW + 3600, credentials.expires_at, claims)
            end)
    end)
end)

describe("client:response calls it a bad_response when an answer claims success and", function()
    local bodies = {
        ["is empty"] = "",
        ["is white space"] = " \n",
        ["is HTML"] = "<html><body>Welcome</body></html>",
        ["is a list"] = "[]",
        ["is a list of envelopes"] = cjson.encode { envelope() },
        ["is a string"] = '"success"',
        ["is a number"] = "200",
        ["is true"] = "true",
        ["is null"] = "null",
        ["is an empty object"] = "{}",
        ["is cut off"] = cjson.encode(envelope()):sub(1, -2),
        ["is cut off in a string"] = '{"success":true,"result":{"accessKeyId":"0123',
        ["has more behind it"] = cjson.encode(envelope()) .. "{}",
        ["starts with NUL"] = "\0" .. cjson.encode(envelope()),
        ["nests 100,000 brackets"] = ("["):rep(100000),
        ["nests 100,000 closed brackets"] = ("["):rep(100000) .. ("]"):rep(100000),
        ["nests 100,000 objects"] = ('{"a":'):rep(100000) .. "1" .. ("}"):rep(100000),
        ["nests 100,000 brackets in its result"] =
            '{"success":true,"result":' .. ("["):rep(100000),
        ["says success: false"] = failure({ { code = 10001, message = "Internal error" } }),
        ["says success: false and nothing else"] = '{"success":false}',
        ["says success: false with a result"] = envelope { success = false },
        ["says success: null"] = envelope { success = cjson.null },
        ["says success in a string"] = envelope { success = "true" },
        ["says success: 1"] = envelope { success = 1 },
        ["does not say success"] = envelope { success = ABSENT },
        ["has a result of null"] = envelope { result = cjson.null },
        ["has no result"] = envelope { result = ABSENT },
        ["has an empty result"] = envelope { result = {} },
        ["has a list for a result"] = envelope { result = { RESULT } },
        ["has a string for a result"] = envelope { result = "credentials" },
        ["has a number for a result"] = envelope { result = 5 },
        ["has true for a result"] = envelope { result = true },
    }
    for _, field in ipairs { "accessKeyId", "secretAccessKey", "sessionToken" } do
        for name, value in pairs {
            ["missing"] = ABSENT, ["null"] = cjson.null, ["empty"] = "", ["a number"] = 5,
            ["true"] = true, ["a list"] = { "a" }, ["an object"] = { a = "b" },
            ["with a line break"] = "text\r\nx-header: 1", ["with LF"] = "text\n",
            ["with a NUL"] = "text\0", ["with a space"] = "text text",
            ["with a tab"] = "text\ttext", ["with byte 31"] = "\31text", ["with DEL"] = "text\127",
            ["not ASCII"] = "t\195\169xt", ["with a C1 control"] = "text\194\128",
        } do
            bodies[("its result's %s is %s"):format(field, name)] = envelope {
                result = make.changed(RESULT, { [field] = value }),
            }
        end
    end
    for name, body in values.sorted(bodies) do
        it(name, function()
            local err = refuse("bad_response", { body = body })
            assert.equal(200, err.status)
        end)
    end

    it("is 20 MB of white space", function()
        refuse("bad_response", { body = (" "):rep(20 * 1024 * 1024) })
    end)

    it("is 204 without a body", function()
        refuse("bad_response", { status = 204, body = "" })
    end)

    it("redirects", function()
        refuse("bad_response", {
            status = 302, body = "", headers = { location = "https://evil.com/" },
        })
    end)
end)

describe("client:response calls it a bad_response when a credential comes", function()
    for _, status in ipairs { 100, 199, 300, 301, 302, 304, 307, 399 } do
        it("with status " .. status, function()
            local err = refuse("bad_response", { status = status, body = envelope() }, {
                tostring(status),
            })
            assert.equal(status, err.status)
        end)
    end
end)

describe("The length of the API's session token", function()
    local function respond_with(length, changes)
        local result = make.changed(RESULT, { sessionToken = ("t"):rep(length) })
        return make.api_client(changes):response(200, {}, cjson.encode(envelope {
            result = result,
        }), NOW, make.request())
    end

    for name, case in values.sorted {
        ["8,000 unless set otherwise"] = { limit = ABSENT, longest = 8000 },
        ["a smaller max_token_bytes"] = { limit = 1000, longest = 1000 },
        ["the largest max_token_bytes"] = { limit = 1048576, longest = 1048576 },
    } do
        it("is at most " .. name, function()
            local limit = { max_token_bytes = case.limit }
            local credentials = assert(respond_with(case.longest, limit))
            assert.equal(case.longest, #credentials.session_token)
            refused({ kind = "bad_response", starts = false, says = { "max_token_bytes" } },
                function()
                    return respond_with(case.longest + 1, limit)
                end)
        end)
    end
end)

-- Deeper than this is no answer of the API's: its own have 5 levels.
describe("An answer nested", function()
    -- What has `depth` levels when the envelope's own is counted.
    local function nested(depth, opening, closing)
        local rest = opening:rep(depth - 1) .. "1" .. closing:rep(depth - 1)
        return (cjson.encode(envelope()):gsub("}$", ',"extra":' .. rest .. "}"))
    end

    for name, bracket in values.sorted {
        ["lists"] = { "[", "]" }, ["objects"] = { '{"a":', "}" },
    } do
        it("32 levels deep in " .. name .. " is read", function()
            assert(respond { body = nested(32, bracket[1], bracket[2]) })
        end)

        it("33 levels deep in " .. name .. " or deeper is not", function()
            for _, depth in ipairs { 33, 34, 100, 999, 1000, 1001 } do
                refuse("bad_response", { body = nested(depth, bracket[1], bracket[2]) })
            end
        end)
    end
end)

describe("client:response calls it an api error when the status is 400 or above", function()
    local statuses = { 400, 401, 403, 404, 405, 409, 418, 500, 501, 502, 503, 504, 520, 599 }
    for _, status in ipairs(statuses) do
        it("as " .. status, function()
            local err = refuse("api", {
                status = status, body = failure({ { code = 10001, message = "Internal error" } }),
            }, { tostring(status), "Internal error" })
            assert.equal(status, err.status)
            assert.equal(10001, err.code)
        end)
    end

    local bodies = {
        ["empty"] = "",
        ["HTML"] = "<html><head><title>502 Bad Gateway</title></head></html>",
        ["a list"] = "[]",
        ["a string"] = '"failed"',
        ["null"] = "null",
        ["cut off"] = '{"success":false,"errors":[{"code":100',
        ["100,000 brackets"] = ("["):rep(100000),
        ["an empty object"] = "{}",
        ["no JSON, in bytes that are not UTF-8"] = "\255\254\0\1",
        ["a success"] = envelope(),
        ["no errors"] = failure(cjson.empty_array),
        ["errors of null"] = failure(cjson.null),
        ["errors that are a string"] = failure("failed"),
        ["errors that are an object"] = failure({ code = 1, message = "failed" }),
        ["errors that are strings"] = failure({ "failed" }),
        ["errors that are null"] = failure({ cjson.null }),
        ["errors that are numbers"] = failure({ 1, 2 }),
        ["errors that are lists"] = failure({ { { "failed" } } }),
        ["an error of wrong types"] = failure({ { code = "10001", message = 5 } }),
        ["an error of null fields"] = failure({ { code = cjson.null, message = cjson.null } }),
        ["an error of nested fields"] = failure({ { code = { 1 }, message = { "failed" } } }),
        ["an error with a huge code"] = failure({ { code = 1e300, message = "failed" } }),
        ["an error with a fraction for a code"] = failure({ { code = 1.5, message = "failed" } }),
    }
    for name, body in values.sorted(bodies) do
        it("even when the body is or has " .. name, function()
            for _, status in ipairs { 400, 403, 500, 502 } do
                local err = refuse("api", { status = status, body = body }, { tostring(status) })
                assert.equal(status, err.status)
                assert.is_true(err.errors == nil or type(err.errors) == "table")
                if err.code ~= nil then
                    assert.equal("number", type(err.code))
                    assert.equal(math.floor(err.code), err.code)
                end
            end
            local err = refuse("rate_limited", { status = 429, body = body }, { "429" })
            assert.equal(429, err.status)
        end)
    end

    it("with no error, one error and three errors", function()
        local none = refuse("api", { status = 400, body = failure(cjson.empty_array) })
        assert.is_nil(none.code)

        local one = refuse("api", {
            status = 400, body = failure({ { code = 10005, message = "Invalid bucket name" } }),
        }, { "Invalid bucket name", "10005" })
        assert.equal(10005, one.code)
        assert.equal(1, #one.errors)
        assert.equal(10005, one.errors[1].code)
        assert.equal("Invalid bucket name", one.errors[1].message)

        local three = refuse("api", { status = 400, body = failure({
            { code = 10040, message = "Not well formed" },
            {
                code = 10005, message = "Invalid bucket name",
                documentation_url = "https://developers.cloudflare.com/r2/",
                source = { pointer = "/bucket" },
            },
            { code = 10006, message = "No such bucket" },
        }) }, { "Not well formed" })
        assert.equal(10040, three.code)
        assert.equal(3, #three.errors)
        assert.equal("Invalid bucket name", three.errors[2].message)
        assert.equal("No such bucket", three.errors[3].message)
    end)

    it("and gives codes as whole numbers", function()
        local err = refuse("api", {
            status = 400, body = '{"success":false,"errors":[{"code":10000,"message":"No"}]}',
        })
        assert.equal("10000", tostring(err.code))
        assert.equal("10000", tostring(err.errors[1].code))
        assert.equal("400", tostring(err.status))
    end)

    for status, retryable in pairs {
        [400] = false, [401] = false, [403] = false, [404] = false, [409] = false,
        [500] = true, [502] = true, [503] = true, [504] = true,
    } do
        it("and says whether " .. status .. " may pass when it is asked again", function()
            local err = refuse("api", { status = status, body = failure(cjson.empty_array) })
            assert.equal(retryable, err.retryable or false)
        end)
    end
end)

describe("The headers of an answer", function()
    local busy = failure({ { code = 971, message = "Please wait" } })

    local function limited(value, name)
        return refuse("rate_limited", {
            status = 429, body = busy, headers = { [name or "retry-after"] = value },
        })
    end

    it("say when to come back", function()
        assert.equal(300, limited("300").retry_after)
        assert.equal(0, limited("0").retry_after)
        assert.is_true(limited("300").retryable)
    end)

    it("cannot put it off for more than a day", function()
        assert.equal(86399, limited("86399").retry_after)
        assert.equal(86400, limited("86400").retry_after)
        for _, value in ipairs { "86401", "100000", "999999999" } do
            assert.equal(86400, limited(value).retry_after)
        end
    end)

    it("need not say it", function()
        local err = refuse("rate_limited", { status = 429, body = busy })
        assert.is_nil(err.retry_after)
        assert.is_true(err.retryable)
    end)

    it("are believed only when they are whole seconds", function()
        for _, value in ipairs {
            "", "soon", "-5", "1.5", "0x10", "1e3", "5 minutes", "nan", "inf",
            "Wed, 21 Oct 2026 07:28:00 GMT", "300\0", ("9"):rep(400),
        } do
            assert.is_nil(limited(value).retry_after)
        end
    end)

    it("name the request for Cloudflare's support", function()
        for _, answer in ipairs {
            { status = 403, body = failure({ { code = 10000, message = "No" } }) },
            { status = 502, body = "<html></html>" },
        } do
            answer.headers = { ["cf-ray"] = "8f0123456789abcd-FRA" }
            local err = refuse("api", answer, { "8f0123456789abcd-FRA" })
            assert.equal("8f0123456789abcd-FRA", err.ray_id)
        end
        local err = refuse("bad_response", {
            body = "", headers = { ["cf-ray"] = "8f0123456789abcd-FRA" },
        })
        assert.equal("8f0123456789abcd-FRA", err.ray_id)
        assert.is_nil(refuse("api", { status = 500, body = "" }).ray_id)
    end)

    it("are found however they are spelt", function()
        for _, name in ipairs { "Retry-After", "RETRY-AFTER", "retry-After" } do
            assert.equal(30, limited("30", name).retry_after)
        end
        for _, name in ipairs { "CF-Ray", "Cf-Ray", "CF-RAY" } do
            local err = refuse("api", {
                status = 500, body = "", headers = { [name] = "8f0123456789abcd-FRA" },
            })
            assert.equal("8f0123456789abcd-FRA", err.ray_id)
        end
    end)

    it("may not carry anything else into an error", function()
        for _, ray in ipairs {
            keys.api_token, "8f01\r\nx-header: 1", "\27[31m", ("8"):rep(100000), "",
            "ray of " .. keys.api_token,
        } do
            local err = refuse("api", {
                status = 500, body = "", headers = { ["cf-ray"] = ray, ["retry-after"] = ray },
            })
            assert.is_true(err.ray_id == nil or #err.ray_id <= 100)
            assert.is_nil((err.ray_id or ""):find("%c"))
        end
    end)
end)

describe("client:response raises", function()
    local function raises(...)
        local arguments, count = { ... }, select("#", ...)
        assert.has_error(function()
            client:response((unpack or table.unpack)(arguments, 1, count))
        end)
    end

    it("without a status", function()
        raises(nil, {}, "", NOW, make.request())
        raises("200", {}, "", NOW, make.request())
        raises(0 / 0, {}, "", NOW, make.request())
        raises(200.5, {}, "", NOW, make.request())
    end)

    it("without the time of the request", function()
        raises(200, {}, "", nil, make.request())
        raises(200, {}, "", "1700000000", make.request())
        raises(200, {}, "", 0 / 0, make.request())
        raises(200, {}, "", 1 / 0, make.request())
    end)

    it("without the request", function()
        raises(200, {}, "", NOW)
        raises(200, {}, "", NOW, "my-bucket")
    end)
end)

describe("client:response refuses a request", function()
    it("that client:request would have refused", function()
        for field, value in pairs { bucket = "B", ttl_seconds = 0, prefixes = {} } do
            refused({ kind = "invalid_request", field = field }, function()
                return client:response(200, {}, cjson.encode(envelope()), NOW,
                    make.request { [field] = value })
            end)
        end
    end)
end)

-- What a service says is shown, but never our own keys, nor what a terminal or a log could trip on.
describe("A text of the service", function()
    -- The fields where a service can put text.
    local function everywhere(text)
        return failure({
            {
                code = 10001, message = text, documentation_url = text, source = { pointer = text },
                [text] = text,
            },
            { code = 10002, message = text, error_chain = { { code = 1, message = text } } },
        })
    end

    it("that echoes the API token comes out without it", function()
        for _, text in ipairs {
            keys.api_token,
            "Invalid token " .. keys.api_token,
            "Authorization: Bearer " .. keys.api_token .. " was refused",
            keys.api_token .. keys.api_token,
            keys.api_token:sub(1, 5) .. keys.api_token,
        } do
            for _, status in ipairs { 200, 400, 401, 429, 500 } do
                local kind = status == 200 and "bad_response" or status == 429 and "rate_limited"
                    or "api"
                refuse(kind, { status = status, body = everywhere(text) })
            end
        end
    end)

    it("that echoes a token of several words comes out without it, wherever it stands", function()
        local api_token = "a.token!of:many.short(words)that/opens+no.thing"
        local other = make.api_client { api_token = api_token }
        for _, before in ipairs {
            "", " ", "Bearer ", "Bearer_", ("x"):rep(39), ("x"):rep(40), ("x"):rep(100), "a.token!",
            ("a."):rep(30), "\195\169", "\255",
        } do
            for _, after in ipairs { "", "x", ("x"):rep(100), api_token } do
                local text = before .. api_token .. after
                local err = select(3, other:response(400, {}, cjson.encode(everywhere(text)), NOW,
                    make.request()))
                leaks.assert_none({ api_token }, err)
            end
        end
    end)

    it("that echoes 12 or more characters of the token comes out without them", function()
        local api_token = keys.api_token
        for length = 12, #api_token do
            for from = 1, #api_token - length + 1 do
                local piece = api_token:sub(from, from + length - 1)
                for _, text in ipairs { piece, "it was " .. piece .. "...", "x" .. piece .. "x" } do
                    local _, message, err = respond { status = 400, body = everywhere(text) }
                    local first, second = err.errors[1].message, err.errors[2].message
                    for _, shown in ipairs { message, first, second } do
                        for at = 1, length - 11 do
                            assert.is_nil(shown:find(piece:sub(at, at + 11), 1, true), shown)
                        end
                        assert.is_truthy(shown:find("[redacted]", 1, true), shown)
                    end
                end
            end
        end
    end)

    it("that echoes pieces of the token one behind the other comes out without them", function()
        local api_token = keys.api_token
        local pieces = api_token:sub(1, 12) .. api_token:sub(5, 20) .. api_token:sub(-12)
            .. ("x"):rep(40) .. api_token:sub(3, 17)
        local err = refuse("api", { status = 400, body = everywhere(pieces) })
        for at = 1, #api_token - 11 do
            leaks.assert_none({ api_token:sub(at, at + 11) }, err)
        end
    end)

    it("that echoes a piece of the token behind what looks like a key hides both", function()
        local other = make.api_client { api_token = "a.token!of:many.short(words)" }
        local text = ("x"):rep(40) .. "ken!of:many."
        local err = select(3, other:response(400, {}, cjson.encode(everywhere(text)), NOW,
            make.request()))
        assert.equal("[redacted][redacted]", err.errors[1].message)
    end)

    it("keeps its ids of 32 hex characters", function()
        local ids = "account " .. keys.account_id .. ", key " .. keys.parent_access_key_id
            .. ", (" .. ("0123456789abcdef"):rep(2) .. ")"
        local _, message, err = respond { status = 400, body = everywhere(ids) }
        assert.equal(ids, err.errors[1].message)
        assert.is_truthy(message:find(ids, 1, true))
    end)

    it("hides whatever is longer and looks like a key", function()
        for _, key in ipairs {
            ("0123456789abcdef"):rep(4), ("aB3_-"):rep(8), ("f"):rep(33), ("aB3=_-"):rep(100),
        } do
            local err = refuse("api", { status = 400, body = everywhere("key " .. key .. ".") })
            assert.equal("key [redacted].", err.errors[1].message)
        end
    end)

    it("that echoes the token in JSON's escapes comes out without it", function()
        local escaped = keys.api_token:gsub(".", function(character)
            return ("\\u%04x"):format(character:byte())
        end)
        refuse("api", {
            status = 400,
            body = '{"success":false,"errors":[{"code":1,"message":"' .. escaped .. '"}]}',
        })
    end)

    it("that is no JSON and echoes the token comes out without it", function()
        refuse("api", { status = 400, body = "Bearer " .. keys.api_token })
        refuse("bad_response", { body = "Bearer " .. keys.api_token })
        refuse("bad_response", { body = envelope { result = keys.api_token } })
    end)

    it("that echoes the parent's secret comes out without it", function()
        local both = make.api_client {
            parent_secret_access_key = keys.parent_secret_access_key,
        }
        refused({ kind = "api", starts = false }, function()
            return both:response(400, {}, cjson.encode(everywhere(
                "The secret is " .. keys.parent_secret_access_key)), NOW, make.request())
        end)
    end)

    it("is cleared of the token before it is cut, wherever the cut falls", function()
        for length = 0, 1100 do
            local text = ("x "):rep(length):sub(-length) .. keys.api_token
            local err = select(3, respond {
                status = 400, body = failure({ { code = 1, message = text } }),
            })
            leaks.assert_none({ keys.api_token }, err)
        end
    end)

    it("is cleared of control bytes", function()
        local err = refuse("api", {
            status = 400, body = everywhere("Bad\r\nthing \27[31m\0\1\127 happened"),
        }, { "Bad", "happened" })
        for _, text in ipairs(leaks.texts(err.errors)) do
            assert.is_nil(text:find("%c"))
        end
    end)

    -- U+0080 to U+009F: U+009B, for one, begins a terminal's escape sequence.
    it("is cleared of the control characters of Latin-1", function()
        for byte = 128, 159 do
            local control = "\194" .. string.char(byte)
            local _, message, err = respond {
                status = 400, body = everywhere(control .. "a" .. control .. "[31m" .. control),
            }
            assert.equal(" a [31m ", err.errors[1].message)
            assert.is_truthy(message:find(" a [31m ", 1, true))
            assert.is_nil(message:find("\194", 1, true))
        end
    end)

    it("keeps the characters next to those", function()
        local text = "\194\160\194\191\195\128\195\159\196\128"
        local err = refuse("api", { status = 400, body = everywhere(text) })
        assert.equal(text, err.errors[1].message)
    end)

    it("that is not UTF-8 is cleared of what is not ASCII", function()
        local err = refuse("api", {
            status = 400,
            body = failure({ { code = 1, message = "\255caf\195\169 \194\155[31m" } }),
        })
        assert.equal("?caf??  [31m", err.errors[1].message)
    end)

    it("is bounded", function()
        local long = ("long text "):rep(100000)
        local many = {}
        for i = 1, 10000 do
            many[i] = { code = i, message = "error number " .. i }
        end
        for _, body in ipairs { everywhere(long), failure(many), long } do
            local err = refuse("api", { status = 400, body = body })
            local bytes = 0
            for _, text in ipairs(leaks.texts(err)) do
                bytes = bytes + #text
            end
            assert.is_true(bytes < 65536, bytes .. " bytes in the error")
        end
    end)

    -- Ten texts of the longest are more than the buffer that cleans them starts with.
    it("is shown whole in the message, however many others there are", function()
        local errors = {}
        for i = 1, 10 do
            errors[i] = { code = 10000 + i, message = (("error %02d, "):format(i)):rep(24) }
            assert.equal(240, #errors[i].message)
        end
        local err = refuse("api", { status = 400, body = failure(errors) }, { errors[1].message })
        for i = 1, 10 do
            assert.equal(errors[i].message, err.errors[i].message)
        end
    end)

    it("is cut behind 240 bytes, between two characters", function()
        for before = 236, 241 do
            local text = ("x "):rep(120):sub(1, before) .. "\226\130\172\226\130\172"
            local err = refuse("api", { status = 400, body = everywhere(text) })
            local shown = err.errors[1].message
            local characters = before >= 240 and 0 or math.floor((240 - before) / 3)
            assert.equal(text:sub(1, math.min(before, 240) + 3 * characters), shown)
        end
    end)

    it("may hold letters that are not ASCII", function()
        local err = refuse("api", {
            status = 400, body = failure({ { code = 1, message = "Ung\195\188ltig" } }),
        })
        assert.equal("Ung\195\188ltig", err.errors[1].message)
    end)
end)

-- The service may not know the permission: an error that can mean this says so.
describe("Write-only through the API, refused by the service,", function()
    local request = make.request { permission = "object-write-only" }

    local function explained(status, code, asked)
        local errors = code and { { code = code, message = "no" } } or cjson.empty_array
        local _, message = respond {
            status = status, body = failure(errors), request = asked or request,
        }
        assert.equal(message:find("object-write-only", 1, true) ~= nil,
            message:find("parent_secret_access_key", 1, true) ~= nil)
        return message:find("object-write-only", 1, true) ~= nil
    end

    for _, status in ipairs { 400, 403, 422 } do
        it("is explained, with the way out, when the status is " .. status, function()
            for _, code in ipairs { 10001, 10004, 10040, 9999, 0 } do
                assert.is_true(explained(status, code), code)
            end
            assert.is_true(explained(status))
        end)
    end

    for _, status in ipairs { 200, 302, 401, 404, 429, 500, 502, 503, 504, 520 } do
        it("is not explained when the status says something else: " .. status, function()
            assert.is_false(explained(status, 10040))
            assert.is_false(explained(status))
        end)
    end

    for code, meaning in pairs {
        [10000] = "authentication", [9109] = "the token", [10005] = "the bucket's name",
        [10006] = "the bucket",
    } do
        it("is not explained when the code says that it was " .. meaning, function()
            for _, status in ipairs { 400, 403, 422 } do
                assert.is_false(explained(status, code))
            end
        end)
    end

    it("is explained for no other permission", function()
        for _, permission in pairs(require("r2.temp_credentials").permission) do
            if permission ~= "object-write-only" then
                local asked = make.request { permission = permission }
                for _, status in ipairs { 400, 403, 422 } do
                    assert.is_false(explained(status, 10040, asked))
                end
            end
        end
    end)
end)
