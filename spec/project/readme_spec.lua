-- Runs every code block of README.md and of the pages in docs/, and compares what it prints with
-- what the page says.
--
--   lua  on every Lua, in an empty folder, with demonstration keys in the environment, behind the
--        first two lines of the first example; aws and rclone are played by a program that takes
--        notes. A block sets no global, reads none that is not there, and prints nothing but what
--        "--> " comments say, behind a statement or on a line of their own.
--   sh   in a copy of the project. `make demo` and `make test` are looked up in the Makefile and
--        not run; `make install` gets a DESTDIR; `luarocks` builds this rock into a folder of its
--        own, and `luarocks install` takes no other name than this rock's; `r2creds` is that of the
--        copy and has demonstration keys. What "#> " comments say
--        is printed, in their order; more may be.
--   nginx  what belongs outside of any block.
-- The specs of nginx run what docs/transports.md has in lua, and what it has of a configuration.
--
-- "…" in a comment stands for any text of one line, and blanks and tabs are alike. A block in any
-- other language, indented or not closed fails: there is no block that is not run.

local support = require "spec.project.support"
local keys = require "spec.support.keys"
local sandbox_keys = require "sandbox.keys"
local server = require "spec.support.server"

local quote = support.quote
local ROOT = support.lines(support.run("pwd"))[1]
local BUILD = os.getenv("BUILD") or "build"

