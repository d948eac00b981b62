-- One object at a time: put, got, deleted; and deleted by the thousand.
-- luacheck: std ngx_lua

local access = require "sandbox.s3.access"
local answer = require "sandbox.s3.answer"
local body = require "sandbox.s3.body"
local conditions = require "sandbox.s3.conditions"
local dates = require "sandbox.s3.dates"
local errors = require "sandbox.s3.errors"
local given = require "sandbox.s3.given"
local names = require "sandbox.s3.names"
local range = require "sandbox.s3.range"
local store = require "sandbox.s3.store"
local xml = require "sandbox.s3.xml"

local objects = {}

local MAX_DELETED = 1000 -- keys in a request

-- ---- put ----

--- The conditions are held against what is there when all has come: nothing comes between that and
-- the object's being there.
function objects.PutObject(request)
  local wanted, found = given.conditions(request), given.metadata(request)
  local received = wanted and found and body.receive(request)
  if not received then
    return
  elseif not conditions.hold(wanted, request.store.objects[request.key]) then
    return answer.refuse("PreconditionFailed")
  end
  store.put(request.store, request.key, {
    data = store.adopt(received.path), size = received.size, etag = received.md5,
    metadata = found,
  })
  answer.empty(200, { etag = ('"%s"'):format(received.md5) })
end

-- ---- got ----

local function set_headers(object)
  for name, value in pairs(object.metadata) do
    ngx.header[name] = value
  end
  ngx.header["content-type"] = object.metadata["content-type"] or "application/octet-stream"
  ngx.header["etag"] = ('"%s"'):format(object.etag)
  ngx.header["last-modified"] = dates.http(object.modified)
end

-- Hands the request over to nginx, which sends the file, or the range of it. With a whole file it
-- says by itself that it could send a range.
local function serve(object, part)
  set_headers(object)
  if part then
    ngx.req.set_header("Range", ("bytes=%.0f-%.0f"):format(part.first, part.last))
    ngx.header["accept-ranges"] = "bytes"
  end
  ngx.var.object = object.data.path:match("[^/]*$")
  ngx.var.last_modified = dates.http(object.modified)
  return ngx.exec("@object")
end

-- Serves it where the conditions hold, and the range is one of the object's.
local function serve_if(request, object, asked)
  local wanted = given.conditions(request)
  if not wanted then
    return
  end
  local holds, same = conditions.hold(wanted, object)
  if not same then
    return answer.refuse("PreconditionFailed")
  elseif not holds then
    set_headers(object)
    return answer.empty(304, { ["accept-ranges"] = "bytes" })
  end
  local part = asked and range.within(asked, object.size)
  if asked and not part then
    return answer.refuse("InvalidRange")
  end
  return serve(object, part)
end

function objects.GetObject(request)
  local header = request.headers.range
  local asked, code, message
  if header then
    asked, code, message = range.read(header)
    if not asked then
      return answer.refuse(code, message)
    end
  end
  local object = request.store.objects[request.key]
  if not object then
    return answer.refuse("NoSuchKey")
  end
  return serve_if(request, object, asked)
end

--- A range has no effect (developers.cloudflare.com/r2/api/s3/api/).
function objects.HeadObject(request)
  local object = request.store.objects[request.key]
  if not object then
    return answer.refuse("NoSuchKey")
  end
  return serve_if(request, object)
end

-- ---- deleted ----

function objects.DeleteObject(request)
  store.remove(request.store, request.key)
  answer.empty(204)
end

-- The keys that a document names; nil where it is not to the point.
local function read_keys(document)
  local keys = {}
  for i, object in ipairs(xml.all(document, "Object")) do
    keys[i] = xml.value(object, "Key")
    if not keys[i] then
      return nil
    end
  end
  local quiet = xml.value(document, "Quiet")
  local good = #keys > 0 and #keys <= MAX_DELETED
    and (quiet == nil or quiet == "true" or quiet == "false")
  return good and keys or nil
end

local function delete_one(request, key)
  local code = not access.covers(request.claims, key) and "AccessDenied" or names.fault(key)
  if code then
    return xml.element("Error", {
      xml.text("Key", key), xml.text("Code", code), xml.text("Message", errors[code][2]),
    })
  end
  store.remove(request.store, key)
  return xml.element("Deleted", { xml.text("Key", key) })
end

--- Each key is judged by itself. What is not there counts as deleted; Quiet is not looked at.
function objects.DeleteObjects(request)
  local document = body.receive_document(request, "Delete")
  if not document then
    return
  end
  local keys = read_keys(document)
  if not keys then
    return answer.refuse("MalformedXML")
  end
  local results = {}
  for i, key in ipairs(keys) do
    results[i] = delete_one(request, key)
  end
  answer.document("DeleteResult", results)
end

return objects
