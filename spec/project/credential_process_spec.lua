-- How often boto3 runs a credential_process, by how long what it prints lives.

local server = require "spec.support.server"
local support = require "spec.project.support"
local tools = require "spec.project.tools"

if not server.has_nginx() or not tools.HAS.boto3 then
  pending("boto3 asks nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

local REQUESTS = 3

local BOTO = ([[
import os, boto3
s3 = boto3.Session(profile_name="r2").client("s3", endpoint_url=os.environ["URL"])
for _ in range(%d):
    s3.put_object(Bucket="my-bucket", Key="uploads/user-42/a", Body=b"text")
]]):format(REQUESTS)

local PROCESS = "#!/bin/sh\necho run >>runs\nexec r2creds mint client-upload user-42 my-bucket %s"
  .. " --format process\n"

describe("A credential_process", function()
  local s3

  setup(function()
    s3 = tools.server()
  end)

  -- How often it is run for the requests, with these options.
  local function runs_with(options)
    local folder = tools.folder {
      ["put.py"] = BOTO, process = PROCESS:format(options),
      config = "[profile r2]\nregion = auto\ncredential_process = sh process\n",
    }
    local _, requests = tools.run(s3, folder, tools.PYTHON .. " put.py")
    assert.equal(REQUESTS, #requests)
    for _, request in ipairs(requests) do
      tools.assert_signed(request, s3.url)
    end
    return #support.lines(support.read(folder .. "/runs"))
  end

  it("is run once for several requests, unless its credentials are made to end sooner", function()
    assert.equal(1, runs_with "")
  end)

  it("is run for each request when they end within 15 minutes", function()
    assert.is_true(runs_with "--ttl 15m" >= REQUESTS)
  end)
end)
