-- Credentials for AWS SDKs, which take them from where AWS_CONTAINER_CREDENTIALS_FULL_URI says, and
-- renew them by themselves.
-- luacheck: globals ngx

local answer = require "r2.vend.answer"
local audit = require "r2.vend.audit"
local export = require "r2.export"
local provider = require "r2.provider"
local same = require "r2.vend.same"

local sdks = {}

-- botocore renews 15 minutes before the end: what has less left would be fetched for each request.
local LEFT = 16 * 60
local EARLY = 18 * 60

-- The token in its file, which may be replaced at any time; without the line's end.
local function read_file(path)
  local file, reason = io.open(path, "rb")
  if not file then
    return nil, reason
  end
  local text = file:read(4096) or ""
  file:close()
  return (text:gsub("[\r\n]+$", ""))
end

local function wanted_token(given)
  if given.token then
    return given.token
  end
  local token, reason = read_file(given.token_file)
  if token and #token >= 16 then
    return token
  end
  ngx.log(ngx.ERR, "r2.vend: token_file ", reason or "must hold 16 characters at least")
end

local function is_known(given)
  local sent = ngx.req.get_headers(0).authorization
  local token = wanted_token(given)
  return token ~= nil and type(sent) == "string" and same(sent, token)
end

--- The handler.
-- @tparam table given see r2.vend.config
-- @treturn function
-- @return nil, message, err as from r2.provider
function sdks.new(given)
  local fresh, message, err = provider(given.issuer, given.request, {
    advisory_seconds = EARLY, mandatory_seconds = LEFT, shared = given.shared,
    clock = given.clock, random = given.random,
    made = audit.of(given.audit, given.name or "sdk", given.request),
  })
  if not fresh then
    return nil, message, err
  end
  return function()
    if not is_known(given) then
      return answer.refuse(401, "Unauthorized", "the authorization token is missing or wrong")
    elseif ngx.req.get_method() ~= "GET" then
      ngx.header["Allow"] = "GET"
      return answer.refuse(405, "MethodNotAllowed", "the method must be GET")
    end
    local credentials, reason = fresh:get()
    if not credentials then
      return answer.failed(reason)
    end
    answer.send(200, export.container(credentials))
  end
end

return sdks
