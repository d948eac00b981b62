-- r2.sigv4: Signature V4 in headers and in URLs. Its oracles are Amazon's published examples and
-- the AWS SDK's own signer: spec/vectors/signatures.jsonl holds what that makes (see
-- spec/vectors/generate_signatures.mjs).

local cjson = require "cjson"
local r2 = require "r2"
local sigv4 = require "r2.sigv4"
local base64 = require "spec.support.base64"
local collector = require "spec.support.collector"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local sha256 = require "spec.support.sha256"
local values = require "spec.support.values"

local NOW, ABSENT = make.NOW, make.ABSENT
local ENDPOINT = "https://" .. keys.account_id .. ".r2.cloudflarestorage.com"
local URL = ENDPOINT .. "/my-bucket/a/b.txt"

local function request(changes)
    return make.changed({ method = "GET", url = URL }, changes)
end

local function credentials(changes)
    return make.changed({
        access_key_id = keys.parent_access_key_id,
        secret_access_key = ("5e55"):rep(16),
        session_token = "c2Vzc2lvbiB0b2tlbiBvZiBhIGRlbW9uc3RyYXRpb24=",
        expires_at = NOW + 900,
        bucket = "my-bucket",
        endpoint = ENDPOINT,
    }, changes)
end

local SECRETS = { credentials().secret_access_key, credentials().session_token }

local function options(changes)
    return make.changed({ now = NOW }, changes)
end

-- ---- the AWS SDK's signer ----

