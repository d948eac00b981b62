-- Credentials that can write and nothing else, in the hands of a program that likes to look around:
-- the server refuses whatever reads, as R2 does.

local server = require "spec.support.server"
local support = require "spec.project.support"
local tools = require "spec.project.tools"

if not server.has_nginx() or not tools.HAS.rclone then
  pending("rclone asks nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

local READS = "HEAD GET"

local function eval(words)
  return 'set -e\neval "$(r2creds mint ' .. words .. ' --format rclone)"\n'
end

local WRITE_ONLY = eval "upload my-bucket --prefix in/"
local READ_WRITE = eval "service my-bucket in/"
local RCLONE = "rclone --retries 1 --low-level-retries 1 "
local COPY = RCLONE .. "copyto file :s3:my-bucket/in/file --ignore-times"

local function methods_of(requests)
  local counts = {}
  for _, request in ipairs(requests) do
    counts[request.method] = (counts[request.method] or 0) + 1
  end
  return counts
end

describe("rclone with a write-only credential", function()
  local strict, lenient, folder

  setup(function()
    strict, lenient = tools.server(READS), tools.server()
  end)

  before_each(function()
    folder = tools.folder { file = tools.TEXT, large = ("x"):rep(11 * 1024 * 1024) }
    support.run(("mkdir %s/folder && cp %s/file %s/folder"):format(folder, folder, folder))
  end)

  -- What rclone does -> the requests that it takes.
  for words, expected in pairs {
    ["copyto file :s3:my-bucket/in/file"] = { PUT = 1 },
    ["copy file :s3:my-bucket/in/"] = { PUT = 1 },
    ["copy folder :s3:my-bucket/in/"] = { PUT = 1 },
    ["moveto file :s3:my-bucket/in/file"] = { PUT = 1 },
    ["rcat :s3:my-bucket/in/file <file"] = { PUT = 1 },
    ["rcat --size 11534336 :s3:my-bucket/in/large <large"] = { PUT = 1 },
    ["copyto large :s3:my-bucket/in/large --s3-upload-cutoff 6M"] = { POST = 2, PUT = 3 },
  } do
    it("succeeds without a look at anything: " .. words, function()
      local _, requests = tools.run(strict, folder, WRITE_ONLY .. RCLONE .. words)
      assert.same(expected, methods_of(requests))
      for _, request in ipairs(requests) do
        tools.assert_signed(request, strict.url)
      end
    end)
  end

  it("is one whose actions lack HeadObject", function()
    local words = "--bucket my-bucket --ttl 1h --prefix in/ --action GetObject"
      .. " --action PutObject"
    local _, requests = tools.run(strict, folder, eval(words) .. COPY)
    assert.same({ PUT = 1 }, methods_of(requests))
    _, requests = tools.run(lenient, folder, eval(words .. " --action HeadObject") .. COPY)
    assert.same({ HEAD = 2, PUT = 1 }, methods_of(requests))
  end)

  it("leaves nothing behind for the next credential, which is checked as ever", function()
    local _, requests = tools.run(lenient, folder, WRITE_ONLY .. READ_WRITE .. COPY)
    assert.same({ HEAD = 2, PUT = 1 }, methods_of(requests))
  end)
end)
