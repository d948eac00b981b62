-- r2.bucket inside nginx: the same cases as over libcurl, over r2.transport.resty where
-- lua-resty-http is to be had, and over a transport of the specs' own.
local faulty = require "spec.support.faulty"
local nginx = require "spec.support.nginx"
local servers = require "spec.support.bucket.servers"
local server = require "spec.support.server"

if nginx.missing() then
  pending(nginx.missing())
  return
end

local RESTY = nginx.resty_http()
local TOPICS = { "objects", "files", "lists", "uploads", "rights", "transfers", "hostile" }

local FRONT = [[
%s
lua_socket_log_errors off;
lua_socket_pool_size 100;
server {
    listen 127.0.0.1:@web@;
    location = /case { content_by_lua_block { require("spec.support.bucket.in_nginx").run_case() } }
}
]]

describe("inside nginx, a bucket", function()
  local sandbox, started, front, http

  setup(function()
    sandbox, started = servers.sandbox(), faulty.start()
    front = nginx.start(FRONT:format(nginx.lua_paths(RESTY ~= "" and RESTY or nil)))
    http = assert(require("r2.http").new { timeout_seconds = 20, max_body_bytes = 2 ^ 24 })
  end)

  teardown(function()
    http:close()
    started:stop()
    nginx.stop_all()
    server.stop_all()
  end)

  for _, over in ipairs { "resty", "cosocket" } do
    describe("over " .. over .. ":", function()
      if over == "resty" and not RESTY then
        pending("lua-resty-http is not installed")
        return
      end
      for _, topic in ipairs(TOPICS) do
        for index, case in ipairs(require("spec.support.bucket." .. topic)) do
          it(case.name, function()
            local url = ("http://127.0.0.1:%d/case?over=%s&topic=%s&index=%d")
              :format(front.ports.web, over, topic, index)
            url = ("%s&url=%s&faulty=%d"):format(url, sandbox.url, started.port)
            assert.equal("ok",
              assert(http:perform { method = "GET", url = url }).body)
          end)
        end
      end
    end)
  end
end)
