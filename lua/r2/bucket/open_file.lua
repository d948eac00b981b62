-- What passes for an open file: whatever has the methods of Lua's own. And what one says is wrong.

local fail = require "r2.failure"

local open_file = {}

local function method_of(value, name)
  return value[name]
end

--- Whether a value is no string and has that method.
function open_file.has_method(value, name)
  if type(value) ~= "userdata" and type(value) ~= "table" then
    return false
  end
  local can_be_asked, method = pcall(method_of, value, name) -- a light userdata cannot
  return can_be_asked and type(method) == "function"
end

--- Why a file failed, worded to follow a field's name. Lua's own say why; those of r2.files say
-- what as well.
-- @tparam string what "cannot be read"
-- @tparam string text the second value that a method returned
-- @param err the third
-- @treturn string
-- @treturn ?string the system's name for it: "ENOSPC"; r2.files alone tells that
function open_file.reason(what, text, err)
  if type(err) == "table" and type(err.reason) == "string" then
    return err.reason, err.code
  end
  return ("%s: %s"):format(what, tostring(text))
end

--- An error that says so.
-- @tparam string field what the file was given as
-- @return nil, message, err with err.kind file and, where that is known, err.code
function open_file.failed(field, what, text, err)
  local reason, code = open_file.reason(what, text, err)
  local _, message, failure = fail("file", field, reason)
  failure.code = code
  return nil, message, failure
end

return open_file
