-- Files that the command reads, and who else may read them.

local fail = require "r2.failure"
local text = require "r2.command.text"

local files = {}

local LONGEST = 2 * 1024 * 1024 -- more than any token, and than any file with keys

--- What a function of the command returns when something outside of it failed: not one of the
-- library's errors, so it has no kind.
function files.failed(message)
  return nil, message, {}
end
local failed = files.failed

local function read_all(file, name)
  local content, reason = file:read(LONGEST + 1)
  if not content and reason then -- a folder
    return failed(("%s cannot be read: %s"):format(name, reason))
  elseif content and #content > LONGEST then
    return failed(("%s is too long"):format(name))
  end
  return content or ""
end

--- How messages call a file, or standard input.
function files.name(path)
  return (path == nil or path == "-") and "standard input" or text.plain(path)
end

local function open(path)
  if text.looks_secret(path) then -- it must not be repeated in an error
    return fail("invalid_request", nil, "what should name a file looks like a token or a secret: "
      .. "give a token on standard input, keys in a file; a file of such a name as ./NAME")
  end
  local file, reason = io.open(path, "rb")
  if not file then
    return failed(text.plain("cannot read " .. reason))
  end
  return file
end

--- Reads a file, or standard input where path is nil or "-".
-- @treturn string
-- @return nil, message, err as from files.failed, or with err.kind invalid_request
function files.read(path)
  if path == nil or path == "-" then
    return read_all(io.stdin, files.name(path))
  end
  local file, message, err = open(path)
  if not file then
    return nil, message, err
  end
  local content
  content, message, err = read_all(file, files.name(path))
  file:close()
  return content, message, err
end

--- Whether a file that something else is to read is there; true without a path, or an empty one.
-- @treturn boolean
-- @return nil, message, err as from files.read
function files.check(path)
  if path == nil or path == "" then
    return true
  end
  local file, message, err = open(path)
  if not file then
    return nil, message, err
  end
  local content, reason = file:read(1)
  file:close()
  if not content and reason then
    return failed(("%s cannot be read: %s"):format(text.plain(path), reason))
  end
  return true
end

local function quoted(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end
files.quoted = quoted

--- The first line that a shell command prints; nil when it prints none.
function files.line_of(command)
  local pipe = io.popen(command)
  local line = pipe and pipe:read("*l")
  if pipe then
    pipe:close()
  end
  return line
end

-- What `ls -l` says of who may do what: "-rw-r-----". Lua itself cannot tell.
local function mode_of(path)
  if path:sub(1, 1) ~= "/" then
    path = "./" .. path -- it may begin with a dash
  end
  local line = files.line_of("LC_ALL=C ls -ldL " .. quoted(path) .. " 2>/dev/null")
  return line and line:match("^[%a-]%S%S%S%S%S%S%S%S%S")
end

--- Reads a file that holds secrets: one that no stranger may read or change. A pipe is fine.
-- @treturn string
-- @return nil, message, err as from files.failed, or with err.kind invalid_config
function files.read_private(path)
  local content, message, err = files.read(path)
  if not content then
    return nil, message, err
  end
  local mode = path == "-" and "p" or mode_of(path)
  local name = files.name(path)
  if not mode then
    return fail("invalid_config", nil, ("%s: ls cannot tell who may read it"):format(name))
  elseif mode:sub(1, 1) == "-" and (mode:sub(6, 6) == "w" or mode:sub(8, 9) ~= "--") then
    return fail("invalid_config", nil,
      ("%s holds keys, but others may read or change it: chmod 600 %s"):format(name, name))
  end
  return content
end

return files
