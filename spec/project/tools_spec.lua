-- The formats, read by the programs that they are for: each gets a credential of the command in its
-- own way, and asks a server for an object with it. The server notes what was asked; whether that
-- is signed with the credential is checked here, with the SHA-256 of the specs.

local cjson = require "cjson"
local make = require "spec.support.make"
local keys = require "spec.support.keys"
local server = require "spec.support.server"
local sha256 = require "spec.support.sha256"
local token = require "spec.support.token"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local function is_there(command)
    return select(2, support.try(command .. " >/dev/null 2>&1")) == 0
end

if not server.has_nginx() then
    pending("the tools ask nginx with its Lua module")
    return
end

teardown(server.stop_all)
teardown(support.remove_folders)

-- ---- a server that answers like S3, and takes notes ----

local KEY, TEXT = "backups/db/a key + 1.txt", "what the object holds"

local S3 = [[
    server {
        listen 127.0.0.1:@port@;
        location = /credentials {
            content_by_lua_block {
                if ngx.var.http_authorization ~= "a password" then
                    return ngx.exit(401)
                end
                ngx.header["content-type"] = "application/json"
                ngx.print(io.open("@folder@/container.json"):read("*a"))
            }
        }
        location / {
            content_by_lua_block {
                ngx.req.read_body()
                local file = assert(io.open("@folder@/requests", "a"))
                file:write(require("cjson").encode {
                    method = ngx.req.get_method(),
                    uri = ngx.var.request_uri,
                    headers = ngx.req.get_headers(),
                }, "\n")
                file:close()
                local method, text = ngx.req.get_method(), "%s"
                if method == "HEAD" and ngx.var.uri:find("new", 1, true) then
                    return ngx.exit(404)
                end
                local content = method == "PUT" and (ngx.req.get_body_data() or "") or text
                ngx.header["etag"] = '"' .. ngx.md5(content) .. '"'
                ngx.header["last-modified"] = "Thu, 01 Jan 2026 00:00:00 GMT"
                ngx.header["content-length"] = method == "PUT" and 0 or #text
                if method ~= "PUT" then
                    ngx.print(text)
                end
            }
        }
    }
]]

-- ---- signatures ----

local function unescaped(text)
    return (text:gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
    end))
end

