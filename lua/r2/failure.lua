-- Errors as data: the one place where the Lua layer makes them, in the form of those from C. The
-- message is made of the other fields, once, and nobody reads it back: whoever tells an error in
-- another name sets the field and keeps the reason.

local fail = {}

local function message_of(err)
  local message = err.reason
  if err.field then
    message = ("%s%s %s"):format(err.field, err.item and "[" .. err.item .. "]" or "", message)
  end
  if err.variable then
    message = ("%s (environment variable %s)"):format(message, err.variable)
  end
  return message
end

local function returned(err)
  err.message = message_of(err)
  return nil, err.message, err
end

--- Tells an error in terms of another field.
-- @tparam table err
-- @tparam string field
-- @param item which of a list; nil: the whole
-- @return nil, message, err
function fail.renamed(err, field, item)
  err.field, err.item = field, item
  return returned(err)
end

--- Names the environment variable that has, or lacks, what the error is about.
-- @return nil, message, err
function fail.about_variable(err, variable)
  err.variable = variable
  return returned(err)
end

--- `fail(kind, field, reason)` returns nil, message, err.
-- @tparam string kind "invalid_request", "invalid_config", "unsupported", …
-- @tparam ?string field the field that is to blame; the message begins with it
-- @tparam string reason what is allowed, worded to follow the field; never a value: any value may
--   be a secret
-- @param item which of the field's list; nil: the whole
return setmetatable(fail, {
  __call = function(_, kind, field, reason, item)
    return returned { kind = kind, field = field, item = item, reason = reason }
  end,
})
