-- A function of an exchange of r2.http forks, on LuaJIT and on 5.4; spec/host/fork.c forks. The
-- child must keep its hands off the connections: the parent goes on with them.

local faulty = require "spec.support.faulty"
local log = require "spec.support.log"
local nginx = require "spec.support.nginx"
local support = require "spec.project.support"
local values = require "spec.support.values"

if nginx.missing() then
  pending("forks need nginx: " .. nginx.missing())
  return
end

local BYTES = 8 * 2 ^ 20

-- One worker, which takes all connections of a run.
local CONF = [[
log_format seen '$connection $http_user_agent $bytes_sent $request_completion';
server {
    listen 127.0.0.1:@tls@ ssl;
    ssl_certificate %s/good.pem;
    ssl_certificate_key %s/good.key;
    access_log seen.log seen;
    root %s;
}
]]

-- arg: URL of a large file over TLS, CA file, three URLs of the fault server, bytes of the file.
-- Who asks is the user agent, so that the server's log says it.
local PRELUDE = [[
local process = require "fork"
local http = require "r2.http"
local url, ca_file, held, put, release = arg[1], arg[2], arg[3], arg[4], arg[5]
local BYTES = tonumber(arg[6])
local h = assert(http.new { ca_file = ca_file })

local child, child_ok
-- Forks, and returns in the child; in the parent when the child has ended.
local function fork()
    child = process.fork()
    if child ~= 0 then
        child_ok = process.wait(child) == 0
        assert(child_ok, "the child failed")
    end
end

-- Ends the process where it is the child; whatever went wrong there, the parent hears of it.
local function leave(act)
    if child == 0 then
        local ok, message = pcall(act)
        if not ok then
            io.stderr:write(tostring(message), "\n")
        end
        collectgarbage()
        os.exit(ok and 0 or 1, true)
    end
end

local function get(name, changes)
    local request = { method = "GET", url = url, headers = { ["user-agent"] = name } }
    local length = 0
    request.output = function(piece) length = length + #piece end
    for field, value in pairs(changes or {}) do
        request[field] = value
    end
    return request, function() return length end
end

local function download(name)
    local request, length = get(name)
    assert(h:perform(request))
    assert(length() == BYTES)
end

local function assert_lost(response, _, err)
    assert(response == nil and err.kind == "network" and err.retryable)
    assert(err.message:find("forked", 1, true))
end
]]

