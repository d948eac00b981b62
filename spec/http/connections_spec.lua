-- Connections of r2.http, and what becomes of an exchange that gets none: nobody listens, or the
-- name server does not answer. And the module's clock.
local cjson = require "cjson"
local faulty = require "spec.support.faulty"
local leaks = require "spec.support.leaks"
local over = require "spec.support.over_http"
local refused = require "spec.support.refused"
local http = require "r2.http"
local pieces, temporary_file = over.pieces, over.temporary_file

local SECRET = "Bearer demonstration-token-that-opens-nothing-2"

setup(over.start_server)
teardown(over.stop_server)
before_each(over.open)
after_each(over.close)

describe("connections", function()
  it("are used again", function()
    local run = over.server:new_run()
    for _ = 1, 50 do
      assert(over.h:perform { method = "GET", url = over.server:url("echo", run) })
    end
    local seen = over.server:seen(run)
    assert.equal(50, #seen.requests)
    assert.equal(1, seen.connections)
  end)

  it("carry nothing of one request into the next", function()
    local run = over.server:new_run()
    local url = over.server:url("echo", run)
    assert(over.h:perform {
      method = "PUT", url = url, body = pieces { "abc" }, compressed = true,
      headers = { authorization = SECRET, ["x-one"] = "1", ["content-type"] = "text/plain" },
      output = function() end, progress = function() end, timeout_seconds = 5,
    })
    assert(over.h:perform { method = "POST", url = url, body = "x=1" })
    assert(over.h:perform { method = "HEAD", url = url })
    local response = assert(over.h:perform { method = "GET", url = url })
    local seen = cjson.decode(response.body)
    assert.equal("GET", seen.method)
    assert.same({ "Host: 127.0.0.1:" .. over.server.port, "Accept: */*" }, seen.lines)
    assert.equal(0, seen.body_length)
  end)

  it("are not shared between http objects", function()
    local run = over.server:new_run()
    for _ = 1, 3 do
      local own = assert(http.new())
      assert(own:perform { method = "GET", url = over.server:url("good", run) })
      own:close()
    end
    assert.equal(3, over.server:seen(run).connections)
  end)

  it("that the server has closed are opened anew", function()
    local run = over.server:new_run()
    assert(over.h:perform { method = "GET", url = over.server:url("good", run) })
    over.h:perform { method = "GET", url = over.server:url("refused-early", run) }
    assert(over.h:perform { method = "GET", url = over.server:url("good", run) })
    assert.equal(2, over.server:seen(run).connections)
  end)
end)

describe("an error", function()
  it("has no secret of the request, and says in one line what happened", function()
    for name, url in pairs {
      refused = "http://127.0.0.1:" .. faulty.free_port() .. "/",
      slammed = "http://127.0.0.1:" .. over.server.slamming_port .. "/",
      hung_up = "http://127.0.0.1:" .. over.server.hanging_up_port .. "/",
      plain = "https://127.0.0.1:" .. over.server.port .. "/",
      unknown = "https://nowhere.invalid/",
    } do
      local kind = name == "plain" and "tls" or "network"
      local err = refused({ kind = kind, hides = { SECRET } }, function()
        return over.h:perform { method = "POST", url = url, body = SECRET,
          headers = { authorization = SECRET } }
      end)
      assert.equal(name ~= "plain", err.retryable)
      leaks.assert_none({ SECRET }, { tostring(over.h) })
    end
  end)
end)

-- ---- what takes long elsewhere ----

-- The command that runs this Lua.
local LUA = jit and "luajit" or _VERSION:lower():gsub(" ", "")

-- A library to be preloaded, and whether it could be made.
local function build_stuck_resolver()
  local library = os.tmpname()
  local status = os.execute(("env -u LD_PRELOAD ${CC:-cc} -shared -fPIC -o %s"
    .. " spec/support/stuck_resolver.c -lpthread 2>/dev/null && test -d /proc/self/task")
    :format(library))
  return library, status == true or status == 0
end

local AGENT = [[
    local http = require "r2.http"
    local act, stuck = %q, %q
    local function is_stuck()
        local file = io.open(stuck)
        return file and file:close()
    end
    local h = http.new()
    local x = assert(h:start {
        method = "GET", url = "https://stuck.example/",
        timeout_seconds = act == "timeout" and 0.05 or 600,
    })
    repeat x:poll() until is_stuck()
    if act == "timeout" then
        print(select(3, x:wait()).kind)
    elseif act == "cancel" then
        x:cancel()
        print(select(3, x:poll()).kind)
    elseif act == "close" then
        h:close()
        print(select(3, x:poll()).kind)
    elseif act == "collect" then
        x = nil
        collectgarbage()
        collectgarbage()
        print "collected"
    end
    print "end"
]]

describe("a name server that does not answer", function()
  local library, is_built

  setup(function()
    library, is_built = build_stuck_resolver()
  end)

  teardown(function()
    os.remove(library)
  end)

  for act, result in pairs {
    timeout = "timeout\n", cancel = "cancelled\n", close = "cancelled\n",
    collect = "collected\n", leave = "",
  } do
    it("is not waited for at the end of an exchange: " .. act, function()
      if not is_built then
        return pending("nothing can be preloaded here")
      end
      local stuck, script = os.tmpname(), temporary_file("")
      os.remove(stuck)
      local file = assert(io.open(script, "w"))
      file:write(AGENT:format(act, stuck))
      file:close()
      -- Whoever waits for the name waits for ever, so this bound decides nothing else.
      local pipe = assert(io.popen(("R2_STUCK=%s LD_PRELOAD=\"$LD_PRELOAD %s\" "
        .. "timeout 60 %s %s 2>&1; echo status $?"):format(stuck, library, LUA,
        script)))
      local output = pipe:read("*a")
      pipe:close()
      os.remove(stuck)
      os.remove(script)
      assert.equal(result .. "end\nstatus 0\n", output)
    end)
  end
end)

describe("http.now", function()
  it("goes forward only", function()
    local last = http.now()
    for _ = 1, 100 do
      local now = http.now()
      assert.is_true(now >= last)
      last = now
    end
  end)
end)

describe("http.sleep", function()
  it("lasts at least as long as it says", function()
    local before = http.now()
    http.sleep(0.01)
    assert.is_true(http.now() - before >= 0.01)
    http.sleep(0)
  end)

  it("raises for a time that is none", function()
    for _, seconds in ipairs { -1, 0 / 0, 1 / 0, 604801, "long", {} } do
      assert.has_error(function() http.sleep(seconds) end)
    end
    assert.has_error(function() http.sleep() end)
  end)
end)
