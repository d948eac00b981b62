-- The Makefile, the set-up and the runner of the specs, each tried in a folder of its own.

local support = require "spec.project.support"

teardown(support.remove_folders)

describe("make", function()
  local copy

  setup(function()
    copy = support.copy_of_project()
    support.run(("make -C %s LUA_VERSIONS=5.4 CFLAGS=-O0"):format(copy))
  end)

  local function make(arguments)
    return support.try(("make -C %s %s"):format(copy, arguments))
  end

  it("builds for the Luas that it is told, and has then nothing left to do", function()
    assert.equal("lua5.4\nobj\n", support.run(("ls %s/build"):format(copy)))
    local _, status = make("-q build LUA_VERSIONS=5.4")
    assert.equal(0, status)
  end)

  it("builds for every Lua whose headers are here when it is told nothing", function()
    local plan = make("-n BUILD=there")
    for _, version in ipairs { "5.1", "5.2", "5.3", "5.4" } do
      assert.matches("-o there/lua" .. version .. "/r2/temp_credentials.so", plan, 1, true)
    end
  end)

  it("builds again what a header is in when the header changes", function()
    support.run(("touch -d '1 minute' %s/src/base/text.h"):format(copy))
    local plan = make("-n LUA_VERSIONS=5.4")
    assert.matches("-o build/obj/lua5.4/base/text.o", plan, 1, true)
    assert.matches("-o build/lua5.4/r2/temp_credentials.so", plan, 1, true)
  end)

  it("takes CC, CFLAGS, LDFLAGS, WERROR and BUILD", function()
    local plan = make("-n LUA_VERSIONS=5.4 BUILD=there WERROR= "
      .. "CC=compiler CFLAGS=flag LDFLAGS=linking")
    local module = "there/lua5%.4/r2/temp_credentials%.so"
    assert.matches("compiler [^\n]* flag [^\n]* there/obj/lua5%.4/base/text%.o", plan)
    assert.matches("compiler [^\n]* linking [^\n]* " .. module, plan)
    assert.is_nil(plan:find("-Werror", 1, true))
  end)

  it("says what to do where there is no lua.h", function()
    local output, status = make("LUA_VERSIONS=")
    assert.equal(2, status)
    assert.matches("liblua5.4-dev", output, 1, true)
    assert.matches("LUA_INCDIR_54", output, 1, true)
  end)

  it("lists its targets", function()
    local help = make("help")
    for _, target in ipairs {
      "help", "demo", "sandbox", "build", "test", "check", "lint", "bench", "sanitize",
      "fuzz", "soak", "install", "clean",
    } do
      assert.matches("\n" .. target .. " +%S", "\n" .. help)
    end
  end)

  -- The set-up and what is run after it are played; what is built in between is real.
  it("sets up, builds for nginx, and then runs the sandbox where it is told", function()
    local project = support.copy_of_project()
    for _, name in ipairs { "build-aux/setup", "sandbox/run" } do
      support.write(project .. "/" .. name, ([[#!/bin/sh
                echo "%s $1 with port $PORT, $BUILD:" $(ls "$BUILD/lua5.1/r2" 2>/dev/null)
            ]]):format(name))
    end
    local output = support.run(("cd %s && make BUILD=there PORT=9999 CFLAGS=-O0 sandbox")
      :format(project))
    local lines = support.lines(output)
    assert.matches("^build%-aux/setup sandbox ", lines[1])
    assert.equal("sandbox/run  with port 9999, there: files.so temp_credentials.so",
      lines[#lines])
  end)

  it("cleans up what it built", function()
    support.run(("make -C %s BUILD=elsewhere LUA_VERSIONS=5.4 CFLAGS=-O0 build")
      :format(copy))
    support.run(("make -C %s BUILD=elsewhere clean"):format(copy))
    local _, status = support.try(("test -e %s/elsewhere"):format(copy))
    assert.equal(1, status)
  end)
end)

describe("the set-up", function()
  -- A machine that has these commands and no more; apt-get and sudo are played and take notes.
  local machine

  local APT = [[#!/bin/sh
echo "apt-get $*" >>"$NOTES"
case "$*" in
    *update*) touch "$NOTES.updated" ;;
    *install*) test -z "$NEEDS_UPDATE" || test -e "$NOTES.updated" ;;
esac
]]
  local SUDO = '#!/bin/sh\necho "sudo" >>"$NOTES"\nexec "$@"\n'

  local function new_machine(commands)
    machine = support.folder()
    for name in ("sh env dirname tr sed grep mktemp cat rm touch"):gmatch("%S+") do
      support.run(("ln -s $(command -v %s) %s/%s"):format(name, machine, name))
    end
    for name, script in pairs(commands) do
      support.write(machine .. "/" .. name, script)
      support.run(("chmod +x %s/%s"):format(machine, name))
    end
  end

  local function set_up(what, environment)
    local output, status = support.try(("PATH=%s NOTES=%s/notes %s build-aux/setup %s"):format(
      machine, machine, environment or "", what))
    local notes = io.open(machine .. "/notes")
    return output, status, notes and notes:read("a") or ""
  end

  local NOTHING = "#!/bin/sh\nexit 1\n"
  local ALL_WELL = "#!/bin/sh\nexit 0\n"
  local ROOT = "#!/bin/sh\necho 0\n"
  local USER = "#!/bin/sh\necho 1000\n"
  -- dpkg-query on a machine where all is installed but lua5.4, which is the one asked about.
  local ALL_BUT_LUA = '#!/bin/sh\ncase "$*" in *" lua5.4") echo not-installed ;; '
    .. "*) echo installed ;; esac\n"

  it("asks nobody when nothing is missing", function()
    new_machine { id = ROOT, ["apt-get"] = APT,
      ["dpkg-query"] = "#!/bin/sh\necho installed\n" }
    local output, status, notes = set_up("demo")
    assert.equal(0, status)
    assert.equal("", output)
    assert.equal("", notes)
  end)

  it("takes what is there without having been packaged", function()
    new_machine { id = ROOT, ["apt-get"] = APT, ["dpkg-query"] = ALL_BUT_LUA,
      ["lua5.4"] = ALL_WELL }
    local _, status, notes = set_up("demo")
    assert.equal(0, status)
    assert.equal("", notes)
  end)

  it("asks apt for what is missing and for nothing else", function()
    new_machine { id = ROOT, ["apt-get"] = APT, ["dpkg-query"] = ALL_BUT_LUA }
    local output, status, notes = set_up("demo")
    assert.equal(0, status)
    assert.equal("set-up: apt-get installs lua5.4\n", output)
    assert.matches("^apt%-get [^\n]* install lua5.4\n$", notes)
  end)

  it("fetches the lists of packages only when it cannot do without", function()
    new_machine { id = ROOT, ["apt-get"] = APT, ["dpkg-query"] = ALL_BUT_LUA }
    local _, status, notes = set_up("demo", "NEEDS_UPDATE=1")
    assert.equal(0, status)
    assert.matches("install lua5.4\napt%-get [^\n]*update\napt%-get [^\n]* lua5.4\n$", notes)
  end)

  it("installs through sudo for a user who is not root", function()
    new_machine { id = USER, ["apt-get"] = APT, sudo = SUDO, ["dpkg-query"] = ALL_BUT_LUA }
    local _, status, notes = set_up("demo")
    assert.equal(0, status)
    assert.matches("^sudo\napt%-get [^\n]* install lua5.4\n$", notes)
  end)

  it("says what to install when it may not", function()
    new_machine { id = USER, ["apt-get"] = APT, ["dpkg-query"] = ALL_BUT_LUA }
    local output, status, notes = set_up("demo")
    assert.equal(1, status)
    assert.matches("apt-get install lua5.4", output, 1, true)
    assert.equal("", notes)
  end)

  it("says what to install when there is no apt-get", function()
    new_machine { id = USER, ["dpkg-query"] = NOTHING, cc = ALL_WELL }
    local output, status = set_up("test")
    assert.equal(1, status)
    for _, package in ipairs { "lua5.4", "luajit2", "lua-busted", "lua-check", "luarocks" } do
      assert.matches(" " .. package, output, 1, true)
    end
    assert.is_nil(output:find(" gcc", 1, true))
  end)

  -- dpkg-query on a machine where all is installed but these. An nginx without a Lua module
  -- stands before the one that this machine may have.
  local function all_but(packages)
    return '#!/bin/sh\ncase "$*" in ' .. packages .. ") echo not-installed ;; "
      .. "*) echo installed ;; esac\n"
  end

  local MODULE = '*" libnginx-mod-http-lua"'

  for _, what in ipairs { "demo", "sandbox", "test" } do
    it("installs nginx for " .. what, function()
      new_machine { id = ROOT, ["apt-get"] = APT, nginx = NOTHING,
        ["dpkg-query"] = all_but(MODULE) }
      local output, status, notes = set_up(what)
      assert.equal(0, status)
      assert.equal("set-up: apt-get installs libnginx-mod-http-lua\n", output)
      assert.matches("install libnginx%-mod%-http%-lua\n$", notes)
    end)
  end

  it("lets the demo go on without nginx where that cannot be installed", function()
    new_machine { id = ROOT, nginx = NOTHING, ["dpkg-query"] = all_but(MODULE
      .. ' | *" lua5.4"'), ["apt-get"] =
      '#!/bin/sh\necho "apt-get $*" >>"$NOTES"\ncase "$*" in *nginx*) exit 100 ;; esac\n' }
    local output, status, notes = set_up("demo")
    assert.equal(0, status)
    assert.matches("please run as root: apt-get install libnginx-mod-http-lua\n",
      output, 1, true)
    assert.matches("install lua5.4\n$", notes)
    local _, without = set_up("sandbox")
    assert.equal(1, without)
  end)

  it("lets the demo go on without nginx where nothing may be installed", function()
    new_machine { id = USER, ["apt-get"] = APT, nginx = NOTHING,
      ["dpkg-query"] = all_but(MODULE) }
    local output, status, notes = set_up("demo")
    assert.equal(0, status)
    assert.matches("^set%-up: [^\n]+ libnginx%-mod%-http%-lua\n$", output)
    assert.equal("", notes)
    local _, without = set_up("sandbox")
    assert.equal(1, without)
  end)

  it("does not let the demo go on without lua5.4 and nginx", function()
    new_machine { id = USER, ["apt-get"] = APT, nginx = NOTHING,
      ["dpkg-query"] = all_but(MODULE .. ' | *" lua5.4"') }
    local output, status = set_up("demo")
    assert.equal(1, status)
    assert.matches("apt-get install lua5.4 libnginx-mod-http-lua", output, 1, true)
  end)

  it("shows what apt-get said when that fails", function()
    new_machine { id = ROOT, ["dpkg-query"] = ALL_BUT_LUA,
      ["apt-get"] = "#!/bin/sh\necho 'E: no such package'\nexit 100\n" }
    local output, status = set_up("demo")
    assert.equal(1, status)
    assert.matches("E: no such package", output, 1, true)
  end)
end)

