-- What an open file says is wrong: Lua's own, one of r2.files, or whatever has their methods.

local fail = require "r2.failure"

local open_file = {}

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
