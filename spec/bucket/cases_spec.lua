-- What a bucket does, over libcurl: the cases of spec/support/bucket, with the sandbox, as they are
-- and in a task; and on one Lua with Cloudflare's own simulator of R2, where that can be had.
local r2 = require "r2"
local server = require "spec.support.server"
local servers = require "spec.support.bucket.servers"
local simulator = require "spec.support.simulator"
local world = require "spec.support.bucket.world"

local TOPICS = { "objects", "files", "lists", "uploads", "rights", "transfers" }

-- Plain 5.1 yields neither through a generic for nor through pcall.
local IS_PLAIN_51 = _VERSION == "Lua 5.1" and not jit

local function is_for_tasks(case)
  return not IS_PLAIN_51 or not (case.needs.iterator or case.needs.pcall)
end

local function is_wanted(case, has)
  return (has.everything or not case.needs.sandbox) and (not has.task or is_for_tasks(case))
end

local function run_in_task(run, w)
  local task = r2.task(run, w)
  repeat
    task:wait(1)
  until task:done()
end

local function run_with(start, has)
  local w
  setup(function()
    w = world.new(start())
  end)
  teardown(server.stop_all)
  after_each(function()
    w:close()
  end)
  for _, topic in ipairs(TOPICS) do
    for _, case in ipairs(require("spec.support.bucket." .. topic)) do
      if is_wanted(case, has) then
        it(case.name, function()
          if has.task then
            run_in_task(case.run, w)
          else
            case.run(w)
          end
        end)
      end
    end
  end
end

for name, has in pairs {
  ["with the sandbox:"] = { everything = true },
  ["in a task, with the sandbox:"] = { everything = true, task = true },
} do
  describe(name, function()
    if not server.has_nginx() then
      pending("it needs nginx with its Lua module")
    else
      run_with(servers.sandbox, has)
    end
  end)
end

if not jit and _VERSION == "Lua 5.4" then
  describe("with Cloudflare's simulator:", function()
    if simulator.missing() then
      pending(simulator.missing())
    else
      run_with(servers.simulator, {})
    end
  end)
end
