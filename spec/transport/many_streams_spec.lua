-- One worker of nginx: 50 objects of 8 MiB go up, and come down, at the same time. The worker
-- answers another page meanwhile, and its memory stays flat.
local nginx = require "spec.support.nginx"
local server = require "spec.support.server"
local servers = require "spec.support.bucket.servers"
local http = require "r2.http"

if nginx.missing() then
  pending(nginx.missing())
  return
end

local COUNT, BYTES = 50, 8 * 2 ^ 20
local MOST = 100 * 1024 -- KiB; all of the bodies are four times that

local RESTY = nginx.resty_http()

local FRONT = [[
%s
lua_socket_log_errors off;
lua_socket_pool_size 100;
server {
    listen 127.0.0.1:@web@;
    location = /run { content_by_lua_block { require("spec.support.bucket.many_streams").run() } }
    location = /page {
        header_filter_by_lua_block { require("spec.support.bucket.many_streams").tell() }
        return 200 "a page";
    }
}
]]

describe("fifty streams in one worker", function()
  local sandbox

  setup(function()
    sandbox = servers.sandbox()
  end)

  teardown(function()
    nginx.stop_all()
    server.stop_all()
  end)

  -- Asks for the page for as long as the streams run: how often it told each state, and what the
  -- streams came to.
  local function watch(over)
    local front = nginx.start(FRONT:format(nginx.lua_paths(RESTY ~= "" and RESTY or nil)))
    local url = ("http://127.0.0.1:%d"):format(front.ports.web)
    local streams, pages = assert(http.new { timeout_seconds = 600 }), assert(http.new())
    local exchange = assert(streams:start { method = "GET",
      url = ("%s/run?over=%s&url=%s&count=%d&bytes=%d")
        :format(url, over, sandbox.url, COUNT, BYTES),
    })
    local told = { before = 0, up = 0, down = 0, after = 0 }
    local response, message
    repeat
      local page = assert(pages:perform { method = "GET", url = url .. "/page" })
      assert.equal("a page", page.body)
      told[page.headers["x-streams"]] = told[page.headers["x-streams"]] + 1
      response, message = exchange:poll()
    until response ~= false
    assert(response, message)
    pages:close()
    streams:close()
    return told, response
  end

  for name, over in pairs {
    ["the specs' own transport"] = "spec.support.bucket.cosocket",
    ["lua-resty-http"] = "r2.transport.resty",
  } do
    if over == "r2.transport.resty" and not RESTY then
      pending("lua-resty-http is not installed")
    else
      it("let it answer others, and keep its memory flat, over " .. name, function()
        local told, response = watch(over)
        assert.equal(200, response.status, response.body)
        local received, longest, lua, peak = response.body:match("^(%d+) (%d+) (%-?%d+) (%d+)$")
        assert.equal(COUNT * BYTES, tonumber(received))
        assert.is_true(tonumber(longest) <= 65536, longest)
        assert.is_true(told.up > 0 and told.down > 0, "the page had to wait for the streams")
        assert.is_true(tonumber(lua) < MOST / 10, lua .. " KiB of Lua's memory are kept")
        assert.is_true(tonumber(peak) < MOST, peak .. " KiB were in use at once")
      end)
    end
  end
end)
