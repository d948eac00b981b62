-- Credentials for pages in a browser: for whom a program knows, from an origin on its list, and for
-- what it says.
-- luacheck: globals ngx

local answer = require "r2.vend.answer"
local audit = require "r2.vend.audit"
local cache = require "r2.vend.cache"
local cjson = require "cjson"
local export = require "r2.export"
local json = require "r2.json"
local provider = require "r2.provider"

local pages = {}

local LONGEST = 16384 -- bytes of a body
local PREFLIGHT = "600" -- seconds that a browser may keep what it was told
local LEFT = 330 -- AWS's SDK for JavaScript renews 5 minutes before the end

-- ---- who asks ----

local function allow(origin)
  ngx.header["Access-Control-Allow-Origin"] = origin
  ngx.header["Access-Control-Allow-Credentials"] = "true"
end

-- What a browser asks before it sends what a form could not (fetch.spec.whatwg.org).
local function answer_preflight()
  ngx.header["Access-Control-Allow-Methods"] = "POST"
  ngx.header["Access-Control-Allow-Headers"] = "content-type"
  ngx.header["Access-Control-Max-Age"] = PREFLIGHT
  ngx.header["Cache-Control"] = "no-store"
  return ngx.exit(204)
end

local function is_json(content_type)
  local media = type(content_type) == "string" and content_type:match("^%s*([^;%s]+)")
  return media ~= nil and media ~= false and media:lower() == "application/json"
end

-- The body's table; nil, and a status and a code, where there is none.
local function read_body()
  ngx.req.read_body()
  local text = ngx.req.get_body_data()
  if not text and ngx.req.get_body_file() or text and #text > LONGEST then
    return nil, 413, "ContentTooLarge"
  end
  local ok, body = pcall(cjson.decode, text or "")
  if not ok or type(body) ~= "table" then
    return nil, 400, "BadRequest"
  end
  return body
end

-- ---- what is made ----

-- One word for all that a request says.
local function text_of(request)
  local names, parts = {}, {}
  for name in next, request do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = request[name]
    local list = type(value) == "table" and value or { value }
    parts[#parts + 1] = ("%s %d"):format(name, #list)
    for _, item in ipairs(list) do
      item = tostring(item)
      parts[#parts + 1] = ("%d:%s"):format(#item, item)
    end
  end
  return table.concat(parts, "\n")
end

local function new_provider(given, user, request)
  local life = type(request.ttl_seconds) == "number" and request.ttl_seconds or 1
  return provider(given.issuer, request, {
    advisory_seconds = math.max(life / 2, 1), mandatory_seconds = LEFT, shared = given.shared,
    clock = given.clock, random = given.random, made = audit.of(given.audit, user, request),
  })
end

-- Signed ones are made anew each time: that takes microseconds.
local function make(given, providers, user, request)
  if given.issuer:signs(request) then
    local made, message, err = given.issuer:create(request)
    if made and given.audit then
      audit.of(given.audit, user, request)(made)
    end
    return made, message, err
  end
  local name = ("%d:%s\n%s"):format(#user, user, text_of(request))
  local fresh, message, err = providers:get(name, function()
    return new_provider(given, user, request)
  end)
  if not fresh then
    return nil, message, err
  end
  return fresh:get()
end

-- What the SDK for JavaScript takes, and where it goes, as one object.
local function answer_with(credentials)
  local place = json.object {
    { "bucket", credentials.bucket }, { "endpoint", credentials.endpoint },
  }
  answer.send(200, assert(export.sdk(credentials)):sub(1, -2) .. "," .. place:sub(2))
end

local function serve(given, providers)
  local user = given.user()
  if type(user) ~= "string" or user == "" then
    return answer.refuse(401, "Unauthorized", "who asks is not known")
  end
  local body, status, code = read_body()
  if not body then
    return answer.refuse(status, code, "the body must be a JSON object of 16 KiB at most")
  end
  local request = given.request(user, body)
  if type(request) ~= "table" then
    return answer.refuse(403, "Forbidden", "there is no credential for this")
  end
  local credentials, message = make(given, providers, user, request)
  if not credentials then
    return answer.failed(message)
  end
  answer_with(credentials)
end

--- The handler.
-- @tparam table given see r2.vend.config
-- @treturn function
function pages.new(given)
  local providers = cache.new(given.providers_max or 1000)
  return function()
    local headers, method = ngx.req.get_headers(0), ngx.req.get_method()
    ngx.header["Vary"] = "Origin"
    local origin = headers.origin
    if type(origin) ~= "string" or not given.allowed[origin] then
      return answer.refuse(403, "Forbidden", "pages of this origin get no credentials")
    end
    allow(origin)
    if method == "OPTIONS" then
      return answer_preflight()
    elseif method ~= "POST" then
      ngx.header["Allow"] = "POST"
      return answer.refuse(405, "MethodNotAllowed", "the method must be POST")
    elseif not is_json(headers["content-type"]) then
      return answer.refuse(415, "UnsupportedMediaType", "the body must be application/json")
    end
    return serve(given, providers)
  end
end

return pages
