-- r2creds doctor: of each broken set-up the first line that is not ok names the cause, and what is
-- sound passes. No line has a secret.
local cjson = require "cjson"
local keys = require "sandbox.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local nginx = require "spec.support.nginx"
local r2creds = require "spec.command.r2creds"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local ABSENT = make.ABSENT
local OTHER_SECRET, TOKEN = ("0b1c"):rep(16), "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJ-12"

local EMPTY_LIST = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"

-- Services that are not as they should be: the API's side below a path, R2's on a port each.
local SERVICES = [[
default_type application/json;
server {
    listen 127.0.0.1:@api@;
    location /revoked/ {
        return 401 '{"errors":[{"code":1000,"message":"Invalid API Token"}]}';
    }
    location /disabled/ { return 200 '{"success":true,"result":{"id":"1","status":"disabled"}}'; }
    location /other/ {
        return 200 '{"result":{"id":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","status":"active"}}';
    }
    location /away/ { return 503; }
    location /page/ { return 200 '<html>'; }
    location /late/ {
        content_by_lua_block {
            ngx.header["Date"] = ngx.http_time(ngx.time() - 3600)
            ngx.print('{"success":true,"result":{"id":"@id@","status":"active"}}')
        }
    }
    location ~ ^/(no-r2|unknown-parent)/.*/tokens/verify$ {
        return 200 '{"success":true,"result":{"id":"@id@","status":"active"}}';
    }
    location /no-r2/ {
        return 403 '{"success":false,"errors":[{"code":10000,"message":"Authentication error"}]}';
    }
    location /unknown-parent/ {
        return 401 '{"success":false,"errors":[{"code":10002,"message":"Unauthorized"}]}';
    }
}
server {
    listen 127.0.0.1:@late@;
    location / {
        content_by_lua_block { ngx.header["Date"] = ngx.http_time(ngx.time() + 3600) ngx.exit(400) }
    }
}
server {
    listen 127.0.0.1:@denied@;
    location / { return 403 '<Error><Code>AccessDenied</Code><Message>no</Message></Error>'; }
}
server {
    listen 127.0.0.1:@unknown@;
    location / { return 401 '<Error><Code>Unauthorized</Code><Message>no</Message></Error>'; }
}
server {
    listen 127.0.0.1:@open@;
    location / { return 200 '@list@'; }
}
server {
    listen 127.0.0.1:@tls@ ssl;
    ssl_certificate %s/unknown_ca.pem;
    ssl_certificate_key %s/unknown_ca.key;
}
]]

local sandbox, services, base, variables

setup(function()
  sandbox = r2creds.sandbox()
  local certificates = nginx.certificates()
  services = nginx.start((SERVICES:format(certificates, certificates)
    :gsub("@id@", keys.parent_access_key_id):gsub("@list@", EMPTY_LIST)))
  base = r2creds.sandbox_variables(sandbox)
end)

teardown(function()
  nginx.stop_all()
  server.stop_all()
end)

before_each(function()
  variables = base
end)

local function port(name)
  return ("http://127.0.0.1:%d"):format(services.ports[name])
end

