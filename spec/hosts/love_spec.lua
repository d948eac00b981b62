-- The example for LÖVE, without a window: what it draws with is played, and takes notes.
local faulty = require "spec.support.faulty"
local hosts = require "spec.support.hosts"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local r2creds = require "spec.command.r2creds"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not hosts.has("love") then
  return pending("LÖVE is not installed")
end

local CONF = [[

local with_window = love.conf
function love.conf(t)
  with_window(t)
  for _, name in ipairs { "window", "graphics", "audio", "sound", "video", "touch", "joystick" } do
    t.modules[name] = false
  end
end
]]

-- A line for each frame: what the game says, and the width of the bar. In its third frame the
-- player saves, and leaves when the game has told what became of it.
local PLAYER = [[

io.stdout:setvbuf("line")
local frame, said = 0, nil
local function nothing() end
love.graphics = {
  isActive = function() return true end,
  getWidth = function() return 80 end,
  getHeight = function() return 60 end,
  getBackgroundColor = nothing, origin = nothing, clear = nothing, present = nothing,
  setColor = nothing,
  print = function(text)
    frame, said = frame + 1, text
  end,
  rectangle = function(mode, _, y, width)
    if mode ~= "fill" or y ~= 30 then
      return
    end
    print(("%d|%s|%d"):format(frame, said, width))
    if frame == 3 then
      love.keypressed("s")
    elseif said:find("saved") then
      love.event.quit()
    end
  end,
}
]]

describe("examples/love", function()
  local api

  setup(function()
    api = faulty.start()
  end)

  teardown(function()
    api:stop()
    server.stop_all()
    support.remove_folders()
  end)

  -- Starts the game; it ends by itself.
  local function play(variables)
    local folder = support.folder()
    support.run(("cp examples/love/* %s"):format(folder))
    for name, more in pairs { conf = CONF, main = PLAYER } do
      local path = ("%s/%s.lua"):format(folder, name)
      support.write(path, support.read(path) .. more)
    end
    local words = hosts.environment("5.1", variables):gsub("@folder@", folder)
    return assert(io.popen(("exec timeout 60 %s love %s 2>/dev/null </dev/null"):format(words,
      folder))), folder
  end

  local function next_frame(game)
    local line = assert(game:read("l"))
    local frame, said, width = line:match("^(%d+)|(.*)|(%d+)$")
    return tonumber(frame), said, tonumber(width)
  end

  -- Plays to the end. Returns what the game said last, and the widths of the bar that were drawn.
  local function last_words(game)
    local said, width, widths, last
    repeat
      last, said, width = next_frame(game)
      widths = widths or {}
      widths[#widths + 1] = width
    until said:find("saved")
    assert.is_true(last > 3)
    game:close()
    return said, widths
  end

  it("draws while its save goes up, with the bar at rest, between, and full", function()
    if not server.has_nginx() then
      return pending("the sandbox needs nginx with its Lua module")
    end
    local sandbox = r2creds.sandbox()
    local game, folder = play(r2creds.sandbox_variables(sandbox))
    local said, widths = last_words(game)
    assert.matches("^saved, %d+ bytes$", said)
    assert.equal(0, widths[1])
    assert.equal(300, widths[#widths])
    local between = 0
    for _, width in ipairs(widths) do
      between = between + (width > 0 and width < 300 and 1 or 0)
    end
    assert.is_true(between > 0)
    local saved = support.read(folder .. "/.local/share/love/r2-save/save")
    assert.is_true(#saved > 2 ^ 22)
    assert.is_true(saved ==
      assert(r2creds.bucket(sandbox):get("uploads/somebody/save")).body)
  end)

  it("draws on while its server is silent", function()
    local run = api:new_run()
    local game = play { R2_GAME_SERVER = api:url("held-credential", run) }
    for frame = 1, 60 do
      assert.equal(frame, (next_frame(game)))
    end
    assert.equal(1, #api:seen(run).requests)
    api:release(run)
    local said = last_words(game)
    assert.equal("not saved: the game's server answered without a credential", said)
    leaks.assert_none({ keys.api_token }, said)
  end)

  it("says when its server is not there", function()
    local url = "http://127.0.0.1:" .. faulty.free_port()
    local said = last_words((play { R2_GAME_SERVER = url }))
    assert.matches("^not saved: HTTP: ", said)
  end)
end)