for lua, version in values.sorted { luajit = "5.1", ["lua5.4"] = "5.4" } do
  describe("a fork inside a function of an exchange, on " .. lua .. ",", function()
    local folder, server, held

    setup(function()
      folder = nginx.certificates()
      support.run(("${CC:-cc} -std=c11 -fPIC -shared -I$(build-aux/lua-include %s)"
        .. " -o %s/fork.so spec/host/fork.c"):format(version, folder))
      support.write(folder .. "/large", ("x"):rep(BYTES))
      server = nginx.start(CONF:format(folder, folder, folder))
      held = faulty.start()
    end)

    teardown(function()
      held:stop()
      nginx.stop_all()
    end)

    -- User agent -> how many whole answers, and over how many connections; what the fault
    -- server has seen. There are to be `count` answers in all.
    local function run(count, script)
      local name = held:new_run()
      server:clear("seen.log")
      support.write(folder .. "/fork.lua", PRELUDE .. script)
      support.run(("LUA_PATH='lua/?.lua;lua/?/init.lua;./?.lua;;' "
        .. "LUA_CPATH='build/lua%s/?.so;%s/?.so;;' timeout 60 %s %s/fork.lua "
        .. "https://127.0.0.1:%d/large %s/ca.pem %s %s %s %d"):format(version, folder, lua,
        folder, server.ports.tls, folder, held:url("held", name), held:url("good", name),
        ("http://127.0.0.1:%d/-/release/%s"):format(held.port, name), BYTES))
      local whole, connections, known = {}, {}, {}
      for _, line in ipairs(log(server, "seen.log", count)) do
        local connection, who, sent = line:match("^(%d+) (%S+) (%d+) OK$")
        assert(connection and tonumber(sent) > BYTES, line)
        whole[who] = (whole[who] or 0) + 1
        if not known[connection .. who] then
          known[connection .. who] = true
          connections[who] = (connections[who] or 0) + 1
        end
      end
      return whole, connections, held:seen(name)
    end

    it("loses the exchange in the child, which may begin anew; the parent's goes on", function()
      local whole, connections = run(3, [[
                local pieces, length = 0, 0
                local response, message, err = h:perform(get("parent", { output = function(piece)
                    pieces, length = pieces + 1, length + #piece
                    if pieces == 3 then fork() end
                end }))
                leave(function()
                    assert(pieces == 3)
                    assert_lost(response, message, err)
                    download "child"
                    h:close()
                end)
                assert(response and length == BYTES, message)
                download "parent"
            ]])
      assert.same({ parent = 2, child = 1 }, whole)
      assert.same({ parent = 1, child = 1 }, connections)
    end)

    it("loses all others that are under way in the child, and none in the parent", function()
      local whole, connections, seen = run(2, [[
                local other = assert(h:start { method = "GET", url = held })
                for _ = 1, 20 do assert(other:poll() == false) end
                local second, length = get("parent")
                second = assert(h:start(second))
                local forked
                local response, message, err = h:perform(get("parent", { output = function()
                    if not forked then
                        forked = true
                        fork()
                    end
                end }))
                leave(function()
                    assert_lost(response, message, err)
                    assert_lost(other:wait())
                    local answer, text, problem = second:wait()
                    if answer == nil then assert_lost(answer, text, problem) end
                    other, second = nil, nil
                    collectgarbage()
                end)
                assert(response, message)
                assert(second:wait())
                assert(length() == BYTES)
                assert(http.new():perform { method = "GET", url = release })
                assert(other:wait().body == "released")
            ]])
      assert.same({ parent = 2 }, whole)
      assert.same({ parent = 2 }, connections)
      assert.equal(1, #seen.requests)
      assert.equal(1, seen.connections)
    end)

    it("may happen while a body is produced, or progress told", function()
      local _, _, seen = run(0, [[
                local left, pieces = 5, 0
                local response, message, err = h:perform { method = "PUT", url = put,
                    content_length = 5 * 1000, body = function()
                        left = left - 1
                        if left == 3 then fork() end
                        return left >= 0 and ("x"):rep(1000) or nil
                    end }
                leave(function() assert_lost(response, message, err) end)
                assert(response, message)
                local forked
                response, message, err = h:perform { method = "GET", url = put,
                    progress = function(_, _, received)
                        if received > 0 and not forked then
                            forked = true
                            fork()
                        end
                    end }
                leave(function() assert_lost(response, message, err) end)
                assert(response, message)
            ]])
      assert.equal(2, #seen.requests)
      assert.equal(5000, seen.requests[1].body_length)
      assert.equal(1, seen.connections)
    end)

    it("may be followed in the child by an error, a cancel, or the end", function()
      local whole, connections = run(4, [[
                local function perform(act)
                    local forked
                    local ok, response, message, err = pcall(h.perform, h, get("parent", {
                        output = function()
                            if not forked then
                                forked = true
                                fork()
                                if child == 0 then act() end
                            end
                        end }))
                    return ok, response, message, err
                end
                local ok, response, _, err = perform(function() error("oh", 0) end)
                leave(function() assert(not ok and response == "oh") end)
                assert(ok and response)
                perform(function() process.exit(0) end)
                perform(function() os.exit(0, true) end)

                local forked
                local x
                x = assert(h:start(get("parent", { output = function()
                    if not forked then
                        forked = true
                        fork()
                        if child == 0 then
                            x:cancel()
                            x = nil
                            collectgarbage()
                        end
                    end
                end })))
                local y = x
                response, _, err = y:wait()
                leave(function()
                    assert(response == nil and (err.kind == "cancelled" or err.kind == "network"))
                    h:close()
                end)
                assert(response)
            ]])
      assert.same({ parent = 4 }, whole)
      assert.same({ parent = 1 }, connections)
    end)
  end)
end
