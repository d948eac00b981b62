-- What the sandbox's S3 side lets a credential do: five permissions and each single action, held
-- against every operation, inside and outside of prefixes and objects. What is expected is written
-- here after the table of what R2 allows, and not read from the sandbox.
local keys = require "sandbox.keys"
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local tc = require "r2.temp_credentials"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local CORS = "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin>"
  .. "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>"
local LIFECYCLE = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Expiration>"
  .. "<Days>1</Days></Expiration></Rule></LifecycleConfiguration>"

-- Operation -> how it is asked for; `key` is put in, or `prefix` for a list. What it answers where
-- it is allowed: a status, with the code of an error when what it asks for is not there.
local UPLOAD = { uploadId = "none" }
local PART = { uploadId = "none", partNumber = 1 }
local COMPLETE = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>"
  .. "</CompleteMultipartUpload>"
local OPERATIONS = {
  GetObject = { keyed = true, 200 },
  HeadObject = { method = "HEAD", keyed = true, 200 },
  PutObject = { method = "PUT", keyed = true, body = "new", 200 },
  DeleteObject = { method = "DELETE", keyed = true, ending = "gone", 204 },
  CopyObject = { method = "PUT", keyed = true, source = true, ending = "copy", 200 },
  CreateMultipartUpload = { method = "POST", keyed = true, query = { uploads = "" }, 200 },
  UploadPart = { method = "PUT", keyed = true, query = PART, body = "x", 404, "NoSuchUpload" },
  UploadPartCopy = {
    method = "PUT", keyed = true, query = PART, source = true, 404, "NoSuchUpload",
  },
  CompleteMultipartUpload = {
    method = "POST", keyed = true, query = UPLOAD, body = COMPLETE, 404, "NoSuchUpload",
  },
  AbortMultipartUpload = {
    method = "DELETE", keyed = true, query = UPLOAD, 404, "NoSuchUpload",
  },
  ListParts = { keyed = true, query = UPLOAD, 404, "NoSuchUpload" },
  ListObjects = { listed = true, query = {}, 200 },
  ListObjectsV2 = { listed = true, query = { ["list-type"] = 2 }, 200 },
  ListMultipartUploads = { listed = true, query = { uploads = "" }, 200 },
  GetBucketLocation = { query = { location = "" }, 200 },
  HeadBucket = { method = "HEAD", 200 },
  GetBucketCors = { query = { cors = "" }, 200 },
  PutBucketCors = { method = "PUT", query = { cors = "" }, body = CORS, 200 },
  GetBucketLifecycleConfiguration = { query = { lifecycle = "" }, 200 },
  PutBucketLifecycleConfiguration = {
    method = "PUT", query = { lifecycle = "" }, body = LIFECYCLE, 200,
  },
  DeleteBucketCors = { method = "DELETE", query = { cors = "" }, 204 },
  DeleteBucketLifecycle = { method = "DELETE", query = { lifecycle = "" }, 204 },
  CreateBucket = { method = "PUT", 501, "NotImplemented" },
  DeleteBucket = { method = "DELETE", 501, "NotImplemented" },
}

-- Operation -> the action that it needs, where that is called otherwise.
local ACTION = { ListObjects = "ListObjectsV1", HeadBucket = "GetBucketLocation" }
local READS_SETTINGS = { GetBucketCors = true, GetBucketLifecycleConfiguration = true }
local CHANGES_SETTINGS = {
  PutBucketCors = true, DeleteBucketCors = true, PutBucketLifecycleConfiguration = true,
  DeleteBucketLifecycle = true, CreateBucket = true, DeleteBucket = true,
}

local function set_of(...)
  local set = {}
  for _, names in ipairs { ... } do
    for _, name in ipairs(names) do
      set[name] = true
    end
  end
  return set
end

-- What is granted -> the actions in it, and which settings.
local ACTIONS = tc.actions()
local GRANTS = {
  ["object-read-only"] = { actions = set_of(ACTIONS.READ) },
  ["object-write-only"] = {
    actions = set_of { "PutObject", "CreateMultipartUpload", "UploadPart",
      "CompleteMultipartUpload", "AbortMultipartUpload" },
  },
  ["object-read-write"] = { actions = set_of(ACTIONS.READ, ACTIONS.WRITE, ACTIONS.MULTIPART) },
  ["admin-read-only"] = { actions = set_of(ACTIONS.READ), reads_settings = true },
  ["admin-read-write"] = {
    actions = set_of(ACTIONS.READ, ACTIONS.WRITE, ACTIONS.MULTIPART), reads_settings = true,
    changes_settings = true,
  },
}
for name, grant in pairs(GRANTS) do
  grant.request = { permission = name }
