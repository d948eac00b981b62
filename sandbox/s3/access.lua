-- What a credential may do. Cloudflare publishes the names of the actions and not this table, which
-- follows the names; where that is a guess (marked *) the sandbox refuses rather than allows.

local tc = require "r2.temp_credentials"

local ACTIONS = tc.actions().ALL

local access = {}

--- In the place of claims: the parent key's own, which may do everything.
access.EVERYTHING = {}

-- ---- path rules ----

local function starts_with(text, prefix)
  return prefix ~= "" and text:sub(1, #prefix) == prefix
end

-- Lists as they stand in a token. One that is absent, or no list, is empty.
local function list(paths, name)
  return type(paths) == "table" and type(paths[name]) == "table" and paths[name] or {}
end

local function under_a_prefix(claims, text)
  for _, prefix in ipairs(list(claims.paths, "prefixPaths")) do
    if starts_with(text, prefix) then
      return true
    end
  end
  return false
end

--- Whether a key lies within the paths of a credential.
function access.covers(claims, key)
  if claims.paths == nil then
    return true
  end
  for _, object in ipairs(list(claims.paths, "objectPaths")) do
    if object == key then
      return true
    end
  end
  return under_a_prefix(claims, key)
end

local function key(claims, request)
  return access.covers(claims, request.key)
end

local function key_and_source(claims, request)
  return key(claims, request) and request.source.bucket == claims.bucket
    and access.covers(claims, request.source.key)
end

-- What may be listed lies under a prefix; objects alone open no list.
local function listed_prefix(claims, request)
  return claims.paths == nil or under_a_prefix(claims, request.parameters.prefix or "")
end

-- Each key is judged by itself when its turn comes.
local function each_key()
  return true
end

local function none()
  return true
end

-- ---- the table ----

-- Operation -> the action that allows it, and the path rule. The two in brackets are no actions
-- that R2 has: only a scope can hold them.
local READ_SETTINGS, CHANGE_SETTINGS = "(read settings)", "(change settings)"
local OPERATIONS = {
  GetObject = { "GetObject", key },
  HeadObject = { "HeadObject", key },
  PutObject = { "PutObject", key },
  DeleteObject = { "DeleteObject", key },
  DeleteObjects = { "DeleteObjects", each_key }, -- *
  CopyObject = { "CopyObject", key_and_source }, -- *
  CreateMultipartUpload = { "CreateMultipartUpload", key },
  UploadPart = { "UploadPart", key },
  UploadPartCopy = { "UploadPartCopy", key_and_source }, -- *
  CompleteMultipartUpload = { "CompleteMultipartUpload", key },
  AbortMultipartUpload = { "AbortMultipartUpload", key },
  ListParts = { "ListParts", key },
  ListObjects = { "ListObjectsV1", listed_prefix }, -- *
  ListObjectsV2 = { "ListObjectsV2", listed_prefix }, -- *
  ListMultipartUploads = { "ListMultipartUploads", listed_prefix }, -- *
  GetBucketLocation = { "GetBucketLocation", none },
  HeadBucket = { "GetBucketLocation", none }, -- *
  GetBucketCors = { READ_SETTINGS, none },
  PutBucketCors = { CHANGE_SETTINGS, none },
  DeleteBucketCors = { CHANGE_SETTINGS, none },
  GetBucketLifecycleConfiguration = { READ_SETTINGS, none },
  PutBucketLifecycleConfiguration = { CHANGE_SETTINGS, none },
  DeleteBucketLifecycle = { CHANGE_SETTINGS, none },
  CreateBucket = { CHANGE_SETTINGS, none },
  DeleteBucket = { CHANGE_SETTINGS, none },
}

-- Scope -> what it holds beside actions.
local SETTINGS = {
  ["admin-read-only"] = { READ_SETTINGS },
  ["admin-read-write"] = { READ_SETTINGS, CHANGE_SETTINGS },
}

-- ---- the judgement ----

local function holds(names, wanted)
  for _, name in ipairs(names) do
    if name == wanted then
      return true
    end
  end
  return false
end

-- A scope that is not known allows nothing; nor do actions that are not R2's.
local function allows(claims, action)
  if claims.scope ~= nil then
    return holds(tc._scope_actions(claims.scope) or {}, action)
      or holds(SETTINGS[claims.scope] or {}, action)
  end
  return type(claims.actions) == "table" and holds(ACTIONS, action)
    and holds(claims.actions, action)
end

--- Whether a request is allowed.
-- @tparam table request `operation`, `bucket`, `key`, `parameters`; of a copy `source`
-- @tparam table claims of the session token, or EVERYTHING
function access.allows(request, claims)
  if claims == access.EVERYTHING then
    return true
  end
  local needs = OPERATIONS[request.operation]
  return needs ~= nil and claims.bucket == request.bucket and allows(claims, needs[1])
    and needs[2](claims, request)
end

return access
