-- r2.provider in nginx with four workers: how often the API is asked, what becomes of callers while
-- it is away, of visitors who leave in the middle, and of a reload.
local http = require "r2.http"
local nginx = require "spec.support.nginx"
local support = require "spec.project.support"

if nginx.missing() then
  pending(nginx.missing())
  return
end

local RESTY = nginx.resty_http()
local START, LIFE = 1700000000, 3600

local CONF = [[
daemon off;
worker_processes 4;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 2048; }
http {
    access_log off;
    %s
    lua_shared_dict state 1m;
    lua_shared_dict credentials 1m;
    lua_socket_log_errors off;
    server {
        listen 127.0.0.1:@web@ reuseport;
        lua_check_client_abort on;
        set $api_port @api@;
        location = /get { content_by_lua_block { require("spec.support.fresh_in_nginx").get() } }
        location = /set { content_by_lua_block { require("spec.support.fresh_in_nginx").set() } }
        location = /calls {
            content_by_lua_block { require("spec.support.fresh_in_nginx").calls() }
        }
    }
    server {
        listen 127.0.0.1:@api@;
        location / { content_by_lua_block { require("spec.support.fresh_in_nginx").api() } }
    }
}
]]

local TRANSPORTS = { ["the specs' own transport"] = "spec.support.bucket.cosocket" }
if RESTY then
  TRANSPORTS["lua-resty-http"] = "r2.transport.resty"
end

for title, over in pairs(TRANSPORTS) do
  describe("A provider in four workers, over " .. title .. ",", function()
    local front, h

    before_each(function()
      front = nginx.start_with(CONF:format(nginx.lua_paths(RESTY ~= "" and RESTY or nil)), {})
      h = assert(http.new { timeout_seconds = 60 })
    end)

    after_each(function()
      h:close()
      nginx.stop_all()
    end)

    local function url(path)
      return ("http://127.0.0.1:%d%s"):format(front.ports.web, path)
    end

    local function ask(path)
      return assert(h:perform { method = "GET", url = url(path) })
    end

    local function set(query)
      assert.equal(200, ask("/set?" .. query).status)
    end

    local function calls()
      return tonumber(ask("/calls").body)
    end

    local function start(name)
      return assert(h:start { method = "GET", url = url("/get?name=" .. name .. "&over=" .. over) })
    end

    -- So many requests, so many at a time: how many had each status, and which tokens came.
    local function get(name, count, at_once, each)
      local statuses, tokens, slots, begun, left = {}, {}, {}, 0, count
      while left > 0 do
        for i = 1, at_once do
          if not slots[i] and begun < count then
            slots[i], begun = start(name), begun + 1
          end
          if slots[i] and slots[i]:done() then
            local response = assert(slots[i]:poll())
            statuses[response.status] = (statuses[response.status] or 0) + 1
            if response.status == 200 then
              tokens[response.body] = true
            end
            slots[i], left = nil, left - 1
            if each then
              each(count - left)
            end
          end
        end
        h:wait(0.1)
      end
      return statuses, tokens
    end

    it("asks the API once for all workers that share a dictionary", function()
      local statuses, tokens = get("shared", 10000, 200)
      assert.same({ [200] = 10000 }, statuses)
      assert.equal(1, calls())
      assert.same({ ["in-00000001"] = true }, tokens)
      assert.same({ [200] = 200 }, (get("other", 200, 50)))
      assert.equal(2, calls())
      assert.is_true(select(2, get("other", 8, 8))["on-00000002"])
    end)

    it("asks it once a worker at most without", function()
      assert.same({ [200] = 2000 }, (get("alone", 2000, 200)))
      assert.is_true(calls() <= 4, calls())
    end)

    it("hands out nothing that is over while the API is away, and errors only then", function()
      local now, ends = START, 0
      for round = 1, 20 do
        local is_down = round % 3 == 0
        set("api=" .. (is_down and "down" or "up") .. "&now=" .. now)
        local statuses = get("shared", 100, 50)
        if not is_down then
          assert.same({ [200] = 100 }, statuses)
        elseif now < ends then
          assert.same({ [200] = 100 }, statuses)
        else
          assert.same({ [503] = 100 }, statuses)
        end
        if not is_down then
          ends = now + LIFE
        end
        -- Into the window in which it is renewed early, or beyond the end.
        now = now + (round % 2 == 0 and LIFE - 300 or LIFE + 1)
      end
    end)

    it("lets nobody hang when the visitors leave for whom it asks", function()
      set("api=held")
      local gone = {}
      for i = 1, 20 do
        gone[i] = start("shared")
      end
      while calls() == 0 do -- luacheck: ignore 542
      end
      for _, exchange in ipairs(gone) do
        exchange:cancel()
      end
      set("api=up")
      assert.same({ [200] = 200 }, (get("shared", 200, 50)))
      assert.equal(1, calls())
    end)

    it("loses nothing in a reload", function()
      local master = support.lines(support.read(front.folder .. "/nginx.pid"))[1]
      local statuses = get("shared", 4000, 100, function(done)
        if done == 1000 or done == 2500 then
          support.run("kill -HUP " .. master)
        end
      end)
      assert.same({ [200] = 4000 }, statuses)
      assert.equal(1, calls()) -- the dictionary outlives its workers
    end)
  end)
end
