-- The API's side of the sandbox: Cloudflare's v4 API as far as R2's temporary credentials go.
-- It answers as published (developers.cloudflare.com/api/resources/r2/), and where nothing is
-- published about a request it refuses: unknown fields, empty lists, lifetimes below one second.
-- luacheck: std ngx_lua

local cjson = require "cjson".new()
local tc = require "r2.temp_credentials"
local keys = require "sandbox.keys"
local parent = require "sandbox.parent"

cjson.decode_invalid_numbers(false)

local OPERATION = "^/client/v4/accounts/([^/]+)/r2/temp%-access%-credentials$"
local VERIFY = "^/client/v4/accounts/([^/]+)/tokens/verify$"
-- R2's own codes are at developers.cloudflare.com/r2/api/error-codes/.
local CODE = {
  UNAUTHORIZED = 10002, BAD_BUCKET_NAME = 10005, NO_SUCH_BUCKET = 10006, BAD_JSON = 10040,
  INTERNAL = 10001, AUTHENTICATION = 10000, INVALID_TOKEN = 9109, NO_ROUTE = 7003,
  BAD_METHOD = 10405,
}

local api = {}

-- ---- the envelope ----

-- Written here because cjson makes an object of an empty list.
local function send(status, success, errors, result)
  ngx.status = status
  ngx.header["content-type"] = "application/json"
  ngx.print('{"success":', tostring(success), ',"errors":[', errors, '],"messages":[],"result":',
    result, "}")
end

local function refuse(status, code, message)
  ngx.var.refusal = ("%d %s"):format(code, message)
  send(status, false, cjson.encode { code = code, message = message }, "null")
end

-- ---- who asks ----

-- Returns true, or refuses.
local function authorize(account)
  local authorization = ngx.var.http_authorization
  local token = authorization and authorization:match("^[Bb][Ee][Aa][Rr][Ee][Rr] +(%S+)$")
  if not token then
    return refuse(403, CODE.AUTHENTICATION, "Authentication error: a bearer token is required")
  elseif token ~= keys.api_token then
    return refuse(403, CODE.INVALID_TOKEN, "Invalid access token")
  elseif account ~= keys.account_id then
    return refuse(403, CODE.AUTHENTICATION, "Authentication error: not an account of this token")
  end
  return true
end

-- ---- what is asked for ----

-- Names in the body, their types, and what the library calls them. Lists come as tables; what is in
-- them is checked when they are signed.
local FIELDS = {
  { name = "bucket", type = "string", field = "bucket", required = true },
  {
    name = "parentAccessKeyId", type = "string", field = "parent_access_key_id", required = true,
  },
  { name = "permission", type = "string", field = "permission", required = true },
  { name = "ttlSeconds", type = "number", field = "ttl_seconds", required = true },
  { name = "prefixes", type = "table", field = "prefixes" },
  { name = "objects", type = "table", field = "objects" },
}

-- The row of FIELDS in which that stands.
local function find(column, value)
  for _, row in ipairs(FIELDS) do
    if row[column] == value then
      return row
    end
  end
end

local function known_names()
  local names = {}
  for i, row in ipairs(FIELDS) do
    names[i] = row.name
  end
  return table.concat(names, ", ")
end

-- The body as a table, or nil and what is wrong with it.
local function read_body()
  if not (ngx.var.content_type or ""):lower():find("^application/json%f[;%z ]") then
    return nil, "the content type must be application/json"
  end
  ngx.req.read_body()
  local text = ngx.req.get_body_data() or ""
  local ok, body = pcall(cjson.decode, text)
  if not ok or type(body) ~= "table" or not text:find("^%s*{") then
    return nil, "the body must be a JSON object"
  end
  return body
end

-- The API publishes the permissions that are scopes too.
local function permission_names()
  local names = {}
  for _, name in pairs(tc.permission) do
    names[#names + 1] = tc._scope_actions(name) and name
  end
  table.sort(names)
  return table.concat(names, ", ")
end

local function fault_of(name, value)
  local row = find("name", name)
  if not row then
    return "a field is not known; known are " .. known_names()
  elseif type(value) ~= row.type then
    return name .. " must be a " .. (row.type == "table" and "list of strings" or row.type)
  end
end

-- Says what is wrong with a body, nil where it keeps to the schema.
local function fault(body)
  for name, value in pairs(body) do
    local wrong = fault_of(name, value)
    if wrong then
      return wrong
    end
  end
  for _, row in ipairs(FIELDS) do
    if row.required and body[row.name] == nil then
      return row.name .. " is required"
    end
  end
  if not tc._scope_actions(body.permission) then
    return "permission must be one of: " .. permission_names()
  end
end

-- ---- the credential ----

-- An error in the API's name for its field.
local function told(err)
  local row = find("field", err.field)
  local item = err.item and ("[%d]"):format(err.item) or ""
  return row and row.name .. item .. " " .. err.reason or err.message
end

local function sign(body)
  local request = {}
  for _, row in ipairs(FIELDS) do
    request[row.field] = body[row.name]
  end
  return parent.client():sign(request)
end

local function create()
  local body, problem = read_body()
  problem = problem or fault(body)
  if problem then
    return refuse(400, CODE.BAD_JSON, problem)
  elseif body.parentAccessKeyId ~= keys.parent_access_key_id then
    return refuse(401, CODE.UNAUTHORIZED, "Unauthorized: parentAccessKeyId is not known")
  end
  local credentials, _, err = sign(body)
  if not credentials then
    local code = err.field == "bucket" and CODE.BAD_BUCKET_NAME or CODE.BAD_JSON
    return refuse(400, code, told(err))
  elseif body.bucket == keys.missing_bucket then
    return refuse(404, CODE.NO_SUCH_BUCKET, "The specified bucket does not exist")
  end
  send(200, true, "", cjson.encode {
    accessKeyId = credentials.access_key_id,
    secretAccessKey = credentials.secret_access_key,
    sessionToken = credentials.session_token,
  })
end

-- What is known of the token: the id of an R2 token is its access key id.
local function verify()
  send(200, true, "", cjson.encode { id = keys.parent_access_key_id, status = "active" })
end

--- Whether a request is to the API, by its first line: nginx resolves the `..` of a path, which may
-- be a key's, and says nothing of a path that it cannot read.
function api.is_asked()
  return (ngx.var.request or ""):find("^%S+ /client/v4%f[/? %z]") ~= nil
end

--- Answers a request to the API.
function api.answer()
  local account = ngx.var.uri:match(OPERATION)
  local verified = ngx.var.uri:match(VERIFY)
  if verified and ngx.req.get_method() == "GET" then
    if authorize(verified) then
      verify()
    end
  elseif not account then
    refuse(404, CODE.NO_ROUTE, "No route for that URI")
  elseif ngx.req.get_method() ~= "POST" then
    ngx.header["allow"] = "POST"
    refuse(405, CODE.BAD_METHOD, "Method not allowed")
  elseif authorize(account) then
    create()
  end
end

--- Puts an error that nginx has found, a body that is too long for instance, into the envelope.
function api.answer_error()
  if ngx.status >= 500 then
    refuse(ngx.status, CODE.INTERNAL, "Internal error")
  else
    refuse(ngx.status, CODE.BAD_JSON, "The request cannot be read")
  end
end

return api
