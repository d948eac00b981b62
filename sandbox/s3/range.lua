-- The ranges that R2 takes: one, in bytes.

local range = {}

local FORMAT = "range must be in format 'bytes=start-end', 'bytes=start-' or 'bytes=-suffix'.'"

--- Reads the header Range.
-- @treturn table `first` and, where it was given, `last`, both included; or `suffix`, how many of
--   the
--   last bytes
-- @return nil, then code and message of the error
function range.read(header)
  local suffix = tonumber(header:match("^bytes=%-(%d+)$"))
  if suffix then
    return suffix > 0 and { suffix = suffix } or nil, "InvalidRange"
  end
  local first, last = header:match("^bytes=(%d+)%-(%d*)$")
  if not first then
    return nil, "InvalidArgument", FORMAT
  end
  first, last = tonumber(first), tonumber(last)
  if last and last < first then
    return nil, "InvalidArgument", "range must be positive."
  end
  return { first = first, last = last }
end

--- The bytes that a range means in an object.
-- @treturn table `first` and `last`, both included; nil where there are none
function range.within(asked, size)
  local first = asked.first or math.max(size - asked.suffix, 0)
  if first >= size then
    return nil
  end
  return { first = first, last = math.min(asked.last or size, size - 1) }
end

return range
