-- Where objects belong in a folder. Whoever may write to a bucket chooses its keys: one that would
-- lead out of the folder, or that no file can have, is refused before any of them is written.

local fail = require "r2.failure"
local system = require "r2.files"
local text = require "r2.command.text"

local places = {}

local NAME_MAX = 255 -- bytes of one name

-- Why a key has no place; nil where it has one.
local function reason(path)
  if path:find("%z") then
    return "has a byte that no name of a file has"
  end
  for name in (path .. "/"):gmatch("([^/]*)/") do
    if name == "" or name == "." or name == ".." then
      return "leads to no place below the folder"
    elseif #name > NAME_MAX then
      return "has a name that is longer than one of a file"
    end
  end
end

local function refuse(key, why)
  return fail("file", nil, ("the key %s %s: nothing was written"):format(text.plain(key), why))
end

-- Notes the folders that a path needs.
local function note_folders(found, path)
  for above in path:gmatch("()/") do
    found.folders[path:sub(1, above - 1)] = true
  end
end

-- A key that ends in a slash, and is empty, is how some programs write a folder.
local function place(found, entry, prefix, folder)
  local path = entry.key:sub(#prefix + 1)
  local is_folder = entry.size == 0 and (path == "" or path:find("/$"))
  local bare = is_folder and path:gsub("/$", "") or path
  local why = not (is_folder and path == "") and reason(bare)
  if entry.key:sub(1, #prefix) ~= prefix then
    return fail("bad_response", nil, "R2 listed a key that does not begin with the prefix")
  elseif why then
    return refuse(entry.key, why)
  end
  note_folders(found, path)
  if not is_folder then
    found[#found + 1] = { name = entry.key, key = entry.key, path = folder .. "/" .. bare,
      bare = bare, size = entry.size }
    found.bytes = found.bytes + entry.size
  end
  return true
end

--- @tparam table entries from bucket:list_page
-- @tparam string prefix what their keys begin with, without which they are paths
-- @tparam string folder
-- @treturn table list of { name, key, path, size }, with bytes, of all, and folders, a set of paths
--   in the folder
-- @return nil, message, err
function places.of(entries, prefix, folder)
  local found = { bytes = 0, folders = {} }
  for _, entry in ipairs(entries) do
    local good, message, err = place(found, entry, prefix, folder)
    if not good then
      return nil, message, err
    end
  end
  for _, item in ipairs(found) do
    if found.folders[item.bare] then
      return refuse(item.key, "would be a file and a folder")
    end
  end
  return found
end

-- A link would lead out of the folder; the folder itself is what was named, and may be one.
local function check_folders(paths)
  for _, path in ipairs(paths) do
    local status, _, err = system.status(path, "link")
    if status and status.kind ~= "folder" then
      return fail("file", nil, text.plain(path) .. " is no folder: nothing was written")
    elseif not status and err.code ~= "ENOENT" then
      return fail("file", nil, text.plain(path) .. " " .. err.reason)
    end
  end
  return true
end

--- Makes the folder and those in it.
-- @return true, or nil, message, err
function places.make(found, folder)
  local paths = {}
  for path in next, found.folders do
    paths[#paths + 1] = folder .. "/" .. path
  end
  table.sort(paths) -- each behind the one that it is in
  local good, message, problem = check_folders(paths)
  if not good then
    return nil, message, problem
  end
  table.insert(paths, 1, folder)
  for _, path in ipairs(paths) do
    local made, _, err = system.make_folder(path)
    if made == nil then
      return fail("file", nil, text.plain(path) .. " " .. err.reason)
    end
  end
  return true
end

return places
