-- A bucket's settings: who may ask from a browser (CORS), and what becomes of objects with time
-- (lifecycle). They need an admin credential, and R2 takes up to half a minute to go by a change.

local documents = require "r2.bucket.documents"
local errors = require "r2.bucket.errors"
local object = require "r2.bucket.object"
local request = require "r2.bucket.request"
local rules = require "r2.bucket.rules"

local settings = {}

-- ---- both ----

local function ask_get(format)
  return documents.expect({ operation = "Get" .. format.operation, method = "GET",
    query = { [format.parameter] = "" } }, format.root, function(element, answer)
    local list = rules.read(format, element)
    if not list then
      return errors.bad(answer, "a rule has a part that this library does not know")
    end
    return list
  end)
end

local function get(bucket, format)
  local list, message, err = request.call(bucket, ask_get(format))
  if not list and err.code == format.missing then
    return {}
  end
  return list, message, err
end

local function read_nothing(answer)
  if answer.status == 200 or answer.status == 204 then
    return true
  end
  return errors.bad(answer, "that is not how it says that it is done")
end

local function set(bucket, format, list)
  local document, message, err = rules.write(format, list)
  if not document then
    return nil, message, err
  end
  return request.call(bucket, { operation = "Put" .. format.operation, method = "PUT",
    query = { [format.parameter] = "" }, headers = { ["content-type"] = "application/xml" },
    body = document, read = read_nothing })
end

local function delete(bucket, format)
  return request.call(bucket, { operation = format.deletes, method = "DELETE",
    query = { [format.parameter] = "" }, read = read_nothing })
end

-- ---- CORS ----

local CORS = {
  operation = "BucketCors", deletes = "DeleteBucketCors", parameter = "cors",
  root = "CORSConfiguration", element = "CORSRule", missing = "NoSuchCORSConfiguration",
  passed_over = {},
  fields = {
    { "id", "ID", rules.TEXT },
    { "allowed_origins", "AllowedOrigin", rules.TEXTS },
    { "allowed_methods", "AllowedMethod", rules.TEXTS },
    { "allowed_headers", "AllowedHeader", rules.TEXTS },
    { "expose_headers", "ExposeHeader", rules.TEXTS },
    { "max_age_seconds", "MaxAgeSeconds", rules.SECONDS },
  },
  check = function(rule)
    for _, name in ipairs { "allowed_origins", "allowed_methods" } do
      if rule[name] == nil then
        return name .. " is required"
      end
    end
  end,
}

--- Which pages may use the bucket from a browser.
-- @treturn table a list of rules: id, allowed_origins, allowed_methods, allowed_headers,
--   expose_headers (lists of strings), max_age_seconds; empty where there are none
-- @return nil, message, err as from bucket:put
-- @raise when the bucket is closed
function settings:cors()
  return get(object.open(self), CORS)
end

--- Sets them, in place of all that there were. R2 wants each allowed header by its name:
-- authorization, x-amz-date, x-amz-content-sha256, x-amz-security-token, content-type,
-- x-amz-meta-….
-- @tparam table list of rules as from bucket:cors; nil and an empty one are refused
-- @treturn boolean true
-- @return nil, message, err as from bucket:put
-- @raise when the bucket is closed
function settings:set_cors(list)
  return set(object.open(self), CORS, list)
end

--- Removes them all.
-- @treturn boolean true
-- @return nil, message, err as from bucket:put
-- @raise when the bucket is closed
function settings:delete_cors()
  return delete(object.open(self), CORS)
end

-- ---- lifecycle ----

local INFREQUENT_ACCESS = "STANDARD_IA" -- R2 has no other class to go to

local function count_given(rule, names)
  local count = 0
  for _, name in ipairs(names) do
    count = count + (rule[name] ~= nil and 1 or 0)
  end
  return count
end

local function check_lifecycle(rule)
  local expiration = count_given(rule, { "expiration_days", "expiration_at" })
  local transition = count_given(rule, { "transition_days", "transition_at" })
  if rule.prefix == nil then
    return 'prefix is required; "" is the whole bucket'
  elseif expiration > 1 or transition > 1 then
    return "must have days, or a time, not both"
  elseif expiration + transition == 0 and rule.abort_upload_days == nil then
    return "must have one of expiration_days, expiration_at, transition_days, transition_at, "
      .. "abort_upload_days"
  elseif rule.storage_class ~= nil and transition == 0 then
    return "storage_class goes with transition_days or transition_at"
  end
  if rule.enabled == nil then
    rule.enabled = true
  end
  rule.storage_class = rule.storage_class or transition > 0 and INFREQUENT_ACCESS or nil
end

local LIFECYCLE = {
  operation = "BucketLifecycleConfiguration", deletes = "DeleteBucketLifecycle",
  parameter = "lifecycle", root = "LifecycleConfiguration", element = "Rule",
  missing = "NoSuchLifecycleConfiguration", check = check_lifecycle,
  passed_over = { Filter = true },
  fields = {
    { "id", "ID", rules.TEXT },
    { "prefix", "Filter/Prefix", rules.TEXT },
    { "enabled", "Status", rules.ENABLED },
    { "expiration_days", "Expiration/Days", rules.DAYS },
    { "expiration_at", "Expiration/Date", rules.TIME },
    { "transition_days", "Transition/Days", rules.DAYS },
    { "transition_at", "Transition/Date", rules.TIME },
    { "storage_class", "Transition/StorageClass", rules.TEXT },
    { "abort_upload_days", "AbortIncompleteMultipartUpload/DaysAfterInitiation", rules.DAYS },
  },
}

--- What becomes of objects with time.
-- @treturn table a list of rules: id; prefix, "" or nil for the whole bucket; enabled;
--   expiration_days or expiration_at (Unix seconds), when they are deleted; transition_days or
--   transition_at, when they become storage_class; abort_upload_days, when an upload in parts that
--   has not ended is given up. Empty where there are none
-- @return nil, message, err as from bucket:put; also where a rule has a part that is not known here
-- @raise when the bucket is closed
function settings:lifecycle()
  return get(object.open(self), LIFECYCLE)
end

--- Sets them, in place of all that there were.
-- @tparam table list of rules as from bucket:lifecycle; prefix is required, enabled is true and
--   storage_class "STANDARD_IA" unless they are given; nil and an empty list are refused
-- @treturn boolean true
-- @return nil, message, err as from bucket:put
-- @raise when the bucket is closed
function settings:set_lifecycle(list)
  return set(object.open(self), LIFECYCLE, list)
end

--- Removes them all.
-- @treturn boolean true
-- @return nil, message, err as from bucket:put
-- @raise when the bucket is closed
function settings:delete_lifecycle()
  return delete(object.open(self), LIFECYCLE)
end

return settings
