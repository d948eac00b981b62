-- r2creds put and get with files of several parts: interrupted, killed, gone on with; and the bar
-- that a terminal gets.
local bar = require "r2.command.bar"
local server = require "spec.support.server"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local MIB = 2 ^ 20
local SIZE = 72 * MIB -- five parts of 16 MiB

local sandbox, bucket, folder

setup(function()
  sandbox = r2creds.sandbox()
  bucket = r2creds.bucket(sandbox)
  folder = support.folder()
  support.run(("head -c %d /dev/urandom >%s/sent"):format(SIZE, folder))
end)

teardown(function()
  bucket:close()
  server.stop_all()
  support.remove_folders()
end)

local function variables()
  return r2creds.sandbox_variables(sandbox)
end

local function run(lines)
  return r2creds.run(lines, variables(), folder)
end

local function uploads()
  return #assert(bucket:list_uploads {})
end

-- A command in the background, and then these lines, once its journal has a part: nobody knows how
-- long one takes.
local function after_a_part(command, journal, lines)
  return ([[
    %s &
    pid=$!
    until grep -q '^part ' %s 2>/dev/null; do
        kill -0 $pid 2>/dev/null || exit 98
        sleep 0.01
    done
    %s
  ]]):format(command, journal, lines)
end

local function signalled(command, journal, signal)
  return after_a_part(command, journal, ("kill -%s $pid; wait $pid"):format(signal))
end

-- r2creds in the place of the shell that starts it, on a server that is slow enough.
local PUT = "exec r2creds put my-bucket KEY sent --resume up.journal"
local GET = "exec r2creds get my-bucket KEY got --resume down.journal"

-- What a shell starts behind its back is deaf to Ctrl-C, unless it is told.
local HEARING = "perl -e '$SIG{INT} = \"DEFAULT\"; exec @ARGV' "

local function in_shell(command, key)
  return HEARING .. "sh -c '" .. command:gsub("KEY", key) .. "'"
end

for signal, code in pairs { KILL = 137, INT = 130 } do
  describe("after SIG" .. signal, function()
    local key = "transfers/" .. signal

    it("put goes on where it was", function()
      local _, errors, status = run(signalled(in_shell(PUT, key), "up.journal", signal))
      if status == 98 or status == 0 then -- it was done before the signal
        return
      end
      assert.equal(code, status, errors)
      assert.equal(1, uploads())
      assert.equal(404, select(3, bucket:head(key)).status)
      r2creds.output_of(PUT:gsub("KEY", key), variables(), folder)
      assert.equal(0, uploads())
      assert.equal(SIZE, assert(bucket:head(key)).size)
      assert.equal(1, select(2, support.try("test -e " .. folder .. "/up.journal")))
    end)

    it("get goes on where it was, and brings the same bytes", function()
      assert(bucket:upload(folder .. "/sent", key))
      run(signalled(in_shell(GET, key), "down.journal", signal))
      r2creds.output_of(GET:gsub("KEY", key), variables(), folder)
      support.run(("cmp %s/sent %s/got && rm %s/got"):format(folder, folder, folder))
      assert.equal("", support.run("ls " .. folder .. " | grep -E 'part|journal' || true"))
    end)
  end)
end

it("Ctrl-C without a journal leaves no upload", function()
  local command = r2creds.shell("exec r2creds put my-bucket transfers/none sent", variables())
  os.execute(("cd %s; %s%s 2>err2 & echo $! >%s/pid"):format(folder, HEARING, command, folder))
  local pid = support.lines(support.read(folder .. "/pid"))[1]
  local function is_there()
    return select(2, support.try("kill -0 " .. pid .. " 2>/dev/null")) == 0
  end
  while uploads() == 0 and is_there() do -- luacheck: ignore 542
  end
  support.try("kill -INT " .. pid .. " 2>/dev/null")
  while is_there() do -- luacheck: ignore 542
  end
  assert.equal(0, uploads())
  local said = support.read(folder .. "/err2")
  assert.is_true(said == "r2creds: interrupted\n" or said == "", said)
end)

-- Fills what a file may have, as a disk that is full does.
it("get says that there is no room, and leaves what was there", function()
  assert(bucket:upload(folder .. "/sent", "transfers/room"))
  local place = support.folder()
  support.write(place .. "/kept", "before")
  r2creds.fails(1, { "FILE cannot be" },
    "ulimit -f 81920; r2creds get my-bucket transfers/room kept", variables(), place)
  assert.equal("before", support.read(place .. "/kept"))
  assert.same({ "err", "kept", "out" }, support.lines(support.run("ls -A " .. place)))
end)

-- The first is stopped in the middle while the second one tries.
it("two programs do not share a journal", function()
  local place = support.folder()
  support.run(("ln %s/sent %s/sent"):format(folder, place))
  local PUT_HERE = "r2creds put my-bucket transfers/two sent --resume up.journal"
  local _, errors, status = r2creds.run(after_a_part(PUT_HERE, "up.journal", ([[
    kill -STOP $pid
    %s
    second=$?
    kill -CONT $pid
    wait $pid || exit 99
    exit $second
  ]]):format(PUT_HERE)), variables(), place)
  if status == 98 then -- it was done before the signal
    return
  end
  assert.equal(1, status, errors)
  assert.equal("r2creds: --resume is in use by another program\n", errors)
  assert.equal(SIZE, assert(bucket:head("transfers/two")).size)
  assert.equal(0, uploads())
end)

describe("a bar", function()
  local lines, now

  local function of(width)
    lines, now = {}, 0
    return bar.of("db.dump", { width = width, now = function() return now end,
      write = function(line) lines[#lines + 1] = line end })
  end

  it("tells share, bytes, rate and the time that is left", function()
    local drawn = of(80)
    drawn:draw(0, 3e9)
    now = 10
    drawn:draw(1e9, 3e9)
    assert.equal("\rdb.dump    0%  0 B of 3 GB\27[K", lines[1])
    assert.equal("\rdb.dump   33%  1 GB of 3 GB  100 MB/s  0:20 left\27[K", lines[2])
    now = 4000
    drawn:draw(3e9, 3e9)
    assert.matches("100%%  3 GB of 3 GB", lines[3])
    drawn:clear()
    assert.equal("\r\27[K", lines[4])
  end)

  it("is drawn ten times a second at most, and at the end", function()
    local drawn = of(80)
    for i = 1, 1000 do
      now = i / 1000
      drawn:draw(i, 1000)
    end
    assert.is_true(#lines <= 12, #lines)
    assert.matches("100%%", lines[#lines])
  end)

  it("does not count what was there before for its rate", function()
    local drawn = of(80)
    drawn:draw(2e9, 3e9)
    now = 10
    drawn:draw(2.5e9, 3e9)
    assert.matches("50 MB/s  0:10 left", lines[2])
  end)

  it("fits its terminal, and is left out where that is narrow, or none", function()
    for _, width in ipairs { 40, 60, 200 } do
      local drawn = of(width)
      drawn:draw(1, 2)
      assert.is_true(#lines[1] - #"\r\27[K" < width)
    end
    assert.is_nil(of(20))
    assert.is_nil(bar.of("db.dump")) -- the specs' standard error is no terminal
  end)
end)
