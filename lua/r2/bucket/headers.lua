-- Options as the headers of a request, and an answer's headers as the fields of an object.

local fail = require "r2.failure"
local dates = require "r2.bucket.dates"

local headers = {}

local METADATA = "x-amz-meta-"
local METADATA_MAX = 8192 -- bytes of names and values (R2's limits)
local LAST_SECOND = 253402300799 -- of the year 9999

-- What is kept of an object beside its bytes, by the names of options and of results.
local KEPT = {
  content_type = "content-type",
  cache_control = "cache-control",
  content_disposition = "content-disposition",
  content_encoding = "content-encoding",
  content_language = "content-language",
}

-- ---- values ----

local function check_text(name, value)
  if type(value) == "string" and value:find("^[\33-\126][\32-\126]*$") and not value:find(" $") then
    return value
  end
  return fail("invalid_request", name,
    "must be visible ASCII with inner spaces; other text has to be encoded")
end

local function is_time(value)
  return type(value) == "number" and value >= 0 and value <= LAST_SECOND -- NaN is not
end

local function check_time(name, value)
  if is_time(value) then
    return dates.write_http(math.floor(value))
  end
  return fail("invalid_request", name, "must be Unix seconds: a number from 0 to 253402300799")
end

--- An ETag without its quotes, which may be left out; nil for what is none.
function headers.read_etag(value)
  return type(value) == "string"
    and (value:match('^"([\33\35-\126]+)"$') or value:match("^[\33\35-\126]+$")) or nil
end

function headers.quoted(etag)
  return '"' .. etag .. '"'
end

local function check_etag(name, value)
  local etag = headers.read_etag(value)
  if value == "*" then
    return value
  elseif etag then
    return headers.quoted(etag)
  end
  return fail("invalid_request", name, "must be an ETag, or *")
end

local CONDITIONS = {
  if_match = { "if-match", check_etag },
  if_none_match = { "if-none-match", check_etag },
  if_modified_since = { "if-modified-since", check_time },
  if_unmodified_since = { "if-unmodified-since", check_time },
}

-- ---- written ----

-- Writes those options that are there, each through its check; their names and those of the headers
-- may have something before them.
local function write(options, rules, into, of_options, of_headers)
  for name, rule in next, rules do
    local option = (of_options or "") .. name
    if options[option] ~= nil then
      local value, message, err = rule[2](option, options[option])
      if not value then
        return nil, message, err
      end
      into[(of_headers or "") .. rule[1]] = value
    end
  end
  return into
end

local function metadata_fault(reason, name)
  local may_be_shown = type(name) == "string" and #name <= 31 and name:find("^[%w_-]+$")
  return fail("invalid_request", "metadata", reason, may_be_shown and name or nil)
end

local function write_metadata(metadata, into)
  if type(metadata) ~= "table" or getmetatable(metadata) ~= nil then
    return metadata_fault("must be a plain table of names and strings")
  end
  local bytes = 0
  for name, value in next, metadata do
    if type(name) ~= "string" or not name:find("^[%l%d!#$%%&'*+.^_`|~-]+$") then
      return metadata_fault("must have names of lower-case letters, digits and -", nil)
    elseif not check_text("metadata", value) then
      return metadata_fault("must be visible ASCII with inner spaces; encode other text", name)
    end
    bytes = bytes + #name + #value
    into[METADATA .. name] = value
  end
  if bytes > METADATA_MAX then
    return metadata_fault("must have at most 8192 bytes, names and values")
  end
  return into
end

local KEPT_RULES = { expires = { "expires", check_time } }
for name, header in next, KEPT do
  KEPT_RULES[name] = { header, check_text }
end

--- Names of the options that write_kept takes.
headers.KEPT_NAMES = { "metadata" }
for name in next, KEPT_RULES do
  table.insert(headers.KEPT_NAMES, name)
end
table.sort(headers.KEPT_NAMES)

--- Names of conditions.
headers.CONDITION_NAMES = {
  "if_match", "if_modified_since", "if_none_match", "if_unmodified_since",
}

--- Whether the options have a condition.
function headers.has_condition(options)
  for name in next, CONDITIONS do
    if options[name] ~= nil then
      return true
    end
  end
  return false
end

--- Adds what is to be kept of an object.
-- @return the headers, or nil, message, err
function headers.write_kept(options, into)
  local written, message, err = write(options, KEPT_RULES, into)
  if written and options.metadata ~= nil then
    return write_metadata(options.metadata, into)
  end
  return written, message, err
end

--- Adds the conditions that the options have.
-- @tparam ?string of_options what stands before their names: "source_"
-- @tparam ?string of_headers the same of the headers' names
-- @return the headers, or nil, message, err
function headers.write_conditions(options, into, of_options, of_headers)
  return write(options, CONDITIONS, into, of_options, of_headers)
end

-- ---- read ----

--- An answer's headers, with names in lower case: transports may keep their case.
function headers.plain(given)
  local plain = {}
  for name, value in next, given or {} do
    if type(name) == "string" and type(value) == "string" then
      plain[name:lower()] = value
    end
  end
  return plain
end

--- A number of bytes, or nil.
function headers.read_length(value)
  return value and value:find("^%d+$") and #value <= 15 and tonumber(value) or nil
end

--- What an answer's headers tell of an object.
-- @tparam table given headers with names in lower case
function headers.read_object(given)
  local object = {
    etag = headers.read_etag(given.etag),
    last_modified = dates.read_http(given["last-modified"]),
    expires = given.expires,
    metadata = {},
  }
  for name, header in next, KEPT do
    object[name] = given[header]
  end
  for name, value in next, given do
    if name:sub(1, #METADATA) == METADATA then
      object.metadata[name:sub(#METADATA + 1)] = value
    end
  end
  return object
end

return headers
