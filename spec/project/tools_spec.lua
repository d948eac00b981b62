-- The formats, read by the programs that they are for: each gets a credential of the command in its
-- own way, and asks a server for an object with it.

local keys = require "spec.support.keys"
local server = require "spec.support.server"
local support = require "spec.project.support"
local tools = require "spec.project.tools"

if not server.has_nginx() then
  pending("the tools ask nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

local AWS, PYTHON, HAS, TEXT = tools.AWS, tools.PYTHON, tools.HAS, tools.TEXT
local assert_signed = tools.assert_signed

local BOTO = [[
import sys, boto3
from botocore.config import Config
s3 = boto3.client("s3", endpoint_url=sys.argv[1], config=Config(retries={"max_attempts": 0}))
sys.stdout.write(s3.get_object(Bucket="my-bucket", Key=sys.argv[2])["Body"].read().decode())
]]

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
    s3 = tools.server()
  end)

  before_each(function()
    folder = tools.folder { config = PROFILE, ["get.py"] = BOTO }
  end)

  local function run(lines)
    return tools.run(s3, folder, lines)
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
    it("comes to the AWS CLI through the profile of docs/command.md", function()
      local profile = support.read("docs/command.md"):match("(%[profile .-)\nEND\n")
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
