-- The servers of the specs: started on free ports, and gone at the latest with the specs.

local http = require "r2.http"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the servers of the specs need nginx with its Lua module")
  return
end

teardown(server.stop_all)
teardown(support.remove_folders)

describe("a server of the specs", function()
  local sender = assert(http.new())

  teardown(function()
    sender:close()
  end)

  local function get(url)
    local response, _, err = sender:perform { method = "GET", url = url }
    return response and response.body or err.kind
  end

  it("has its ports, its files and the library, until it is stopped", function()
    local s = server.nginx {
      ports = 2,
      main = "worker_processes 2;",
      files = { ["a.txt"] = "beside port @port2@" },
      http = [[
                server {
                    listen 127.0.0.1:@port@;
                    location / { root @folder@; }
                    location /version { content_by_lua_block { ngx.print(require("r2")._VERSION) } }
                }
                server { listen 127.0.0.1:@port2@; location / { return 200 "the second"; } }
            ]],
    }
    assert.equal("beside port " .. s.port2, get(s.url .. "/a.txt"))
    assert.equal(require("r2")._VERSION, get(s.url .. "/version"))
    assert.equal("the second", get(("http://127.0.0.1:%d/"):format(s.port2)))
    assert.equal("", s.read("error.log"))

    s.stop()
    s.stop()
    assert.equal("network", get(s.url .. "/a.txt"))
    assert.is_nil(io.open(s.folder))
  end)

  it("says why it did not start", function()
    local ok, message = pcall(server.nginx, { http = "nonsense;" })
    assert.is_false(ok)
    assert.matches('unknown directive "nonsense"', message, 1, true)

    ok, message = pcall(server.command, { command = "ls no-such-file", ready = "never" })
    assert.is_false(ok)
    assert.matches("no-such-file", message, 1, true)
  end)

  it("ends when the process that started it is killed", function()
    local script = support.folder() .. "/script.lua"
    support.write(script, [[
            local server = require "spec.support.server"
            local s = server.nginx { http = "server { listen 127.0.0.1:@port@; }" }
            print(s.url)
            print(s.folder)
            io.stdout:flush()
            os.execute("kill -KILL $PPID")
        ]])
    local printed = support.lines((support.try("LUA_PATH='./?.lua;;' lua5.4 " .. script)))
    local url, folder = printed[1], printed[2]
    assert.matches("^http://127.0.0.1:%d+$", url)
    for _ = 1, 500 do
      if not io.open(folder) then
        break
      end
      support.run("sleep 0.01")
    end
    assert.is_nil(io.open(folder))
    assert.equal("network", get(url))
  end)
end)
