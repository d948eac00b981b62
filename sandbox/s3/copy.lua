-- Objects copied, whole. A copy has the same bytes: nobody changes them, so it has the same file.
-- luacheck: std ngx_lua

local answer = require "sandbox.s3.answer"
local conditions = require "sandbox.s3.conditions"
local dates = require "sandbox.s3.dates"
local given = require "sandbox.s3.given"
local metadata = require "sandbox.s3.metadata"
local source = require "sandbox.s3.source"
local store = require "sandbox.s3.store"
local xml = require "sandbox.s3.xml"

local copy = {}

-- The metadata of the copy, by the directive. MERGE is R2's own.
local DIRECTIVES = {
  COPY = function(old) return old end,
  REPLACE = function(_, new) return new end,
  MERGE = metadata.merge,
}

local function conditions_hold(request, original)
  local of_source = given.conditions(request, "x-amz-copy-source-")
  local of_target = of_source and given.conditions(request, "cf-copy-destination-")
  if not of_target then
    return
  elseif conditions.hold(of_source, original)
    and conditions.hold(of_target, request.store.objects[request.key]) then
    return true
  end
  return answer.refuse("PreconditionFailed")
end

local function make(request, original, found)
  local copied = store.put(request.store, request.key, {
    data = store.hold(original.data), size = original.size, etag = original.etag, metadata = found,
  })
  answer.document("CopyObjectResult", {
    xml.text("ETag", ('"%s"'):format(copied.etag)),
    xml.text("LastModified", dates.iso(copied.modified)),
  })
end

function copy.CopyObject(request)
  local directive = request.headers["x-amz-metadata-directive"] or "COPY"
  if not DIRECTIVES[directive] then
    return answer.refuse("InvalidArgument", ("metadata directive %s."):format(directive))
  end
  local new = given.metadata(request)
  local original = new and source.find(request)
  if original and conditions_hold(request, original) then
    make(request, original, DIRECTIVES[directive](original.metadata, new))
  end
end

return copy
