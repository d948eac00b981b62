-- Lines for a shell that has another account's variables in it: whatever those say, programs are to
-- use the credential, all of it, and to send it to its endpoint alone.

local cjson = require "cjson"
local server = require "spec.support.server"
local support = require "spec.project.support"
local tools = require "spec.project.tools"

if not server.has_nginx() then
  pending("the tools ask nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

local BOTO = [[
import os, boto3
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"],
                  config=Config(retries={"max_attempts": 0}))
print(s3.get_object(Bucket="my-bucket", Key=os.environ["KEY"])["Body"].read().decode(), end="")
]]

local EXPIRY = {
  boto3 = tools.PYTHON .. [[ -c 'import boto3
credentials = boto3.Session().get_credentials()
credentials.get_frozen_credentials()
print(int(credentials._expiry_time.timestamp()))']],
  node = [[cd $ROOT/spec && node --input-type=module -e '
import { fromEnv } from "@aws-sdk/credential-provider-env";
console.log((await fromEnv()()).expiration.getTime() / 1000);']],
}

-- A profile that is there for the JavaScript SDK, which takes its keys before those of the
-- environment; one that is missing stops boto3 and the AWS CLI. Older names of the keys, and a file
-- of keys, are what s3cmd reads first.
local ANOTHER_LIFE = [[
export AWS_ACCESS_KEY_ID=another AWS_SECRET_ACCESS_KEY=another AWS_SESSION_TOKEN=another
export AWS_SECURITY_TOKEN=another AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z
export AWS_PROFILE=@profile@ AWS_DEFAULT_PROFILE=@profile@ AWS_REGION=us-east-1
export AWS_ACCESS_KEY=another AWS_SECRET_KEY=another AWS_CREDENTIAL_FILE=$HOME/config
export AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ENDPOINT_URL_S3=http://127.0.0.1:1
export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true
export AWS_USE_FIPS_ENDPOINT=true AWS_USE_DUALSTACK_ENDPOINT=true
]]

local MINT = 'eval "$(r2creds mint service my-bucket backups/db/ --format env)"\n'

local GETS = {
  aws = tools.AWS .. ' --endpoint-url "$AWS_ENDPOINT_URL_S3" s3api get-object --bucket my-bucket'
    .. ' --key "$KEY" got',
  boto3 = tools.PYTHON .. " get.py >got",
  s3cmd = 's3cmd --host="${URL#http://}" --host-bucket="${URL#http://}" --no-ssl --region=auto'
    .. ' get "s3://my-bucket/$KEY" got',
  node = 'node $ROOT/spec/sdk/get.mjs "" my-bucket "$KEY" >got',
}

describe("Lines for a shell of another life", function()
  local s3, folder

  setup(function()
    s3 = tools.server()
  end)

  before_each(function()
    local another = "aws_access_key_id=another\naws_secret_access_key=another\n"
    folder = tools.folder {
      ["get.py"] = BOTO,
      config = "[default]\n" .. another .. "[profile there]\n" .. another,
    }
  end)

  for program, get in pairs(GETS) do
    local name = "hand the credential to " .. program .. ", and no other"
    if not tools.HAS[program] then
      pending(name)
    else
      it(name, function()
        local profile = program == "node" and "there" or "gone"
        local before = ANOTHER_LIFE:gsub("@profile@", profile)
        local _, requests = tools.run(s3, folder, "set -e\n" .. before .. MINT .. get)
        assert.equal(tools.TEXT, support.read(folder .. "/got"))
        assert.is_true(#requests > 0)
        for _, request in ipairs(requests) do
          tools.assert_signed(request, s3.url)
        end
      end)
    end
  end

  for program, print_expiry in pairs(EXPIRY) do
    local name = "tell " .. program .. " when it ends"
    if not tools.HAS[program] then
      pending(name)
    else
      it(name, function()
        local output = tools.run(s3, folder, MINT .. 'printf %s "$AWS_SESSION_TOKEN"'
          .. " | r2creds inspect --json\n" .. print_expiry)
        local claims, expiry = output:match("^(.-)\n(%d+)\n$")
        assert.equal(cjson.decode(claims).expires_at, tonumber(expiry))
      end)
    end
  end
end)
