-- The command r2creds and what is outside of it: files with keys, the network, pipes, signals, the
-- sandbox.

local cjson = require "cjson"
local sandbox_keys = require "sandbox.keys"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local server = require "spec.support.server"
local token = require "spec.support.token"
local values = require "spec.support.values"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local fails, output_of, run = r2creds.fails, r2creds.output_of, r2creds.run
local KEYS = r2creds.KEYS

teardown(server.stop_all)
teardown(support.remove_folders)

-- ---- files ----

describe("r2creds --env-file", function()
  local folder

  before_each(function()
    folder = support.folder()
  end)

  local function write(text, mode)
    support.write(folder .. "/keys.env", text)
    support.run(("chmod %s %s/keys.env"):format(mode or "600", folder))
  end

  local LINES = ("CLOUDFLARE_ACCOUNT_ID=%s\nR2_ACCESS_KEY_ID=%s\nR2_SECRET_ACCESS_KEY=%s\n")
    :format(keys.account_id, keys.parent_access_key_id, keys.parent_secret_access_key)
  local MINT = "r2creds mint --env-file keys.env upload my-bucket --format json"

  local function assert_mints(variables)
    local credentials = cjson.decode((output_of(MINT, variables or {}, folder)))
    assert(make.client():verify(credentials.session_token))
  end

  for name, text in values.sorted {
    ["plain lines"] = LINES,
    ["no line end at the end"] = LINES:sub(1, -2),
    ["lines of Windows"] = LINES:gsub("\n", "\r\n"),
    ["exports"] = LINES:gsub("([%u%d_]+=)", "export %1"),
    ["quotes"] = LINES:gsub("=(%x+)", "='%1'"),
    ["a byte order mark"] = "\239\187\191" .. LINES,
    ["double quotes"] = LINES:gsub("=(%x+)", '="%1"'),
    ["blanks"] = LINES:gsub("=(%x+)", " = %1 "),
    ["comments, empty lines, other variables"] = "# the keys\n\n  # of R2\nPATH=x\n\n" .. LINES,
  } do
    it("takes " .. name, function()
      write(text)
      assert_mints()
    end)
  end

  it("takes nothing from the environment beside it", function()
    write(LINES)
    assert_mints {
      CLOUDFLARE_ACCOUNT_ID = keys.another_account_id, R2_JURISDICTION = "eu",
      R2_SECRET_ACCESS_KEY = keys.another_parent_secret_access_key,
    }
    write("CLOUDFLARE_ACCOUNT_ID=" .. keys.account_id .. "\n")
    fails(2, { "R2_SECRET_ACCESS_KEY in keys.env is required, or an API token" }, MINT, KEYS,
      folder)
  end)

  it("calls standard input by its name", function()
    local MINT_IT = "r2creds mint upload my-bucket --env-file - </dev/null"
    fails(2, { "CLOUDFLARE_ACCOUNT_ID in standard input is" }, MINT_IT, {}, folder)
    fails(2, { "standard input, line 1" }, "echo x | " .. MINT_IT:gsub(" <.*", ""), {}, folder)
  end)

  for name, case in values.sorted {
    ["a line without ="] = { LINES .. "what is this\n", "line 4" },
    ["a secret alone in a line"] = { keys.parent_secret_access_key .. "\n", "line 1" },
    ["a name that is none"] = { "A-B=c\n", "line 1" },
    ["a wrong key"] = { LINES:gsub("R2_SECRET_ACCESS_KEY=", "%0x"), "R2_SECRET_ACCESS_KEY in" },
    ["no keys"] = { "", "CLOUDFLARE_ACCOUNT_ID in keys.env" },
    ["a typing error of R2's"] = {
      LINES .. "R2_JURISDICTON=eu\n", "R2_JURISDICTON is not known; there are CLOUDFLARE_",
    },
    ["a typing error of Cloudflare's"] = {
      LINES .. "CLOUDFLARE_TOKEN=x\n", "CLOUDFLARE_TOKEN is not known; there are",
    },
  } do
    it("refuses " .. name, function()
      write(case[1])
      fails(2, { "keys.env", case[2] }, MINT, {}, folder)
    end)
  end

  it("says so when it cannot read it", function()
    fails(1, { "keys.env", "No such file" }, MINT, {}, folder)
    fails(1, { "directory" }, "r2creds mint upload my-bucket --env-file .", {}, folder)
    write(("#"):rep(3 * 1024 * 1024))
    fails(1, { "too long" }, MINT, {}, folder)
  end)
end)