end
for _, action in ipairs(ACTIONS.ALL) do
  GRANTS[action] = { actions = { [action] = true }, request = { actions = { action } } }
end

local function is_granted(grant, operation)
  if READS_SETTINGS[operation] then
    return grant.reads_settings or false
  elseif CHANGES_SETTINGS[operation] then
    return grant.changes_settings or false
  end
  return grant.actions[ACTION[operation] or operation] or false
end

-- The restriction of a credential; the folder in which a key lies; whether that is inside.
local PLACES = {
  ["the whole bucket"] = { folder = "in/", inside = true, lists = true },
  ["inside of its prefix"] = {
    restricted = { prefixes = { "x/", "in/" } }, folder = "in/", inside = true, lists = true,
  },
  ["outside of its prefix"] = {
    restricted = { prefixes = { "x/", "in/" } }, folder = "out/", inside = false,
  },
  ["beside its prefix"] = {
    restricted = { prefixes = { "in/" } }, folder = "in", inside = false,
  },
  ["one of its objects"] = {
    restricted = { objects = { "in/a", "in/gone", "in/copy" } }, folder = "in/", inside = true,
  },
  ["none of its objects"] = {
    restricted = { objects = { "in/a/", "in/", "a" } }, folder = "in/", inside = false,
  },
}

it("The sandbox's S3 side knows every permission, and an operation for every action", function()
  for _, permission in pairs(tc.permission) do
    assert.is_truthy(GRANTS[permission], permission)
  end
  local needed = { DeleteObjects = true } -- judged further below
  for operation in pairs(OPERATIONS) do
    needed[ACTION[operation] or operation] = true
  end
  for _, action in ipairs(ACTIONS.ALL) do
    assert.is_true(needed[action], action)
  end
end)

describe("the sandbox's S3 side lets", function()
  local bucket

  local function put_settings()
    bucket:must { method = "PUT", query = { cors = "" }, body = CORS }
    bucket:must { method = "PUT", query = { lifecycle = "" }, body = LIFECYCLE }
  end

  setup(function()
    bucket = s3.start()
    for _, key in ipairs { "in/a", "out/a", "ina" } do
      bucket:put(key, "bytes")
    end
    put_settings()
  end)

  teardown(server.stop_all)

  -- What an operation sends, of a folder.
  local function case_of(operation, folder)
    local case = {}
    for name, value in pairs(OPERATIONS[operation]) do
      case[name] = value
    end
    if case.keyed then
      case.key = folder .. (case.ending or "a")
    elseif case.listed then
      case.query = { prefix = folder }
      for name, value in pairs(OPERATIONS[operation].query) do
        case.query[name] = value
      end
    end
    if case.source then
      case.headers = { ["x-amz-copy-source"] = s3.BUCKET .. "/" .. folder .. "a" }
    end
    case.bucket = nil -- the credential's own
    return case
  end

  local function outcome(response)
    return ("%d %s"):format(response.status, response.code or "")
  end

  -- Asks for every operation, and hands back those whose outcome is another one than is expected.
  local function surprises(credentials, folder, is_allowed)
    local found = {}
    for operation, expected in values.sorted(OPERATIONS) do
      local response = bucket:as(credentials):ask(case_of(operation, folder))
      local wanted = is_allowed(operation)
        and ("%d %s"):format(expected[1], expected[2] or "")
        or "403 " .. (expected.method == "HEAD" and "" or "AccessDenied")
      if outcome(response) ~= wanted then
        found[#found + 1] = ("%s: %s in place of %s"):format(operation,
          outcome(response), wanted)
      end
      if operation:find("^DeleteBucket") then
        put_settings()
      end
    end
    return found
  end

  for name, grant in values.sorted(GRANTS) do
    for where, place in values.sorted(PLACES) do
      it(("%s do what it names and nothing else: %s"):format(name, where), function()
        local request = { prefixes = place.restricted and place.restricted.prefixes,
          objects = place.restricted and place.restricted.objects }
        for field, value in pairs(grant.request) do
          request[field] = value
        end
        local credentials = bucket:sign(request)
        assert.same({}, surprises(credentials, place.folder, function(operation)
          local how = OPERATIONS[operation]
          return is_granted(grant, operation)
            and (not how.keyed or place.inside)
            and (not how.listed or place.lists or false)
        end))
      end)
    end

    it(name .. " do nothing in another bucket", function()
      local request = { bucket = "another-bucket" }
      for field, value in pairs(grant.request) do
        request[field] = value
      end
      assert.same({}, surprises(bucket:sign(request), "in/", function()
        return false
      end))
    end)
  end
end)

