-- What the API has made for a credential_process, kept for the next time: each run asks otherwise,
-- and AWS's tools run it for each of their own. A file for each request, in a folder of one's own,
-- locked while one asks, so that the others take what came.

local export = require "r2.export"
local fail = require "r2.failure"
local files = require "r2.files"
local is_current = require "r2.is_current"
local keys = require "r2.command.keys"
local sha256 = require "r2.vend.sha256"
local sorted = require "r2.sorted"
local tc = require "r2.temp_credentials"
local text = require "r2.command.text"

local cache = {}

local STEP, WAIT = 0.05, 40 -- seconds, between two looks at a lock, and at most
local LONGEST = 2 ^ 20 -- bytes
local LEFT = 960 -- seconds; botocore asks again with 15 minutes left
local SHORT = 1920 -- of a life in which that would be the half

-- ---- where ----

local function refuse(path, why)
  return fail("file", nil, ("--cache: %s %s"):format(text.plain(path), why))
end

-- Its own, and nobody else's to enter: a link, or a folder of another user's, is none.
local function check_folder(path)
  local status, _, err = files.status(path, "link")
  if not status then
    return refuse(path, err.reason)
  elseif status.kind ~= "folder" then
    return refuse(path, "is no folder")
  elseif status.owner ~= files.user() or status.permissions:sub(-2) ~= "00" then
    return refuse(path, "must be yours, and nobody else's to enter: chmod 700")
  end
  return path
end

local function folder()
  local home, xdg = os.getenv("HOME"), os.getenv("XDG_CACHE_HOME")
  local above = xdg and xdg:find("^/") and xdg or home and home:find("^/") and home .. "/.cache"
  if not above then
    return fail("invalid_request", "cache", "needs HOME or XDG_CACHE_HOME to be set")
  end
  files.make_folder(above, "700") -- where it cannot be made, what is below says so
  local made, _, err = files.make_folder(above .. "/r2creds", "700")
  if made == nil then
    return refuse(above .. "/r2creds", err.reason)
  end
  return check_folder(above .. "/r2creds")
end

-- ---- which ----

local SETTINGS = {
  "account_id", "parent_access_key_id", "endpoint", "jurisdiction", "api_base_url",
}

local function add(parts, name, value)
  for i, item in ipairs(type(value) == "table" and value or { value }) do
    item = tostring(item)
    parts[#parts + 1] = ("%s %d %d:%s"):format(name, i, #item, item)
  end
end

-- How it is printed, and how it is asked for, is no part of what it is.
local NO_PART = {
  format = true, json = true, cache = true, timeout_seconds = true, ca_file = true,
  env_file = true, api_base_url = true, mode = true,
}

-- One name for all that a credential is of. No secret is in it.
local function name_of(given, settings)
  local parts = {}
  for _, name in ipairs(SETTINGS) do
    local value = name == "api_base_url" and given.api_base_url or settings[name]
    if value ~= nil then
      add(parts, name, value)
    end
  end
  for _, name in ipairs(sorted(given)) do
    if not NO_PART[name] then
      add(parts, "given " .. name, given[name])
    end
  end
  return sha256(table.concat(parts, "\n"))
end

-- ---- read and written ----

local FIELDS = { "access_key_id", "secret_access_key", "session_token", "bucket", "endpoint" }

-- The credential of an entry, as long as it has enough left; nil of what is none.
local function read(file, settings, now)
  local content = file:read_at(0)
  if not content or #content > LONGEST then
    return nil
  end
  local credentials, made_at = {}, tonumber(content:match("^(%d+)\n"))
  for _, field in ipairs(FIELDS) do
    credentials[field] = content:match('"' .. field .. '":"([^"\\]+)"')
  end
  credentials.expires_at = tonumber(content:match('"expires_at":(%d+)'))
  if not made_at or not content:find("\nend\n$") or not export.json(credentials)
    or credentials.access_key_id ~= settings.parent_access_key_id then
    return nil
  end
  local life = credentials.expires_at - made_at
  local margin = life > SHORT and LEFT or life / 4
  return made_at <= now and credentials.expires_at - now > margin and credentials or nil
end

local function write(path, credentials, now)
  local file, name = files.create_beside(path)
  local good = file and file:write(("%.0f\n%s\nend\n"):format(now, export.json(credentials)))
  if file then
    good = file:close() and good
  end
  good = good and files.rename(name, path)
  if file and not good then
    files.remove(name)
  end
end

-- ---- one asks ----

-- The entry, opened and locked. Its file is replaced by whoever asks: then it is opened anew.
local function open_locked(path)
  local waited = 0
  repeat
    local file, _, err = files.open(path, "own")
    if not file then
      return refuse(path, err.reason)
    elseif file:lock() and is_current(path, file) then
      return file
    end
    file:close()
    require "r2.http".sleep(STEP)
    waited = waited + STEP
  until waited >= WAIT
  return refuse(path, "is in use by another r2creds")
end

--- What was kept, or what is made.
-- @tparam table given
-- @tparam function make -> credentials
-- @return nil, message, err
function cache.get(given, make)
  local settings, where, file, message, err
  settings, message, err = keys.settings(given)
  if settings then
    where, message, err = folder()
  end
  local path = where and where .. "/" .. name_of(given, settings)
  if path then
    file, message, err = open_locked(path)
  end
  if not file then
    return nil, message, err
  end
  local now = os.time()
  local credentials = read(file, settings, now)
  if not credentials then
    credentials, message, err = make()
    if credentials and tc.inspect(credentials.session_token) then
      write(path, credentials, now)
    end
  end
  file:close()
  return credentials, message, err
end

return cache
