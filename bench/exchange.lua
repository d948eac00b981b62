-- An exchange with the API through the library, on the Lua that runs this; bench/exchange calls it.
--   exchange.lua request BASE_URL FILE   what issuer:create sends: writes the body, prints URL and
--                                        headers, a line each
--   exchange.lua seconds BASE_URL COUNT CA_FILE
--                                        CPU and wall seconds of one issuer:create, and the longest
--                                        poll of a pending credential
--   exchange.lua answer                  what the service answers: a token of R2's form
local r2 = require "r2"
local http = require "r2.http"

local config = {
  account_id = ("acc0"):rep(8),
  parent_access_key_id = ("1dea"):rep(8),
  api_token = "demonstration-token-that-opens-nothing-1",
  mode = "api",
  api_base_url = arg[2],
  ca_file = arg[4],
}

local request = {
  bucket = "my-bucket",
  permission = r2.permission.OBJECT_READ_ONLY,
  ttl_seconds = 3600,
  prefixes = { "users/123/" },
}

local actions = {}

function actions.request(path)
  local client = assert(r2.temp_credentials.new {
    account_id = config.account_id,
    parent_access_key_id = config.parent_access_key_id,
    api_token = config.api_token,
    api_base_url = config.api_base_url,
  })
  local call = assert(client:request(request))
  local file = assert(io.open(path, "wb"))
  assert(file:write(call.body))
  file:close()
  print(call.url)
  for name, value in pairs(call.headers) do
    print(name .. ": " .. value)
  end
end

function actions.answer()
  local made = assert(r2.temp_credentials.new {
    account_id = config.account_id,
    parent_access_key_id = config.parent_access_key_id,
    parent_secret_access_key = ("5ec0"):rep(16),
  }:sign(request))
  print(('{"success":true,"errors":[],"messages":[],"result":{"accessKeyId":"%s",'
    .. '"secretAccessKey":"%s","sessionToken":"%s"}}'):format(made.access_key_id,
    made.secret_access_key, made.session_token))
end

local function longest_poll(issuer)
  local longest, polls = 0, 0
  for _ = 1, 200 do
    local pending = assert(issuer:start(request))
    local credentials, message
    repeat
      local before = http.now()
      credentials, message = pending:poll()
      longest, polls = math.max(longest, http.now() - before), polls + 1
    until credentials ~= false
    assert(credentials, message)
  end
  return longest, polls
end

function actions.seconds(count)
  local issuer = assert(r2.new(config))
  for _ = 1, 10 do
    assert(issuer:create(request))
  end
  local cpu, wall = os.clock(), http.now()
  for _ = 1, count do
    assert(issuer:create(request))
  end
  print(("%.9f %.9f"):format((os.clock() - cpu) / count, (http.now() - wall) / count))
  print(("%.9f %d"):format(longest_poll(issuer)))
end

actions[arg[1]](arg[3])
