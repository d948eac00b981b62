-- A helper for busted: a collector that never rests, and everything collected after each test.
local busted = require "busted"

collectgarbage("setpause", 0)
collectgarbage("setstepmul", 400)

busted.subscribe({ "test", "end" }, function()
  collectgarbage()
end)
