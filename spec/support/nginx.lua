-- nginx for specs that need several ports, or certificates: a layer over spec.support.server.
local server = require "spec.support.server"
local support = require "spec.project.support"

local nginx = { ROOT = support.lines(support.run("pwd"))[1] }

local function exists(path)
  local _, status = support.try("test -e " .. support.quote(path))
  return status == 0
end

--- Why nginx cannot be started here; nil when it can.
function nginx.missing()
  if not server.has_nginx() then
    return "nginx with its Lua module is not installed"
  end
end

--- The directives that load nginx's Lua module.
function nginx.lua_modules()
  return support.run("build-aux/nginx-lua")
end

--- Where lua-resty-http is: the folder in R2_RESTY_HTTP; "" where nginx finds it by itself; nil
-- when it is not installed.
function nginx.resty_http()
  local folder = os.getenv("R2_RESTY_HTTP")
  if folder and folder ~= "" then
    return folder
  end
  for _, place in ipairs { "/usr/local/share/lua/5.1", "/usr/share/lua/5.1",
    "/usr/local/openresty/site/lualib" } do
    if exists(place .. "/resty/http.lua") then
      return ""
    end
  end
end

--- The directives that make nginx find this library, the specs' own files, and more folders.
function nginx.lua_paths(...)
  local build = os.getenv("SERVER_BUILD") or os.getenv("BUILD") or "build"
  local folders = { "lua/?.lua", "lua/?/init.lua", "?.lua" }
  for i, pattern in ipairs(folders) do
    folders[i] = nginx.ROOT .. "/" .. pattern
  end
  for _, folder in ipairs { ... } do
    folders[#folders + 1] = folder .. "/?.lua"
  end
  return ('lua_package_path "%s;;";\nlua_package_cpath "%s/lua5.1/?.so;;";\n'):format(
    table.concat(folders, ";"), build:find("^/") and build or nginx.ROOT .. "/" .. build)
end

-- ---- servers ----

local Server = {}
Server.__index = Server

-- A server over one of spec.support.server, where the port of each name is.
local function named(started, names)
  local ports = {}
  for name, number in pairs(names) do
    ports[name] = started["port" .. (number > 1 and number or "")]
  end
  return setmetatable({ started = started, ports = ports, folder = started.folder }, Server)
end

-- Puts "@port@", "@port2@", … in the place of other names between two "@".
local function numbered(text)
  local names, count = {}, 0
  text = text:gsub("@([%l%d_]+)@", function(name)
    if not names[name] then
      count = count + 1
      names[name] = count
    end
    return "@port" .. (names[name] > 1 and names[name] or "") .. "@"
  end)
  return text, names, count
end

--- Starts an nginx with one worker. It listens when this returns.
-- @tparam string http what stands in its http block; @name@ becomes a free port
-- @tparam ?string main what stands outside of it
-- @treturn table ports (name -> number), folder; read, clear
function nginx.start(http, main)
  local text, names, count = numbered("error_log error.log info;\n" .. http)
  return named(server.nginx {
    http = text, ports = math.max(count, 1), lua = false,
    main = nginx.lua_modules() .. (main or ""),
  }, names)
end

--- Starts an nginx with a whole configuration, which does not make a daemon and logs to stderr.
-- @tparam string conf with @name@ for ports
-- @tparam table environment NAME -> value, of which it is told
function nginx.start_with(conf, environment)
  local text, names, count = numbered(conf)
  local words = {}
  for name, value in pairs(environment) do
    words[#words + 1] = name .. "=" .. support.quote(value)
  end
  return named(server.command {
    files = { ["nginx.conf"] = text },
    ports = count,
    ready = "start worker process",
    command = ("env PATH=\"$PATH:/usr/sbin:/usr/local/sbin:/usr/local/openresty/nginx/sbin\" "
      .. "%s nginx -e stderr -p @folder@/ -c nginx.conf -g %s"):format(
      table.concat(words, " "), support.quote(nginx.lua_modules())),
  }, names)
end

--- A file of the server's folder, "" where there is none. "output" is what it printed.
function Server:read(name)
  return self.started.read(name) or ""
end

function Server:clear(name)
  support.write(self.folder .. "/" .. name, "")
end

--- Stops all servers, and removes all folders.
function nginx.stop_all()
  server.stop_all()
  support.remove_folders()
end

-- ---- certificates ----

local CA = [[
set -e
cd %s
touch index.txt
cat >ca.cnf <<'END'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = sha256
rand_serial = yes
unique_subject = no
default_days = 30
policy = names
[names]
commonName = supplied
END
key() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
}
authority() {
    key "$1"
    openssl req -x509 -new -key "$1.key" -out "$1.pem" -days 30 -subj "/CN=$1"
}
# certificate NAME EXTENSION AUTHORITY [dates]
certificate() {
    name=$1; extension=$2; by=$3; shift 3
    key "$name"
    openssl req -new -key "$name.key" -out "$name.csr" -subj "/CN=$name"
    echo "$extension" >"$name.ext"
    openssl ca -batch -notext -config ca.cnf -cert "$by.pem" -keyfile "$by.key" \
        -extfile "$name.ext" -in "$name.csr" -out "$name.pem" "$@"
}
authority ca
authority stranger
right=subjectAltName=DNS:api.cloudflare.com,DNS:127.0.0.1,DNS:localhost,IP:127.0.0.1
certificate good $right ca
certificate wrong_host subjectAltName=DNS:other.example ca
certificate expired $right ca -startdate 20200101000000Z -enddate 20210101000000Z
certificate unknown_ca $right stranger
certificate first basicConstraints=CA:true ca
certificate second basicConstraints=CA:true first
certificate chain $right second
cat second.pem first.pem >>chain.pem
]]

--- A folder with ca.pem and NAME.pem, NAME.key for good, wrong_host, expired, unknown_ca, and
-- chain, which has two authorities between itself and the CA. The right names are
-- api.cloudflare.com, 127.0.0.1 and localhost.
function nginx.certificates()
  local folder = support.folder()
  support.run(CA:format(folder))
  return folder
end

return nginx
