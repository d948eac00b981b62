-- A file on its way to R2, a little further each frame. No key is in the game: a server of yours
-- hands out a credential that may write below uploads/<user>/ and do nothing else, as
-- examples/haproxy does.

-- Both now: libcurl takes some 20 ms to load, which a frame has not.
local http = require "r2.http"
local r2 = require "r2"

local saving = {}

-- What r2.export.json writes has no escapes in these.
local function read_credentials(body)
  local credentials = {}
  for _, name in ipairs {
    "access_key_id", "secret_access_key", "session_token", "bucket", "endpoint",
  } do
    credentials[name] = body:match('"' .. name .. '":"([^"\\]*)"')
    if not credentials[name] then
      return nil, "the game's server answered without a credential"
    end
  end
  credentials.expires_at = tonumber(body:match('"expires_at":(%d+)'))
  return credentials
end

local function fetch(server)
  local h = assert(http.new())
  local exchange, response, message
  exchange, message = h:start {
    method = "GET", url = server.url, headers = { authorization = server.login },
  }
  while exchange and not response do
    response, message = exchange:poll()
    if response == nil then
      break
    end
    coroutine.yield() -- until the next frame
  end
  h:close()
  if not response then
    return nil, message
  elseif response.status ~= 200 then
    return nil, ("the game's server answered with status %d"):format(response.status)
  end
  return read_credentials(response.body)
end

-- With your own keys in the environment, for a demonstration: a game that is given away has none.
local function sign(user)
  local issuer, message = r2.from_env()
  if not issuer then
    return nil, message
  end
  local credentials
  local bucket = os.getenv("R2_BUCKET") or "my-bucket"
  credentials, message = issuer:client_upload_credentials(user, bucket)
  issuer:close()
  return credentials, message
end

--- Begins. Poll what this hands back once a frame: false while it is under way.
-- @tparam string path of the file
-- @tparam table server url, login (the header Authorization); url nil: keys of the environment
-- @tparam string user
-- @tparam function progress gets bytes done, and of how many
-- @treturn table a task
function saving.start(path, server, user, progress)
  return assert(r2.task(function()
    local credentials, message, bucket, stored
    if server.url then
      credentials, message = fetch(server)
    else
      credentials, message = sign(user)
    end
    if not credentials then
      return nil, message
    end
    bucket, message = r2.bucket { credentials = credentials }
    if not bucket then
      return nil, message
    end
    stored, message = bucket:upload(path, "uploads/" .. user .. "/save", { progress = progress })
    bucket:close()
    return stored, message
  end))
end

return saving