-- ---- the folder that it is run in ----

it("r2creds loads nothing from the current folder", function()
  local folder = support.folder()
  support.run(("mkdir -p %s/r2/command %s/cjson"):format(folder, folder))
  for _, name in ipairs {
    "r2/temp_credentials.lua", "r2/sigv4.lua", "cjson/init.lua", "cjson.lua", "argparse.lua",
    "cjson.so", "r2/command/init.lua",
  } do
    support.write(folder .. "/" .. name, 'io.stderr:write("from the current folder\n")')
  end
  -- Without these the default paths would come last, and what is installed first.
  output_of([[
        export LUA_PATH="./?.lua;./?/init.lua;$LUA_PATH" LUA_CPATH="./?.so;$LUA_CPATH"
        r2creds mint upload my-bucket >minted && r2creds verify minted
        r2creds presign GET my-bucket a]], KEYS, folder)
end)

-- ---- what goes wrong outside ----

describe("r2creds says in one line", function()
  local API = make.changed(KEYS, {
    R2_SECRET_ACCESS_KEY = make.ABSENT, CLOUDFLARE_API_TOKEN = keys.api_token,
  })

  it("that the network is down, with exit code 1", function()
    local port = server.free_port()
    for _, words in ipairs { "mint download my-bucket a", "presign GET my-bucket a" } do
      fails(1, { "connect" }, ("r2creds %s --timeout 1 --api-base-url http://127.0.0.1:%d")
        :format(words, port), API)
    end
  end)

  it("that there is no file of certificates", function()
    for _, words in ipairs { "mint download my-bucket a", "presign GET my-bucket a" } do
      fails(2, { "--ca-file" }, ("r2creds %s --ca-file ''"):format(words), API)
      fails(1, { "--ca-file: ", "nowhere", "No such file" },
        ("r2creds %s --ca-file nowhere"):format(words), API)
      fails(1, { "--ca-file: ", "directory" }, ("r2creds %s --ca-file ."):format(words), API)
    end
  end)

  it("that it cannot write", function()
    for _, words in ipairs { "mint upload my-bucket", "--help", "--version" } do
      fails(1, { "standard output", "Bad file" }, "r2creds " .. words .. " >&-")
      fails(1, { "standard output", "No space" }, "r2creds " .. words .. " >/dev/full")
    end
  end)

  it("that nobody reads a pipe, where the system leaves it to it", function()
    fails(1, { "standard output", "Broken pipe" }, [[
            trap '' PIPE
            mkfifo pipe
            exec 3<>pipe 4>pipe 3<&-
            exec r2creds mint upload my-bucket >&4]])
  end)

  it("nothing at all when a pipe's reader has had enough", function()
    assert.equal("export AWS_ACCESS_KEY_ID='" .. keys.parent_access_key_id .. "'\n",
      output_of("r2creds mint upload my-bucket | head -1"))
    local output, errors = run("mkfifo pipe; exec 3<>pipe 4>pipe 3<&-; r2creds --help >&4")
    assert.equal("", output)
    assert.equal("", errors)
  end)

  it("that it was interrupted, at once, with exit code 130", function()
    local silent = server.command {
      command = "lua5.4 @folder@/silent.lua @port@", ready = "ready", files = {
        ["silent.lua"] = [[
                    local listener = assert(require("socket").bind("127.0.0.1", arg[1]))
                    print("ready")
                    io.stdout:flush()
                    local connection = listener:accept()
                    print("connected")
                    io.stdout:flush()
                    connection:receive("*a")
                ]],
      },
    }
    fails(130, { "interrupted" }, ([[
            exec 3>&1
            env --default-signal=INT r2creds mint download my-bucket a --timeout 3600 \
                --api-base-url %s &
            turns=0
            until grep -q connected %s || [ "$turns" = 1000 ]; do
                sleep 0.01
                turns=$((turns + 1))
            done
            kill -s INT $!
            wait $!]]):format(silent.url, silent.path("output")), API)
    silent.stop()
  end)

  it("which library is missing", function()
    fails(1, { "argparse is missing: luarocks install argparse" },
      'LUA_PATH="${LUA_PATH%;;}" r2creds mint')
    for _, command in ipairs { "inspect", "verify" } do -- no library but its own
      output_of('r2creds mint upload my-bucket | LUA_CPATH="${LUA_CPATH%;;}" r2creds '
        .. command)
    end
    fails(1, { "r2.temp_credentials is missing" }, "LUA_CPATH= r2creds mint upload my-bucket")
  end)

  it("which library cannot be loaded, and what the linker says", function()
    local folder = support.folder()
    support.run("mkdir " .. folder .. "/r2")
    support.write(folder .. "/r2/sigv4.so", "no library")
    fails(1, { "r2.sigv4 cannot be loaded (", "file too short): build" },
      'LUA_CPATH="$PWD/?.so;$LUA_CPATH" r2creds presign GET my-bucket a', KEYS, folder)
    support.write(folder .. "/argparse.lua", "this is no Lua")
    fails(1, { "argparse cannot be loaded: " }, 'LUA_PATH="$PWD/?.lua;$LUA_PATH" r2creds mint',
      KEYS, folder)
  end)

  it("that there is no library at all, and how to find it in a checkout", function()
    fails(70, { "r2.command", "LUA_PATH" }, "LUA_PATH= r2creds mint upload my-bucket")
  end)

  it("that it was interrupted, however early", function()
    local folder = support.folder()
    support.write(folder .. "/argparse.lua", 'error("interrupted!")')
    fails(130, { "interrupted" }, 'LUA_PATH="$PWD/?.lua;$LUA_PATH" r2creds mint', KEYS, folder)
    support.run(("mkdir -p %s/r2/command"):format(folder))
    support.write(folder .. "/r2/command/text.lua", 'error("interrupted!")')
    fails(130, { "interrupted" }, 'LUA_PATH="$PWD/?.lua;$LUA_PATH" r2creds mint', KEYS, folder)
  end)

  it("that it was interrupted while nobody read what it prints", function()
    fails(130, { "interrupted" }, [[
            mkfifo pipe
            exec 3<>pipe
            head -c 65536 /dev/zero >&3
            env --default-signal=INT r2creds --help >&3 &
            turns=0
            until grep -q pipe_write "/proc/$!/wchan" "/proc/$!/stack" 2>/dev/null \
                || [ "$turns" = 100 ]; do
                sleep 0.01
                turns=$((turns + 1))
            done
            kill -s INT $!
            wait $!]])
  end)

  it("where a mistake of its own is, but not what that says, with exit code 70", function()
    local folder = support.folder()
    support.run(("mkdir %s/r2"):format(folder))
    support.write(folder .. "/r2/json.lua",
      "return { object = function(f) error(f[2][2]) end }")
    local output, errors, status = run('LUA_PATH="$PWD/?.lua;$LUA_PATH" r2creds presign GET '
      .. "my-bucket a --json", KEYS, folder)
    assert.equal(70, status)
    assert.equal("", output)
    assert.matches("^r2creds: a mistake of its own, at r2/json%.lua:1; please report it\n$",
      errors)
  end)
end)

