-- luacheck: globals love
function love.conf(t)
  t.identity = "r2-save" -- its folder below LÖVE's, where the save is
  t.version = "11.4"
  t.window.title = "S saves"
end
