-- The files of a folder and of those below it, as objects: each by its path, with slashes. Links
-- are not followed: what they lead to was not named. They are counted, like pipes and sockets.

local fail = require "r2.failure"
local sigv4 = require "r2.sigv4"
local system = require "r2.files"
local text = require "r2.command.text"

local tree = {}

local ANYWHERE = "https://any.example"

local function failed(path, err)
  return fail("file", nil, text.plain(path) .. " " .. err.reason)
end

-- A file that becomes an object, whose name may be none that R2 takes.
local function add(found, path, key, size)
  local url, _, err = sigv4.url(ANYWHERE, "any-bucket", key)
  if not url then
    return fail("invalid_request", nil, ("%s would be no key: it %s"):format(text.plain(path),
      err.reason))
  elseif found.paths[key] then
    return fail("invalid_request", nil, ("%s and %s would be one object"):format(
      text.plain(found.paths[key]), text.plain(path)))
  end
  found.paths[key] = path
  found[#found + 1] = { name = path, path = path, key = key, size = size }
  found.bytes = found.bytes + size
  return true
end

local walk

local function enter(found, path, key, status)
  if status.kind == "folder" then
    return walk(found, path, key .. "/")
  elseif status.kind == "file" then
    return add(found, path, key, status.size)
  end
  found.left_out = found.left_out + 1
  return true
end

function walk(found, folder, prefix)
  local names, _, problem = system.names(folder)
  if not names then
    return failed(folder, problem)
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local path = (folder .. "/" .. name):gsub("^//", "/")
    local status, _, err = system.status(path, "link")
    if not status then
      return failed(path, err)
    end
    local good, message, failure = enter(found, path, prefix .. name, status)
    if not good then
      return nil, message, failure
    end
  end
  return true
end

-- What was named, a link to it too: a folder stands for what is in it.
local function take(found, path, prefix, recursive)
  local trimmed = #path > 1 and path:gsub("/+$", "") or path
  local status, _, err = system.status(path)
  if not status then
    return failed(path, err)
  elseif status.kind == "file" then
    return add(found, path, prefix .. trimmed:match("[^/]*$"), status.size)
  elseif status.kind ~= "folder" then
    return fail("invalid_request", nil, text.plain(path) .. " is no file")
  elseif not recursive then
    return fail("invalid_request", nil, text.plain(path) .. " is a folder: --recursive takes those")
  end
  return walk(found, trimmed == "" and "/" or trimmed, prefix)
end

--- What becomes an object of what was named.
-- @tparam table paths of files, and of folders
-- @tparam string prefix what their keys begin with
-- @tparam boolean recursive whether folders are taken
-- @treturn table list of { name, path, key, size }, with bytes, of all, and left_out, how many are
--   no files
-- @return nil, message, err
function tree.read(paths, prefix, recursive)
  local found = { paths = {}, bytes = 0, left_out = 0 }
  for _, path in ipairs(paths) do
    local good, message, err = take(found, path, prefix, recursive)
    if not good then
      return nil, message, err
    end
  end
  return found
end

return tree
