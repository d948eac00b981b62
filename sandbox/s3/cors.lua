-- Cross-origin requests, by the rules of a bucket: answers to them, and to the question beforehand.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local store = require "sandbox.s3.store"
local xml = require "sandbox.s3.xml"

local cors = {}

local METHODS = { GET = true, PUT = true, POST = true, DELETE = true, HEAD = true }
local MAX_AGE = 86400 -- seconds

-- ---- rules ----

-- The texts of the elements of a name.
local function texts(rule, name)
  local found = {}
  for i, element in ipairs(xml.all(rule, name)) do
    found[i] = element.text
  end
  return found
end

-- A scheme, a host and perhaps a port; or every origin.
local function is_origin(text)
  return text == "*" or text:find("^%a[%w+.-]*://[^/%s]+$") ~= nil
end

local function all(list, good)
  for _, text in ipairs(list) do
    if not good(text) then
      return false
    end
  end
  return true
end

local function read_rule(element)
  local rule = {
    origins = texts(element, "AllowedOrigin"), methods = texts(element, "AllowedMethod"),
    headers = texts(element, "AllowedHeader"), exposed = texts(element, "ExposeHeader"),
    max_age = xml.value(element, "MaxAgeSeconds"),
  }
  local age = tonumber(rule.max_age or 0)
  if #rule.origins > 0 and #rule.methods > 0 and all(rule.origins, is_origin)
    and all(rule.methods, function(method) return METHODS[method] end)
    and age and age >= 0 and age <= MAX_AGE then
    return rule
  end
end

--- Reads the rules of a configuration; nil where they are none.
function cors.read_rules(document)
  local rules = {}
  for i, element in ipairs(document) do
    rules[i] = element.name == "CORSRule" and read_rule(element) or nil
    if not rules[i] then
      return nil
    end
  end
  return #rules > 0 and rules or nil
end

-- ---- applied ----

local function holds(list, text)
  for _, item in ipairs(list) do
    if item:lower() == text:lower() then
      return true
    end
  end
  return false
end

-- R2 wants each header named: an asterisk is said to fail, and fails here.
local function allows_headers(rule, asked)
  for name in asked:gmatch("[^%s,]+") do
    if not holds(rule.headers, name) then
      return false
    end
  end
  return true
end

-- Origins are compared byte by byte.
local function allows_origin(rule, origin)
  for _, allowed in ipairs(rule.origins) do
    if allowed == "*" or allowed == origin then
      return allowed
    end
  end
end

-- The first rule that allows it, and the origin as it stands there.
local function find_rule(request, method, headers)
  local bucket = request.bucket and store.bucket(request.bucket)
  for _, rule in ipairs(bucket and bucket.cors and bucket.cors.rules or {}) do
    local origin = allows_origin(rule, request.headers.origin)
    if origin and holds(rule.methods, method) and allows_headers(rule, headers) then
      return rule, origin
    end
  end
end

local function set_origin(origin)
  ngx.header["access-control-allow-origin"] = origin
  ngx.header["vary"] = "Origin"
end

--- Lets a page read the answer, whatever it will be, where a rule of the bucket says so.
function cors.apply(request)
  if not request.headers.origin then
    return
  end
  local rule, origin = find_rule(request, request.method, "")
  if rule then
    set_origin(origin)
    if #rule.exposed > 0 then
      ngx.header["access-control-expose-headers"] = table.concat(rule.exposed, ", ")
    end
  end
end

--- Answers what a browser asks before it sends the request itself. Nobody signs that.
function cors.answer_preflight(request)
  local method = request.headers["access-control-request-method"]
  local headers = request.headers["access-control-request-headers"] or ""
  local rule, origin
  if request.headers.origin and method then
    rule, origin = find_rule(request, method, headers)
  end
  if not rule then
    return answer.refuse("AccessDenied", "CORS not configured for this bucket, origin, method "
      .. "and headers")
  end
  set_origin(origin)
  ngx.header["access-control-allow-methods"] = table.concat(rule.methods, ", ")
  ngx.header["access-control-allow-headers"] = headers ~= "" and headers or nil
  ngx.header["access-control-max-age"] = rule.max_age
  answer.empty(204)
end

return cors
