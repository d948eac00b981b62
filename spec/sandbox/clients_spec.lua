-- Real clients against the sandbox's S3 side, with credentials from both modes: what these allow
-- succeeds, what they do not allow is AccessDenied, and what is altered is told as such.

local server = require "spec.support.server"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"
local tools = require "spec.project.tools"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local BOTO = [[
import os, sys, boto3
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url=os.environ["URL"], region_name="auto",
    config=Config(retries={"max_attempts": 0}))
if sys.argv[1] == "put":
    s3.put_object(Bucket="my-bucket", Key=sys.argv[2], Body=open("sent", "rb"))
else:
    open("got", "wb").write(s3.get_object(Bucket="my-bucket", Key=sys.argv[2])["Body"].read())
]]

local CURL = 'curl -sS --noproxy "*" --aws-sigv4 aws:amz:auto:s3'
  .. ' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
  .. ' -H "x-amz-security-token: $AWS_SESSION_TOKEN"'
  .. ' -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" '
local S3CMD = 's3cmd -c "$EMPTY" --host="${URL#http://}" --host-bucket="${URL#http://}" --no-ssl'
  .. ' --region=auto '
local AWS = tools.AWS .. ' --endpoint-url "$URL" s3api '
local RCLONE = 'rclone --config "$EMPTY" --retries 1 --low-level-retries 1 copyto '

local MINT = "r2creds mint --bucket my-bucket --permission %s --prefix in/ --ttl 1h --mode %s"

-- How a client gets its credential.
local AS_VARIABLES = "creds=$(" .. MINT .. ") || exit 99\neval \"$creds\"\n"
local AS_RCLONES = "creds=$(" .. MINT .. " --format rclone) || exit 99\neval \"$creds\"\n"
local BY_A_PROCESS = "printf '[profile r2]\nregion = auto\ncredential_process = %%s\n' \""
  .. MINT .. " --format process\" >config\n"
  .. "export AWS_PROFILE=r2 AWS_CONFIG_FILE=$PWD/config\n"

-- What puts the file "sent" at $KEY, and what gets $KEY into the file "got".
local CLIENTS = {
  ["the AWS CLI"] = {
    put = AWS .. 'put-object --bucket my-bucket --key "$KEY" --body sent',
    get = AWS .. 'get-object --bucket my-bucket --key "$KEY" got',
  },
  ["the AWS CLI, by a process,"] = {
    before = BY_A_PROCESS,
    put = AWS .. 'put-object --bucket my-bucket --key "$KEY" --body sent',
    get = AWS .. 'get-object --bucket my-bucket --key "$KEY" got',
  },
  rclone = {
    before = AS_RCLONES,
    put = RCLONE .. 'sent ":s3:my-bucket/$KEY" --s3-upload-cutoff 5M --s3-chunk-size 5M',
    get = RCLONE .. '":s3:my-bucket/$KEY" got',
    size = 11 * 2 ^ 20, denied = "403",
  },
  boto3 = {
    put = tools.PYTHON .. ' client.py put "$KEY"', get = tools.PYTHON .. ' client.py get "$KEY"',
  },
  s3cmd = {
    put = S3CMD .. 'put sent "s3://my-bucket/$KEY"',
    get = S3CMD .. 'get --force "s3://my-bucket/$KEY" got', denied = "403",
  },
  curl = {
    put = CURL .. '-T sent "$URL/my-bucket/$KEY" | tee said; ! grep -q "<Error" said',
    get = CURL .. '-o got "$URL/my-bucket/$KEY"; cat got; ! grep -q "<Error" got',
  },
}

local sandbox

setup(function()
  sandbox = r2creds.sandbox()
end)

teardown(server.stop_all)
teardown(support.remove_folders)

local function variables()
  return r2creds.sandbox_variables(sandbox, {
    URL = sandbox.url, EMPTY = "/dev/null",
    AWS_EC2_METADATA_DISABLED = "true", AWS_DEFAULT_REGION = "auto",
  })
end

-- Runs a client with a credential: what it said, and its exit code.
local function run(before, mode, permission, key, lines, folder)
  local output, errors, status = r2creds.run(
    (before .. "KEY=%s\n%s"):format(permission, mode, key, lines), variables(), folder)
  return output .. errors, status
end

for name, client in pairs(CLIENTS) do
  for _, mode in ipairs { "local", "api" } do
    describe(name .. ", with a credential of mode " .. mode, function()
      local folder, bytes
      local key = "in/" .. mode .. "-" .. name:gsub("%W", "-")
      local before = client.before or AS_VARIABLES

      before_each(function()
        folder, bytes = support.folder(), ("the bytes of " .. name):rep(100)
        bytes = bytes .. ("x"):rep((client.size or #bytes) - #bytes)
        support.write(folder .. "/sent", bytes)
        support.write(folder .. "/client.py", BOTO)
      end)

      local function succeeds(permission, lines)
        local said, status = run(before, mode, permission, key, lines, folder)
        assert.equal(0, status, said)
      end

      local function is_denied(permission, at, lines)
        local said, status = run(before, mode, permission, at, lines, folder)
        assert.not_equal(0, status, said)
        assert.not_equal(99, status, said)
        assert.is_truthy(said:find(client.denied or "AccessDenied", 1, true), said)
      end

      it("puts and gets", function()
        succeeds(mode == "local" and "object-write-only" or "object-read-write", client.put)
        succeeds("object-read-only", client.get)
        assert.equal(bytes, support.read(folder .. "/got"))
      end)

      it("is denied what the credential is not for", function()
        is_denied("object-read-only", key, client.put)
        is_denied("object-read-write", "out/a", client.put)
        is_denied("object-read-write", "out/a", client.get)
        if mode == "local" then
          is_denied("object-write-only", key, client.get)
        end
      end)
    end)
  end
end

-- What is altered of a credential -> what R2 says.
local ALTERED = {
  AWS_SECRET_ACCESS_KEY = "SignatureDoesNotMatch",
  AWS_SESSION_TOKEN = "InvalidArgument",
}

for _, name in ipairs { "the AWS CLI", "boto3", "curl" } do
  for variable, code in pairs(ALTERED) do
    it(name .. " is told what is wrong with an altered " .. variable, function()
      local folder = support.folder()
      support.write(folder .. "/sent", "bytes")
      support.write(folder .. "/client.py", BOTO)
      -- The twentieth character becomes another one.
      local alter = ("%s=$(printf %%%%s \"$%s\" | sed '%s')\n"):format(variable, variable,
        [[s/^\(.\{19\}\)[^a]/\1a/;t;s/^\(.\{19\}\)a/\1b/]])
      local said, status = run(AS_VARIABLES .. alter, "local", "object-read-write", "in/altered",
        CLIENTS[name].put, folder)
      assert.not_equal(0, status, said)
      assert.is_truthy(said:find(code, 1, true), said)
    end)
  end
end