-- The parts of a query: as they are signed, and by name.
local function read_query(query)
    local parts, named = {}, {}
    for part in query:gmatch("[^&]+") do
        local name, value = part:match("^([^=]*)=?(.*)$")
        named[name] = unescaped(value)
        if name ~= "X-Amz-Signature" then
            parts[#parts + 1] = name .. "=" .. value
        end
    end
    table.sort(parts)
    return table.concat(parts, "&"), named
end

-- How a request was signed, in its header or, presigned, in its query.
local function signing_of(request)
    local path, query = request.uri:match("^([^?]*)%??(.*)$")
    local canonical, named = read_query(query)
    local headers = request.headers
    local signing = { path = path, query = canonical }
    if named["X-Amz-Signature"] then
        signing.key_id, signing.scope = named["X-Amz-Credential"]:match("^([^/]*)/(.*)$")
        signing.names, signing.signature = named["X-Amz-SignedHeaders"], named["X-Amz-Signature"]
        signing.date, signing.payload = named["X-Amz-Date"], "UNSIGNED-PAYLOAD"
        signing.session_token = named["X-Amz-Security-Token"]
    else
        signing.key_id, signing.scope, signing.names, signing.signature =
            headers["authorization"]:match("^AWS4%-HMAC%-SHA256 Credential=([^/]*)/([^,]*), ?"
            .. "SignedHeaders=([^,]*), ?Signature=(%x+)$")
        signing.date, signing.payload = headers["x-amz-date"], headers["x-amz-content-sha256"]
        signing.session_token = headers["x-amz-security-token"]
        assert.matches("x-amz-security-token", signing.names, 1, true)
    end
    return signing
end

-- The signature that a request should have: docs.aws.amazon.com, "Signature Version 4".
local function signature_of(request, signing, secret)
    local lines = { request.method, signing.path, signing.query }
    for name in signing.names:gmatch("[^;]+") do
        lines[#lines + 1] = name .. ":" .. request.headers[name]:gsub("^ +", ""):gsub(" +$", "")
    end
    lines[#lines + 1] = ""
    lines[#lines + 1] = signing.names
    lines[#lines + 1] = signing.payload
    local to_sign = table.concat({
        "AWS4-HMAC-SHA256", signing.date, signing.scope, sha256.hex(table.concat(lines, "\n")),
    }, "\n")
    local key = "AWS4" .. secret
    for part in signing.scope:gmatch("[^/]+") do
        key = sha256.hmac(key, part)
    end
    return (sha256.hmac(key, to_sign):gsub(".", function(byte)
        return ("%02x"):format(byte:byte())
    end))
end

-- Fails unless a request is signed with a credential of the keys here, for the region auto.
local function assert_signed(request, endpoint)
    local signing = signing_of(request)
    local verifier = make.client { endpoint = endpoint }
    assert.equal("my-bucket", assert(verifier:verify(signing.session_token)).bucket)
    assert.equal(keys.parent_access_key_id, signing.key_id)
    assert.matches("^%d+/auto/s3/aws4_request$", signing.scope)
    local secret = sha256.hex(token.read(signing.session_token).jwt)
    assert.equal(signature_of(request, signing, secret), signing.signature)
end

-- ---- the programs ----

local AWS = "/usr/bin/aws"
local PYTHON = "/usr/bin/python3"
local BOTO = [[
import sys, boto3
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url=sys.argv[1], config=Config(retries={"max_attempts": 0}))
sys.stdout.write(s3.get_object(Bucket="my-bucket", Key=sys.argv[2])["Body"].read().decode())
]]

local HAS = {
    aws = is_there(AWS .. " --version"),
    boto3 = is_there(PYTHON .. " -c 'import boto3'"),
    rclone = is_there("rclone version"),
    s3cmd = is_there("s3cmd --version"),
    node = is_there("node --version && test -d spec/node_modules/@aws-sdk/client-s3"),
}

local MINT = "r2creds mint service my-bucket backups/db/ --format "

-- Where it comes from -> program -> what gets the object into the file "got". URL and KEY are those
-- of the object; a profile "r2" is there, and the container's endpoint.
local WAYS = {
    ["lines of a shell"] = {
        before = 'eval "$(' .. MINT .. 'env)"',
        aws = AWS .. ' --endpoint-url "$URL" s3api get-object --bucket my-bucket --key "$KEY" got',
        boto3 = PYTHON .. ' get.py "$URL" "$KEY" >got',
        s3cmd = 's3cmd -c "$EMPTY" --host="${URL#http://}" --host-bucket="${URL#http://}" --no-ssl'
            .. ' --region=auto get "s3://my-bucket/$KEY" got',
        node = 'node $ROOT/spec/sdk/get.mjs "" my-bucket "$KEY" >got',
    },
    ["a process"] = {
        before = "export AWS_PROFILE=r2",
        aws = AWS .. ' --endpoint-url "$URL" s3api get-object --bucket my-bucket --key "$KEY" got',
        boto3 = PYTHON .. ' get.py "$URL" "$KEY" >got',
        node = 'node $ROOT/spec/sdk/get.mjs "$URL" my-bucket "$KEY" >got',
    },
    ["a container's endpoint"] = {
        before = MINT .. 'container >"$FOLDER/container.json"\n'
            .. 'export AWS_CONTAINER_CREDENTIALS_FULL_URI="$URL/credentials"'
            .. " AWS_CONTAINER_AUTHORIZATION_TOKEN='a password' AWS_DEFAULT_REGION=auto",
        aws = AWS .. ' --endpoint-url "$URL" s3api get-object --bucket my-bucket --key "$KEY" got',
        boto3 = PYTHON .. ' get.py "$URL" "$KEY" >got',
        node = 'node $ROOT/spec/sdk/get.mjs "$URL" my-bucket "$KEY" >got',
    },
    ["rclone's variables"] = {
        before = 'eval "$(' .. MINT .. 'rclone)"',
        rclone = 'rclone copyto ":s3:my-bucket/$KEY" got --retries 1',
    },
    ["an object of JavaScript"] = {
        before = MINT .. "sdk >credentials.json",
        node = 'node $ROOT/spec/sdk/get.mjs "$URL" my-bucket "$KEY" credentials.json >got',
    },
}

local PROFILE = "[profile r2]\nregion = auto\ncredential_process = " .. MINT .. "process\n"

describe("A credential of r2creds", function()
    local s3, folder

    setup(function()
        s3 = server.nginx { http = S3:format(TEXT) }
    end)

    before_each(function()
        folder = support.folder()
        support.write(folder .. "/config", PROFILE)
        support.write(folder .. "/empty", "")
        support.write(folder .. "/get.py", BOTO)
    end)

    -- Runs lines of a shell in the folder, without anything of the user's. Returns what they
    -- printed and the requests that they led to.
    local function run(lines)
        os.remove(s3.path("requests"))
        local output = support.run(("cd %s && timeout 60 "):format(folder) .. r2creds.shell(lines, {
            HOME = folder, URL = s3.url, KEY = KEY, FOLDER = s3.folder,
            ROOT = support.lines(support.run("pwd"))[1],
            EMPTY = folder .. "/empty", RCLONE_CONFIG = folder .. "/empty",
            AWS_CONFIG_FILE = folder .. "/config", AWS_SHARED_CREDENTIALS_FILE = folder .. "/empty",
            AWS_EC2_METADATA_DISABLED = "true", R2_ENDPOINT = s3.url,
            CLOUDFLARE_ACCOUNT_ID = keys.account_id,
            R2_ACCESS_KEY_ID = keys.parent_access_key_id,
            R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
        }))
        local requests = {}
        for _, line in ipairs(support.lines(s3.read("requests") or "")) do
            requests[#requests + 1] = cjson.decode(line)
        end
        return output, requests
    end

    local function assert_all_signed(requests)
        assert.is_true(#requests > 0, "nothing was asked")
        for _, request in ipairs(requests) do
            assert.matches("^/my%-bucket/backups/db/", request.uri)
            assert_signed(request, s3.url)
        end
    end

    for way, case in pairs(WAYS) do
        for program, command in pairs(case) do
            local name = ("opens an object for %s, out of %s"):format(program, way)
            if HAS[program] then
                it(name, function()
                    local _, requests = run("set -e\n" .. case.before .. "\n" .. command)
                    assert.equal(TEXT, support.read(folder .. "/got"))
                    assert_all_signed(requests)
                end)
            elseif program ~= "before" then
                pending(name)
            end
        end
    end

    it("opens an object for curl, with a presigned URL", function()
        local output, requests = run('r2creds presign GET my-bucket "$KEY" >url && '
            .. 'sed "s/^/url = /" url | curl -sS --fail --config -')
        assert.equal(TEXT, output)
        assert.equal(1, #requests)
        assert_signed(requests[1], s3.url)
    end)

    if HAS.aws then
        it("comes to the AWS CLI through the profile of the README", function()
            local profile = support.read("README.md"):match("(%[profile .-)\nEND\n")
            local name = profile:match("^%[profile ([%w-]+)%]\n")
            local file = folder .. "/keys.env"
            profile = profile:gsub("%-%-env%-file %S+", "--env-file " .. file)
            support.write(folder .. "/config", profile .. "\n")
            support.write(file, ("CLOUDFLARE_ACCOUNT_ID=%s\nR2_ACCESS_KEY_ID=%s\n"
                .. "R2_SECRET_ACCESS_KEY=%s\nR2_ENDPOINT=%s\n"):format(keys.account_id,
                keys.parent_access_key_id, keys.parent_secret_access_key, s3.url))
            support.run("chmod 600 " .. file)
            local _, requests = run(WAYS["a process"].aws .. " --profile " .. name)
            assert.equal(TEXT, support.read(folder .. "/got"))
            assert_all_signed(requests)
        end)

        it("is what the AWS CLI shows as that of a process", function()
            local output = run(AWS .. " configure list --profile r2")
            assert.matches("%*" .. keys.parent_access_key_id:sub(-4) .. " +custom%-process", output)
        end)
    end

    if HAS.rclone then
        it("lets rclone write without a look at the bucket, and in one request", function()
            local _, requests = run(WAYS["rclone's variables"].before .. "\necho text >file\n"
                .. "rclone copyto file :s3:my-bucket/backups/db/new --s3-no-head --retries 1")
            local written = 0
            for _, request in ipairs(requests) do
                written = written + (request.method == "PUT" and 1 or 0)
            end
            assert.equal(1, written)
            assert_all_signed(requests)
        end)
    end

    it("would not pass with another secret, or on the way to another object", function()
        local way = WAYS["lines of a shell"]
        local _, requests = run(way.before .. "\nAWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}0\n"
            .. way.aws)
        assert.is_false(pcall(assert_all_signed, requests))
        _, requests = run(way.before .. "\n" .. way.aws)
        assert_all_signed(requests)
        requests[1].uri = requests[1].uri .. "x"
        assert.is_false(pcall(assert_all_signed, requests))
    end)
end)
