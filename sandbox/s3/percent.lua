-- Percent-encoding as Signature V4 has it: every byte but A-Z a-z 0-9 - . _ ~, in capitals.

local percent = {}

local function escape(byte)
  return ("%%%02X"):format(byte:byte())
end

--- Of a name or a value in a query; also what lists do to keys when asked for encoding-type=url.
function percent.encode(text)
  return (text:gsub("[^A-Za-z0-9%-._~]", escape))
end

--- Of a path, whose slashes stay.
function percent.encode_path(text)
  return (text:gsub("[^A-Za-z0-9%-._~/]", escape))
end

--- Whatever is no escape stays as it is.
function percent.decode(text)
  return (text:gsub("%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

return percent
