-- What a bucket's methods are given: keys, and options, which are read raw, once.

local fail = require "r2.failure"
local fields = require "r2.fields"

local arguments = {}

local UPLOAD_ID_MAX = 4096 -- bytes

local function known_of(lists)
  local known = {}
  for _, names in ipairs(lists) do
    for _, name in ipairs(names) do
      known[#known + 1] = name
    end
  end
  return known
end

--- Makes a reader of options with the names of these lists.
-- @return function: options or nil -> a copy; or nil, message, err with err.kind invalid_request
function arguments.reader(...)
  local read = fields.reader("invalid_request", "options", known_of { ... })
  return function(options)
    return read(options or {})
  end
end

--- Checks that there is a key; what it may be is the URL's affair. Without one a request would be
-- about the bucket.
-- @return true, or nil, message, err
function arguments.check_key(key)
  if type(key) == "string" then
    return true
  end
  return fail("invalid_request", "key", "must be a string of 1 to 1024 bytes of UTF-8 without NUL")
end

--- The same for options of a call that is about one object.
-- @return function: key, options or nil -> a copy; or nil, message, err
function arguments.object_reader(...)
  local read = arguments.reader(...)
  return function(key, options)
    local good, message, err = arguments.check_key(key)
    if not good then
      return nil, message, err
    end
    return read(options)
  end
end

-- What a program's progress is told, of the four numbers of a transport's.
local TOLD = {
  up = function(progress)
    return function(sent, to_send)
      return progress(sent, to_send)
    end
  end,
  down = function(progress)
    return function(_, _, received, to_receive)
      return progress(received, to_receive)
    end
  end,
}

--- Puts the option progress into what is asked.
-- @tparam string direction "up" or "down"
-- @return the same, or nil, message, err
function arguments.add_progress(asked, given, direction)
  if given.progress == nil then
    return asked
  elseif type(given.progress) ~= "function" then
    return fail("invalid_request", "progress", "must be a function")
  end
  asked.progress = TOLD[direction](given.progress)
  return asked
end

local function is_whole(value, low, high)
  return type(value) == "number" and value >= low and value <= high and value % 1 == 0
end

--- Checks a whole number; nil is fine.
-- @return true, or nil, message, err
function arguments.check_whole(name, value, low, high)
  if value == nil or is_whole(value, low, high) then
    return true
  end
  return fail("invalid_request", name, ("must be a whole number from %d to %d"):format(low, high))
end

--- Checks a string; nil is fine.
-- @return true, or nil, message, err
function arguments.check_string(name, value, most)
  if value == nil or type(value) == "string" and #value > 0 and #value <= most then
    return true
  end
  return fail("invalid_request", name, ("must be a string of 1 to %d bytes"):format(most))
end

--- Checks what names an upload in parts.
-- @return true, or nil, message, err
function arguments.check_upload(key, upload_id)
  local good, message, err = arguments.check_key(key)
  if not good then
    return nil, message, err
  elseif type(upload_id) == "string" and #upload_id > 0 and #upload_id <= UPLOAD_ID_MAX then
    return true
  end
  return fail("invalid_request", "upload_id", "must be a string of 1 to 4096 bytes")
end

return arguments
