-- :R2Upload KEY puts the file of the current buffer into a bucket, while one goes on to edit.
--
--   :luafile examples/neovim/r2_upload.lua
--
-- The library has to be installed for Neovim's Lua (LuaJIT, which takes what is built for 5.1), and
-- its keys have to be in the environment.
-- luacheck: globals vim

-- Both now: libcurl takes some 20 ms to load.
require "r2.http"
local r2 = require "r2"

local BUCKET = os.getenv("R2_BUCKET") or "my-bucket"
local EVERY = 20 -- milliseconds

local function upload(path, key)
  local issuer = assert(r2.from_env())
  local credentials, message = issuer:create {
    bucket = BUCKET, permission = r2.permission.OBJECT_READ_WRITE, ttl_seconds = 900,
    objects = { key },
  }
  issuer:close()
  if not credentials then
    return nil, message
  end
  local bucket = assert(r2.bucket { credentials = credentials })
  local stored
  stored, message = bucket:upload(path, key)
  bucket:close()
  return stored, message
end

vim.api.nvim_create_user_command("R2Upload", function(command)
  local task = assert(r2.task(upload, vim.api.nvim_buf_get_name(0), command.args))
  local timer = vim.loop.new_timer()
  timer:start(0, EVERY, vim.schedule_wrap(function()
    if task:done() then
      return
    end
    local ran, stored, message = pcall(task.poll, task) -- never waits
    if ran and stored == false then
      return
    end
    timer:close()
    vim.g.r2_upload = ran and stored and ("%s: %d bytes"):format(command.args, stored.size)
      or "not uploaded: " .. tostring(ran and message or stored)
    vim.notify(vim.g.r2_upload)
  end))
end, { nargs = 1 })
