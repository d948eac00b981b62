-- The operations that failing_allocator.c runs, once each and with all the memory they want: for
-- valgrind, which is too slow for more. `spec/run memory/operations`
local faulty = require "spec.support.faulty"
local spec = require "spec.memory.operations"
local values = require "spec.support.values"

local unpack = table.unpack or unpack

local files = assert(io.popen("ls spec/memory/operations"))
for file in files:lines() do
  require("spec.memory.operations." .. assert(file:match("^(.*)%.lua$")))
end
files:close()

local function pack(...)
  return { n = select("#", ...), ... }
end

describe("With all the memory it wants", function()
  local server

  setup(function()
    server = faulty.start()
    spec.server_url = "http://127.0.0.1:" .. server.port
  end)

  teardown(function()
    server:stop()
  end)

  for name, operation in values.sorted(spec.operations) do
    it(name, function()
      local arguments = pack(operation.prepare())
      operation.finish(operation.run(unpack(arguments, 1, arguments.n)))
    end)
  end
end)
