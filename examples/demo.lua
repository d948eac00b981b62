-- Makes a temporary credential for each of five common uses and shows what it allows.
--
--     make demo
--
-- With CLOUDFLARE_ACCOUNT_ID, R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY set these are credentials
-- of your own, and no secret is shown. Without keys in the environment demonstration keys are used,
-- which open nothing: everything is shown, and the openssl command makes each signature and secret
-- again.
local r2 = require "r2"

-- What is shown as the request is the source of `make`, so it is what runs.
local uses = {
    {
        title = "Browser upload",
        text = "A page uploads files of one user into one folder. It cannot read, list or delete.",
        make = function(issuer)
            return issuer:client_upload_credentials("user-123", "my-bucket")
        end,
    },
    {
        title = "File download",
        text = "A customer fetches two files, and nothing else of what lies beside them.",
        make = function(issuer)
            return issuer:download_credentials("my-bucket", {
                "reports/2026/summary.pdf",
                "reports/2026/figures.csv",
            })
        end,
    },
    {
        title = "Backup service",
        text = "A nightly job writes, reads and prunes its own backups.",
        make = function(issuer)
            return issuer:service_credentials("my-bucket", "backups/database/")
        end,
    },
    {
        title = "Analytics",
        text = "A query engine reads two datasets while a report is made.",
        make = function(issuer)
            return issuer:create {
                bucket = "my-bucket",
                permission = r2.permission.OBJECT_READ_ONLY,
                prefixes = { "events/2026/", "customers/" },
                ttl_seconds = 6 * 3600,
            }
        end,
    },
    {
        title = "Migration",
        text = "A tool moves a whole bucket, for as long as the move takes and no longer.",
        make = function(issuer)
            return issuer:create {
                bucket = "my-bucket",
                permission = r2.permission.OBJECT_READ_WRITE,
                ttl_seconds = 2 * 3600,
            }
        end,
    },
}

local demonstration_keys = {
    account_id = "acc0acc0acc0acc0acc0acc0acc0acc0",
    parent_access_key_id = "1dea1dea1dea1dea1dea1dea1dea1dea",
    parent_secret_access_key = "5ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec0",
}

-- ---- printing ----

local WIDTH = 100

local function fail(message)
    io.stderr:write("demo: ", message, "\n")
    os.exit(1)
end

-- Prints pieces behind a label, and goes on below the first one where a line is full.
local function show(label, pieces, between)
    local line = ("   %-20s"):format(label)
    local indent, empty = #line, true
    for _, piece in ipairs(pieces) do
        if not empty and #line + #between + #piece > WIDTH then
            print(line)
            line, empty = (" "):rep(indent), true
        end
        line, empty = line .. (empty and "" or between) .. piece, false
    end
    print(line)
end