-- The lines of JSON that it prints, and its exit code. None has a secret.
local function examine(changes, words)
  variables = make.changed(base, changes)
  local output, errors, status =
    r2creds.run("r2creds doctor --json " .. (words or "my-bucket"), variables)
  local secrets = { keys.parent_secret_access_key, keys.api_token, OTHER_SECRET, TOKEN }
  leaks.assert_none(secrets, output .. errors)
  local lines = {}
  for line in output:gmatch("[^\n]+") do
    lines[#lines + 1] = cjson.decode(line)
  end
  return lines, status, errors
end

local function first_amiss(lines)
  for _, line in ipairs(lines) do
    if line.state ~= "ok" and line.todo ~= "fine if they are of two tokens" then
      return line
    end
  end
end

-- What is changed; the check and a piece of what it found; the exit code, where it is not 2; words.
local ACCOUNT, ID, SECRET, API = "CLOUDFLARE_ACCOUNT_ID", "R2_ACCESS_KEY_ID",
  "R2_SECRET_ACCESS_KEY", "CLOUDFLARE_API_TOKEN"

local function broken()
  return {
    { { [ACCOUNT] = ABSENT }, ACCOUNT, "is not set" },
    { { [ACCOUNT] = "" }, ACCOUNT, "is not set" },
    { { [ACCOUNT] = keys.account_id:sub(2) }, ACCOUNT, "not of that length" },
    { { [ACCOUNT] = keys.account_id:upper() }, ACCOUNT, "small letters" },
    { { [ACCOUNT] = '"' .. keys.account_id .. '"' }, ACCOUNT, "quotes around" },
    { { [ACCOUNT] = keys.account_id .. " " }, ACCOUNT, "blanks" },
    { { [ACCOUNT] = "my account" }, ACCOUNT, "blanks in it" },
    { { [ID] = ABSENT }, ID, "is not set" },
    { { [ID] = "AKIAIOSFODNN7EXAMPLE" }, ID, "of AWS" },
    { { [ID] = keys.parent_access_key_id .. "\n" }, ID, "blanks" },
    { { [ID] = keys.account_id }, ID, "is the account's id" },
    { { [ID] = keys.parent_secret_access_key, [SECRET] = keys.parent_access_key_id }, ID,
      "looks like a secret access key" },
    { { [SECRET] = keys.parent_access_key_id }, SECRET, "looks like an account id" },
    { { [SECRET] = TOKEN }, SECRET, "looks like an API token's value" },
    { { [SECRET] = keys.parent_secret_access_key:sub(1, 63) }, SECRET, "not of that length" },
    { { [SECRET] = "'" .. keys.parent_secret_access_key .. "'" }, SECRET, "quotes" },
    { { [SECRET] = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }, SECRET, "a secret of AWS" },
    { { [SECRET] = ABSENT, [API] = ABSENT }, SECRET, "is not set, nor is" },
    { { [API] = keys.parent_secret_access_key }, API, "looks like a secret access key" },
    { { [API] = ("0123456789abcdef"):rep(3):sub(1, 37) }, API, "Global API Key" },
    { { [API] = "v1.0-abcdef" }, API, "Origin CA key" },
    { { [API] = "Bearer " .. TOKEN }, API, "blanks in it" },
    { { [API] = TOKEN }, API, "is not taken (HTTP 403, 9109: Invalid access token)" },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/revoked" }, API, "1000: Invalid API Token" },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/disabled" }, API, "is disabled" },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/page" }, API, "no state that is known" },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/away" }, API, "HTTP 503", 1 },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/late" }, "clock", "60 minutes off" },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/no-r2", [SECRET] = ABSENT }, "from the API",
      "Authentication error" },
    { { CLOUDFLARE_BASE_URL = port "api" .. "/unknown-parent", [SECRET] = ABSENT },
      "from the API", "R2 does not know" },
    { { CLOUDFLARE_BASE_URL = "http://127.0.0.1:1" }, "Cloudflare's API", "cannot be reached", 1 },
    { { CLOUDFLARE_BASE_URL = "here" }, "CLOUDFLARE_BASE_URL", "is no URL" },
    { { CLOUDFLARE_BASE_URL = "https://api.example.invalid" }, "CLOUDFLARE_BASE_URL",
      "api.example.invalid, which is not Cloudflare's", 1 },
    { { R2_ENDPOINT = "https://" .. ("1"):rep(32) .. ".r2.cloudflarestorage.com" }, "R2_ENDPOINT",
      "of another account" },
    { { R2_ENDPOINT = "https://s3.example.invalid", [API] = ABSENT }, "R2_ENDPOINT",
      "which is not Cloudflare's", 1 },
    { { R2_ENDPOINT = ABSENT, R2_JURISDICTION = "E U" }, "settings", "jurisdiction" },
    { { R2_ENDPOINT = "http://127.0.0.1:1" }, "R2", "cannot be reached", 1 },
    { { R2_ENDPOINT = port "late", [API] = ABSENT }, "clock", "minutes off" },
    { { R2_ENDPOINT = port "denied", [API] = ABSENT }, "signed here", "may not do that" },
    { { R2_ENDPOINT = port "unknown", [API] = ABSENT }, "signed here", "does not know" },
    { { R2_ENDPOINT = port "open", [API] = ABSENT }, "signed here", "opens more" },
    { { R2_ENDPOINT = "https://127.0.0.1:" .. services.ports.tls, [API] = ABSENT }, "R2",
      "certificate", 1 },
    { { R2_ENDPOINT = "https://127.0.0.1:" .. services.ports.tls, [API] = ABSENT,
      https_proxy = "http://127.0.0.1:1" }, "https_proxy", "through a proxy", 1 },
    { { [SECRET] = OTHER_SECRET, [API] = ABSENT }, "signed here", "R2 refuses the session token" },
    { { [ID] = ("1"):rep(32), [API] = ABSENT }, "signed here", "R2 does not know" },
    { {}, "bucket", "there is none of that name", nil, keys.missing_bucket },
    { { [SECRET] = ABSENT }, "bucket", "there is none of that name", nil, keys.missing_bucket },
    { {}, "signed here", "bucket", nil, "NO_BUCKET" },
  }
