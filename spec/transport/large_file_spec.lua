-- A file of 1 GiB up and down: the same bytes, in little memory; in nginx with a page answered
-- meanwhile, and with a visitor who leaves.
local nginx = require "spec.support.nginx"
local server = require "spec.support.server"
local support = require "spec.project.support"
local http = require "r2.http"

local BYTES = 2 ^ 30
local MOST = 64 * 1024 -- KiB
local OVER = "spec.support.bucket.cosocket"

-- In memory: the disk may be slow, or full.
local function has_room()
  local text, status = support.try("df -kP /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }'")
  return status == 0 and (tonumber(text) or 0) > 6 * 2 ^ 20
end

if nginx.missing() or not has_room() then
  pending(nginx.missing() or "there is no room for 6 GiB in /dev/shm")
  return
end

local FRONT = [[
%s
lua_socket_log_errors off;
lua_check_client_abort on;
server {
    listen 127.0.0.1:@web@;
    location = /run { content_by_lua_block { require("spec.support.bucket.large_file").run() } }
    location = /page { content_by_lua_block { require("spec.support.bucket.large_file").page() } }
    location = /begin { content_by_lua_block { require("spec.support.bucket.large_file").begin() } }
    location = /left { content_by_lua_block { require("spec.support.bucket.large_file").left() } }
}
]]

describe("a file of 1 GiB", function()
  local sandbox, folder, pages, url, peak

  local function assert_same()
    support.run(("cmp %s/file %s/back && rm %s/back"):format(folder, folder, folder))
  end

  setup(function()
    folder = support.lines(support.run("mktemp -d -p /dev/shm"))[1]
    local build = os.getenv("SERVER_BUILD") or os.getenv("BUILD") or "build"
    sandbox = server.command {
      command = ("env PORT=@port@ TMPDIR=%s BUILD='%s' sandbox/run"):format(folder, build),
      ready = "Ctrl-C ends it",
    }
    -- Not zeros alone, for parts that change places are to be seen.
    support.run(("truncate -s %d %s/file && for i in 0 100 500 900 1023; do echo $i | dd of=%s/file"
      .. " bs=1M seek=$i conv=notrunc status=none; done"):format(BYTES, folder, folder))
    local front = nginx.start(FRONT:format(nginx.lua_paths()))
    url = ("http://127.0.0.1:%d"):format(front.ports.web)
    pages = assert(http.new())
  end)

  -- By a program of its own; the object stays for what follows.
  setup(function()
    local lua = support.LUAS[1]
    peak = support.run(("LUA_PATH='lua/?.lua;lua/?/init.lua;./?.lua;;'"
      .. " LUA_CPATH='build/lua%s/?.so;;' %s spec/support/bucket/large_file.lua %s %s/file %s/back")
      :format(lua.version, lua.name, sandbox.url, folder, folder))
    assert_same()
  end)

  teardown(function()
    if pages then
      pages:close()
    end
    nginx.stop_all()
    server.stop_all()
    support.run("rm -rf " .. folder)
  end)

  local function page(path)
    return assert(pages:perform { method = "GET", url = url .. path }).body
  end

  it("takes little memory", function()
    assert.is_true(tonumber(peak) < MOST, peak)
  end)

  it("lets a worker of nginx answer others", function()
    local streams = assert(http.new { timeout_seconds = 600 })
    local exchange = assert(streams:start { method = "GET",
      url = ("%s/run?over=%s&url=%s&path=%s/file&back=%s/back"):format(url, OVER, sandbox.url,
        folder, folder) })
    local answered = 0
    local response, message
    repeat
      answered = answered + (page "/page" == "under way" and 1 or 0)
      response, message = exchange:poll()
    until response ~= false
    streams:close()
    assert(response, message)
    assert.equal(200, response.status, response.body)
    assert.is_true(tonumber(response.body) < MOST, response.body)
    assert.is_true(answered > 10, answered)
    assert_same()
  end)

  it("leaves nothing of a visitor who goes while it comes", function()
    local visitor = assert(http.new { timeout_seconds = 600 })
    local begun = false
    local exchange = assert(visitor:start { method = "GET",
      url = ("%s/begin?over=%s&url=%s&back=%s/back"):format(url, OVER, sandbox.url, folder),
      output = function() begun = true end })
    repeat
      assert.equal(false, (exchange:poll()))
    until begun
    visitor:close()
    local left
    repeat -- until nginx has noticed
      page "/page"
      left = page("/left?folder=" .. folder .. "/back")
    until left == ""
    assert.equal("file\n", (support.run("ls " .. folder .. " | grep -v tmp")))
  end)
end)