describe("the sandbox's S3 side", function()
  local bucket

  setup(function()
    bucket = s3.start()
    bucket:put("in/a", "bytes")
    bucket:put("out/a", "bytes")
  end)

  teardown(server.stop_all)

  local function document_of(names)
    return "<Delete><Object><Key>" .. table.concat(names, "</Key></Object><Object><Key>")
      .. "</Key></Object></Delete>"
  end

  for name, request in values.sorted {
    ["DeleteObjects"] = { actions = { "DeleteObjects" } },
    ["object-read-write"] = { permission = "object-read-write" },
  } do
    it(name .. " judges each key of DeleteObjects by itself", function()
      bucket:put("in/a", "bytes")
      request.prefixes, request.objects = { "in/" }, { "exact" }
      local response = bucket:as(bucket:sign(request)):must {
        method = "POST", query = { delete = "" },
        body = document_of { "in/a", "out/a", "in/none", "in", "exact", "exact/a" },
      }
      local deleted, refused = {}, {}
      for entry in response.body:gmatch("<Deleted>(.-)</Deleted>") do
        deleted[#deleted + 1] = s3.text(entry, "Key")
      end
      for entry in response.body:gmatch("<Error>(.-)</Error>") do
        refused[#refused + 1] = s3.text(entry, "Key") .. " " .. s3.text(entry, "Code")
      end
      assert.same({ "in/a", "in/none", "exact" }, deleted)
      assert.same({ "out/a AccessDenied", "in AccessDenied", "exact/a AccessDenied" },
        refused)
      assert.equal(404, bucket:ask { key = "in/a" }.status)
      assert.equal(200, bucket:ask { key = "out/a" }.status)
    end)
  end

  it("refuses DeleteObjects without its action, DeleteObject not being it", function()
    local credentials = bucket:sign { actions = { "DeleteObject" }, prefixes = { "in/" } }
    local response = bucket:as(credentials):ask {
      method = "POST", query = { delete = "" }, body = document_of { "in/a" },
    }
    assert.equal("403 AccessDenied", response.status .. " " .. response.code)
  end)

  for what, source in values.sorted {
    ["outside of its prefix"] = "my-bucket/out/a",
    ["in another bucket"] = "another-bucket/in/a",
    ["outside, by an escape"] = "my-bucket%2Fout%2Fa",
  } do
    it("copies nothing that is " .. what, function()
      for _, request in ipairs { { permission = "object-read-write" },
        { actions = { "CopyObject" } }, { actions = { "UploadPartCopy" } } } do
        request.prefixes = { "in/" }
        local part = request.actions and request.actions[1] == "UploadPartCopy"
        local response = bucket:as(bucket:sign(request)):ask {
          method = "PUT", key = "in/copy", headers = { ["x-amz-copy-source"] = source },
          query = part and { uploadId = "x", partNumber = 1 } or nil,
        }
        assert.equal("403 AccessDenied", response.status .. " " .. response.code)
      end
    end)
  end

  for what, prefix in values.sorted {
    ["no prefix"] = false, ["a shorter prefix"] = "i", ["the prefix without its slash"] = "in",
    ["another prefix"] = "out/", ["a prefix with more before it"] = "/in/",
  } do
    it("lists nothing by " .. what, function()
      local credentials = bucket:sign {
        permission = "object-read-only", prefixes = { "in/" }, objects = { "out/a" },
      }
      local response = bucket:as(credentials):ask {
        query = { ["list-type"] = 2, prefix = prefix or nil },
      }
      assert.equal("403 AccessDenied", response.status .. " " .. response.code)
    end)
  end

  it("lists by a longer prefix", function()
    local credentials = bucket:sign { permission = "object-read-only", prefixes = { "out/" } }
    local response = bucket:as(credentials):must {
      query = { ["list-type"] = 2, prefix = "out/a" },
    }
    assert.same({ "out/a" }, s3.texts(response.body, "Key"))
  end)

  it("has every bucket but one, which nobody has", function()
    local name = keys.missing_bucket
    local credentials = bucket:sign { bucket = name, permission = "admin-read-write" }
    for _, as in ipairs { bucket, bucket:as(credentials) } do
      local response = as:ask { bucket = name, key = "a" }
      assert.equal("404 NoSuchBucket", response.status .. " " .. response.code)
    end
  end)
end)
