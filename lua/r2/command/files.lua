-- Files that the command reads, and who else may read them.

local fail = require "r2.failure"
local shell = require "r2.shell"
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

--- The first line that a shell command prints; nil when it prints none.
function files.line_of(command)
  local pipe = io.popen(command)
  local line = pipe and pipe:read("*l")
  if pipe then
    pipe:close()
  end
  return line
end

-- Who may do what with a file, whose it is, and which one; Lua itself cannot tell. nil where there
-- is none.
local function status_of(path)
  if path:sub(1, 1) ~= "/" then
    path = "./" .. path -- it may begin with a dash
  end
  local line = files.line_of('echo "$(id -u) $(LC_ALL=C ls -ldLin ' .. shell.quoted(path)
    .. ' 2>/dev/null)"')
  local own, inode, mode, owner =
    (line or ""):match("^(%d+)%s+(%d+)%s+([%a-]%S%S%S%S%S%S%S%S%S)%S*%s+%d+%s+(%d+)%s")
  return own and {
    is_file = mode:sub(1, 1) == "-", own = own, owner = owner,
    open_to_others = mode:sub(6, 6) == "w" or mode:sub(8, 9) ~= "--",
    all = table.concat({ inode, mode, owner }, " "),
  }
end

local function check_private(status, name)
  if not status.is_file then
    return true
  elseif status.owner ~= "0" and status.owner ~= status.own then
    return fail("invalid_config", nil,
      ("%s holds keys, but is another user's: it must be yours or root's"):format(name))
  elseif status.open_to_others then
    return fail("invalid_config", nil,
      ("%s holds keys, but others may read or change it: chmod 600 %s"):format(name, name))
  end
  return true
end

--- Reads a file that holds secrets: one that no stranger may read or change, before it is read and
-- after. A pipe is fine.
-- @treturn string
-- @return nil, message, err as from files.failed, or with err.kind invalid_config
function files.read_private(path)
  if path == "-" then
    return files.read(path)
  end
  local good, name = true, files.name(path)
  local before, message, err = status_of(path), nil, nil
  if before then
    good, message, err = check_private(before, name)
  end
  if not good then
    return nil, message, err
  end
  local content
  content, message, err = files.read(path)
  if not content then
    return nil, message, err
  end
  local after = status_of(path)
  if not before or not after then
    return fail("invalid_config", nil, ("%s: ls cannot tell who may read it"):format(name))
  elseif before.all ~= after.all then
    return fail("invalid_config", nil, ("%s was changed while it was read"):format(name))
  end
  return content
end

return files
