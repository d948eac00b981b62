-- What a bucket says of itself, and its settings: CORS, which sandbox/s3/cors.lua applies, and
-- lifecycle, which is kept and nothing more.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local body = require "sandbox.s3.body"
local cors = require "sandbox.s3.cors"
local xml = require "sandbox.s3.xml"

local settings = {}

local MAX_RULES = 1000
local ACTIONS = {
  "Expiration", "Transition", "AbortIncompleteMultipartUpload",
}

-- ---- the bucket itself ----

function settings.HeadBucket()
  answer.empty(200)
end

function settings.GetBucketLocation()
  answer.text(xml.document("LocationConstraint", { "auto" }))
end

-- ---- documents that are kept ----

-- Answers with a setting as it was put.
local function get(setting, missing)
  if not setting then
    return answer.refuse(missing)
  end
  answer.text(setting.text)
end

function settings.GetBucketCors(request)
  get(request.store.cors, "NoSuchCORSConfiguration")
end

function settings.PutBucketCors(request)
  local document, text = body.receive_document(request, "CORSConfiguration")
  local rules = document and cors.read_rules(document)
  if rules then
    request.store.cors = { text = text, rules = rules }
    answer.empty(200)
  elseif document then
    answer.refuse("MalformedXML")
  end
end

function settings.DeleteBucketCors(request)
  request.store.cors = nil
  answer.empty(204)
end

-- A rule is on or off, and does something.
local function is_lifecycle_rule(rule)
  local status, acts = xml.value(rule, "Status"), false
  for _, name in ipairs(ACTIONS) do
    acts = acts or #xml.all(rule, name) > 0
  end
  return acts and (status == "Enabled" or status == "Disabled")
end

local function is_lifecycle(document)
  for _, rule in ipairs(document) do
    if rule.name ~= "Rule" or not is_lifecycle_rule(rule) then
      return false
    end
  end
  return #document > 0 and #document <= MAX_RULES
end

function settings.GetBucketLifecycleConfiguration(request)
  get(request.store.lifecycle, "NoSuchLifecycleConfiguration")
end

function settings.PutBucketLifecycleConfiguration(request)
  local document, text = body.receive_document(request, "LifecycleConfiguration")
  if document and is_lifecycle(document) then
    request.store.lifecycle = { text = text }
    answer.empty(200)
  elseif document then
    answer.refuse("MalformedXML")
  end
end

function settings.DeleteBucketLifecycle(request)
  request.store.lifecycle = nil
  answer.empty(204)
end

-- ---- what this sandbox has not ----

-- Its buckets are there from the start, and stay.
local function refuse(request)
  answer.refuse("NotImplemented", request.operation .. " not implemented")
end
settings.CreateBucket, settings.DeleteBucket = refuse, refuse

return settings
