-- Files that the command reads, and who else may read them.

local fail = require "r2.failure"
local system = require "r2.files"
local secrets = require "r2.command.secrets"
local text = require "r2.command.text"

local files = {}

local LONGEST = 2 * 1024 * 1024 -- more than any token, and than any file with keys
local PIECE = 65536

--- What a function of the command returns when something on this machine failed.
function files.failed(message)
  return fail("file", nil, message)
end
local failed = files.failed

-- An error of r2.files, which names no file.
local function about(name, err)
  return fail(err.kind, nil, name .. " " .. err.reason)
end

-- Standard input tells errors as Lua's own files do.
local function read_piece(file, name)
  local piece, reason, err = file:read(PIECE)
  if piece or not reason then
    return piece
  elseif type(err) == "table" then
    return about(name, err)
  end
  return failed(("%s cannot be read: %s"):format(name, reason))
end

local function read_all(file, name)
  local pieces, length = {}, 0
  repeat
    local piece, message, err = read_piece(file, name)
    if message then
      return nil, message, err
    end
    pieces[#pieces + 1] = piece
    length = length + #(piece or "")
    if length > LONGEST then
      return failed(("%s is too long"):format(name))
    end
  until not piece
  return table.concat(pieces)
end

--- Whether a path stands for standard input.
function files.is_standard_input(path)
  return path == nil or path == "-"
end

--- How messages call a file, or standard input.
function files.name(path)
  return files.is_standard_input(path) and "standard input" or text.plain(path)
end

--- Checks that what should name a file is no secret, which must not be repeated in an error.
-- @return true, or nil, message, err
function files.check_name(path)
  if secrets.is_likely(path) then
    return fail("invalid_request", nil, "what should name a file looks like a token or a secret: "
      .. "give a token on standard input, keys in a file; a file of such a name as ./NAME")
  end
  return true
end

local function open(path, name)
  local good, message, failure = files.check_name(path)
  if not good then
    return nil, message, failure
  end
  local file, _, err = system.open(path)
  if not file then
    return about(name, err)
  end
  return file
end

-- Opens a file and hands back what use(file, name) makes of it.
local function with_file(path, name, use)
  local file, message, err = open(path, name)
  if not file then
    return nil, message, err
  end
  local result
  result, message, err = use(file, name)
  file:close()
  return result, message, err
end

--- Reads a file, or standard input where path is nil or "-".
-- @treturn string
-- @return nil, message, err as from files.failed, or with err.kind invalid_request
function files.read(path)
  local name = files.name(path)
  if files.is_standard_input(path) then
    if system.terminal_width(0) then
      io.stderr:write("r2creds: reading standard input; Ctrl-D ends it\n")
    end
    return read_all(io.stdin, name)
  end
  return with_file(path, name, read_all)
end

--- Whether a file that something else is to read is there; true without a path, or an empty one.
-- @tparam ?string path
-- @tparam string option what names it
-- @treturn boolean
-- @return nil, message, err as from files.read
function files.check(path, option)
  if path == nil or path == "" then
    return true
  end
  return with_file(path, option .. ": " .. files.name(path), function(file, name)
    local _, message, err = read_piece(file, name)
    return not message or nil, message, err
  end)
end

local function check_private(status, name)
  if status.owner ~= 0 and status.owner ~= system.user() then
    return fail("invalid_config", nil,
      ("%s holds keys, but is another user's: it must be yours or root's"):format(name))
  elseif status.kind == "file" and not status.permissions:find("[01][01]$") then
    return fail("invalid_config", nil,
      ("%s holds keys, but others may read or change it: chmod 600 %s"):format(name, name))
  end
  return true
end

local function read_if_private(file, name)
  local status, _, problem = file:status()
  if not status then
    return about(name, problem)
  end
  local good, message, err = check_private(status, name)
  if not good then
    return nil, message, err
  end
  return read_all(file, name)
end

--- Reads a file that holds secrets: one's own or root's, which nobody else may read or change; or
-- one's own pipe. What was opened is checked and then read: whoever can change what the path leads
-- to gains nothing.
-- @treturn string
-- @return nil, message, err as from files.failed, or with err.kind invalid_config
function files.read_private(path)
  if path == "-" then
    return files.read(path)
  end
  return with_file(path, files.name(path), read_if_private)
end

-- ---- what goes up ----

local function copy(from, to, name)
  repeat
    local piece, message, err = read_piece(from, name)
    if message then
      return nil, message, err
    end
    local good, reason = to:write(piece or "")
    if not good then
      return failed(("%s cannot be kept: %s"):format(name, reason))
    end
  until not piece
  local start, reason = to:seek("set") -- which writes what was kept back
  if not start then
    return failed(("%s cannot be kept: %s"):format(name, reason))
  end
  return to
end

-- What is read may have to be read again: what cannot go back is kept in a file that has no name.
local function spool(from, name)
  local to, reason = io.tmpfile()
  if not to then
    return failed("there is no temporary file: " .. tostring(reason))
  end
  local kept, message, err = copy(from, to, name)
  if not kept then
    to:close()
  end
  return kept, message, err
end

--- How large a file is. Nothing is opened: a pipe can be read once.
-- @treturn ?number bytes; nil of standard input, a pipe, and whatever is no file
function files.size(path)
  local status = not files.is_standard_input(path) and system.status(path)
  return status and status.kind == "file" and status.size or nil
end

--- Opens what becomes an object: a file, or standard input where the path is "-". It can go back.
-- @treturn file
-- @return nil, message, err as from files.read
function files.open_body(path)
  local name = files.name(path)
  if files.is_standard_input(path) then
    return spool(io.stdin, name)
  end
  local opened, message, err = open(path, name)
  if not opened then
    return nil, message, err
  end
  local status, _, problem = opened:status()
  if status and status.kind == "file" then
    return opened
  end
  local kept
  if status then
    kept, message, err = spool(opened, name)
  else
    kept, message, err = about(name, problem)
  end
  opened:close()
  return kept, message, err
end

return files
