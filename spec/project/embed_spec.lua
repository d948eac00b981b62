-- examples/embed: a C program that carries the library.

local support = require "spec.project.support"

describe("examples/embed", function()
    local copy

    setup(function()
        copy = support.copy_of_project()
        support.run("make -C " .. copy .. "/examples/embed CFLAGS='-O1 -Wall -Wextra -Werror'")
    end)

    teardown(support.remove_folders)

    local function run_host(script)
        local host = copy .. "/examples/embed/host"
        return support.try(("cd / && LUA_PATH= LUA_CPATH= %s %s"):format(host, script))
    end

    it("runs a script that signs, with no module on disk", function()
        local output, status = run_host(copy .. "/examples/embed/credential.lua")
        assert.equal(0, status, output)
        local endpoint = "https://" .. ("acc0"):rep(8) .. ".r2.cloudflarestorage.com"
        assert.matches("endpoint: " .. endpoint, output, 1, true)
        assert.matches("session token: %d+ bytes", output)
        assert.is_nil(output:find(("5ec0"):rep(4), 1, true))
    end)

    it("says what went wrong in a script, and fails", function()
        local script = support.folder() .. "/wrong.lua"
        support.write(script, 'assert(require "r2.temp_credentials".new { account_id = "x" })')
        local output, status = run_host(script)
        assert.equal(1, status)
        assert.matches("host: .*account_id .*must ", output)
    end)
end)
