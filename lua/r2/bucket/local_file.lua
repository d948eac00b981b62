-- Files on this machine that go up: opened, told apart, and held against what they were.

local fail = require "r2.failure"
local files = require "r2.files"
local open_file = require "r2.bucket.open_file"

local local_file = {}

--- An error of r2.files in terms of what a program gave.
-- @return nil, message, err with err.kind file
function local_file.failed(field, err)
  return open_file.failed(field, nil, err.message, err)
end

--- What was given as a path is not to be told of as a request's body or output.
-- @return nil, message, err
function local_file.told(message, err)
  if err.kind == "file" and (err.field == "output" or err.field == "body") then
    return fail.renamed(err, "path")
  end
  return nil, message, err
end

--- Opens a file to read it.
-- @tparam string path
-- @treturn file
-- @treturn table what it is: size, modified, inode
-- @return nil, message, err with err.kind invalid_request or file
function local_file.open(path)
  if type(path) ~= "string" or path == "" or path:find("%z") then
    return fail("invalid_request", "path", "must be the path of a file")
  end
  local file, _, err = files.open(path, "file")
  if not file then
    return local_file.failed("path", err)
  end
  local status
  status, _, err = file:status()
  if not status then
    file:close()
    return local_file.failed("path", err)
  end
  return file, local_file.identity(status)
end

--- What tells a file, as it is, from others and from what it becomes.
function local_file.identity(status)
  return {
    size = status.size,
    modified = ("%d.%09d"):format(status.modified, status.modified_nanoseconds),
    inode = status.device .. ":" .. status.inode,
  }
end

--- Whether an open file is still what it was.
-- @return true, or nil, message, err with err.kind file
function local_file.check(file, identity)
  local status, _, err = file:status()
  if not status then
    return local_file.failed("path", err)
  end
  local now = local_file.identity(status)
  if now.size ~= identity.size or now.modified ~= identity.modified then
    return fail("file", "path", "was changed while it went up")
  end
  return true
end

return local_file
