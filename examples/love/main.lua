-- A small game that uploads its save while it draws, and loses no frame over it: S saves.
--
--   R2_GAME_SERVER=http://127.0.0.1:8080/signed R2_GAME_LOGIN="Basic c29tZWJvZHk6aW5zZWN1cmU=" \
--   R2_GAME_USER=somebody love examples/love
--
-- That server is examples/haproxy. Without R2_GAME_SERVER the game signs with keys of the
-- environment: with those that `make sandbox` prints it saves there. docs/hosts.md says where LÖVE
-- finds the library.
-- luacheck: globals love

local saving = require "saving"

local SERVER = { url = os.getenv("R2_GAME_SERVER"), login = os.getenv("R2_GAME_LOGIN") }
local USER = os.getenv("R2_GAME_USER") or "somebody"
local SIDE = 2048 -- tiles of the level, which is what there is to save
local TILE = 8 -- pixels
local SPEED = 40 -- tiles a second

local level, x = nil, 0
local task, share, told = nil, 0, "S saves"

local function row(y)
  local tiles = {}
  for column = 1, SIDE do
    tiles[column] = love.math.noise(column / 20, y / 20) > 0.6 and "#" or "."
  end
  return table.concat(tiles)
end

function love.load()
  level = {}
  for y = 1, SIDE do
    level[y] = row(y)
  end
end

local function save()
  assert(love.filesystem.write("save", table.concat(level, "\n")))
  share, told = 0, "saving"
  task = saving.start(love.filesystem.getSaveDirectory() .. "/save", SERVER, USER,
    function(done, total)
      share = done / math.max(total, 1)
    end)
end

function love.keypressed(key)
  if key == "s" and not task then
    save()
  elseif key == "escape" then
    love.event.quit()
  end
end

function love.update(seconds)
  x = (x + seconds * SPEED) % (SIDE - 100)
  local stored, message = false, nil
  if task then
    stored, message = task:poll() -- never waits
  end
  if stored ~= false then
    task, told = nil, stored and ("saved, %d bytes"):format(stored.size) or "not saved: " .. message
  end
end

local function draw_level()
  local first = math.floor(x)
  love.graphics.setColor(0.3, 0.6, 0.4)
  for y = 1, math.floor(love.graphics.getHeight() / TILE) do
    for column = 1, math.floor(love.graphics.getWidth() / TILE) + 1 do
      if level[y]:byte(first + column) == 35 then
        love.graphics.rectangle("fill", (column - 1 - x % 1) * TILE, (y - 1) * TILE, TILE, TILE)
      end
    end
  end
end

function love.draw()
  draw_level()
  love.graphics.setColor(0, 0, 0, 0.7)
  love.graphics.rectangle("fill", 0, 0, love.graphics.getWidth(), 50)
  love.graphics.setColor(1, 1, 1)
  love.graphics.print(told, 10, 8)
  love.graphics.rectangle("line", 10, 30, 300, 10)
  love.graphics.rectangle("fill", 10, 30, 300 * share, 10)
end

-- Leaving in the middle of a save waits for it, a few seconds at most.
function love.quit()
  if task then
    task:wait(5)
  end
end
