-- Servers for the specs, on free ports of 127.0.0.1. Each runs under spec/support/supervise, at the
-- end of a pipe, and ends at the latest with the process that started it.
--
--   local server = require "spec.support.server"
--   teardown(server.stop_all)
--   local s = server.nginx { http = [[ server { listen 127.0.0.1:@port@; … } ]] }
--   s.url, s.port, s.folder, s.read("error.log"), s.stop()

local server = {}

local TURNS = 3000 -- of waiting for a server to be ready, 10 ms each
local TRIES = 5 -- with other ports, when one was taken meanwhile

local running = {}

-- ---- commands and files ----

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local output = pipe:read("*a")
  pipe:close()
  return (output:gsub("\n$", ""))
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

-- Replaces @name@ by values.name.
local function fill(text, values)
  return (text:gsub("@(%w+)@", values))
end

-- ---- ports ----

-- Ports that are listened on or connected, where the system tells.
local function ports_in_use()
  local used = {}
  for _, path in ipairs { "/proc/net/tcp", "/proc/net/tcp6" } do
    for port in (read(path) or ""):gmatch("\n%s*%d+: %x+:(%x+)") do
      used[tonumber(port, 16)] = true
    end
  end
  return used
end

--- A port that nobody uses, below those that the system hands out by itself. Processes that ask at
-- the same time get different ones, as a rule.
function server.free_port()
  local used = ports_in_use()
  local random = assert(io.open("/dev/urandom", "rb"))
  local port
  repeat
    local high, low = random:read(2):byte(1, 2)
    port = 10000 + (high * 256 + low) % 20000
  until not used[port]
  random:close()
  return port
end

-- ---- one server ----

local function is_ready(folder, ready)
  if ready.file then
    return (read(folder .. "/" .. ready.file) or "") ~= ""
  end
  return (read(folder .. "/output") or ""):find(ready.printed, 1, true) ~= nil
end

-- Starts a command and waits until it is ready. Returns the server; or nil and what it printed.
local function launch(folder, command, ready)
  local supervised = "exec env -u LD_PRELOAD spec/support/supervise %s %s >/dev/null 2>&1"
  local pipe = assert(io.popen(supervised:format(quote(folder), quote(command)), "w"))
  local s = { folder = folder }

  function s.path(name)
    return folder .. "/" .. name
  end

  function s.read(name)
    return read(s.path(name))
  end

  function s.pid()
    return tonumber(s.read("pid"))
  end

  --- Stops it, waits until it has ended, and removes its folder. More than once is fine.
  function s.stop()
    if pipe then
      pipe:close()
      pipe = nil
      running[s] = nil
    end
  end

  running[s] = true
  for _ = 1, TURNS do
    if is_ready(folder, ready) then
      return s
    elseif s.read("ended") then
      break
    end
    os.execute("sleep 0.01")
  end
  local output = (s.read("output") or "") .. (s.read("error.log") or "")
  s.stop()
  return nil, output
end

-- Tries with fresh ports until none of them is taken. prepare(folder, values) returns the command.
local function start(options, ready, prepare)
  local output
  for _ = 1, TRIES do
    local folder = output_of("mktemp -d")
    local values = { folder = folder, root = output_of("pwd") }
    for i = 1, options.ports or 1 do
      values["port" .. (i > 1 and i or "")] = ("%d"):format(server.free_port())
    end
    for name, text in pairs(options.files or {}) do
      write(folder .. "/" .. name, fill(text, values))
    end
    local s
    s, output = launch(folder, prepare(folder, values), ready)
    if s then
      for name, value in pairs(values) do
        s[name] = tonumber(value) or value
      end
      s.url = "http://127.0.0.1:" .. values.port
      return s
    elseif not output:find("in use", 1, true) then
      break
    end
  end
  error("the server did not start:\n" .. output, 3)
end

--- Starts a command and waits until it has printed that it is ready.
-- options.command  one simple command for the shell, to which the process belongs that is stopped
-- options.ready    a text that it prints
-- options.ports    how many it needs (default 1): @port@, @port2@, … in the command
-- options.files    name -> text of files in its folder, @folder@ in the command
-- Hands back the server: url, port, port2, …, folder, path(name), read(name), pid(), stop().
function server.command(options)
  return start(options, { printed = options.ready }, function(_, values)
    return fill(options.command, values)
  end)
end

-- ---- nginx ----

local CONF = [[
daemon off;
pid ready;
error_log error.log;
@modules@
@user@
@main@
events {
}
http {
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    access_log off;
    @lua@
@http@
}
]]

-- The library of this tree, for LuaJIT. What is in BUILD may be made for a checker, and nginx does
-- not run under it: SERVER_BUILD then names another folder.
local LUA = [[
    lua_package_path "@root@/lua/?.lua;@root@/lua/?/init.lua;@root@/?.lua;;";
    lua_package_cpath "@build@/lua5.1/?.so;;";
]]

local function lua_modules()
  return output_of("build-aux/nginx-lua")
end

--- Whether nginx is here, and its Lua module.
function server.has_nginx()
  local status = os.execute("build-aux/nginx-lua >/dev/null 2>&1")
  return status == true or status == 0
end

--- Starts nginx. Its Lua module is loaded and finds the library of this tree.
-- options.http   what belongs into http { }; @port@, @port2@, …, @folder@ and @root@ are put in
-- options.main   what belongs outside of it: worker_processes (default 1), env, stream { }
-- options.ports, options.files  as for server.command; relative names in the configuration are
--   those of files in the server's folder
-- options.lua    false leaves the Lua module out
-- Hands back the server, as server.command does; s.read("error.log") is its log.
function server.nginx(options)
  return start(options, { file = "ready" }, function(folder, values)
    local build = os.getenv("SERVER_BUILD") or os.getenv("BUILD") or "build"
    values.build = build:find("^/") and build or values.root .. "/" .. build
    values.modules, values.lua = "", ""
    if options.lua ~= false then
      values.modules, values.lua = lua_modules(), fill(LUA, values)
    end
    values.user = output_of("id -u") == "0" and "user root;" or "" -- its folder is root's
    values.main = fill(options.main or "", values)
    values.http = fill(options.http, values)
    write(folder .. "/nginx.conf", fill(CONF, values))
    return ("env PATH=\"$PATH:/usr/sbin:/usr/local/sbin:/usr/local/openresty/nginx/sbin\" "
      .. "nginx -e stderr -p %s -c %s/nginx.conf"):format(quote(folder), quote(folder))
  end)
end

--- Stops every server that was started through this module. For teardown.
function server.stop_all()
  for s in pairs(running) do
    s.stop()
  end
end

return server
