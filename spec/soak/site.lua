-- A site under load, and what its driver sees of it: an nginx with the paths of
-- spec/soak/paths.lua, whose clock jumps from one end of a credential's life to the other, and
-- whose API is away for a part of the time. Nothing here depends on how fast the machine is.
local cjson = require "cjson"
local nginx = require "spec.support.nginx"
local r2_location = require "spec.support.nginx_location"
local support = require "spec.project.support"

local site = {}

local CONF = [[
daemon off;
worker_processes %d;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 2048; }
http {
    access_log off;
    keepalive_requests 1000000000;
    %s
    %s
    lua_shared_dict state 1m;
    lua_shared_dict credentials 1m;
    init_by_lua_block { require "spec.soak.in_nginx" }
    server {
        listen 127.0.0.1:@web@ reuseport;
        set $api http://127.0.0.1:@api@;
        location / {
            content_by_lua_block { require("spec.soak.in_nginx").handle() }
            header_filter_by_lua_block { require("spec.soak.in_nginx").judge() }
        }
        location = /set { content_by_lua_block { require("spec.soak.in_nginx").set() } }
        location = /counts { content_by_lua_block { require("spec.soak.in_nginx").counts() } }
        %s
    }
    server {
        listen 127.0.0.1:@api@;
        location / { content_by_lua_block { require("spec.soak.in_nginx").api() } }
    }
}
]]

local Site = {}
Site.__index = Site

--- Starts it.
-- @tparam table h an r2.http that its driver asks with
-- @tparam number workers
function site.start(h, workers)
  local front = nginx.start_with(CONF:format(workers, nginx.lua_paths(),
    r2_location.replaced(r2_location.documented "upstream", "api.cloudflare.com:443",
      "127.0.0.1:@api@"),
    r2_location.replaced(r2_location.documented "location", "https://r2_api/", "http://r2_api/")),
    {})
  return setmetatable({
    h = h, front = front, url = ("http://127.0.0.1:%d"):format(front.ports.web),
    now = 1700000000, move = 0,
  }, Site)
end

local function ask(self, path)
  local response = assert(self.h:perform { method = "GET", url = self.url .. path })
  assert(response.status == 200, response.body)
  return response.body
end

-- Seconds that the clock goes on by, and how the API is then, of credentials of 1200 seconds: the
-- API makes others before the end; it is away, and what is there will do; it is back, and after the
-- pause that follows a failure it makes others again.
local MOVES = { { 1000, "up" }, { 1000, "down" }, { 2, "up" } }
-- In every tenth round it is away beyond the end of all.
local OVER = { { 1000, "up" }, { 1201, "down" }, { 2, "up" } }

--- The clock's next move.
function Site:step()
  local round, number = self.move // #MOVES, self.move % #MOVES + 1
  local move = (round % 10 == 9 and OVER or MOVES)[number]
  self.move, self.now = self.move + 1, self.now + move[1]
  ask(self, ("/set?now=%d&api=%s"):format(self.now, move[2]))
end

--- How many requests, refusals, errors and calls of the API there were; `last`, the last error; and
-- how many bytes of the shared dictionary are taken.
function Site:counts()
  return cjson.decode(ask(self, "/counts"))
end

--- What the workers have: bytes of resident memory, open descriptors, bytes of the dictionary.
function Site:size()
  local size = { resident = 0, descriptors = 0, dictionary = self:counts().dictionary }
  local master = support.lines(support.read(self.front.folder .. "/nginx.pid"))[1]
  for pid, kilobytes in support.run("ps -o pid=,rss= --ppid " .. master):gmatch("(%d+) +(%d+)") do
    size.resident = size.resident + kilobytes * 1024
    size.descriptors = size.descriptors
      + #support.lines(support.run("ls /proc/" .. pid .. "/fd"))
  end
  return size
end

--- The lines of nginx's log that tell of a fault: all of level error or worse, but those by which
-- r2.vend says why it had nothing to give.
function Site:faults()
  local faults = {}
  for line in self.front:read("output"):gmatch("[^\n]+") do
    local level = line:match("%[(%l+)%] %d+#")
    local is_bad = level == "error" or level == "crit" or level == "alert" or level == "emerg"
    if is_bad and not line:find("r2.vend: ", 1, true) then
      faults[#faults + 1] = line
    end
  end
  return faults
end

-- What may come and go without being lost: heaps have pages in reserve, pools connections.
local SLACK = { resident = 1024 * 1024, descriptors = 32, dictionary = 0 }

--- What grew from one size to the next: its least in the last third of the time is above its most
-- in the first. What comes and goes does not grow.
-- @tparam table sizes a list, without those of the time in which all is warming up
-- @treturn table a list of texts
function site.grown(sizes)
  local grown, third = {}, math.max(#sizes // 3, 1)
  for name, slack in pairs(SLACK) do
    local most, least = 0, math.huge
    for i = 1, third do
      most = math.max(most, sizes[i][name])
      least = math.min(least, sizes[#sizes + 1 - i][name])
    end
    if least > most + slack then
      grown[#grown + 1] = ("%s grew from %d to %d"):format(name, most, least)
    end
  end
  return grown
end

return site