end

describe("r2creds doctor", function()
  it("names what is wrong first, in each of many set-ups", function()
    local rows = broken()
    assert.is_true(#rows >= 40)
    for i, row in ipairs(rows) do
      local lines, status, errors = examine(row[1], row[5])
      local line = first_amiss(lines)
      assert(line, ("row %d: nothing is amiss; %s"):format(i, errors))
      assert(line.check == row[2] and line.found:find(row[3], 1, true),
        ("row %d: %s: %s"):format(i, line.check, line.found))
      assert.equal(row[4] or 2, status, i)
      assert.equal("", errors)
    end
  end)

  it("passes what is sound, in both modes, and leaves nothing behind", function()
    local bucket = r2creds.bucket(sandbox)
    for _, changes in ipairs { {}, { [SECRET] = ABSENT }, { [API] = ABSENT } } do
      for _, words in ipairs { "", "my-bucket", "my-bucket --write" } do
        local lines, status, errors = examine(changes, words)
        assert.equal("", errors)
        assert.equal(0, status)
        local amiss = first_amiss(lines)
        assert.equal(words == "" and "bucket" or nil, amiss and amiss.check)
      end
    end
    assert.equal(0, #assert(bucket:list_page {}))
    local output = r2creds.output_of("r2creds doctor my-bucket --mode local", base)
    assert.matches("\nok        signed here: a credential opens the bucket\n", output)
    assert.is_nil(output:find("from the API", 1, true))
    assert.is_nil(output:find("wrong", 1, true))
  end)

  it("tells what would get in the way of AWS's tools, which is no fault of the keys", function()
    local lines, status = examine { AWS_PROFILE = "work", AWS_ENDPOINT_URL = "https://x.example" }
    assert.equal(0, status)
    assert.equal("AWS_PROFILE", first_amiss(lines).check)
    assert.equal("AWS_ENDPOINT_URL", lines[#lines - 1].check == "AWS_ENDPOINT_URL"
      and lines[#lines - 1].check or lines[#lines].check)
    local old = support.folder()
    support.write(old .. "/aws", "#!/bin/sh\necho aws-cli/2.9.19 Python/3.11.2\n")
    support.run("chmod +x " .. old .. "/aws")
    local output = r2creds.output_of(("PATH=%s:$PATH r2creds doctor"):format(old), base)
    assert.matches("not known aws: version 2.9.19 reads no AWS_ENDPOINT_URL_S3", output)
  end)

  it("takes keys from a file, and says what cannot be read", function()
    local folder = support.folder()
    support.write(folder .. "/keys", ("CLOUDFLARE_ACCOUNT_ID=%s\nR2_ACCESS_KEY_ID=%s\n"):format(
      keys.account_id, keys.parent_access_key_id))
    support.run("chmod 600 " .. folder .. "/keys")
    local output, _, status = r2creds.run("r2creds doctor --env-file keys", base, folder)
    assert.matches("\nwrong     R2_SECRET_ACCESS_KEY: is not set, nor is", output)
    assert.equal(2, status)
    r2creds.fails(1, { "none " }, "r2creds doctor --env-file none", base, folder)
    r2creds.fails(1, { "--ca-file" }, "r2creds doctor --ca-file none", base, folder)
  end)

  it("finds a bucket in another jurisdiction", function()
    local opened = require "r2.command.doctor.opened"
    local reports = require "r2.command.doctor.report"
    local r2 = require "r2"
    local asked = {}
    local transport = { sleep = function() end, perform = function(request)
      local host = request.url:match("^https://([^/]+)")
      asked[#asked + 1] = host
      if host:find(".eu.", 1, true) then
        request.output(EMPTY_LIST)
        return { status = 200, headers = {} }
      end
      return { status = 404, headers = {}, body = "<Error><Code>NoSuchBucket</Code></Error>" }
    end }
    local settings = { account_id = keys.account_id,
      parent_access_key_id = keys.parent_access_key_id,
      parent_secret_access_key = keys.parent_secret_access_key }
    local report = reports.new(true, function() end)
    opened.check({ settings = settings, transport = transport, now = os.time, seconds = 5,
      new_issuer = function(mode, jurisdiction)
        return r2.new(make.changed(settings, { mode = mode, jurisdiction = jurisdiction }))
      end }, report, "local", "my-bucket")
    assert.equal("it is in another jurisdiction", report.lines[1].found)
    assert.equal("export R2_JURISDICTION=eu", report.lines[1].todo)
    assert.equal(2, #asked)
  end)
end)
