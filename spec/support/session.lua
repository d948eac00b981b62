-- What a signal leaves behind of a command that runs servers.

local server = require "spec.support.server"
local support = require "spec.project.support"

local session = {}

-- The processes of a session that have not ended: a list of { pid, parent }.
local function processes_of(leader)
  local found = {}
  for _, pid in ipairs(support.lines(support.run("ls /proc | grep '^[0-9]*$'"))) do
    local file = io.open("/proc/" .. pid .. "/stat")
    local stat = file and file:read("a") or ""
    if file then
      file:close()
    end
    local state, parent, owner = stat:match("%) (%a) (%d+) %d+ (%d+)")
    if tonumber(owner) == leader and state ~= "Z" then
      found[#found + 1] = { pid = tonumber(pid), parent = tonumber(parent) }
    end
  end
  return found
end

--- Runs a command with a TMPDIR of its own, in a session of its own as a terminal would, and sends
-- a signal to it, or to all of the session, when it has printed that it is ready. Fails when a
-- process stays.
-- @return what is left in that folder, and the command's status
function session.left_after(command, ready, signal, to_all)
  local folder = support.folder()
  local started = server.command {
    command = "env --default-signal=INT,HUP,QUIT setsid sh -c " .. support.quote(
      ("TMPDIR=%s %s; echo $? >@folder@/status"):format(folder, command)),
    ready = ready,
  }
  assert(support.run("ls " .. folder) ~= "", "the command has made nothing")
  local shell, targets = started.pid(), {}
  for _, process in ipairs(processes_of(shell)) do
    targets[#targets + 1] = process.parent == shell and process.pid or nil
  end
  -- At once, as a terminal does: the session has one group.
  support.run(("kill -s %s -- %s"):format(signal,
    to_all and -shell or table.concat(targets, " ")))
  local turns = 0
  while #processes_of(shell) > 0 and turns < 500 do
    support.run("sleep 0.01")
    turns = turns + 1
  end
  local left, status = processes_of(shell), started.read("status")
  started.stop()
  for _, process in ipairs(left) do
    support.try("kill -s KILL " .. process.pid)
  end
  assert(#left == 0, "processes stay")
  return support.run("ls " .. folder), status
end

return session