describe("the runner of the specs", function()
  -- Runs it on a project of these spec files; make is played by the command given, the fuzzing by
  -- a script.
  local function run_specs(files, arguments, make, fuzzing)
    local project = support.folder()
    support.run(("cd %s && mkdir -p spec/sigv4 spec/project spec/fuzz"):format(project))
    support.run(("cp spec/run spec/busted.lua %s/spec"):format(project))
    support.write(project .. "/spec/fuzz/run", "#!/bin/sh\n" .. (fuzzing or ""))
    support.run(("chmod +x %s/spec/fuzz/run"):format(project))
    for name, text in pairs(files) do
      local room = name:find("/") and "" or "sigv4/"
      support.write(project .. "/spec/" .. room .. name .. "_spec.lua", text)
    end
    local output, status = support.try(("cd / && MAKE=%s LUAS='lua5.4 lua5.1' %s/spec/run %s")
      :format(make or "true", project, arguments or ""))
    local lines = support.lines(output)
    return lines[#lines], status, output
  end

  local GOOD = 'it("holds", function() end)\n'
  local BAD = 'it("does not hold", function() error("the reason") end)\n'

  it("adds up what passed on each Lua, and the project's own specs once", function()
    local last, status = run_specs { a = GOOD .. GOOD, b = GOOD, ["project/c"] = GOOD }
    assert.equal("7 passed, 0 failed", last)
    assert.equal(0, status)
  end)

  it("counts what is skipped, and says what it was", function()
    local last, status, output = run_specs { a = GOOD .. 'pending("not here")\n' }
    assert.equal("2 passed, 0 failed, 2 skipped", last)
    assert.equal(0, status)
    assert.matches("skipped: not here", output, 1, true)
  end)

  it("fails when one spec fails, and shows why", function()
    local last, status, output = run_specs { a = GOOD .. BAD, b = GOOD }
    assert.equal("4 passed, 2 failed", last)
    assert.equal(1, status)
    assert.matches("the reason", output, 1, true)
  end)

  for what, text in pairs {
    ["does not compile"] = "it(",
    ["raises outside a spec"] = 'error("early")\n',
    ["ends the process"] = GOOD .. "os.exit(0)\n",
    ["kills the process"] = 'os.execute("kill -SEGV $PPID")\n',
    ["holds no spec"] = "local x\n",
  } do
    it("fails when a file " .. what, function()
      local last, status = run_specs { a = text, b = GOOD .. GOOD }
      assert.matches("^%d+ passed, 2 failed$", last)
      assert.equal(1, status)
    end)
  end

  it("fails when there is no spec at all", function()
    local _, status, output = run_specs {}
    assert.equal(1, status)
    assert.matches("there is no spec to run", output, 1, true)
  end)

  it("runs the files that it is told", function()
    local last = run_specs({ a = GOOD, b = BAD, ["project/c"] = GOOD }, "sigv4/a project")
    assert.equal("3 passed, 0 failed", last)
  end)

  it("fails for a file that is not there", function()
    local _, status = run_specs({ a = GOOD }, "sigv4/b")
    assert.equal(1, status)
  end)

  it("keeps a user's keys, paths and start-up code away from the specs", function()
    local last = run_specs({ a = [[
            it("holds", function()
                assert.is_nil(os.getenv("R2_SECRET_ACCESS_KEY"))
                assert.is_nil(package.path:find("elsewhere", 1, true))
                assert.is_nil(rawget(_G, "started"))
            end)]] }, "sigv4/a; : ", "true R2_SECRET_ACCESS_KEY=x LUA_PATH_5_4='elsewhere/?.lua'")
    assert.equal("2 passed, 0 failed", last)
  end)

  it("with --check runs on 5.4 and LuaJIT what neither builds nor installs", function()
    local last, status = run_specs({
      a = GOOD, ["project/papers"] = GOOD, ["project/rock"] = BAD,
    }, "--check")
    assert.equal("3 passed, 0 failed", last)
    assert.equal(0, status)
  end)

  it("names the files that took longest, when it is asked to", function()
    local _, _, output = run_specs({ a = GOOD, b = GOOD }, nil, "true DEAREST=1")
    assert.matches("\n +[%d.]+ s  lua5%.[14] spec/sigv4/[ab]_spec%.lua\n4 passed", output)
  end)

  it("with --all fails when lint or sanitize fails, though every spec passes", function()
    local make = support.folder() .. "/make"
    support.write(make, '#!/bin/sh\ncase "$*" in *lint*) exit 1 ;; esac\n')
    support.run("chmod +x " .. make)
    local last, status = run_specs({ a = GOOD }, "--all", make)
    assert.equal("2 passed, 1 failed", last)
    assert.equal(1, status)
  end)

  it("with --all fails when a harness does", function()
    local last, status, output = run_specs({ a = GOOD }, "--all", "true", "echo why; exit 1")
    assert.equal("2 passed, 1 failed", last)
    assert.equal(1, status)
    assert.matches("\nwhy\n", output, 1, true)
  end)

  it("with --all skips the harnesses where what they need is not here", function()
    local last, status, output = run_specs({ a = GOOD }, "--all", "true",
      "echo 'a thing is not here'; exit 77")
    assert.equal("2 passed, 0 failed, 1 skipped", last)
    assert.equal(0, status)
    assert.matches("fuzz +skipped: a thing is not here\n", output)
  end)

  it("with --all runs nothing when the build fails", function()
    local last, status = run_specs({ a = GOOD }, "--all", "false")
    assert.equal("0 passed, 1 failed", last)
    assert.equal(1, status)
  end)
end)
