-- How far a transfer has come, as one line of a terminal; nothing where standard error is none.

local amount = require "r2.command.amount"
local files = require "r2.files"
local text = require "r2.command.text"

local bar = {}

local Bar = {}
Bar.__index = Bar

local EACH = 0.1 -- seconds: how often it is drawn

local function clock_time(seconds)
  seconds = math.ceil(seconds)
  local minutes, rest = math.floor(seconds / 60), seconds % 60
  if minutes >= 60 then
    return ("%d:%02d:%02d"):format(math.floor(minutes / 60), minutes % 60, rest)
  end
  return ("%d:%02d"):format(minutes, rest)
end

-- The line, for so many seconds since it began.
local function line_of(self, done, total, seconds)
  local share = total > 0 and done / total or 1
  local rate = seconds > 0 and (done - self.kept) / seconds or 0
  local parts = { ("%3d%%"):format(math.floor(share * 100)),
    amount(done) .. " of " .. amount(total) }
  if rate > 0 then
    parts[#parts + 1] = amount(rate) .. "/s"
    parts[#parts + 1] = clock_time((total - done) / rate) .. " left"
  end
  local line = table.concat(parts, "  ")
  local room = self.width - #line - 3
  local name = #self.name <= room and self.name or self.name:sub(1, math.max(room, 0))
  return (name .. "  " .. line):sub(1, self.width - 1)
end

--- Draws it, unless it was drawn a moment ago. What was there before the first call was not moved
-- now: it counts for no rate.
function Bar:draw(done, total)
  local now = self.now()
  self.kept, self.began = self.kept or done, self.began or now
  if self.drawn and now - self.drawn < EACH and done < total then
    return
  end
  self.drawn = now
  self.write("\r" .. line_of(self, done, total, now - self.began) .. "\27[K")
end

--- Takes it away.
function Bar:clear()
  if self.drawn then
    self.write("\r\27[K")
  end
end

--- @tparam string name what is moved
-- @tparam ?table given for specs: width of the terminal, write a function, now a function
-- @treturn ?bar nil where nobody would see it
function bar.of(name, given)
  given = given or {}
  local width = given.width or files.terminal_width(2)
  if not width or width < 40 then
    return nil
  end
  return setmetatable({
    name = text.plain(name), width = width,
    now = given.now or require("r2.http").now,
    write = given.write or function(line)
      io.stderr:write(line)
      io.stderr:flush()
    end,
  }, Bar)
end

--- Calls with what a transfer's progress is to be told, and takes the bar away in the end.
-- @tparam string name
-- @tparam function move function(progress or nil) -> what is handed back
function bar.around(name, move)
  local drawn = bar.of(name)
  if not drawn then
    return move(nil)
  end
  local ended, result, message, err = pcall(move, function(done, total)
    drawn:draw(done, total)
  end)
  drawn:clear()
  if not ended then -- by Ctrl-C
    error(result, 0)
  end
  return result, message, err
end

return bar
