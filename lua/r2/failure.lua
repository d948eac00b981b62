-- Errors as data: the one place where the Lua layer makes them, in the form of those from C.

--- Returns nil, message, err.
-- @tparam string kind "invalid_request", "invalid_config", "unsupported", …
-- @tparam ?string field the field that is to blame; the message begins with it
-- @tparam string text what is allowed; never a value: any value may be a secret
return function(kind, field, text)
  local message = field and field .. " " .. text or text
  return nil, message, { kind = kind, message = message, field = field }
end
