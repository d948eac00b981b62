-- Issuers made before a fork, on LuaJIT and on 5.4; spec/host/fork.c forks.

local faults = require "spec.support.faults"
local faulty = require "spec.support.faulty"
local log = require "spec.support.log"
local nginx = require "spec.support.nginx"
local support = require "spec.project.support"
local values = require "spec.support.values"

if nginx.missing() then
  pending("forks need nginx: " .. nginx.missing())
  return
end

local CONF = [[
log_format seen '$connection $http_user_agent';
server {
    listen 127.0.0.1:@tls@ ssl;
    ssl_certificate %s/good.pem;
    ssl_certificate_key %s/good.key;
    access_log seen.log seen;
    location / { default_type application/json; return 200 '%s'; }
}
]]

-- arg: URL, CA file, and what the script needs besides. Who asks is the user agent, so that the
-- server's log says it.
local PRELUDE = [[
local process = require "fork"
local r2 = require "r2"
local keys = require "spec.support.keys"

local function new_issuer(name)
    return assert(r2.new {
        account_id = keys.account_id, parent_access_key_id = keys.parent_access_key_id,
        api_token = keys.api_token, mode = "api", api_base_url = arg[1], ca_file = arg[2],
        max_attempts = 1, user_agent = name,
    })
end

local request = { bucket = "my-bucket", permission = "object-read-only", ttl_seconds = 60 }

local function ask(issuer, times)
    for _ = 1, times do
        assert(issuer:create(request))
        assert(assert(issuer:start(request)):wait())
    end
end

-- Runs `act` in a child, which then ends as a Lua program does (or at once); waits for it.
local function in_child(act)
    local child = process.fork()
    if child == 0 then
        local ok, message = pcall(act)
        if not ok then
            io.stderr:write(tostring(message), "\n")
        end
        collectgarbage()
        os.exit(ok and 0 or 1, true)
    end
    assert(process.wait(child) == 0, "the child failed")
end
]]

for lua, version in values.sorted { luajit = "5.1", ["lua5.4"] = "5.4" } do
  describe("an issuer made before a fork, on " .. lua .. ",", function()
    local folder, server

    setup(function()
      folder = nginx.certificates()
      support.run(("${CC:-cc} -std=c11 -fPIC -shared -I$(build-aux/lua-include %s)"
        .. " -o %s/fork.so spec/host/fork.c"):format(version, folder))
      server = nginx.start(CONF:format(folder, folder, faults.envelope()))
    end)

    teardown(function()
      nginx.stop_all()
    end)

    -- User agent -> how many requests, and over how many connections. There are to be `count`
    -- requests in all.
    local function run(count, script, ...)
      server:clear("seen.log")
      support.write(folder .. "/fork.lua", PRELUDE .. script)
      support.run(("LUA_PATH='lua/?.lua;lua/?/init.lua;./?.lua;;' "
        .. "LUA_CPATH='build/lua%s/?.so;%s/?.so;;' timeout 60 %s %s/fork.lua "
        .. "https://127.0.0.1:%d %s/ca.pem %s"):format(version, folder, lua, folder,
        server.ports.tls, folder, table.concat({ ... }, " ")))
      local requests, connections, known = {}, {}, {}
      for _, line in ipairs(log(server, "seen.log", count)) do
        local connection, name = line:match("^(%d+) (.*)$")
        requests[name] = (requests[name] or 0) + 1
        if not known[connection .. name] then
          known[connection .. name] = true
          connections[name] = (connections[name] or 0) + 1
        end
      end
      return requests, connections
    end

    it("works in each child, and in the parent", function()
      local requests, connections = run(16, [[
                local issuer = new_issuer "early"
                for _ = 1, 3 do
                    in_child(function() ask(issuer, 2) end)
                end
                ask(issuer, 2)
            ]])
      assert.same({ early = 16 }, requests)
      assert.same({ early = 4 }, connections)
    end)

    it("works in each child when it has been used before, and the parent keeps its connection",
      function()
        local requests, connections = run(26, [[
                    local issuer = new_issuer "used"
                    ask(issuer, 2)
                    for _ = 1, 3 do
                        in_child(function() ask(issuer, 2) end)
                        ask(issuer, 1)
                    end
                    ask(issuer, 2)
                ]])
        assert.same({ used = 26 }, requests)
        assert.same({ used = 4 }, connections)
      end)

    it("may be closed or collected in a child, and the parent keeps its connection", function()
      local requests, connections = run(10, [[
                local issuer, other = new_issuer "one", new_issuer "other"
                ask(issuer, 1)
                ask(other, 1)
                in_child(function() issuer:close() end)
                in_child(function() issuer = nil collectgarbage() collectgarbage() end)
                in_child(function() end)
                in_child(function() process.exit(0) end)
                in_child(function() ask(other, 1) other:close() issuer:close() end)
                ask(issuer, 1)
                ask(other, 1)
            ]])
      assert.same({ one = 4, other = 6 }, requests)
      assert.same({ one = 1, other = 2 }, connections)
    end)

    it("goes on with what is under way in the parent; in the child that is lost", function()
      local held = faulty.start()
      local name = held:new_run()
      local _ <close> = setmetatable({}, { __close = function() held:stop() end })
      local requests, connections = run(6, [[
                local url = arg[1]
                arg[1] = arg[3]
                local issuer = new_issuer "held"
                arg[1] = url
                local free = new_issuer "free"
                ask(free, 1)
                local pending = assert(issuer:start(request))
                for _ = 1, 20 do
                    assert(pending:poll() == false)
                end
                in_child(function()
                    local credentials, _, err = pending:wait()
                    assert(not credentials and err.kind == "network" and err.retryable)
                    ask(free, 1)
                end)
                in_child(function()
                    pending:cancel()
                    assert(select(3, pending:poll()).kind == "cancelled")
                    pending = nil
                    collectgarbage()
                    issuer:close()
                end)
                local release = require "socket".connect("127.0.0.1", tonumber(arg[4]))
                release:send("GET " .. arg[5] .. " HTTP/1.1\r\n\r\n")
                assert(pending:wait())
                ask(free, 1)
            ]], held:url("held-credential", name), held.port, "/-/release/" .. name)
      assert.same({ free = 6 }, requests)
      assert.same({ free = 2 }, connections)
      local seen = held:seen(name)
      assert.equal(1, #seen.requests)
      assert.equal(1, seen.connections)
    end)

    it("works in a child of a child", function()
      local requests, connections = run(10, [[
                local issuer = new_issuer "deep"
                ask(issuer, 1)
                in_child(function()
                    ask(issuer, 1)
                    in_child(function() ask(issuer, 1) end)
                    ask(issuer, 1)
                end)
                ask(issuer, 1)
            ]])
      assert.same({ deep = 10 }, requests)
      assert.same({ deep = 3 }, connections)
    end)
  end)
end
