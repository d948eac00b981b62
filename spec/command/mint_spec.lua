-- The command r2creds, run as a user runs it: help, mint, presign, and what is refused.

local cjson = require "cjson"
local r2 = require "r2"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local values = require "spec.support.values"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local fails, output_of = r2creds.fails, r2creds.output_of
local KEYS = r2creds.KEYS

teardown(support.remove_folders)

local function json_of(words, variables)
    return cjson.decode((output_of("r2creds mint --format json " .. words, variables)))
end

local function claims_of(words, variables)
    return token.read(json_of(words, variables).session_token).claims
end

-- ---- help ----

local COMMANDS = {
    "", "mint", "mint upload", "mint client-upload", "mint download", "mint service", "inspect",
    "verify", "presign", "sandbox",
}

local function help_of(command)
    return output_of("r2creds " .. command .. " --help")
end

describe("r2creds --help", function()
    local examples = 0

    for _, command in ipairs(COMMANDS) do
        it("is there for r2creds " .. command .. ", and fits a terminal", function()
            local help = help_of(command)
            assert.matches("^Usage: r2creds " .. command:gsub("%-", "%%-"), help)
            assert.matches("\nExamples?:\n", help)
            for line in help:gmatch("[^\n]+") do
                assert.is_true(#line <= 100, line)
            end
            assert.equal(help, output_of("r2creds " .. command .. " -h"))
        end)

        it("has examples that work, of r2creds " .. command, function()
            for line in help_of(command):match("\nExamples?:\n(.*)$"):gmatch("[^\n]+") do
                line = line:match("^    (.*)$")
                if not line:find("^r2creds sandbox") then -- it runs further below
                    local output = output_of('eval "$(r2creds mint upload my-bucket)"\n' .. line)
                    assert.is_true(output ~= "" or line:find("eval", 1, true) ~= nil, line)
                    examples = examples + 1
                end
            end
        end)
    end

    it("had examples", function()
        assert.is_true(examples >= 15)
    end)

    it("names every command, format and exit code", function()
        local help = help_of ""
        for _, name in ipairs { "mint", "inspect", "verify", "presign", "sandbox" } do
            assert.matches("\n   " .. name .. " ", help)
        end
        for _, code in ipairs { "0", "1", "2", "3", "4", "70" } do
            assert.matches("%f[%d]" .. code .. " ", help:match("Exit codes: (.-)\n\n"))
        end
        for _, format in ipairs(r2.export.formats()) do
            local line = ("\n    %-11s%s\n"):format(format.name, format.about)
            assert.is_truthy(help_of "mint":find(line, 1, true), line)
        end
    end)

    it("needs no keys", function()
        assert.equal("r2creds " .. r2._VERSION .. "\n", output_of("r2creds --version", {}))
        assert.equal(help_of "mint", output_of("r2creds mint --help", {}))
    end)
end)

-- ---- mint ----

describe("r2creds mint", function()
    local function merged(base, changes)
        return make.changed(base, changes)
    end

    local BASE = { bucket = "my-bucket", scope = "object-read-only" }
    local WRITE_ONLY = r2.actions().WRITE_ONLY
    -- words -> claims beside those of every token, and how long it lives.
    for words, case in values.sorted {
        ["--bucket my-bucket --permission object-read-only --ttl 900"] = { BASE, 900 },
        ["--bucket=my-bucket --permission=object-read-only --ttl=900s"] = { BASE, 900 },
        ["--permission admin-read-write --ttl 15m --bucket my-bucket"] = {
            merged(BASE, { scope = "admin-read-write" }), 900,
        },
        ["--bucket my-bucket --permission object-read-only --ttl 7d"] = { BASE, 604800 },
        ["--bucket my-bucket --permission object-write-only --ttl 1h"] = {
            { bucket = "my-bucket", actions = WRITE_ONLY }, 3600,
        },
        ["--bucket my-bucket --action GetObject --action HeadObject --ttl 1h"] = {
            { bucket = "my-bucket", actions = { "GetObject", "HeadObject" } }, 3600,
        },
        ["--bucket my-bucket --permission object-read-only --ttl 1h --prefix a/ --prefix 'b c'"] = {
            merged(BASE, { paths = { prefixPaths = { "a/", "b c" }, objectPaths = {} } }), 3600,
        },
        ["--bucket my-bucket --permission object-read-only --ttl 1h --object=-a --prefix=--b/"] = {
            merged(BASE, { paths = { prefixPaths = { "--b/" }, objectPaths = { "-a" } } }), 3600,
        },
        ["--bucket my-bucket --permission object-read-only --ttl 1h --parent-access-key-id "
            .. keys.parent_access_key_id] = { BASE, 3600 },
        ["upload my-bucket"] = { { bucket = "my-bucket", actions = WRITE_ONLY }, 3600 },
        ["upload my-bucket --prefix a/ --object b --ttl 60"] = {
            {
                bucket = "my-bucket", actions = WRITE_ONLY,
                paths = { prefixPaths = { "a/" }, objectPaths = { "b" } },
            }, 60,
        },
        ["--prefix a/ upload --prefix b/ my-bucket"] = {
            {
                bucket = "my-bucket", actions = WRITE_ONLY,
                paths = { prefixPaths = { "a/", "b/" }, objectPaths = {} },
            }, 3600,
        },
        ["--ttl 60 upload my-bucket"] = { { bucket = "my-bucket", actions = WRITE_ONLY }, 60 },
        ["client-upload user-42 my-bucket"] = {
            {
                bucket = "my-bucket", actions = WRITE_ONLY,
                paths = { prefixPaths = { "uploads/user-42/" }, objectPaths = {} },
            }, 900,
        },
        ["download my-bucket a 'b c' -- -d"] = {
            merged(BASE, { paths = { prefixPaths = {}, objectPaths = { "a", "b c", "-d" } } }),
            3600,
        },
        ["service my-bucket backups/db/ --ttl 2h"] = {
            {
                bucket = "my-bucket", scope = "object-read-write",
                paths = { prefixPaths = { "backups/db/" }, objectPaths = {} },
            }, 7200,
        },
    } do
        it(words, function()
            local before = os.time()
            local credentials = json_of(words)
            local parts = token.read(credentials.session_token)
            local claims = parts.claims
            assert.equal(case[2], claims.exp - claims.iat)
            assert.is_true(before <= claims.iat and claims.iat <= os.time())
            assert.equal(claims.exp, credentials.expires_at)
            assert.equal(sha256.hex(parts.jwt), credentials.secret_access_key)
            assert.equal(keys.parent_access_key_id, credentials.access_key_id)
            assert.equal("my-bucket", credentials.bucket)
            for _, name in ipairs { "iat", "exp", "iss", "sub", "aud" } do
                claims[name] = nil
            end
            assert.same(case[1], claims)
            assert(make.client():verify(credentials.session_token))
        end)
    end

    it("prints each format, env by default, with a line end", function()
        local default = output_of("r2creds mint upload my-bucket")
        assert.matches("^export AWS_ACCESS_KEY_ID=", default)
        local credentials = make.issuer():upload_credentials("my-bucket")
        for _, format in ipairs(r2.export.formats()) do
            local begin = r2.export[format.name](credentials):match("^[^=:]+[=:]")
            local output = output_of("r2creds mint upload my-bucket --format " .. format.name)
            assert.equal(begin, output:sub(1, #begin))
            assert.matches("[^\n]\n$", output)
        end
    end)

    it("obeys R2_JURISDICTION and R2_ENDPOINT", function()
        assert.equal(keys.account_id .. ".eu.r2.cloudflarestorage.com",
            claims_of("upload my-bucket", make.changed(KEYS, { R2_JURISDICTION = "eu" })).aud)
        assert.equal("http://127.0.0.1:9", json_of("upload my-bucket",
            make.changed(KEYS, { R2_ENDPOINT = "http://127.0.0.1:9" })).endpoint)
    end)
end)

-- ---- what is refused ----

describe("r2creds refuses in one line, with exit code 2:", function()
    local EXPLICIT = "mint --bucket my-bucket --permission object-read-only --ttl 1h "
    for words, pieces in values.sorted {
        [""] = { "a command is required", "r2creds --help" },
        ["bogus"] = { "unknown command 'bogus'" },
        ["mnit"] = { "unknown command 'mnit'; did you mean 'mint'?" },
        ["--bogus"] = { "unknown option '--bogus'" },
        ["mint --bogus"] = { "--bogus", "r2creds mint --help" },
        ["mint --prefixes users/ upload my-bucket"] = { "--prefixes" },
        ["mint upload my-bucket --prefixes a/"] = { "--prefixes", "r2creds mint upload --help" },
        ["mint upload"] = { "bucket" },
        ["mint upload my-bucket another"] = { "too many arguments" },
        ["mint download my-bucket"] = { "'key'" },
        ["mint"] = { "--bucket" },
        ["mint --bucket my-bucket --ttl 1h"] = { "--permission is required, or actions" },
        ["mint --bucket my-bucket --permission object-read-only"] = { "--ttl" },
        [EXPLICIT .. "--bucket another"] = { "--bucket", "at most 1 time" },
        [EXPLICIT .. "--action GetObject"] = { "--action must not be given beside a permission" },
        [EXPLICIT .. "--prefix ''"] = { "--prefix[1]", "1 to 1024" },
        [EXPLICIT .. "--prefix"] = { "--prefix", "requires an argument" },
        [EXPLICIT .. "--prefix --object x"] = { "--prefix", "requires an argument" },
        [EXPLICIT .. "--object a --object ''"] = { "--object[2]" },
        [EXPLICIT .. "--format xml"] = { "--format", "'env'" },
        [EXPLICIT .. "--mode remote"] = { "--mode", "'local'" },
        [EXPLICIT .. "--timeout never"] = { "--timeout", "seconds" },
        [EXPLICIT .. "--timeout 0x10"] = { "--timeout", "seconds" },
        [EXPLICIT .. "--timeout 2h"] = { "--timeout", "at most 3600" },
        [EXPLICIT .. "--env-file ''"] = { "--env-file", "must name a file" },
        [EXPLICIT .. "--timeout 0"] = { "--timeout", "above 0" },
        [EXPLICIT .. "--api-base-url ftp://x"] = { "--api-base-url", "https" },
        [EXPLICIT .. "--parent-access-key-id " .. keys.another_parent_access_key_id] = {
            "--parent-access-key-id",
        },
        ["mint --bucket B --permission object-read-only --ttl 1h"] = { "--bucket must" },
        ["mint --bucket my-bucket --permission write --ttl 1h"] = { "--permission" },
        ["mint --bucket my-bucket --action Get --ttl 1h"] = { "--action[1]", "GetObject" },
        ["mint --bucket my-bucket --permission object-read-only --ttl 8d"] = { "--ttl", "604800" },
        ["mint --bucket my-bucket --permission object-read-only --ttl 0"] = {
            "--ttl must", "604800",
        },
        ["mint --bucket my-bucket --permission object-read-only --ttl -5"] = { "'-5'" },
        ["mint --bucket my-bucket --permission object-read-only --ttl 1w"] = { "--ttl", "15m" },
        ["mint --bucket my-bucket --permission object-read-only --ttl 1.5h"] = { "--ttl", "15m" },
        ["mint --bucket my-bucket --permission object-read-only --ttl 9999999999"] = { "--ttl" },
        ["mint --permission object-read-only upload my-bucket"] = { "--permission" },
        ["mint --bucket a-bucket upload my-bucket"] = { "--bucket" },
        ["mint --prefix a/ download my-bucket a"] = { "mint download takes no --prefix" },
        ["mint --action GetObject service my-bucket a/"] = { "--action" },
        ["mint --ttl 1h upload my-bucket --ttl 2h"] = { "--ttl", "at most 1 time" },
        ["mint upload B"] = { "BUCKET must" },
        ["mint upload my-bucket --prefix ''"] = { "--prefix[1]" },
        ["mint client-upload ../x my-bucket"] = { "USER" },
        ["mint client-upload '' my-bucket"] = { "USER" },
        ["mint download my-bucket ''"] = { "KEY[1]" },
        ["mint service my-bucket backups"] = { "PREFIX", '"/"' },
        ["inspect a b"] = { "too many arguments" },
        ["inspect ''"] = { "file must name a file", "r2creds inspect --help" },
        ["verify ''"] = { "file must name a file" },
        ["inspect --env-file x"] = { "--env-file" },
        ["presign POST my-bucket a"] = { "'method'", "'GET'" },
        ["presign GET my-bucket"] = { "'key'" },
        ["presign GET my-bucket ''"] = { "KEY must" },
        ["presign GET B a"] = { "BUCKET must" },
        ["presign GET my-bucket a --expires 8d"] = { "--expires must", "604800" },
        ["sandbox --port ''"] = { "--port", "65535" },
        ["sandbox x"] = { "too many arguments" },
    } do
        it("r2creds " .. words, function()
            fails(2, pieces, "r2creds " .. words)
        end)
    end

    for _, option in ipairs {
        "--secret", "--secret-access-key", "--parent-secret-access-key", "--token", "--api-token",
        "--session-token", "--access-token", "--password", "--api-key", "--client-secret", "-token",
    } do
        it("keys on the command line: " .. option, function()
            for _, between in ipairs { " ", "=" } do
                for _, command in ipairs { "mint upload my-bucket ", "verify ", "" } do
                    fails(2, { option, "every user of the machine", "--env-file" }, "r2creds "
                        .. command .. option .. between .. keys.parent_secret_access_key)
                end
            end
        end)
    end

    it("secrets in a wrong place, without a repetition of them", function()
        for _, words in ipairs { "", "mint --", "mint upload my-bucket --format ", "presign " } do
            fails(2, {}, "r2creds " .. words .. keys.parent_secret_access_key)
        end
    end)

    for name, case in values.sorted {
        ["no keys"] = { {}, "CLOUDFLARE_ACCOUNT_ID" },
        ["empty keys"] = { { CLOUDFLARE_ACCOUNT_ID = "" }, "CLOUDFLARE_ACCOUNT_ID" },
        ["no secret"] = {
            make.changed(KEYS, { R2_SECRET_ACCESS_KEY = make.ABSENT }), "R2_SECRET_ACCESS_KEY",
        },
        ["the token's value as the secret"] = {
            make.changed(KEYS, { R2_SECRET_ACCESS_KEY = keys.api_token }),
            "R2_SECRET_ACCESS_KEY must be 64 lower-case hex characters; this looks like an API "
                .. "token's value: the secret is what r2.secret_from_api_token, or `printf %s "
                .. "TOKEN | sha256sum`, makes of it",
        },
        ["another key's form"] = {
            make.changed(KEYS, { R2_ACCESS_KEY_ID = "AKIA0123456789ABCDEF" }), "R2_ACCESS_KEY_ID",
        },
        ["a jurisdiction beside an endpoint"] = {
            make.changed(KEYS, { R2_JURISDICTION = "eu", R2_ENDPOINT = "https://x" }),
            "R2_ENDPOINT",
        },
    } do
        it(name .. " in the environment", function()
            for _, words in ipairs { "mint upload my-bucket", "presign GET my-bucket a" } do
                fails(2, { case[2] }, "r2creds " .. words, case[1])
            end
            fails(2, { case[2] }, "r2creds verify </dev/null", case[1])
        end)
    end
end)

-- ---- presign ----

describe("r2creds presign", function()
    local function parts(url)
        local base, query = url:match("^([^?]+)%?(.*)\n$")
        local named = {}
        for name, value in query:gmatch("([^&=]+)=([^&]*)") do
            named[name] = value:gsub("%%(%x%x)", function(hex)
                return string.char(tonumber(hex, 16))
            end)
        end
        return base, named
    end

    for method, action in pairs {
        GET = "GetObject", HEAD = "HeadObject", PUT = "PutObject", DELETE = "DeleteObject",
    } do
        it("signs " .. method .. " with a credential that allows nothing else", function()
            local base, query = parts(output_of(
                ("r2creds presign %s my-bucket 'a b/ü' --expires 10m"):format(method)))
            assert.equal("https://" .. keys.account_id
                .. ".r2.cloudflarestorage.com/my-bucket/a%20b/%C3%BC", base)
            assert.equal("600", query["X-Amz-Expires"])
            local claims = token.read(query["X-Amz-Security-Token"]).claims
            assert.same({ action }, claims.actions)
            assert.same({ prefixPaths = {}, objectPaths = { "a b/ü" } }, claims.paths)
            assert.equal(600, claims.exp - claims.iat)
        end)
    end

    it("tells in JSON when it ends, 15 minutes by default", function()
        local before = os.time()
        local shown = cjson.decode((output_of("r2creds presign GET my-bucket a --json")))
        assert.equal("GET", shown.method)
        assert.is_true(shown.expires_at >= before + 900 and shown.expires_at <= os.time() + 900)
        assert.matches("^https://", shown.url)
    end)

    it("refuses PUT and DELETE without the secret: no credential would be narrow enough", function()
        local variables = make.changed(KEYS, {
            R2_SECRET_ACCESS_KEY = make.ABSENT, CLOUDFLARE_API_TOKEN = keys.api_token,
        })
        for _, method in ipairs { "PUT", "DELETE" } do
            fails(2, { "secret" }, "r2creds presign " .. method .. " my-bucket a", variables)
            fails(2, { "secret" }, "r2creds presign --mode api " .. method .. " my-bucket a",
                make.changed(variables, KEYS))
        end
    end)
end)

describe("r2creds runs on", function()
    for _, lua in ipairs(support.LUAS) do
        it(lua.name, function()
            local name = lua.name .. ' "$(command -v r2creds)" '
            local output = output_of(('LUA_CPATH=$(echo "$LUA_CPATH" | sed s/lua5.4/lua%s/)\n'
                .. "%s mint upload my-bucket | %s verify\n%s presign GET my-bucket a --json\n"
                .. "%s --help"):format(lua.version, name, name, name, name))
            assert.matches("\nverified +yes", output)
            assert.matches('\n{"method":"GET","url":"https://', output, 1, true)
            assert.equal(help_of "", output:match("\n(Usage: .*)$"))
        end)
    end
end)
