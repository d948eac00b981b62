-- Many exchanges polled once for each frame cost one look at their sockets, and each socket is seen
-- to once: counted by spec/support/rounds.c, in what spec/support/rounds.lua does.
local over = require "spec.support.over_http"
local request = over.request

-- The command that runs this Lua.
local LUA = jit and "luajit" or _VERSION:lower():gsub(" ", "")
local COUNT = 200

local preloaded, is_built

setup(function()
  over.start_server()
  preloaded = os.tmpname()
  local status = os.execute(("env -u LD_PRELOAD ${CC:-cc} -shared -fPIC -o %s"
    .. " spec/support/rounds.c -ldl 2>/dev/null"):format(preloaded))
  is_built = status == true or status == 0
end)

teardown(function()
  os.remove(preloaded)
  over.stop_server()
end)

before_each(over.open)
after_each(over.close)

-- Runs the loop. What it printed, and its frames: each { looks, touches, most }, `most` of one
-- socket.
local function run(kind, url, frames)
  local notes = os.tmpname()
  local pipe = assert(io.popen(("R2_ROUNDS=%s LD_PRELOAD=\"$LD_PRELOAD %s\" %s"
    .. " spec/support/rounds.lua %s %d %d %s 2>&1"):format(
    notes, preloaded, LUA, url, COUNT, frames, kind)))
  local printed = pipe:read("*a")
  pipe:close()
  local list, frame, touched = {}, nil, nil
  for line in io.lines(notes) do
    if line == "frame" then
      frame, touched = { looks = 0, touches = 0, most = 0 }, {}
      list[#list + 1] = frame
    elseif line == "end" then
      frame = nil
    elseif frame and line == "look" then
      frame.looks = frame.looks + 1
    elseif frame then
      touched[line] = (touched[line] or 0) + 1
      frame.touches, frame.most = frame.touches + 1, math.max(frame.most, touched[line])
    end
  end
  os.remove(notes)
  local ended, most = printed:match("^(%d+)%s+(%d+)\n$")
  assert(ended, printed)
  return list, tonumber(ended), tonumber(most)
end

for _, kind in ipairs { "exchanges", "tasks" } do
  describe("two hundred " .. kind .. " polled for each frame", function()
    it("cost one look while nothing comes, and touch no socket", function()
      if not is_built then
        return pending("nothing can be preloaded here")
      end
      local asked = request "held"
      local frames = run(kind, asked.url, 100)
      local quiet = 0
      for _, frame in ipairs(frames) do
        assert.is_true(frame.looks <= 1, frame.looks .. " looks")
        quiet = quiet + (frame.touches == 0 and 1 or 0)
      end
      assert.equal(100, #frames)
      assert.is_true(quiet > 20, quiet .. " frames without a touch")
    end)

    it("touch each socket at most once, and hand on at most 1 MiB, when much comes", function()
      if not is_built then
        return pending("nothing can be preloaded here")
      end
      local asked = request "big"
      local frames, ended, most = run(kind, asked.url .. "/1000000", 100000)
      assert.equal(COUNT, ended)
      for _, frame in ipairs(frames) do
        assert.is_true(frame.looks <= 1, frame.looks .. " looks")
        assert.is_true(frame.most <= 1, "a socket was touched " .. frame.most .. " times")
      end
      assert.is_true(most > 0 and most <= 2 ^ 20, most .. " bytes in one poll")
    end)
  end)
end

describe("an http object", function()
  it("polls all, and tells how many are under way", function()
    assert.equal(0, over.h:poll())
    local runs, all = {}, {}
    for i = 1, 6 do
      local asked
      asked, runs[i] = request "held"
      all[i] = assert(over.h:start(asked))
    end
    assert.equal(6, over.h:poll())
    for i = 1, 6 do
      over.server:wait_until(runs[i], function(seen)
        assert.is_true(over.h:poll() >= 1)
        return #seen.requests == 1
      end)
      assert.is_false(all[i]:done())
    end
    over.server:release(runs[1])
    repeat
      local under_way = over.h:wait(1)
    until under_way < 6
    assert.equal(5, over.h:poll())
    assert.is_true(all[1]:done())
    assert.equal("released", all[1]:poll().body)
    all[2]:cancel()
    assert.is_true(all[2]:done())
    assert.equal(4, over.h:poll())
  end)

  it("waits for none when there are none", function()
    assert.equal(0, over.h:wait(604800))
    for _, seconds in ipairs { -1, 604801, 0 / 0 } do
      assert.error_matches(function() over.h:wait(seconds) end, "seconds from 0 to 604800")
    end
  end)

  it("is not polled by a function of an exchange", function()
    local asked = request("good", { output = function() over.h:poll() end })
    assert.error_matches(function() over.h:perform(asked) end, "not from inside a function")
  end)
end)
