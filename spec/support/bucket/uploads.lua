-- Uploads in parts, step by step.
local assert = require "luassert"
local refused = require "spec.support.refused"

local case, list = require("spec.support.bucket.cases")()

local PART = ("0123456789abcdef"):rep(2 ^ 16) -- a megabyte
local LEAST = PART:rep(5) -- what R2 takes as a part that is not the last

case("an object is made of parts, in whatever order they are named", function(w)
  local bucket, key = w:bucket(), w:key("a.txt")
  local id = assert(bucket:create_upload(key, { metadata = { made = "of parts" } }))
  local parts = {}
  for i, body in ipairs { LEAST, LEAST, "the end" } do
    parts[4 - i] = assert(bucket:upload_part(key, id, i, body))
    assert.equal(i, parts[4 - i].number)
    assert.equal(#body, parts[4 - i].size)
  end
  local made = assert(bucket:complete_upload(key, id, parts))
  local found = assert(bucket:head(key))
  assert.equal(made.etag, found.etag)
  assert.equal("-3", made.etag:sub(-2))
  assert.equal(2 * #LEAST + 7, found.size)
  assert.equal("text/plain; charset=utf-8", found.content_type)
  assert.same({ made = "of parts" }, found.metadata)
  assert.equal("efthe end", assert(bucket:get(key, { range = { -9 } })).body)
  local err = refused({ kind = "api" }, function()
    return bucket:complete_upload(key, id, parts)
  end)
  assert.equal("NoSuchUpload", err.code)
  assert.is_nil(err.outcome)
end)

case("a part may be a function, with its progress", function(w)
  local bucket, key = w:bucket(), w:key()
  local id = assert(bucket:create_upload(key))
  local sent, last = 0, nil
  local part = assert(bucket:upload_part(key, id, 1, function()
    sent = sent + 1
    return sent <= 5 and PART or nil
  end, { content_length = #LEAST, progress = function(done, total)
    last = { done, total }
  end }))
  assert.same({ #LEAST, #LEAST }, last)
  assert(bucket:complete_upload(key, id, { part }))
  assert.equal(#LEAST, assert(bucket:head(key)).size)
end)

case("an upload is given up, also when it has been", function(w)
  local bucket, key = w:bucket(), w:key()
  local id = assert(bucket:create_upload(key))
  assert(bucket:upload_part(key, id, 1, "x"))
  assert.is_true(bucket:abort_upload(key, id))
  assert.is_true(bucket:abort_upload(key, id))
  local err = refused({ kind = "api" }, function()
    return bucket:upload_part(key, id, 2, "x")
  end)
  assert.equal("NoSuchUpload", err.code)
  assert.equal(404, select(3, bucket:head(key)).status)
end)

case("a part that is not there makes no object", function(w)
  local bucket, key = w:bucket(), w:key()
  local id = assert(bucket:create_upload(key))
  local part = assert(bucket:upload_part(key, id, 1, "x"))
  local err = refused({ kind = "api" }, function()
    return bucket:complete_upload(key, id, { part, { number = 2, etag = part.etag } })
  end)
  assert.equal("InvalidPart", err.code)
  assert(bucket:complete_upload(key, id, { part }))
end)

case("parts and uploads are listed, page by page", function(w)
  local bucket, folder = w:bucket(), w:key("")
  local ids, parts = {}, {}
  for i, name in ipairs { "a b", "a+c", "d/e", "d/f" } do
    ids[i] = assert(bucket:create_upload(folder .. name))
  end
  for i = 1, 3 do
    parts[i] = assert(bucket:upload_part(folder .. "a b", ids[1], i * 2, "part " .. i))
  end
  local page = assert(bucket:list_parts(folder .. "a b", ids[1], { limit = 2 }))
  assert.same({ 2, 4 }, { page[1].number, page[2].number })
  assert.equal(parts[1].etag, page[1].etag)
  assert.equal(6, page[1].size)
  page = assert(bucket:list_parts(folder .. "a b", ids[1], { next = page.next }))
  assert.equal(1, #page)
  assert.equal(6, page[1].number)
  assert.is_nil(page.next)

  local seen, token = {}, nil
  repeat
    page = assert(bucket:list_uploads { prefix = folder, limit = 1, next = token })
    for _, upload in ipairs(page) do
      seen[#seen + 1] = upload.key:sub(#folder + 1)
      assert.equal(ids[#seen], upload.upload_id)
      assert.is_true(math.abs(upload.initiated - os.time()) < 3600)
    end
    token = page.next
  until not token
  assert.same({ "a b", "a+c", "d/e", "d/f" }, seen)
  page = assert(bucket:list_uploads { prefix = folder, delimiter = "/" })
  assert.equal(3, #page)
  assert.same({ prefix = folder .. "d/" }, page[3])
  local err = refused({ kind = "invalid_request", field = "next" }, function()
    return bucket:list_uploads { next = "rubbish" }
  end)
  assert.is_nil(err.status)
end, { sandbox = true })

return list
