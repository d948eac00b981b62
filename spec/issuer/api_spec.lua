-- One exchange with the service: when it is tried again, how long that waits, when it gives up. The
-- transport follows a script and its time is made up: nothing is sent and nothing waits.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local scripted = require "spec.support.scripted"
local token = require "spec.support.token"
local r2 = require "r2"

local good, status, failure = scripted.good, scripted.status, scripted.failure
local NOW = make.NOW
local unpack = table.unpack or unpack -- luacheck: compat

local function never_random()
    return 0
end

-- An issuer that asks by the script, and what was asked.
local function issuer_with(script, changes)
    local transport, log = scripted.transport(script)
    local settings = make.api_config {
        mode = "api", transport = transport, random = never_random, timeout_seconds = 1000,
        clock = function() return NOW end,
    }
    return assert(r2.new(make.changed(settings, changes))), log, transport
end

local function timeouts(log)
    local list = {}
    for i, request in ipairs(log.asked) do
        list[i] = request.timeout_seconds
    end
    return list
end

-- Asks once, and expects an error of the kind after so many attempts.
local function expect(kind, attempts, issuer, log, request)
    local results = { n = 3, issuer:create(request or make.request()) }
    local err = refused({ kind = kind }, function()
        return unpack(results, 1, results.n)
    end)
    assert.equal(attempts, #log.asked, err.message)
    assert.equal(attempts, err.attempts)
    return err
end

describe("an exchange", function()
    it("brings what the service sends", function()
        local issuer, log = issuer_with { good() }
        local credentials = assert(issuer:create(make.request()))
        assert.equal(scripted.RESULT.accessKeyId, credentials.access_key_id)
        assert.equal(scripted.RESULT.secretAccessKey, credentials.secret_access_key)
        assert.equal(scripted.RESULT.sessionToken, credentials.session_token)
        assert.equal("my-bucket", credentials.bucket)
        assert.equal("https://" .. keys.account_id .. ".r2.cloudflarestorage.com",
            credentials.endpoint)
        assert.equal(1, #log.asked)
        assert.same({}, log.slept)
    end)

    it("hands the transport a request by its contract", function()
        local issuer, log = issuer_with { good() }
        assert(issuer:create(make.request()))
        local request = log.asked[1]
        assert.equal("POST", request.method)
        assert.equal("https://api.cloudflare.com/client/v4/accounts/" .. keys.account_id
            .. "/r2/temp-access-credentials", request.url)
        assert.equal("Bearer " .. keys.api_token, request.headers.authorization)
        assert.equal("application/json", request.headers["content-type"])
        for name in pairs(request.headers) do
            assert.equal(name:lower(), name)
        end
        assert.equal("string", type(request.body))
        assert.is_true(request.compressed)
        assert.equal(500, request.timeout_seconds)
    end)

    it("asks the same at each attempt", function()
        local issuer, log = issuer_with { failure "network", status(500), good() }
        assert(issuer:create(make.request()))
        for i = 2, 3 do
            assert.equal(log.asked[1].url, log.asked[i].url)
            assert.equal(log.asked[1].body, log.asked[i].body)
            assert.same(log.asked[1].headers, log.asked[i].headers)
        end
    end)

    it("sends nothing for a request that is refused", function()
        local issuer, log = issuer_with { good() }
        for field, changes in pairs {
            bucket = { bucket = "No" }, ttl_seconds = { ttl_seconds = 0 },
            prefix = { prefix = "a/" }, prefixes = { prefixes = {} },
        } do
            refused({ kind = "invalid_request", field = field }, function()
                return issuer:create(make.request(changes))
            end)
        end
        refused({ kind = "unsupported", field = "actions" }, function()
            return issuer:create(make.request {
                permission = make.ABSENT, actions = { "GetObject" },
            })
        end)
        assert.same({}, log.asked)
    end)
end)

describe("what is tried again", function()
    for _, kind in ipairs { "network", "timeout" } do
        it(kind, function()
            local issuer, log = issuer_with { failure(kind) }
            expect(kind, 3, issuer, log)
        end)
    end

    for _, code in ipairs { 429, 500, 502, 503, 504 } do
        it("status " .. code, function()
            local issuer, log = issuer_with { status(code) }
            local err = expect(code == 429 and "rate_limited" or "api", 3, issuer, log)
            assert.equal(code, err.status)
            assert.is_true(err.retryable)
        end)
    end

    it("until one attempt succeeds", function()
        for _, first in ipairs { failure "network", failure "timeout", status(429), status(503) } do
            local issuer, log = issuer_with { first, good() }
            assert(issuer:create(make.request()))
            assert.equal(2, #log.asked)
        end
    end)

    it("as often as max_attempts says, and not once more", function()
        for attempts = 1, 10 do
            local issuer, log = issuer_with({ status(500) }, { max_attempts = attempts })
            expect("api", attempts, issuer, log)
        end
    end)

    it("and the last attempt is what is reported", function()
        local issuer, log = issuer_with { failure "network", status(500), failure "timeout" }
        expect("timeout", 3, issuer, log)
        issuer, log = issuer_with { failure "network", status(500), status(403) }
        assert.equal(403, expect("api", 3, issuer, log).status)
    end)
end)

describe("what is not tried again", function()
    for _, kind in ipairs { "tls", "bad_response", "unsupported", "cancelled" } do
        it(kind, function()
            local issuer, log = issuer_with { failure(kind), good() }
            expect(kind, 1, issuer, log)
        end)
    end

    for _, code in ipairs { 400, 401, 403, 404, 405, 409, 413, 422, 501, 505, 520, 599 } do
        it("status " .. code, function()
            local issuer, log = issuer_with { status(code), good() }
            local err = expect("api", 1, issuer, log)
            assert.equal(code, err.status)
            assert.is_false(err.retryable)
        end)
    end

    for _, code in ipairs { 100, 199, 204, 301, 302, 304, 307, 308 } do
        it("status " .. code, function()
            local issuer, log = issuer_with { status(code), good() }
            expect("bad_response", 1, issuer, log)
        end)
    end

    it("success that is none", function()
        for _, body in ipairs { "", "[]", '"a"', "{}", '{"success":true}', '{"success":false}' } do
            local issuer, log = issuer_with { { status = 200, headers = {}, body = body }, good() }
            expect("bad_response", 1, issuer, log)
        end
    end)

    it("a failure that the transport holds to be final", function()
        local issuer, log = issuer_with { failure("network", false), good() }
        expect("network", 1, issuer, log)
    end)
end)

describe("the time of an exchange", function()
    it("is halved for each attempt but the last, which gets all that is left", function()
        local issuer, log = issuer_with({ { takes = "all", failure "timeout" } },
            { timeout_seconds = 16, max_attempts = 4 })
        expect("timeout", 4, issuer, log)
        assert.same({ 8, 4, 2, 2 }, timeouts(log))
        assert.equal(1016, log.now)
    end)

    it("is all for the only attempt", function()
        local issuer, log = issuer_with({ { takes = "all", failure "timeout" } },
            { timeout_seconds = 7, max_attempts = 1 })
        expect("timeout", 1, issuer, log)
        assert.same({ 7 }, timeouts(log))
    end)

    it("is 30 seconds when nobody says", function()
        local issuer, log = issuer_with({ good() },
            { timeout_seconds = make.ABSENT, max_attempts = 1 })
        assert(issuer:create(make.request()))
        assert.same({ 30 }, timeouts(log))
    end)

    it("counts what an attempt did not use", function()
        local issuer, log = issuer_with({ { takes = 2, status(500) } },
            { timeout_seconds = 10, max_attempts = 3 })
        expect("api", 3, issuer, log)
        assert.same({ 5, 4, 6 }, timeouts(log))
    end)

    it("counts the waits", function()
        local issuer, log = issuer_with({ status(429, { ["retry-after"] = "4" }) },
            { timeout_seconds = 20, max_attempts = 3 })
        expect("rate_limited", 3, issuer, log)
        assert.same({ 10, 8, 12 }, timeouts(log))
    end)

    it("is never overrun by attempts that keep to their time", function()
        for attempts = 1, 10 do
            local issuer, log = issuer_with({ { takes = "all", failure "timeout" } },
                { timeout_seconds = 3, max_attempts = attempts, random = function() return 1 end })
            local results = { issuer:create(make.request()) }
            assert.equal("timeout", results[3].kind)
            assert.is_true(log.now <= 1003)
        end
    end)

    it("ends the exchange when it is over before the attempts are", function()
        local issuer, log = issuer_with({ { takes = 1000, failure "network" }, good() })
        expect("network", 1, issuer, log)
        assert.same({}, log.slept)
    end)

    it("comes no later when the clock is set back meanwhile", function()
        local issuer, log
        local function hour_back()
            log.now = log.now - 3600
            return nil, "lost", { kind = "network", message = "lost", retryable = true }
        end
        issuer, log = issuer_with({ hour_back }, { timeout_seconds = 30, max_attempts = 4 })
        expect("network", 4, issuer, log)
        assert.same({ 15, 15, 15, 30 }, timeouts(log))
    end)

    it("stays when the clock tells nonsense", function()
        local issuer, log
        issuer, log = issuer_with({ function()
            log.now = 0 / 0
            return nil, "lost", { kind = "network", message = "lost", retryable = true }
        end }, { timeout_seconds = 30 })
        expect("network", 3, issuer, log)
        assert.same({ 15, 15, 30 }, timeouts(log))
    end)

    it("may be measured by a clock of whole seconds", function()
        local issuer, _, transport = issuer_with({ failure "network", good() })
        transport.now = nil
        assert(issuer:create(make.request()))
    end)
end)

describe("the wait before another attempt", function()
    local function waits(random, changes)
        local settings = make.changed({
            random = function() return random end, timeout_seconds = 3600, max_attempts = 10,
        }, changes)
        local issuer, log = issuer_with({ status(500) }, settings)
        expect("api", settings.max_attempts, issuer, log)
        return log.slept
    end

    it("doubles up to a bound", function()
        assert.same({ 0.5, 1, 2, 4, 8, 8, 8, 8, 8 }, waits(1))
    end)

    it("is anything from nothing to all of it", function()
        assert.same({ 0, 0, 0, 0, 0, 0, 0, 0, 0 }, waits(0))
        assert.same({ 0.125, 0.25, 0.5, 1, 2, 2, 2, 2, 2 }, waits(0.25))
    end)

    it("is drawn anew each time", function()
        local drawn = 0
        local issuer, log = issuer_with({ status(500) }, {
            max_attempts = 4, random = function() drawn = drawn + 0.25 return drawn end,
        })
        expect("api", 4, issuer, log)
        assert.same({ 0.125, 0.5, 1.5 }, log.slept)
    end)

    it("is the longest one when what draws it is broken", function()
        for _, drawn in pairs { -1, 1.5, 0 / 0, "0.5", false } do
            local issuer, log = issuer_with({ status(500) },
                { random = function() return drawn end, timeout_seconds = 3600 })
            expect("api", 3, issuer, log)
            assert.same({ 0.5, 1 }, log.slept)
        end
    end)

    it("differs between processes whose generators go the same way", function()
        local function drawn()
            math.randomseed(1)
            local issuer, log = issuer_with({ status(500) },
                { random = make.ABSENT, max_attempts = 10, timeout_seconds = 3600 })
            expect("api", 10, issuer, log)
            return log.slept
        end
        assert.are_not.same(drawn(), drawn())
    end)

    it("is drawn by the library when nobody gives another way", function()
        local issuer, log = issuer_with({ status(500) },
            { random = make.ABSENT, max_attempts = 10, timeout_seconds = 3600 })
        expect("api", 10, issuer, log)
        local longest = { 0.5, 1, 2, 4, 8, 8, 8, 8, 8 }
        local distinct = {}
        for i, wait in ipairs(log.slept) do
            assert.is_true(wait >= 0 and wait <= longest[i])
            distinct[wait / longest[i]] = true
        end
        assert.is_truthy(next(distinct, next(distinct)), "always the same")
    end)

    it("is not begun when it would reach the deadline", function()
        local issuer, log = issuer_with({ status(500) },
            { timeout_seconds = 3, random = function() return 1 end, max_attempts = 10 })
        expect("api", 3, issuer, log) -- 0.5 + 1, and then 2 would be too long
        assert.same({ 0.5, 1 }, log.slept)
    end)
end)

describe("Retry-After", function()
    local function limited(seconds, code)
        return status(code or 429, { ["retry-after"] = seconds })
    end

    it("is waited for", function()
        for _, code in ipairs { 429, 500, 502, 503, 504 } do
            local issuer, log = issuer_with { limited("7", code), good() }
            assert(issuer:create(make.request()))
            assert.same({ 7 }, log.slept)
        end
    end)

    it("is found whatever the case of its name", function()
        local issuer, log = issuer_with { status(429, { ["Retry-After"] = "7" }), good() }
        assert(issuer:create(make.request()))
        assert.same({ 7 }, log.slept)
    end)

    it("is no reason to wait less than one would", function()
        local issuer, log = issuer_with({ limited "0", limited "1", limited "1", good() },
            { random = function() return 1 end, max_attempts = 4 })
        assert(issuer:create(make.request()))
        assert.same({ 0.5, 1, 2 }, log.slept)
    end)

    it("past the deadline ends the exchange at once", function()
        for _, seconds in ipairs { "11", "300", "86400", "999999999" } do
            local issuer, log = issuer_with({ limited(seconds), good() }, { timeout_seconds = 11 })
            local err = expect("rate_limited", 1, issuer, log)
            assert.equal(math.min(tonumber(seconds), 86400), err.retry_after)
            assert.same({}, log.slept)
        end
    end)

    it("just before the deadline is still waited for", function()
        local issuer, log = issuer_with({ limited "10", good() }, { timeout_seconds = 11 })
        assert(issuer:create(make.request()))
        assert.same({ 10 }, log.slept)
        assert.equal(0.5, log.asked[2].timeout_seconds)
    end)

    it("counts from the answer, not from the question", function()
        local issuer, log = issuer_with({ { takes = 4, limited "7" }, good() },
            { timeout_seconds = 11 })
        local err = expect("rate_limited", 1, issuer, log)
        assert.equal(7, err.retry_after)
    end)

    it("is reported with the last attempt too", function()
        local issuer, log = issuer_with({ limited "2" })
        assert.equal(2, expect("rate_limited", 3, issuer, log).retry_after)
        assert.same({ 2, 2 }, log.slept)
    end)

    it("that is no number of seconds is as good as none", function()
        for _, text in ipairs { "", "-1", "1.5", "1e3", "soon", "7, 9", "0x10",
            "Fri, 31 Dec 2100 23:59:59 GMT" } do
            local issuer, log = issuer_with { limited(text), good() }
            assert(issuer:create(make.request()))
            assert.same({ 0 }, log.slept, text)
        end
    end)
end)

describe("the expiry", function()
    it("counts from before the attempt that succeeded", function()
        local now = NOW
        local issuer = issuer_with({
            function()
                now = now + 100
                return nil, "HTTP: lost", { kind = "network", retryable = true }
            end,
            function()
                now = now + 10
                return good()
            end,
        }, { clock = function() return now end })
        local credentials = assert(issuer:create(make.request { ttl_seconds = 900 }))
        assert.equal(NOW + 100 + 900, credentials.expires_at)
    end)

    it("is the token's own when that is earlier", function()
        for ends, expected in pairs { [60] = 60, [900] = 900, [5000] = 900 } do
            local result = make.changed(scripted.RESULT, {
                sessionToken = token.forge {
                    payload = token.payload { exp = ("%d"):format(NOW + ends) } },
            })
            local issuer = issuer_with { good(result) }
            local credentials = assert(issuer:create(make.request { ttl_seconds = 900 }))
            assert.equal(NOW + expected, credentials.expires_at)
        end
    end)

    for name, value in pairs { ["nothing"] = make.ABSENT, ["a string"] = "now", ["NaN"] = 0 / 0,
        ["infinity"] = 1 / 0, ["the past before 1970"] = -1, ["the year 10000"] = 253402300800 } do
        it("is not guessed when the clock says " .. name .. ": nothing is sent", function()
            local issuer, log = issuer_with({ good() }, { clock = function()
                if value ~= make.ABSENT then
                    return value
                end
            end })
            refused({ kind = "invalid_request", field = "clock" }, function()
                return issuer:create(make.request())
            end)
            assert.same({}, log.asked)
        end)
    end

    it("may be told by a clock of fractions", function()
        local issuer = issuer_with({ good() }, { clock = function() return NOW + 0.75 end })
        local credentials = assert(issuer:create(make.request { ttl_seconds = 900 }))
        assert.equal(NOW + 900, credentials.expires_at)
    end)
end)

describe("a transport that breaks its contract", function()
    local rubbish = {
        ["nothing"] = function() end,
        ["false"] = function() return false end,
        ["true"] = function() return true end,
        ["a number"] = function() return 200 end,
        ["a string"] = function() return "200" end,
        ["an empty table"] = function() return {} end,
        ["a status in a string"] = function() return { status = "200", body = good().body } end,
        ["status NaN"] = function() return { status = 0 / 0, body = good().body } end,
        ["status 0"] = function() return { status = 0, body = good().body } end,
        ["status 600"] = function() return { status = 600, body = good().body } end,
        ["status 200.5"] = function() return { status = 200.5, body = good().body } end,
        ["a body that is a table"] = function() return { status = 200, body = {} } end,
        ["headers in a string"] = function()
            return { status = 200, headers = "a: b", body = good().body }
        end,
        ["nil and a text"] = function() return nil, "connection refused" end,
        ["nil, a text and a text"] = function() return nil, "refused", "network" end,
        ["an error without a kind"] = function() return nil, "refused", { retryable = true } end,
        ["an error without a text"] = function() return nil, nil, { kind = "network" } end,
    }
    for name, step in pairs(rubbish) do
        it("by returning " .. name, function()
            local issuer, log = issuer_with { step, good() }
            expect("bad_response", 1, issuer, log)
        end)
    end

    it("by headers of odd types", function()
        for _, headers in ipairs { { 1, 2 }, { ["retry-after"] = 7 }, { ["retry-after"] = {} },
            { [true] = "x" } } do
            local issuer, log = issuer_with { status(429, headers), good() }
            assert(issuer:create(make.request()))
            assert.same({ 0 }, log.slept)
        end
    end)

    it("by a retry_after that is no number", function()
        for _, value in ipairs { "7", {}, true, 0 / 0, -1 } do
            local failed = failure "network"
            failed.fails.retry_after = value
            local issuer, log = issuer_with { failed, good() }
            assert(issuer:create(make.request()))
            assert.same({ 0 }, log.slept)
        end
    end)

    it("by raising: that goes through, and the issuer can be used again", function()
        local issuer = issuer_with { function() error("oh", 0) end, good() }
        local ok, message = pcall(issuer.create, issuer, make.request())
        assert.is_false(ok)
        assert.equal("oh", message)
        assert(issuer:create(make.request()))
    end)
end)

describe("while the answer is on its way", function()
    it("what becomes of the request's table does not matter", function()
        local request = make.request { ttl_seconds = 900, prefixes = { "a/" } }
        local issuer = issuer_with({ function()
            request.bucket = "another-bucket"
            request.ttl_seconds = 604800
            request.permission = "no such thing"
            request.prefixes[1] = ""
            return good()
        end })
        local credentials = assert(issuer:create(request))
        assert.equal("my-bucket", credentials.bucket)
        assert.equal(NOW + 900, credentials.expires_at)
    end)

    it("the issuer may be closed", function()
        local issuer, log
        issuer, log = issuer_with { function() issuer:close() return good() end }
        expect("cancelled", 1, issuer, log)
    end)

    it("the issuer may be closed in a wait", function()
        local issuer, log, transport = issuer_with { status(500), good() }
        transport.sleep = function() issuer:close() end
        refused({ kind = "cancelled" }, function()
            local results = { issuer:create(make.request()) }
            issuer = issuer_with { status(500), good() }
            return unpack(results, 1, 3)
        end)
        assert.equal(1, #log.asked)
    end)

    it("a transport may yield, in perform and in sleep", function()
        local issuer, log, transport = issuer_with { status(500), good() }
        local perform, sleep = transport.perform, transport.sleep
        transport.perform = function(request)
            coroutine.yield("performs")
            return perform(request)
        end
        transport.sleep = function(seconds)
            coroutine.yield("sleeps")
            return sleep(seconds)
        end
        local seen = {}
        local thread = coroutine.create(function()
            return issuer:download_credentials("my-bucket", { "a" })
        end)
        local ok, what
        repeat
            ok, what = coroutine.resume(thread)
            seen[#seen + 1] = what
        until coroutine.status(thread) == "dead"
        assert.is_true(ok)
        assert.equal("my-bucket", seen[4].bucket)
        seen[4] = nil
        assert.same({ "performs", "sleeps", "performs" }, seen)
        assert.equal(2, #log.asked)
    end)
end)

describe("modes", function()
    it("auto signs when it can, and asks for another parent", function()
        local issuer, log = issuer_with({ good() }, {
            mode = make.ABSENT, parent_secret_access_key = keys.parent_secret_access_key,
        })
        local credentials = assert(issuer:create(make.request()))
        assert.equal(keys.parent_access_key_id, credentials.access_key_id)
        assert.equal(0, #log.asked)
        credentials = assert(issuer:create(make.request {
            parent_access_key_id = keys.another_parent_access_key_id,
        }))
        assert.equal(scripted.RESULT.accessKeyId, credentials.access_key_id)
        assert.equal(1, #log.asked)
        assert.is_truthy(log.asked[1].body:find(keys.another_parent_access_key_id, 1, true))
    end)

    it("auto asks when there is no secret", function()
        local issuer, log = issuer_with({ good() }, { mode = make.ABSENT })
        assert(issuer:create(make.request()))
        assert.equal(1, #log.asked)
    end)

    it("api asks even when there is a secret", function()
        local issuer, log = issuer_with({ good() }, {
            parent_secret_access_key = keys.parent_secret_access_key,
        })
        assert(issuer:create(make.request()))
        assert.equal(1, #log.asked)
    end)

    it("local never asks", function()
        local issuer, log = issuer_with({ good() }, {
            mode = "local", parent_secret_access_key = keys.parent_secret_access_key,
        })
        assert(issuer:create(make.request()))
        refused({ kind = "unsupported", field = "parent_access_key_id" }, function()
            return issuer:create(make.request {
                parent_access_key_id = keys.another_parent_access_key_id,
            })
        end)
        assert.equal(0, #log.asked)
    end)

    it("api sends write-only as it is, and explains a refusal", function()
        local issuer, log = issuer_with { status(400) }
        local says = { "object-write-only", "parent_secret_access_key" }
        local err = refused({ kind = "api", says = says }, function()
            return issuer:upload_credentials("my-bucket")
        end)
        assert.equal(400, err.status)
        assert.is_truthy(log.asked[1].body:find('"object-write-only"', 1, true))
    end)

    it("api makes the patterns too", function()
        local issuer, log = issuer_with { good() }
        assert(issuer:client_upload_credentials("u1", "my-bucket"))
        assert(issuer:download_credentials("my-bucket", { "a", "b" }))
        assert(issuer:service_credentials("my-bucket", "s/"))
        assert.is_truthy(log.asked[1].body:find('"prefixes":["uploads/u1/"]', 1, true))
        assert.is_truthy(log.asked[2].body:find('"objects":["a","b"]', 1, true))
        assert.is_truthy(log.asked[3].body:find('"ttlSeconds":43200', 1, true))
        refused({ kind = "invalid_request", field = "object_keys" }, function()
            return issuer:download_credentials("my-bucket", {})
        end)
        assert.equal(3, #log.asked)
    end)
end)

describe("closing an issuer", function()
    it("leaves a transport that was given to it open", function()
        local closed = 0
        local issuer, _, transport = issuer_with { good() }
        transport.close = function() closed = closed + 1 end
        assert(issuer:create(make.request()))
        issuer:close()
        assert.equal(0, closed)
    end)
end)
