-- Objects listed, a page at a time or all of them.

local arguments = require "r2.bucket.arguments"
local dates = require "r2.bucket.dates"
local documents = require "r2.bucket.documents"
local headers = require "r2.bucket.headers"
local object = require "r2.bucket.object"
local pages = require "r2.bucket.pages"
local request = require "r2.bucket.request"
local strand = require "r2.task.strand"
local xml = require "r2.bucket.xml"

local listing = {}

local read_page = arguments.reader { "prefix", "delimiter", "start_after", "limit", "next" }
local read_all = arguments.reader { "prefix", "delimiter", "start_after", "limit" }

-- ---- a page ----

local function read_entry(element, read_name)
  local entry = {
    key = read_name(xml.value(element, "Key")),
    size = headers.read_length(xml.value(element, "Size")),
    etag = headers.read_etag(xml.value(element, "ETag")),
    last_modified = dates.read_iso(xml.value(element, "LastModified") or ""),
  }
  return entry.key and entry.key ~= "" and entry.size and entry or nil
end

local function page_reader(token)
  return function(element, answer)
    local read_name = pages.name_reader(element)
    local keys = pages.entries(element, "Contents", read_entry, read_name)
    local prefixes = pages.prefixes(element, read_name)
    return pages.finish(keys and prefixes and pages.merge(keys, prefixes), element, answer,
      xml.value(element, "NextContinuationToken"), token)
  end
end

local function ask_page(given)
  return documents.expect({ operation = "ListObjectsV2", method = "GET", query = {
    ["list-type"] = 2, ["encoding-type"] = "url", prefix = given.prefix,
    delimiter = given.delimiter, ["start-after"] = given.start_after,
    ["max-keys"] = given.limit, ["continuation-token"] = given.next,
  } }, "ListBucketResult", page_reader(given.next))
end

local function read_options(read, options, limit_max)
  local given, good, message, err
  given, message, err = read(options)
  if not given then
    return nil, message, err
  end
  good, message, err = pages.check(given, limit_max)
  if not good then
    return nil, message, err
  end
  return given
end

--- Lists a page of objects, in the order of their keys' bytes.
-- @tparam ?table options
--   prefix of their keys; delimiter: keys that have it behind the prefix are told as one prefix, up
--   to it; start_after a key; limit of entries, 1 to 1000; next as the page before has it
-- @treturn table a list of entries, { key, size, etag, last_modified (Unix seconds) } or { prefix
--   }; its field next is there where the list goes on
-- @return nil, message, err as from bucket:put
-- @raise as bucket:put
function listing:list_page(options)
  local bucket = object.open(self)
  object.check_options(options, 1, "list_page")
  local given, message, err = read_options(read_page, options, pages.ENTRIES_MAX)
  if not given then
    return nil, message, err
  end
  return request.call(bucket, ask_page(given))
end

-- ---- all ----

-- The next page of a list that goes on; raises where it cannot be had.
local function turn(bucket, given, left, seen)
  given.limit = left < pages.ENTRIES_MAX and left or nil
  local page, message = request.call(bucket, ask_page(given))
  if page and page.next and seen[page.next] then -- in a circle, for ever
    page, message = nil, "R2's answer does not say how it goes on"
  end
  if not page then
    error("r2: the list cannot be gone on with: " .. message, 3)
  end
  given.next = page.next
  seen[page.next or false] = true
  return page
end

--- Lists all objects: an iterator over the entries of all pages, for a generic for. **It raises
-- when a page fails**, as io.lines does, so that half a list is never taken for all. Plain Lua 5.1
-- cannot yield out of such a loop: in a task, use list_page there.
-- @tparam ?table options as for list_page, without next; limit of entries in all
-- @treturn function iterator
-- @raise when an option is wrong, when a page fails, in a task on plain Lua 5.1, and as bucket:put
function listing:list(options)
  local bucket = object.open(self)
  object.check_options(options, 1, "list")
  if strand.current() and not strand.YIELDS_IN_FOR then
    error("r2: in a task Lua 5.1 cannot wait in a generic for: use list_page there", 2)
  end
  local given, message = read_options(read_all, options, 2 ^ 53)
  if not given then
    error("bad argument #1 to 'list': " .. message, 2)
  end
  local left, page, index, seen = given.limit or math.huge, nil, 0, {}
  return function()
    while left > 0 and (not page or index == #page and page.next) do
      page, index = turn(bucket, given, left, seen), 0
    end
    index = index + 1
    left = left - 1
    return left >= 0 and page and page[index] or nil
  end
end

return listing