local function chunks(text, size)
    local list = {}
    for from = 1, #text, size do
        list[#list + 1] = text:sub(from, from + size - 1)
    end
    return list
end

-- The lines of a function's body, moved to the left.
local function source_of(make)
    local info, lines, number = debug.getinfo(make, "S"), {}, 0
    for line in io.lines(info.source:sub(2)) do
        number = number + 1
        if number > info.linedefined and number < info.lastlinedefined then
            lines[#lines + 1] = line
        end
    end
    local indent = lines[1]:match("^ *")
    for i, line in ipairs(lines) do
        lines[i] = line:sub(#indent + 1)
    end
    lines[1] = lines[1]:gsub("^return ", "")
    return lines
end

-- ---- what a credential allows, by its own account ----

local SCOPES = {
    ["object-read-only"] = { "READ" },
    ["object-read-write"] = { "READ", "WRITE", "MULTIPART" },
}

local function operations(claims)
    if claims.actions then
        return claims.actions
    end
    local all, groups = {}, r2.actions()
    for _, group in ipairs(SCOPES[claims.scope]) do
        for _, action in ipairs(groups[group]) do
            all[#all + 1] = action
        end
    end
    return all
end

local function places(claims)
    local list = {}
    for _, prefix in ipairs(claims.paths and claims.paths.prefixPaths or {}) do
        list[#list + 1] = "every object below " .. prefix
    end
    for _, key in ipairs(claims.paths and claims.paths.objectPaths or {}) do
        list[#list + 1] = "the object " .. key
    end
    return #list > 0 and list or { "every object" }
end

local function duration(seconds)
    local minutes = math.floor(seconds / 60 + 0.5)
    if minutes % 60 ~= 0 then
        return ("%d minutes"):format(minutes)
    end
    return ("%d hour%s"):format(minutes / 60, minutes == 60 and "" or "s")
end

local function show_limits(credentials, now)
    local claims = assert(r2.temp_credentials.inspect(credentials.session_token))
    show("allows", operations(claims), "  ")
    show("in bucket", { claims.bucket }, "")
    for i, place in ipairs(places(claims)) do
        show(i == 1 and "on" or "", { place }, "")
    end
    show("until", {
        os.date("!%Y-%m-%d %H:%M:%S UTC", credentials.expires_at),
        duration(credentials.expires_at - now) .. " from now",
    }, ", ")
end

-- ---- the same by another program ----

-- Demonstration keys only: other users of the machine can read a command line.
local function shell(command)
    local pipe = assert(io.popen(command))
    local output = pipe:read("*a")
    pipe:close()
    return (output:gsub("\n$", ""))
end

local function openssl(input, command)
    assert(input:find("^[%w._=-]+$"), "not for a shell")
    return shell(("printf %%s %s | openssl %s"):format(input, command))
end

local function compare(what, ours, theirs)
    show(what, { ours }, "")
    show("  by openssl", { theirs, ours == theirs and "the same" or "DIFFERENT" }, "  ")
    return ours == theirs
end

local function proof(credentials)
    local jwt = openssl(credentials.session_token, "base64 -d -A"):match("^jwt/([%w._-]+)$")
    if not jwt then
        fail("the openssl command does not decode the session token: is it installed?")
    end
    local signing_input, signature = jwt:match("^(.*)%.([^.]*)$")
    local hmac = "dgst -sha256 -binary -hmac " .. demonstration_keys.parent_secret_access_key
    local mac = openssl(signing_input, hmac .. " | openssl base64 -A | tr +/ -_ | tr -d =")
    local digest = openssl(jwt, "dgst -sha256"):match("%x+$") or ""
    local signed = compare("signature", signature, mac)
    local derived = compare("secret", credentials.secret_access_key, digest)
    return signed and derived
end

-- ---- the two ways to run ----

local NEEDED = { "CLOUDFLARE_ACCOUNT_ID", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY" }

-- Which of the variables with keys are set.
local function variables()
    local set = {}
    for _, name in ipairs { NEEDED[1], NEEDED[2], NEEDED[3], "CLOUDFLARE_API_TOKEN" } do
        if (os.getenv(name) or "") ~= "" then
            set[#set + 1] = name
        end
    end
    return set
end

local function own_issuer(set)
    local issuer, message = r2.from_env { mode = "local" }
    if not issuer then
        fail(("%s; for the demonstration keys unset %s"):format(message, table.concat(set, ", ")))
    end
    print [[
Cloudflare R2 temporary credentials, made with your own keys.
They are real. Their secrets and session tokens are not shown.]]
    return issuer
end

local function demonstration_issuer()
    print(([[
Cloudflare R2 temporary credentials, made with DEMONSTRATION KEYS that open nothing.
To make real ones set %s, %s and %s.

   account               %s
   parent access key id  %s
   parent secret         %s

openssl makes each signature and secret again, from the session token and the parent secret alone:

   jwt=$(printf %%s "$session_token" | openssl base64 -d -A | cut -c 5-)
   printf %%s "${jwt%%.*}" | openssl dgst -sha256 -binary -hmac "$parent_secret" |
       openssl base64 -A | tr +/ -_ | tr -d =            # the signature: what follows the last dot
   printf %%s "$jwt" | openssl dgst -sha256               # the secret access key]]):format(
        NEEDED[1], NEEDED[2], NEEDED[3], demonstration_keys.account_id,
        demonstration_keys.parent_access_key_id, demonstration_keys.parent_secret_access_key))
    return assert(r2.new(demonstration_keys))
end

local function show_use(number, use)
    print(("\n%d. %s\n   %s\n"):format(number, use.title, use.text))
    for _, line in ipairs(source_of(use.make)) do
        print("      " .. line)
    end
    print()
end

local function hidden(secret)
    return { ("(%d bytes, not shown)"):format(#secret) }
end

local function show_credentials(credentials, open)
    local secret, token = credentials.secret_access_key, credentials.session_token
    print()
    show("endpoint", { credentials.endpoint }, "")
    show("access_key_id", { credentials.access_key_id }, "")
    show("secret_access_key", open and { secret } or hidden(secret), "")
    show("session_token", open and chunks(token, 76) or hidden(token), "")
end

local function main()
    local set = variables()
    local demonstration = #set == 0
    local issuer = demonstration and demonstration_issuer() or own_issuer(set)
    local proved = true
    for number, use in ipairs(uses) do
        show_use(number, use)
        local now = os.time()
        local credentials, message = use.make(issuer)
        if not credentials then
            fail(message)
        end
        show_limits(credentials, now)
        show_credentials(credentials, demonstration)
        if demonstration then
            print()
            proved = proof(credentials) and proved
        end
    end
    issuer:close()
    if not proved then
        fail("openssl makes something else than the library")
    end
    print(("\n%d credentials made. %s"):format(#uses, demonstration
        and "openssl makes the same signatures and secrets."
        or "They were signed on this machine; nothing was sent anywhere."))
end

main()
