-- The example in Neovim: a buffer's file goes up while Neovim goes on.
local hosts = require "spec.support.hosts"
local r2creds = require "spec.command.r2creds"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not hosts.has("nvim") then
  return pending("Neovim is not installed")
elseif not server.has_nginx() then
  return pending("the sandbox needs nginx with its Lua module")
end

describe("examples/neovim", function()
  teardown(function()
    server.stop_all()
    support.remove_folders()
  end)

  -- Edits a file, uploads it, waits, and prints what became of it.
  local function upload(variables, path)
    return hosts.run("5.1", variables, ("nvim --headless -u NONE -i NONE -n"
      .. " -c 'luafile examples/neovim/r2_upload.lua' -c 'edit %s' -c 'R2Upload notes/one'"
      .. " -c 'lua assert(vim.g.r2_upload == nil, \"it waited\")'"
      .. " -c 'lua vim.wait(30000, function() return vim.g.r2_upload ~= nil end)' -c 'qa!'")
      :format(path))
  end

  it("uploads the buffer's file", function()
    local sandbox = r2creds.sandbox()
    local path = support.folder() .. "/notes"
    support.write(path, ("a line of notes\n"):rep(1000))
    local output = upload(r2creds.sandbox_variables(sandbox), path)
    assert.matches("notes/one: 16000 bytes", output, 1, true)
    assert.equal(support.read(path), assert(r2creds.bucket(sandbox):get("notes/one")).body)
  end)

  it("says in a line what is missing", function()
    local output = upload(r2creds.KEYS, "/dev/null")
    assert.matches("not uploaded: path cannot be opened: it is a device", output, 1, true)
  end)
end)
