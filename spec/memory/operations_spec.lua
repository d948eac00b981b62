-- The operations that failing_allocator.c runs, once each and with all the memory they want: for
-- valgrind, which is too slow for more. `spec/run memory/operations`
local operations = require("spec.memory.operations").operations
local values = require "spec.support.values"

local unpack = table.unpack or unpack

local function pack(...)
    return { n = select("#", ...), ... }
end

describe("With all the memory it wants", function()
    for name, operation in values.sorted(operations) do
        it(name, function()
            local arguments = pack(operation.prepare())
            operation.finish(operation.run(unpack(arguments, 1, arguments.n)))
        end)
    end
end)