-- The code blocks of a text in Markdown: a list of { language, line, text }.
local function blocks_of(markdown)
  local blocks, block, number = {}, nil, 0
  for line in (markdown .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local where = ("line %d: "):format(number)
    if block and line == "```" then
      block.text = table.concat(block, "\n") .. "\n"
      blocks[#blocks + 1], block = block, nil
    elseif block then
      block[#block + 1] = line
    elseif line:find("^%s*[>%-*]?%s*```") or line:find("^%s*~~~") then
      local language = line:match("^```(%S*)$")
      assert(language == "lua" or language == "sh" or language == "nginx",
        where .. "no block that can be run: " .. line)
      block = { language = language, line = number }
    else
      assert(not line:find("^    ") and not line:find("^\t"), where .. "an indented block")
    end
  end
  assert(not block, "a block that is not closed")
  return blocks
end

local function normal(text)
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- What the comments of a block promise, line by line.
local function promised(text, mark)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    local _, finish = line:find(mark, 1, true)
    lines[#lines + 1] = finish and normal(line:sub(finish + 1))
  end
  return lines
end

local function fits(line, promise)
  local pattern = promise:gsub("%p", "%%%0"):gsub("…", ".*")
  return normal(line):find("^" .. pattern .. "$") ~= nil
end

-- Fails unless the lines are those promised; `more` allows others between them.
local function compare(output, promises, more)
  local at = 1
  for _, line in ipairs(support.lines(output)) do
    if promises[at] and fits(line, promises[at]) then
      at = at + 1
    elseif not more then
      error(("printed %q where the comments say %q"):format(line, promises[at] or ""), 0)
    end
  end
  assert(at > #promises, ("did not print %q, but:\n%s"):format(promises[at] or "", output))
end

local function program(folder, name, script)
  support.write(folder .. "/" .. name, "#!/bin/sh\n" .. script)
  support.run("chmod +x " .. folder .. "/" .. name)
end

-- ---- lua ----

local ENVIRONMENT = table.concat({
  "CLOUDFLARE_ACCOUNT_ID=" .. keys.account_id,
  "CLOUDFLARE_API_TOKEN=" .. keys.api_token,
  "R2_ACCESS_KEY_ID=" .. keys.parent_access_key_id,
  "R2_SECRET_ACCESS_KEY=" .. keys.parent_secret_access_key,
  ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;'"):format(ROOT, ROOT),
}, " ")

-- Runs a file in an environment that has the globals of Lua and takes no other.
local STRICTLY = [[
local environment = setmetatable({}, {
    __index = function(_, name)
        local value = rawget(_G, name)
        if value == nil then
            error("reads the global " .. tostring(name), 2)
        end
        return value
    end,
    __newindex = function(_, name)
        error("sets the global " .. tostring(name), 2)
    end,
})
local chunk = assert(loadfile("block.lua", "t", environment))
if setfenv then
    setfenv(chunk, environment)
end
chunk()
]]

-- Notes its name and arguments, its environment, and the command lines above it.
local NOTE = [[
{
    echo "$(basename "$0") $*"
    env | grep -E '^(AWS|RCLONE)_' | sort
} >>notes
tr '\0' ' ' </proc/$PPID/cmdline >>command-lines
]]

-- A block that puts objects somewhere gets a sandbox for it, which is started for the first one.
local sandbox
local function environment_for(text)
  if not text:find("r2.bucket", 1, true) then
    return ENVIRONMENT
  end
  sandbox = sandbox or server.command {
    command = "env PORT=@port@ TMPDIR=@folder@ sandbox/run", ready = "Ctrl-C ends it",
  }
  return ("%s R2_ENDPOINT=%s R2_ACCESS_KEY_ID=%s R2_SECRET_ACCESS_KEY=%s"):format(ENVIRONMENT,
    sandbox.url, sandbox_keys.parent_access_key_id, sandbox_keys.parent_secret_access_key)
end

-- Runs a block on one Lua. Returns what it printed and the folder that it ran in.
local function run_lua(lua, prelude, text)
  local folder = support.folder()
  local whole = text:sub(1, #prelude) == prelude and text or prelude .. text
  support.write(folder .. "/block.lua", whole)
  support.write(folder .. "/strictly.lua", STRICTLY)
  support.write(folder .. "/db.dump", "a file that somebody has")
  program(folder, "aws", NOTE)
  program(folder, "rclone", NOTE)
  local library = BUILD:find("^/") and BUILD or ROOT .. "/" .. BUILD
  local command = ("cd %s && PATH=.:$PATH %s LUA_CPATH='%s/lua%s/?.so;;' %s strictly.lua"):format(
    folder, environment_for(text), library, lua.version, lua.name)
  return support.run(command), folder
end

local function check_lua(lua, prelude, text)
  local output, folder = run_lua(lua, prelude, text)
  compare(output, promised(text, "-->"), false)
  return folder
end

-- ---- sh ----

local MAKE = [[
case $1 in
    demo | test) exec grep -q "^$1:" Makefile ;;
    install) exec $MAKE_HERE "$@" DESTDIR="$TRASH/machine" ;;
    *) exec $MAKE_HERE "$@" ;;
esac
]]

local LUAROCKS = [[
case $* in
    "install $ROCK" | "--lua-version=5.4 make") ;;
    *)
        echo "luarocks: not known here: $*" >&2
        exit 1
        ;;
esac
HOME=$TRASH exec $LUAROCKS_HERE --lua-version=5.4 make --deps-mode=none --tree "$TRASH/tree" \
    CFLAGS="-O0 -fPIC"
]]

local function rock_name()
  local rockspec = {}
  assert(loadfile("r2-temp-credentials-scm-1.rockspec", "t", rockspec))()
  return rockspec.package
end

-- A copy of the project, built, with programs in front of make and luarocks.
local function new_checkout()
  local copy, programs = support.copy_of_project(), support.folder()
  -- Not what others keep beside it, and may be writing.
  support.run(("mkdir %s/build && cp -R %s/lua* %s/obj %s/build"):format(copy, quote(BUILD),
    quote(BUILD), copy))
  program(programs, "make", MAKE)
  program(programs, "luarocks", LUAROCKS)
  program(programs, "r2creds", ("exec env %s LUA_CPATH='%s/build/lua5.4/?.so;;'"
    .. " %s/bin/r2creds \"$@\""):format(ENVIRONMENT, copy, copy))
  local home = support.folder()
  local environment = ("PATH=%s:$PATH TRASH=%s HOME=%s ROCK=%s CFLAGS=-O0"
    .. " MAKE_HERE=$(command -v make)"
    .. " LUAROCKS_HERE=$(command -v luarocks) %s"):format(programs, support.folder(), home,
    rock_name(), ENVIRONMENT)
  return { folder = copy, environment = environment }
end

local function check_sh(checkout, text)
  -- In two steps: what $(…) finds is found before the played programs are in the PATH.
  local output = support.run(("cd %s && unset BUILD && export %s && sh -euc %s"):format(
    checkout.folder, checkout.environment:gsub("PATH=(%S+) (.*)$", "%2 PATH=%1"), quote(text)))
  compare(output, promised(text, "#>"), true)
end

-- ---- the README ----

local PAGES = {}
for i, name in ipairs(support.lines(support.run("ls README.md docs/*.md"))) do
  PAGES[i] = { name = name, blocks = blocks_of(support.read(name)) }
end
local BLOCKS = PAGES[1].blocks
-- `local r2 = …` and `local issuer = …` of the first example in Lua, behind what its shell exports;
-- the README says that they go on.
local PRELUDE = assert(BLOCKS[2].text:match("^local r2 = [^\n]+\nlocal issuer = [^\n]+\n"))

-- Whether nginx takes these directives outside of any block.
local function check_nginx(text)
  local folder = support.folder()
  support.write(folder .. "/nginx.conf", text .. "events {}\n")
  support.run(("PATH=$PATH:/usr/sbin nginx -t -e stderr -g 'pid %s/pid;' -c %s/nginx.conf 2>&1")
    :format(folder, folder))
end

teardown(function()
  server.stop_all()
  support.remove_folders()
end)

-- Whose blocks run in nginx, where specs of their own put them.
local IN_NGINX = { ["docs/transports.md"] = true, ["docs/gateway.md"] = true }

for _, page in ipairs(PAGES) do
  describe(page.name, function()
    local checkout -- where its shell commands run, one after the other

    for _, block in ipairs(page.blocks) do
      local in_nginx = IN_NGINX[page.name]
      if block.language == "lua" then
        for _, lua in ipairs(in_nginx and {} or support.LUAS) do
          it(("has in line %d what runs on %s"):format(block.line, lua.name), function()
            check_lua(lua, PRELUDE, block.text)
          end)
        end
      elseif block.language == "nginx" and (not in_nginx or block.text:find("^env ")) then
        it(("has in line %d directives that nginx takes"):format(block.line), function()
          check_nginx(block.text)
        end)
      elseif block.language == "sh" then
        it(("has in line %d commands that work"):format(block.line), function()
          checkout = checkout or new_checkout()
          check_sh(checkout, block.text)
        end)
      end
    end

  end)
end

describe("README.md", function()
  it("hands a credential to the AWS CLI and to rclone, and shows no secret on the way", function()
    local text
    for _, block in ipairs(BLOCKS) do
      text = block.text:find("aws s3 cp", 1, true) and block.text or text
    end
    local folder = check_lua(support.LUAS[1], PRELUDE, text)
    local seen = {}
    for name, value in support.read(folder .. "/notes"):gmatch("([%u%d_]+)=([^\n]*)\n") do
      seen[name] = value
    end
    local client = assert(require("r2").temp_credentials.new {
      account_id = keys.account_id,
      parent_access_key_id = keys.parent_access_key_id,
      parent_secret_access_key = keys.parent_secret_access_key,
    })
    assert(client:verify(seen.AWS_SESSION_TOKEN))
    assert.equal(seen.AWS_SESSION_TOKEN, seen.RCLONE_S3_SESSION_TOKEN)
    assert.equal(keys.parent_access_key_id, seen.AWS_ACCESS_KEY_ID)
    assert.equal(keys.parent_access_key_id, seen.RCLONE_S3_ACCESS_KEY_ID)
    assert.matches("^%x+$", seen.AWS_SECRET_ACCESS_KEY)
    assert.equal(seen.AWS_SECRET_ACCESS_KEY, seen.RCLONE_S3_SECRET_ACCESS_KEY)
    assert.matches("^https://", seen.AWS_ENDPOINT_URL_S3)
    assert.equal(seen.AWS_ENDPOINT_URL_S3, seen.RCLONE_S3_ENDPOINT)
    local lines = support.read(folder .. "/command-lines")
    assert.is_nil(lines:find(seen.AWS_SECRET_ACCESS_KEY, 1, true))
    assert.is_nil(lines:find(seen.AWS_SESSION_TOKEN, 1, true))
  end)
end)

-- ---- that all this can fail ----

describe("The check of a code block", function()
  local LUA = support.LUAS[1]

  local function fails(reason, call)
    local ok, message = pcall(call)
    assert.is_false(ok, "it passed")
    assert.matches(reason, tostring(message), 1, true)
  end

  local NOT_RUN = "no block that can be run"
  for name, case in pairs {
    ["a language that cannot be run"] = { "```python\nprint(1)\n```\n", NOT_RUN },
    ["no language"] = { "```\nprint(1)\n```\n", NOT_RUN },
    ["a word behind the language"] = { "```lua skip\nprint(1)\n```\n", NOT_RUN },
    ["tildes"] = { "~~~lua\nprint(1)\n~~~\n", NOT_RUN },
    ["a place in a list"] = { "- ```lua\n  print(1)\n  ```\n", NOT_RUN },
    ["a place in a quotation"] = { "> ```lua\n> print(1)\n> ```\n", NOT_RUN },
    ["an indented fence"] = { "  ```lua\n  print(1)\n  ```\n", NOT_RUN },
    ["an indentation in place of fences"] = { "Text\n\n    print(1)\n", "indented" },
    ["no end"] = { "```lua\nprint(1)\n", "not closed" },
  } do
    it("refuses one with " .. name, function()
      fails(case[2], function()
        blocks_of(case[1])
      end)
    end)
  end

  it("takes the text between the fences", function()
    assert.same({
      { "a", "", "  b", language = "lua", line = 2, text = "a\n\n  b\n" },
      { language = "sh", line = 7, text = "\n" },
    }, blocks_of("Text\n```lua\na\n\n  b\n```\n```sh\n```\n"))
  end)

  local OTHER = "where the comments say"
  for name, case in pairs {
    ["prints something else"] = { "print(1) --> 2\n", OTHER },
    ["prints more"] = { "print(1) --> 1\nprint(2)\n", OTHER },
    ["prints less"] = { "print(1) --> 1\n--> 2\n", "did not print" },
    ["prints in another order"] = { "print(1) --> 2\nprint(2) --> 1\n", OTHER },
    ["prints more than the dots allow"] = { "print('a b') --> …a\n", OTHER },
    ["does not compile"] = { "local = 1\n", "ended with status" },
    ["raises"] = { "error('early')\n", "early" },
    ["ends with a failure"] = { "os.exit(1)\n", "ended with status 1" },
    ["sets a global"] = { "x = 1\n", "sets the global x" },
    ["reads a global that is not there"] = { "print(issuers)\n", "reads the global issuers" },
    ["gets a refusal"] = { "assert(issuer:create {})\n", "bucket" },
    ["writes an error"] = { "io.stderr:write('oops\\n')\n", OTHER },
  } do
    it("fails when Lua " .. name, function()
      fails(case[2], function()
        check_lua(LUA, PRELUDE, case[1])
      end)
    end)
  end

  it("fails when nginx does not take a directive", function()
    fails("unknown directive", function()
      check_nginx("environment HOME;\n")
    end)
  end)

  it("passes what prints what it promises", function()
    check_lua(LUA, PRELUDE, "print('a', 'b+') --> a b+\nprint(issuer)\n--> r2 …\n")
  end)

  describe("in sh", function()
    local checkout

    setup(function()
      checkout = new_checkout()
    end)

    for name, case in pairs {
      ["a command fails before the last"] = { "false\ntrue\n", "ended with status 1" },
      ["a variable is not set"] = { "echo $NOT_SET_ANYWHERE\n", "NOT_SET_ANYWHERE" },
      ["a command is not there"] = { "no-such-command\n", "no-such-command" },
      ["make has no such target"] = { "make no-such-target\n", "no-such-target" },
      ["another rock is meant"] = { "luarocks install some-other-rock\n", "some-other-rock" },
      ["LuaRocks is asked for something else"] = { "luarocks remove x\n", "not known here" },
      ["the output is another"] = { "echo a  #> b\n", "did not print" },
      ["the output has another order"] = { "echo a\necho b\n#> b\n#> a\n", "did not print" },
    } do
      it("fails when " .. name, function()
        fails(case[2], function()
          check_sh(checkout, case[1])
        end)
      end)
    end

    it("fails when the Makefile lacks what is only looked up", function()
      support.run("cd " .. checkout.folder .. " && sed -i 's/^demo:/show:/' Makefile")
      fails("ended with status 1", function()
        check_sh(checkout, "make demo\n")
      end)
      check_sh(checkout, "make test\n")
    end)
  end)
end)