local VECTORS = {}
for line in io.lines("spec/vectors/signatures.jsonl") do
    VECTORS[#VECTORS + 1] = cjson.decode(line)
end

-- JSON has no nil: the vectors write "" for the bucket itself.
local function key_of(key)
    return key ~= "" and key or nil
end

local function succeeds(command)
    local status = os.execute(command .. " >/dev/null 2>&1")
    return status == true or status == 0
end

describe("Signatures, compared with the AWS SDK's signer", function()
    it("are compared for at least 300 requests", function()
        assert.is_true(#VECTORS >= 300, #VECTORS .. " vectors")
    end)

    for _, v in ipairs(VECTORS) do
        it("are the same: " .. v.name, function()
            local url = assert(sigv4.url(v.endpoint, v.bucket, key_of(v.key), v.query))
            assert.equal(v.url, url)
            local what = { method = v.method, url = url, headers = v.headers }
            if v.kind == "url" then
                assert.equal(v.presigned, assert(sigv4.presign(what, v.credentials, {
                    now = v.now, region = v.region, expires_seconds = v.expires_seconds,
                })))
            else
                assert.same(v.added, assert(sigv4.sign(what, v.credentials, {
                    now = v.now, region = v.region, payload_hash = v.payload_hash,
                })))
            end
        end)
    end

    it("are still what the signers make today", function()
        local sdk = io.open("spec/node_modules/@smithy/signature-v4/package.json")
        if sdk then
            sdk:close()
        end
        if not sdk or not succeeds("node --version") then
            pending("needs Node and `npm ci` in spec/")
            return
        end
        local node = assert(io.popen(
            "node spec/vectors/generate_signatures.mjs --check 2>&1; echo status $?"))
        local output = node:read("*a")
        node:close()
        assert.matches("^" .. #VECTORS .. " signatures made again, %d+ by both signers, "
            .. "all the same\nstatus 0\n$", output)
    end)
end)

-- ---- Amazon's examples ----

-- docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and
-- sigv4-query-string-auth.html
describe("Amazon's published example", function()
    local key = {
        access_key_id = "AKIAIOSFODNN7EXAMPLE",
        secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    }
    local host = "https://examplebucket.s3.amazonaws.com"
    local at = { now = 1369353600, region = "us-east-1" } -- 2013-05-24T00:00:00Z
    local scope = "AWS4-HMAC-SHA256 "
        .. "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "

    for name, case in values.sorted {
        ["GET Object"] = {
            what = { method = "GET", url = host .. "/test.txt", headers = { Range = "bytes=0-9" } },
            body = "",
            expected = "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                .. "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        },
        ["PUT Object"] = {
            what = {
                method = "PUT", url = host .. "/test%24file.text",
                headers = {
                    Date = "Fri, 24 May 2013 00:00:00 GMT",
                    ["x-amz-storage-class"] = "REDUCED_REDUNDANCY",
                },
            },
            body = "Welcome to Amazon S3.",
            expected = "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;"
                .. "x-amz-storage-class, "
                .. "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        },
        ["GET Bucket Lifecycle"] = {
            what = { method = "GET", url = host .. "/?lifecycle" },
            body = "",
            expected = "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                .. "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        },
        ["List Objects"] = {
            what = { method = "GET", url = host .. "/?max-keys=2&prefix=J" },
            body = "",
            expected = "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                .. "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        },
    } do
        it(name .. " is signed as published", function()
            local added = assert(sigv4.sign(case.what, key,
                make.changed(at, { payload_hash = sigv4.hash(case.body) })))
            assert.same({
                authorization = scope .. case.expected,
                ["x-amz-date"] = "20130524T000000Z",
                ["x-amz-content-sha256"] = sha256.hex(case.body),
            }, added)
        end)
    end

    it("of a presigned URL is made as published", function()
        assert.equal(host .. "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            .. "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            .. "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            .. "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            sigv4.presign({ method = "GET", url = host .. "/test.txt" }, key,
                make.changed(at, { expires_seconds = 86400 })))
    end)
end)

-- ---- URLs that others made ----

local function signature_of(url)
    return assert(sigv4.sign(request { url = url }, credentials(), options())).authorization
end

describe("A URL that sigv4.url did not make", function()
    for name, pair in values.sorted {
        ["with escapes in lower case"] = { "/b/%c3%a9%2b", "/b/%C3%A9%2B" },
        ["with needless escapes"] = { "/b/%61%2D%7e", "/b/a-~" },
        ["without escapes that may be left out"] = {
            "/b/(a)!$&'*,;=:@", "/b/%28a%29%21%24%26%27%2A%2C%3B%3D%3A%40",
        },
        ["with its query out of order"] = { "/b?c=3&a=2&a=1&b", "/b?a=1&a=2&b=&c=3" },
        ["with signs in its query"] = { "/b?a=b=c&d=/e?f:g", "/b?a=b%3Dc&d=%2Fe%3Ff%3Ag" },
        ["with an empty query"] = { "/b?", "/b" },
        ["without a path"] = { "", "/" },
        ["without a path, with a query"] = { "?a=1", "/?a=1" },
    } do
        it(name .. " is signed as what it means", function()
            assert.equal(signature_of(ENDPOINT .. pair[2]), signature_of(ENDPOINT .. pair[1]))
            local presigned = assert(sigv4.presign(request { url = ENDPOINT .. pair[1] },
                credentials(), options()))
            assert.equal(assert(sigv4.presign(request { url = ENDPOINT .. pair[2] }, credentials(),
                options())), presigned)
        end)
    end

    it("may have its host written in any way when it is presigned", function()
        local made = {}
        for i, url in ipairs { "https://s3.example.com/b/k", "https://S3.Example.COM:443/b/k" } do
            made[i] = assert(sigv4.presign(request { url = url }, credentials(), options()))
        end
        assert.equal(made[1], made[2])
    end)

    local wrong = {
        ["no URL"] = "s3.example.com/b/k",
        ["another scheme"] = "ftp://s3.example.com/b/k",
        ["http to another machine"] = "http://s3.example.com/b/k",
        ["no host"] = "https:///b/k",
        ["a user"] = "https://user@s3.example.com/b/k",
        ["a fragment"] = URL .. "#top",
        ["a fragment behind the host"] = "https://s3.example.com#/b",
        ["a backslash"] = URL .. "\\",
        ["a space"] = URL .. " b",
        ["a line break"] = URL .. "\r\nx: y",
        ["a NUL"] = URL .. "\0",
        ["DEL"] = URL .. "\127",
        ["bytes that are not ASCII"] = URL .. "\195\169",
        ["a percent sign at its end"] = URL .. "%",
        ["half an escape"] = URL .. "%4",
        ["an escape that is none"] = URL .. "%4g",
        ["an escaped NUL"] = URL .. "%00",
        ["an escaped slash in its path"] = URL .. "%2fc",
        ["a plus in its path"] = URL .. "+c",
        ["a plus in its query"] = URL .. "?a=b+c",
        ["a half escape in its query"] = URL .. "?a=%",
        ["a nameless parameter"] = URL .. "?=1",
        ["nothing between two parameters"] = URL .. "?a=1&&b=2",
        ["nothing behind the last sign"] = URL .. "?a=1&",
        ["257 parameters"] = URL .. "?a" .. ("&a"):rep(256),
        ["more than 16384 bytes"] = URL .. ("a"):rep(16385 - #URL),
        ["a signature"] = URL .. "?X-Amz-Signature=00",
        ["a part of one, in another case"] = URL .. "?a=1&x-aMZ-date=20260101T000000Z",
        ["a part of one, encoded"] = URL .. "?%58-Amz-Expires=1",
        ["nothing in it"] = "",
    }
    for name, url in values.sorted(make.changed(values.not_a_string(), wrong)) do
        it("is refused with " .. name, function()
            for _, call in ipairs { sigv4.sign, sigv4.presign } do
                refused({ kind = "invalid_request", field = "url", hides = SECRETS }, function()
                    return call(request { url = url }, credentials(), options())
                end)
            end
        end)
    end

    for name, url in values.sorted {
        ["with capitals in its host"] = "https://S3.example.com/b/k",
        ["with its scheme's own port"] = "https://s3.example.com:443/b/k",
    } do
        it("is refused by sign " .. name, function()
            refused({ kind = "invalid_request", field = "url", says = { "lower case" } }, function()
                return sigv4.sign(request { url = url }, credentials(), options())
            end)
        end)
    end

    it("may have 16384 bytes, and 256 parameters", function()
        for _, rest in ipairs { ("a"):rep(16384 - #URL), "?a" .. ("&a"):rep(255) } do
            assert(sigv4.sign(request { url = URL .. rest }, credentials(), options()))
        end
    end)
end)

describe("An origin that begins as the one before", function()
    local KEY = { access_key_id = "id", secret_access_key = "secret" }

    -- A module that has signed nothing yet keeps no origin.
    local function signed(module, url)
        return module.presign({ method = "GET", url = url }, KEY, options())
    end

    local function fresh()
        local kept = package.loaded["r2.sigv4"]
        package.loaded["r2.sigv4"] = nil
        local module = require "r2.sigv4"
        package.loaded["r2.sigv4"] = kept
        return module
    end

    for case, rest in values.sorted {
        ["with a longer host"] = ".evil.net/b/k", ["with a longer label"] = "m/b/k",
        ["with a port"] = ":8443/b/k", ["alone"] = "", ["with a query"] = "?a=1",
    } do
        it("is another one " .. case, function()
            local module = fresh()
            local origin = "https://s3.example.com"
            assert(signed(module, origin .. "/b/k"))
            local url = assert(signed(fresh(), origin .. rest))
            assert.equal(origin .. rest:match("^[^/?]*"), url:match("^https://[^/?]*"))
            assert.equal(url, signed(module, origin .. rest))
        end)
    end

    for case, rest in values.sorted {
        ["as a user"] = "@evil.net/b", ["with a fragment"] = "#x", ["with a backslash"] = "\\b",
        ["with a percent sign"] = "%2eevil.net/b",
    } do
        it("is refused " .. case, function()
            local module = fresh()
            assert(signed(module, "https://s3.example.com/b/k"))
            refused({ kind = "invalid_request", field = "url" }, function()
                return signed(module, "https://s3.example.com" .. rest)
            end)
        end)
    end
end)

-- ---- sigv4.url ----

describe("sigv4.url", function()
    it("leaves the key out when there is none", function()
        assert.equal(ENDPOINT .. "/my-bucket", sigv4.url(ENDPOINT, "my-bucket"))
        assert.equal(ENDPOINT .. "/my-bucket", sigv4.url(ENDPOINT, "my-bucket", nil))
    end)

    it("leaves an empty query out", function()
        assert.equal(URL, sigv4.url(ENDPOINT, "my-bucket", "a/b.txt", {}))
    end)

    it("takes an endpoint as people write it", function()
        assert.equal("https://s3.example.com/abc", sigv4.url("https://S3.Example.com:443/", "abc"))
    end)

    it("encodes each of the 256 bytes once", function()
        for byte = 1, 255 do
            local char = byte < 128 and string.char(byte)
                or string.char(0xC0 + math.floor(byte / 64), 0x80 + byte % 64)
            local plain = char:find("^[%w%-._~/]$")
            local encoded = plain and char or char:gsub(".", function(c)
                return ("%%%02X"):format(c:byte())
            end):gsub("\n", "%%0A")
            -- Letters and digits are looked at in sixteens.
            for _, before in ipairs { "", "a", ("Zz09"):rep(6) } do
                for _, behind in ipairs { "", ("9aA"):rep(12) } do
                    assert.equal(ENDPOINT .. "/my-bucket/" .. before .. encoded .. behind,
                        sigv4.url(ENDPOINT, "my-bucket", before .. char .. behind))
                end
            end
        end
    end)

    it("writes whole numbers without a fraction, whatever their type", function()
        assert.equal(ENDPOINT .. "/abc?a=1000&b=0&c=-7&d=9007199254740991",
            sigv4.url(ENDPOINT, "abc", nil, { a = 1000.0, b = 0, c = -7, d = 2 ^ 53 - 1 }))
    end)

    local function many(count)
        local list = {}
        for i = 1, count do
            list[i] = "v"
        end
        return list
    end

    local function refuses(field, name, ...)
        local arguments = { n = 4, ... }
        it("refuses " .. field .. ": " .. name, function()
            refused({ kind = "invalid_request", field = field }, function()
                return sigv4.url(arguments[1], arguments[2], arguments[3], arguments[4])
            end)
        end)
    end

    for name, endpoint in values.sorted(make.changed(values.not_a_string(), {
        ["http"] = "http://s3.example.com", ["a path"] = ENDPOINT .. "/my-bucket",
        ["a query"] = ENDPOINT .. "?a", ["nothing"] = "", ["a line break"] = ENDPOINT .. "\n",
    })) do
        refuses("endpoint", name, endpoint, "my-bucket", "k")
    end
    for name, bucket in values.sorted(make.changed(values.not_a_string(), {
        ["too short"] = "ab", ["too long"] = ("a"):rep(64), ["capitals"] = "Abc",
        ["a slash"] = "a/b",
        ["dots"] = "...", ["a hyphen first"] = "-ab",
    })) do
        refuses("bucket", name, ENDPOINT, bucket, "k")
    end
    for name, key in values.sorted(make.changed(values.not_a_string(), {
        ["1,025 bytes"] = ("k"):rep(1025), ["a NUL"] = "a\0b", ["no UTF-8"] = "\255",
        ["half a character"] = "\195", ["nothing, which would be the bucket"] = "",
    })) do
        refuses("key", name, ENDPOINT, "abc", key)
    end
    for name, query in values.sorted(make.changed(values.alien, {
        ["a string"] = "a=b", ["a list"] = { "a" }, ["an empty name"] = { [""] = "b" },
        ["a name with a NUL"] = { ["a\0"] = "b" }, ["a name of no UTF-8"] = { ["\255"] = "b" },
        ["a boolean"] = { a = true }, ["a fraction"] = { a = 1.5 },
        ["not a number"] = { a = 0 / 0 },
        ["infinity"] = { a = 1 / 0 }, ["2^53"] = { a = 2 ^ 53 },
        ["a value with a NUL"] = { a = "\0" },
        ["a value of no UTF-8"] = { a = "\255" }, ["an empty list"] = { a = {} },
        ["a list with a hole"] = { a = { "1", nil, "3" } },
        ["a list with a name"] = { a = { "1", b = "2" } },
        ["a list in a list"] = { a = { { "1" } } }, ["a list with a boolean"] = { a = { false } },
        ["a list from zero"] = { a = { [0] = "0", "1" } },
        ["a list of 257 values"] = { a = many(257) },
        ["257 parameters"] = { a = many(256), b = "" },
        ["a parameter of a signature"] = { ["X-Amz-Expires"] = "1" },
        ["what begins as one, in another case"] = { a = "1", ["x-amz-checksum-mode"] = "ENABLED" },
        ["what is inherited"] = setmetatable({}, { __index = { a = "b" } }),
        ["a list that is inherited"] = { a = setmetatable({ "1" }, { __index = { "2" } }) },
    })) do
        refuses("query", name, ENDPOINT, "abc", "k", query)
    end

    it("takes 256 parameters", function()
        local url = assert(sigv4.url(ENDPOINT, "abc", "k", { a = many(256) }))
        assert.equal(ENDPOINT .. "/abc/k?a=v" .. ("&a=v"):rep(255), url)
    end)
end)

-- ---- what is refused ----

local FIELDS = {
    request = { "known", "method", "url", "headers" },
    credentials = {
        "known", "access_key_id", "secret_access_key", "session_token", "expires_at", "bucket",
        "endpoint",
    },
    sign = { "known", "now", "region", "service", "payload_hash" },
    presign = { "known", "expires_seconds", "now", "region", "service" },
}

for _, name in ipairs { "sign", "presign" } do
    local call = sigv4[name]

    local function refuses(what, field, changes, says)
        changes = make.changed({ request = {}, credentials = {}, options = {} }, changes)
        it("refuses " .. what, function()
            refused({ kind = "invalid_request", field = field, says = says, hides = SECRETS },
                function()
                    return call(request(changes.request), credentials(changes.credentials),
                        options(changes.options))
                end)
        end)
    end

    describe("sigv4." .. name, function()
        refuses("an unknown field of a request", "payload",
            { request = { payload = "" } }, FIELDS.request)
        refuses("a body, and says what to do with it", "body", { request = { body = "" } },
            name == "sign" and { "leave it out", "payload_hash = sigv4.hash(body)" }
                or { "leave it out" })
        refuses("an unknown field of a credential", "sessionToken",
            { credentials = { sessionToken = "x" } }, FIELDS.credentials)
        refuses("an unknown option", "expires", { options = { expires = 1 } }, FIELDS[name])
        refuses("an option of the other", name == "sign" and "expires_seconds" or "payload_hash", {
            options = name == "sign" and { expires_seconds = 60 }
                or { payload_hash = ("0"):rep(64) },
        }, FIELDS[name])

        for field in pairs { method = true, url = true } do
            refuses("a request without " .. field, field, { request = { [field] = ABSENT } })
        end
        for field in pairs { access_key_id = true, secret_access_key = true } do
            refuses("a credential without " .. field, field, { credentials = { [field] = ABSENT } })
        end

        for case, value in values.sorted(make.changed(values.not_a_string(), {
            ["nothing"] = "", ["small letters"] = "get", ["two words"] = "GET PUT",
            ["a line break"] = "GET\n", ["a digit"] = "GET1", ["too much"] = ("G"):rep(17),
        })) do
            refuses("a method: " .. case, "method", { request = { method = value } })
        end

        for case, value in values.sorted(make.changed(values.not_a_string(), {
            ["nothing"] = "", ["a slash"] = "a/b", ["a comma"] = "a,b", ["an equals sign"] = "a=b",
            ["a space"] = "a b", ["a line break"] = "a\n", ["129 characters"] = ("a"):rep(129),
        })) do
            refuses("an access_key_id: " .. case, "access_key_id",
                { credentials = { access_key_id = value } })
        end

        for field, longest in pairs { secret_access_key = 256, session_token = 1048576 } do
            for case, value in values.sorted(make.changed(values.not_a_string(), {
                ["nothing"] = "", ["a space"] = "secret secret secret",
                ["a line break"] = "secret\n",
                ["a NUL"] = "secret\0", ["DEL"] = "secret\127secret",
                ["no ASCII"] = "secret\195\169",
                ["the highest byte"] = "\255secretsecret", ["too much"] = ("s"):rep(longest + 1),
            })) do
                refuses(("a %s: %s"):format(field, case), field,
                    { credentials = { [field] = value } })
            end
            -- Eight bytes are looked at together.
            it("looks at every byte of a " .. field, function()
                for at = 1, 20 do
                    for _, byte in ipairs { 0, 32, 127, 128, 255 } do
                        local text = ("s"):rep(at - 1) .. string.char(byte) .. ("~!"):rep(10)
                        local _, _, err = call(request(), credentials { [field] = text }, options())
                        assert.equal(field, err.field)
                    end
                end
                local visible = {}
                for byte = 33, 126 do
                    visible[#visible + 1] = string.char(byte)
                end
                assert(call(request(), credentials { [field] = table.concat(visible) }, options()))
            end)
        end

        for case, value in values.sorted(make.changed(values.not_a_number(), values.odd_numbers)) do
            if value ~= 0 and case ~= "2^53" then
                refuses("an expires_at: " .. case, "expires_at",
                    { credentials = { expires_at = value } })
            end
        end
        for case, value in values.sorted(make.changed(values.not_a_number(), {
            ["not a number"] = 0 / 0, ["infinity"] = 1 / 0, ["before 1970"] = -1,
            ["after 9999"] = 253402300800,
        })) do
            refuses("a now: " .. case, "now", { options = { now = value } })
        end
        for field in pairs { region = true, service = true } do
            for case, value in values.sorted(make.changed(values.not_a_string(), {
                ["nothing"] = "", ["capitals"] = "Auto", ["a slash"] = "a/b",
                ["a line break"] = "a\n",
                ["a comma"] = "a,b", ["64 characters"] = ("a"):rep(64), ["a hyphen first"] = "-a",
            })) do
                refuses(("a %s: %s"):format(field, case), field, { options = { [field] = value } })
            end
        end

        local too_many = {}
        for i = 1, 125 do
            too_many["h" .. i] = "v"
        end
        for case, value in values.sorted(make.changed(values.alien, {
            ["a string"] = "a: b", ["a list"] = { "a: b" }, ["a number as a value"] = { a = 1 },
            ["a list as a value"] = { a = { "b" } }, ["a number as a name"] = { [1] = "b" },
            ["an empty name"] = { [""] = "b" }, ["a space in a name"] = { ["a b"] = "c" },
            ["a colon in a name"] = { ["a:"] = "b" },
            ["a line break in a name"] = { ["a\n"] = "b" },
            ["a NUL in a name"] = { ["a\0"] = "b" },
            ["no ASCII in a name"] = { ["\195\169"] = "b" },
            ["a carriage return"] = { a = "b\rc" }, ["a line feed"] = { a = "b\nc" },
            ["a NUL"] = { a = "b\0" }, ["DEL"] = { a = "b\127" }, ["no ASCII"] = { a = "\195\169" },
            ["two names that differ in case"] = { a = "b", A = "b" },
            ["three names, two of which differ in case"] = { b = "1", ["a-b"] = "2",
            ["A-B"] = "3" },
            ["authorization"] = { Authorization = "x" }, ["x-amz-date"] = { ["X-Amz-Date"] = "x" },
            ["x-amz-security-token"] = { ["x-amz-security-token"] = credentials().session_token },
            ["x-amz-content-sha256"] = { ["X-AMZ-CONTENT-SHA256"] = ("0"):rep(64) },
            ["the host twice"] = {
                Host = keys.account_id .. ".r2.cloudflarestorage.com",
                host = keys.account_id .. ".r2.cloudflarestorage.com",
            },
            ["another host"] = { host = "s3.example.com" },
            ["the host in capitals"] = {
                host = keys.account_id:upper() .. ".r2.cloudflarestorage.com",
            },
            ["125 headers"] = too_many,
            ["what is inherited"] = setmetatable({}, { __index = { a = "b" } }),
        })) do
            refuses("headers: " .. case, "headers", { request = { headers = value } })
        end

        for case, header in values.sorted {
            ["no string"] = { "content-length", 5, "must be a string" },
            ["a line break"] = { "Content-Type", "a\nb", "must have a value of visible ASCII" },
            ["no ASCII in metadata"] = { "x-amz-meta-name", "\195\169", "RFC 2047" },
            ["no ASCII in a file's name"] = {
                "content-disposition", "\195\169", "filename*=UTF-8",
            },
            ["what signing makes"] = {
                "x-amz-content-sha256", "UNSIGNED-PAYLOAD",
                name == "sign" and "signing makes it" or "signs no payload",
            },
        } do
            refuses("a header, and names it: " .. case, "headers",
                { request = { headers = { [header[1]] = header[2] } } },
                { ("headers[%s] must "):format(header[1]), header[3] })
        end

        it("names no header that could be a secret", function()
            for _, secret in ipairs { ("5e55"):rep(8), "a/b+c" } do
                local message = select(2, call(request { headers = { [secret] = 1 } },
                    credentials(), options()))
                assert.is_nil(message:find(secret, 1, true))
                assert.matches("^headers%[%.%.%.%] must be a string$", message)
            end
        end)

        it("refuses tables that inherit", function()
            local inherits = { __index = function() return "x" end }
            for i = 1, 3 do
                local arguments = { request(), credentials(), options() }
                setmetatable(arguments[i], inherits)
                refused({ kind = "invalid_request" }, function()
                    return call(arguments[1], arguments[2], arguments[3])
                end)
            end
        end)

        it("raises when an argument is no table", function()
            for _, value in pairs(make.changed(values.alien, { text = "text" })) do
                assert.has_error(function() call(value, credentials()) end)
                assert.has_error(function() call(request(), value) end)
                assert.has_error(function() call(request(), credentials(), value) end)
            end
            assert.has_error(function() call() end)
            assert.has_error(function() call(request()) end)
        end)

        it("takes the URL's host, 124 other headers, and a credential of an issuer's", function()
            too_many.h125 = nil
            too_many.Host = keys.account_id .. ".r2.cloudflarestorage.com"
            local issuer = make.issuer()
            local made = assert(issuer:create(make.request()))
            assert(call(request { headers = too_many }, made, options()))
        end)

        it("signs at the machine's time when it is given none", function()
            local before = os.time()
            local result = assert(call(request(), credentials { expires_at = before + 600 }))
            local date = type(result) == "table" and result["x-amz-date"]
                or result:match("X%-Amz%-Date=(%w+)")
            assert.is_true(date >= os.date("!%Y%m%dT%H%M%SZ", before))
            assert.is_true(date <= os.date("!%Y%m%dT%H%M%SZ"))
        end)

        it("rounds a time down", function()
            assert.same(call(request(), credentials(), options()),
                call(request(), credentials(), options { now = NOW + 0.999 }))
        end)

        it("refuses an expired credential, and says when it ended and what time it is", function()
            for seconds, good in pairs { [0] = false, [-1] = false, [-900] = false, [1] = true } do
                local expired = credentials { expires_at = NOW + seconds }
                if good then
                    assert(call(request(), expired, options()))
                else
                    refused({
                        kind = "expired", field = "expires_at", hides = SECRETS,
                        says = {
                            os.date("!%Y-%m-%dT%H:%M:%SZ", NOW + seconds), "2023-11-14T22:13:20Z",
                        },
                    }, function()
                        return call(request(), expired, options())
                    end)
                end
            end
        end)

        it("takes the end of a credential without expires_at from R2's own token", function()
            local made = assert(make.issuer():create(make.request { ttl_seconds = 900 }))
            made.expires_at = nil
            local result = assert(call(request(), made, options { now = NOW + 899 }))
            if type(result) == "string" then
                assert.is_truthy(result:find("X-Amz-Expires=1&", 1, true))
                refused({ kind = "expired", field = "expires_seconds" }, function()
                    return call(request(), made, options { expires_seconds = 901 })
                end)
            end
            refused({ kind = "expired", field = "expires_at" }, function()
                return call(request(), made, options { now = NOW + 900 })
            end)
        end)

        it("takes a token that is another's, or not to be read, to have no end", function()
            for _, claims in ipairs {
                "", "{}", '{"exp":null}', '{"exp":"1"}', '{"exp":-1}', '{"exp":1e3}', '{"exp":1.5}',
                '{"exp":253402300800}', '{"exp":1} ?', "[1]",
            } do
                local jwt = ("%s.%s.%s"):format(base64.encode_url("{}"), base64.encode_url(claims),
                    base64.encode_url(("\0"):rep(32)))
                for _, prefix in ipairs { "jwt/", "" } do
                    assert(call(request(), credentials {
                        session_token = base64.encode(prefix .. jwt), expires_at = ABSENT,
                    }, options()))
                end
            end
        end)

        it("takes a key without an end or a session token", function()
            local key = credentials { expires_at = ABSENT, session_token = ABSENT }
            local result = assert(call(request(), key, options()))
            if type(result) == "table" then
                assert.is_nil(result["x-amz-security-token"])
            else
                assert.is_nil(result:find("Token", 1, true))
                assert.is_truthy(result:find("X-Amz-Expires=3600&", 1, true))
            end
        end)
    end)
end

describe("sigv4.sign", function()
    for case, value in values.sorted(make.changed(values.not_a_string(), {
        ["nothing"] = "", ["capitals"] = ("A"):rep(64), ["63 characters"] = ("a"):rep(63),
        ["a stream"] = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ["small letters"] = "unsigned-payload",
    })) do
        it("refuses a payload_hash: " .. case, function()
            refused({ kind = "invalid_request", field = "payload_hash" }, function()
                return sigv4.sign(request(), credentials(), options { payload_hash = value })
            end)
        end)
    end

    it("takes UNSIGNED-PAYLOAD, which is the default", function()
        local default = assert(sigv4.sign(request(), credentials(), options()))
        assert.equal("UNSIGNED-PAYLOAD", default["x-amz-content-sha256"])
        assert.same(default, sigv4.sign(request(), credentials(),
            options { payload_hash = "UNSIGNED-PAYLOAD" }))
    end)

    it("changes nothing that it is given", function()
        local given = { request { headers = { ["X-A"] = " b " } }, credentials(), options() }
        assert(sigv4.sign(given[1], given[2], given[3]))
        assert.same({ request { headers = { ["X-A"] = " b " } }, credentials(), options() }, given)
    end)
end)

describe("sigv4.presign", function()
    local function expires(seconds, left)
        local url, message, err = sigv4.presign(request(), credentials { expires_at = NOW + left },
            options { expires_seconds = seconds })
        return url and tonumber(url:match("X%-Amz%-Expires=(%d+)&")), message, err
    end

    it("lasts an hour, or what is left of the credential", function()
        assert.equal(3600, (expires(nil, 43200)))
        assert.equal(3600, (expires(nil, 3600)))
        assert.equal(3599, (expires(nil, 3599)))
        assert.equal(1, (expires(nil, 1)))
    end)

    it("may last as long as the credential", function()
        assert.equal(900, (expires(900, 900)))
        assert.equal(604800, (expires(604800, 604800)))
    end)

    it("may not last longer, and says when which would end", function()
        refused({
            kind = "expired", field = "expires_seconds", hides = SECRETS,
            says = { "2023-11-14T22:28:21Z", "2023-11-14T22:28:20Z" }, -- date -u -d @1700000900
        }, function()
            return sigv4.presign(request(), credentials(), options { expires_seconds = 901 })
        end)
    end)

    for case, value in values.sorted(make.changed(make.changed(values.not_a_number(),
        values.odd_numbers), { ["604801"] = 604801, ["minus one"] = -1 })) do
        it("refuses expires_seconds: " .. case, function()
            refused({
                kind = "invalid_request", field = "expires_seconds", says = { "1 to 604800" },
            }, function()
                return sigv4.presign(request(), credentials(), options { expires_seconds = value })
            end)
        end)
    end

    for _, method in ipairs { "POST", "OPTIONS", "PATCH" } do
        it("refuses " .. method .. ", which R2 does not take in a URL", function()
            refused({ kind = "invalid_request", field = "method", says = { "GET, HEAD, PUT" } },
                function()
                    return sigv4.presign(request { method = method }, credentials(), options())
                end)
        end)
    end

    it("signs the headers that are to be sent with it", function()
        local url = assert(sigv4.presign(request {
            method = "PUT", headers = { ["Content-Type"] = "image/png", ["content-length"] = "5" },
        }, credentials(), options()))
        assert.is_truthy(
            url:find("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost&", 1, true))
    end)

    it("makes a URL that is refused when it is to be signed again", function()
        local url = assert(sigv4.presign(request(), credentials(), options()))
        refused({ kind = "invalid_request", field = "url", hides = SECRETS }, function()
            return sigv4.presign(request { url = url }, credentials(), options())
        end)
    end)
end)

describe("sigv4.hash", function()
    it("is the SHA-256 in lower-case hex", function()
        for _, body in ipairs { "", "hello", ("\0\255"):rep(5000) } do
            assert.equal(sha256.hex(body), sigv4.hash(body))
        end
    end)

    it("raises when the body is no string", function()
        for _, value in pairs(values.not_a_string()) do
            assert.has_error(function() sigv4.hash(value) end)
        end
        assert.has_error(function() sigv4.hash() end)
    end)
end)

-- ---- keys that are kept ----

describe("The signing key that is kept", function()
    -- What is signed first, when nothing is kept, is right: the vectors say so.
    local function fresh(...)
        local kept = package.loaded["r2.sigv4"]
        package.loaded["r2.sigv4"] = nil
        local module = require "r2.sigv4"
        package.loaded["r2.sigv4"] = kept
        return assert(module.sign(...)).authorization
    end

    it("is another one for each secret, day, region and service", function()
        local cases = {}
        for i = 1, 7 do -- more than are kept
            local secret = credentials().secret_access_key:sub(1, -2) .. i
            for _, changes in ipairs {
                {}, { now = NOW + 86400 }, { region = "weur" }, { service = "s4" },
            } do
                cases[#cases + 1] = { { secret_access_key = secret, expires_at = ABSENT }, changes }
            end
        end
        for _, secret in ipairs { ("5e55"):rep(16) .. "5", ("5e55"):rep(15) } do
            cases[#cases + 1] = { { secret_access_key = secret, expires_at = ABSENT }, {} }
        end
        local expected, seen = {}, {}
        for i, case in ipairs(cases) do
            expected[i] = fresh(request(), credentials(case[1]), options(case[2]))
            assert.is_nil(seen[expected[i]])
            seen[expected[i]] = true
        end
        for step = 1, #cases * 3 do
            local i = step * 11 % #cases + 1
            for _ = 1, 2 do
                assert.equal(expected[i], assert(sigv4.sign(request(), credentials(cases[i][1]),
                    options(cases[i][2]))).authorization)
            end
        end
    end)

    it("is right on both sides of midnight, again and again", function()
        local midnight = 1767225600 -- 2026-01-01T00:00:00Z
        local key = credentials { expires_at = ABSENT }
        local before = fresh(request(), key, { now = midnight - 1 })
        local after = fresh(request(), key, { now = midnight })
        assert.is_truthy(before:find("/20251231/", 1, true))
        assert.is_truthy(after:find("/20260101/", 1, true))
        for _ = 1, 3 do
            assert.equal(before, sigv4.sign(request(), key, { now = midnight - 1 }).authorization)
            assert.equal(after, sigv4.sign(request(), key, { now = midnight }).authorization)
        end
    end)
end)

-- The collector may run a finalizer inside any allocating call, so inside sigv4.sign too.
describe("Signing from a finalizer while signing", function()
    -- What a call with this object's name is made of, and what of its result says whose it is.
    local function arguments(name, key)
        if name == "url" then
            return { sigv4.url, ENDPOINT, "my-bucket", key }
        end
        local url = assert(sigv4.url(ENDPOINT, "my-bucket", key))
        return { sigv4[name], request { url = url }, credentials(), options() }
    end

    local function call(of)
        return assert(of[1](of[2], of[3], of[4]))
    end

    for _, name in ipairs { "sign", "presign", "url" } do
        it("gives each its own result: " .. name, function()
            local caller, finalizer = arguments(name, "caller"), arguments(name, "finalizer")
            local expected = { caller = call(caller), finalizer = call(finalizer) }
            local interrupted = 0
            for _ = 1, 20 do
                local inside
                local ok, result = collector.interrupt(function()
                    interrupted = interrupted + 1
                    inside = call(finalizer)
                end, caller[1], caller[2], caller[3], caller[4])
                assert.is_true(ok)
                assert.same(expected.caller, result)
                assert.same(expected.finalizer, inside)
            end
            assert.equal(20, interrupted)
        end)
    end
end)

-- Under a checker of memory, what is left at the end shows.
describe("Signing while the state closes", function()
    it("leaves nothing behind, before and after the signer's own end", function()
        local interpreter = 0
        while arg[interpreter - 1] do
            interpreter = interpreter - 1
        end
        local process = assert(io.popen(("exec %s spec/support/closing.lua sigv4 2>&1"):format(
            arg[interpreter])))
        local output = process:read("*a")
        process:close()
        assert.equal("signed\nsigned\n", output)
    end)
end)

describe("Signing again and again", function()
    it("keeps no memory", function()
        local function sign(count)
            for _ = 1, count do
                assert(sigv4.sign(request(), credentials(), options()))
                assert(sigv4.presign(request(), credentials(), options()))
            end
        end
        sign(200)
        local before = collector.bytes_in_use()
        sign(2000)
        assert.is_true(collector.bytes_in_use() - before < 2000)
    end)
end)

describe("r2.sigv4", function()
    it("is the module, required on first use", function()
        assert.equal(sigv4, r2.sigv4)
        assert.equal(r2._VERSION, sigv4._VERSION)
        assert.is_nil(r2.sigv5)
    end)
end)
