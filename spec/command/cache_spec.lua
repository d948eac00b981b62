-- r2creds mint --cache: what the API has made is asked for once.
local cjson = require "cjson"
local keys = require "sandbox.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local r2creds = require "spec.command.r2creds"
local server = require "spec.support.server"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local sandbox, folder, variables

setup(function()
  sandbox = r2creds.sandbox()
end)

teardown(function()
  server.stop_all()
  support.remove_folders()
end)

before_each(function()
  folder = support.folder()
  variables = r2creds.sandbox_variables(sandbox, {
    R2_SECRET_ACCESS_KEY = make.ABSENT, XDG_CACHE_HOME = folder .. "/cache",
  })
end)

-- How often the sandbox was asked for a credential.
local function asked()
  local _, count = sandbox.read("output"):gsub("POST /client/v4", "")
  return count
end

local function mint(words, changes)
  return r2creds.output_of("r2creds mint --cache " .. (words or
    "service my-bucket backups/ --format process"), make.changed(variables, changes))
end

local function entry()
  local names = support.lines(support.run("ls " .. folder .. "/cache/r2creds"))
  assert.equal(1, #names)
  return folder .. "/cache/r2creds/" .. names[1]
end

-- Makes the entry so many seconds older.
local function age(seconds)
  local function earlier(before, number)
    return before .. ("%d"):format(number - seconds)
  end
  support.write(entry(), (support.read(entry()):gsub("^()(%d+)", function(_, number)
    return earlier("", number)
  end):gsub('("expires_at":)(%d+)', earlier)))
end

describe("mint --cache", function()
  it("asks once for each request, in a file that only its owner reads", function()
    local before = asked()
    local first = mint()
    assert.equal(first, mint())
    assert.equal(first, mint "--format process service my-bucket backups/")
    assert.equal(before + 1, asked())
    assert.equal(cjson.decode(first).SessionToken,
      cjson.decode(mint "service my-bucket backups/ --json").session_token)
    assert.equal(before + 1, asked())
    assert.equal("700 600\n", support.run(("stat -c %%a %s/cache/r2creds %s | paste -sd' '"):format(
      folder, entry())))
    leaks.assert_none({ keys.api_token }, support.read(entry()))
    assert.not_equal(first, mint "service my-bucket backups/ --ttl 3h --format process")
    assert.not_equal(first, mint "service my-bucket other/ --format process")
    assert.not_equal(first, mint "download my-bucket backups/ --format process --mode api")
    assert.equal(before + 4, asked())
  end)

  it("asks again when less is left than AWS's tools want, and for what is no entry", function()
    local before = asked()
    mint()
    local made = support.read(entry())
    age(43200 - 1000)
    mint()
    assert.equal(before + 1, asked())
    age(50)
    mint()
    assert.equal(before + 2, asked())
    for i, text in ipairs { "", "x", made:sub(1, -2), made:gsub("5a9d", "0000"), ("x"):rep(3e6),
      (made:gsub("^%d+", "9999999999")) } do
      support.write(entry(), text)
      assert.matches('^{"Version":1', mint())
      assert.equal(before + 2 + i, asked(), i)
    end
    mint "download my-bucket a --ttl 100 --json"
    mint "download my-bucket a --ttl 100 --json"
    assert.equal(before + 9, asked())
  end)

  it("lets one ask and the others wait", function()
    local before = asked()
    local output = r2creds.output_of(
      "for i in 1 2 3 4 5 6 7 8 9 10; do r2creds mint --cache download my-bucket a --json & done; "
        .. "wait",
      variables)
    local lines, first = support.lines(output), output:match("^[^\n]+")
    assert.equal(10, #lines)
    for _, line in ipairs(lines) do
      assert.equal(first, line)
    end
    assert.equal(before + 1, asked())
  end)

  it("keeps nothing that is signed, nor what failed", function()
    mint(nil, { R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key })
    assert.equal("", support.run("ls " .. folder))
    r2creds.fails(1, { "404" }, "r2creds mint --cache service " .. keys.missing_bucket .. " b/",
      variables)
    assert.equal("", support.read(entry()))
  end)

  it("refuses links, and folders that others may enter", function()
    mint()
    local path = entry()
    support.run(("mv %s %s/away && ln -s %s/away %s"):format(path, folder, folder, path))
    local words = "r2creds mint --cache service my-bucket backups/ --format process"
    r2creds.fails(1, { "--cache: ", "link" }, words, variables)
    support.run(("rm %s && chmod 755 %s/cache/r2creds"):format(path, folder))
    r2creds.fails(1, { "nobody else's to enter: chmod 700" }, words, variables)
    support.run(("rm -r %s/cache/r2creds && ln -s %s %s/cache/r2creds"):format(folder, folder,
      folder))
    r2creds.fails(1, { "is no folder" }, words, variables)
    r2creds.fails(2, { "--cache needs HOME" }, words,
      make.changed(variables, { XDG_CACHE_HOME = "cache", HOME = "" }))
  end)
end)