-- ---- the sandbox ----

if server.has_nginx() then
  describe("r2creds sandbox", function()
    local sandbox

    local start = r2creds.sandbox

    setup(function()
      sandbox = start()
    end)

    local function variables(changes)
      return make.changed({
        CLOUDFLARE_ACCOUNT_ID = sandbox_keys.account_id, R2_ENDPOINT = sandbox.url,
        CLOUDFLARE_API_TOKEN = sandbox_keys.api_token,
        R2_ACCESS_KEY_ID = sandbox_keys.parent_access_key_id,
        URL = sandbox.url .. "/client/v4",
      }, changes)
    end

    local MINT = 'r2creds mint --api-base-url "$URL" download my-bucket a'

    it("serves mint, and verify takes what it made", function()
      output_of(MINT .. " >minted && r2creds verify minted",
        variables { R2_SECRET_ACCESS_KEY = sandbox_keys.parent_secret_access_key })
      local credentials = cjson.decode((output_of(MINT .. " --format json", variables())))
      assert.equal(sandbox.url, credentials.endpoint)
      assert.equal("object-read-only", token.read(credentials.session_token).claims.scope)
    end)

    it("serves presign, which signs with what may only read this object", function()
      local url = output_of('r2creds presign GET my-bucket a --api-base-url "$URL"',
        variables())
      local session_token = url:match("X%-Amz%-Security%-Token=([^&]*)"):gsub("%%3D", "=")
      local claims = token.read(session_token).claims
      assert.equal("object-read-only", claims.scope)
      assert.same({ "a" }, claims.paths.objectPaths)
    end)

    it("refuses a wrong token, and mint says what it said", function()
      fails(1, { "403", "9109 Invalid access token", "ray" }, MINT,
        variables { CLOUDFLARE_API_TOKEN = keys.api_token })
      fails(1, { "object-write-only" },
        'r2creds mint --api-base-url "$URL" upload my-bucket', variables())
    end)

    it("prints how to use the command with it, and that works", function()
      local printed = sandbox.read("output")
      local command = printed:match("or with the command:\n\n(.-)\n\n")
      local exports = printed:match("In another terminal:\n(.-)\nand there")
      assert.matches("^export AWS_ACCESS_KEY_ID='" .. sandbox_keys.parent_access_key_id,
        output_of(exports .. command, {}))
    end)

    it("says which ports there are, and when one is taken", function()
      local _, errors, status = run("r2creds sandbox --port 70000")
      assert.equal(2, status)
      assert.matches("^sandbox: PORT must be [^\n]+\n$", errors)
      _, errors, status = run("r2creds sandbox --port " .. sandbox.port)
      assert.equal(1, status)
      assert.matches("^sandbox: port %d+ is in use; [^\n]*%-%-port %d+\n$", errors)
    end)

    it("ends with the command, even where that is killed", function()
      local another = start()
      support.run("kill -KILL " .. another.pid())
      local answers = "curl -s -o /dev/null " .. another.url
      local turns = 0
      while select(2, support.try(answers)) == 0 and turns < 100 do
        os.execute("sleep 0.1")
        turns = turns + 1
      end
      assert.is_true(turns < 100, "it runs on")
    end)
  end)

  it("r2creds sandbox says what is missing where the library is without it", function()
    local folder = support.folder()
    support.run(("cp -R lua %s/lua"):format(folder))
    fails(1, { "not installed", "make sandbox" },
      'LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;" r2creds sandbox', KEYS, folder)
    support.run(("cp -R sandbox build-aux %s"):format(folder))
    fails(1, { "not installed" },
      'LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;" r2creds sandbox', KEYS, folder)
    support.run(("cp Makefile %s"):format(folder))
    fails(1, { "Lua 5.1" },
      'LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;" r2creds sandbox', KEYS, folder)
  end)
end
