-- The buckets, in this worker's memory, and the bytes of their objects, each in a file of a number:
-- no key is ever the name of a file. An object is there when all of it is, and ends with the
-- server.
-- luacheck: std ngx_lua

local index = require "sandbox.s3.index"
local keys = require "sandbox.keys"

local store = {}

local FOLDER = ngx.config.prefix() .. "objects/"

local buckets = {}
local made = 0 -- files, so far

-- ---- files ----

--- A name for a file that is not there yet; a worker that ended may have left others.
function store.new_path()
  made = made + 1
  return ("%s%d-%d"):format(FOLDER, ngx.worker.pid(), made)
end

--- Takes a file, which is at once called otherwise, for the bytes of an object.
function store.adopt(path)
  local adopted = store.new_path()
  assert(os.rename(path, adopted))
  return store.hold { path = adopted, holders = 0 }
end

--- Lets one more object, or part, have these bytes.
function store.hold(data)
  data.holders = data.holders + 1
  return data
end

--- The other way; nobody's bytes are removed. Who is being sent them has them open.
function store.release(data)
  data.holders = data.holders - 1
  if data.holders == 0 then
    os.remove(data.path)
  end
end

-- ---- buckets ----

--- The bucket of a name. Every one is there but that of sandbox/keys.lua.
-- @treturn table `objects`, key -> object; `keys`, sorted; `uploads`, id -> upload; `cors` and
--   `lifecycle`, where they were set
function store.bucket(name)
  if name == keys.missing_bucket then
    return nil
  end
  local bucket = buckets[name]
  if not bucket then
    bucket = { objects = {}, keys = index.new(), uploads = {} }
    buckets[name] = bucket
  end
  return bucket
end

--- Puts an object where its key is, at once in place of another one.
-- @tparam table bucket
-- @tparam string key
-- @tparam table object `data`, `size`, `etag`, `metadata`
-- @treturn table the object, with the time
function store.put(bucket, key, object)
  local old = bucket.objects[key]
  if old then
    store.release(old.data)
  else
    bucket.keys:add(key)
  end
  ngx.update_time()
  object.modified = ngx.now()
  bucket.objects[key] = object
  return object
end

--- Removes the object of a key, where there is one.
function store.remove(bucket, key)
  local old = bucket.objects[key]
  if old then
    bucket.objects[key] = nil
    bucket.keys:remove(key)
    store.release(old.data)
  end
end

return store
