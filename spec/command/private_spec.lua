-- Whose file the command reads keys from: --env-file, and r2.command.files alone, with a path that
-- leads elsewhere while it is read.

local cjson = require "cjson"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local values = require "spec.support.values"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local quote = support.quote
local fails, output_of = r2creds.fails, r2creds.output_of

local LINES = ("CLOUDFLARE_ACCOUNT_ID=%s\nR2_ACCESS_KEY_ID=%s\nR2_SECRET_ACCESS_KEY=%s\n")
  :format(keys.account_id, keys.parent_access_key_id, keys.parent_secret_access_key)
local STRANGERS = LINES:gsub(keys.parent_secret_access_key, keys.another_parent_secret_access_key)
local IS_ROOT = support.lines(support.run("id -u"))[1] == "0"
local NOBODY = "65534"

local folder

before_each(function()
  folder = support.folder()
end)

teardown(support.remove_folders)

-- Writes keys.env, or another file, and runs a command that makes it what it is to be.
local function write(text, change, name)
  support.write(folder .. "/" .. (name or "keys.env"), text)
  support.run(("cd %s && %s %s"):format(quote(folder), change, name or "keys.env"))
end

local MINT = "r2creds mint --env-file keys.env upload my-bucket --format json"

local function assert_mints(lines)
  local credentials = cjson.decode((output_of(lines or MINT, {}, folder)))
  assert(make.client():verify(credentials.session_token))
end

describe("r2creds --env-file", function()
  for _, mode in ipairs { "600", "400", "700", "500", "611" } do
    it("takes a file of mode " .. mode, function()
      write(LINES, "chmod " .. mode)
      assert_mints()
    end)
  end

  for _, mode in ipairs { "640", "440", "660", "620", "650", "644", "604", "602", "666" } do
    it("refuses a file of mode " .. mode .. ", which others may read or change", function()
      write(LINES, "chmod " .. mode)
      fails(2, { "keys.env", "chmod 600" }, MINT, {}, folder)
    end)
  end

  if IS_ROOT then
    it("refuses a file of another user, whatever its mode", function()
      write(LINES, "chown " .. NOBODY)
      fails(2, { "keys.env", "yours or root's" }, MINT, {}, folder)
    end)

    it("refuses a pipe of another user", function()
      write(LINES, "true", "lines")
      support.run(("cd %s && mkfifo keys.env && chown %s keys.env"):format(folder, NOBODY))
      fails(2, { "keys.env", "yours or root's" }, "cat lines >keys.env & " .. MINT, {},
        folder)
    end)
  else
    pending("only root can make a file of another user")
  end

  for name, lines in values.sorted {
    ["a pipe with a name"] = "mkfifo keys.env && { cat lines >keys.env & } && " .. MINT,
    ["standard input"] = "cat lines | " .. MINT:gsub("keys%.env", "-"),
    ["standard input by its path"] = "cat lines | " .. MINT:gsub("keys%.env", "/dev/stdin"),
    ["what a command of bash prints"] = "bash -c " .. quote((MINT:gsub("keys%.env",
      "<(cat lines)"))),
  } do
    it("takes " .. name, function()
      write(LINES, "chmod 644", "lines")
      assert_mints(lines)
    end)
  end

  it("refuses a link to such a file, and takes one to a private file", function()
    write(LINES, "chmod 644", "other")
    support.run(("cd %s && ln -s other keys.env"):format(folder))
    fails(2, { "chmod 600" }, MINT, {}, folder)
    support.run(("chmod 600 %s/other"):format(folder))
    assert_mints()
  end)

  it("takes a name that a shell or ls would misread", function()
    write(LINES, "chmod 600")
    for _, name in ipairs { "-l", "a b", "it's", "$(id)", "ü" } do
      support.run(("cd %s && cp -p keys.env ./%s"):format(folder, quote(name)))
      assert_mints(MINT:gsub("%-%-env%-file keys%.env", function()
        return "--env-file=" .. quote(name)
      end))
    end
  end)

  it("asks no other program who may read it", function()
    write(LINES, "chmod 600")
    support.run(("mkdir %s/bin"):format(folder))
    for _, name in ipairs { "ls", "id", "stat", "sh" } do
      write("#!/bin/sh\necho asked >&2\n", "chmod 700", "bin/" .. name)
    end
    assert_mints("bin=$PWD/bin; PATH=\"$bin:$PATH\" " .. MINT)
  end)
end)

describe("A path that is changed while keys are read from it", function()
  local io_open, files, system

  -- A file of somebody else's, or what anybody may change where only root could make that.
  local function write_strangers()
    write(STRANGERS, IS_ROOT and "chown " .. NOBODY or "chmod 666", "strangers")
  end

  local function lead_to(name)
    assert(os.execute(("cd %s && ln -sfn %s keys.env"):format(quote(folder), name)))
  end

  -- Whatever opens a path, the link leads to `then_to` at that moment, to `next_to` where one is
  -- opened again, and to `later_to` once it is open.
  local function lead_astray(then_to, later_to, next_to)
    local function opener(open)
      return function(path, ...)
        lead_to(then_to)
        then_to = next_to or then_to
        local file, message, err = open(path, ...)
        lead_to(later_to)
        return file, message, err
      end
    end
    io_open = io.open
    io.open = opener(io.open) -- luacheck: ignore
    system = require "r2.files"
    package.loaded["r2.files"] = setmetatable({ open = opener(system.open) },
      { __index = system })
    package.loaded["r2.command.files"] = nil
    files = require "r2.command.files"
  end

  after_each(function()
    io.open = io_open -- luacheck: ignore
    package.loaded["r2.files"], package.loaded["r2.command.files"] = system, nil
  end)

  before_each(function()
    require "r2.command.files"
    write(LINES, "chmod 600", "own")
    write_strangers()
  end)

  it("gives what it led to when that was opened, and was one's own", function()
    lead_to "strangers"
    lead_astray("own", "strangers")
    assert.equal(LINES, files.read_private(folder .. "/keys.env"))
  end)

  it("gives the file that was looked at, whatever another look would find", function()
    lead_astray("own", "own", "strangers")
    assert.equal(LINES, files.read_private(folder .. "/keys.env"))
  end)

  it("puts the file that was looked at", function()
    lead_astray("own", "own", "strangers")
    local body = assert(files.open_body(folder .. "/keys.env"))
    assert.equal(LINES, body:read())
    assert.equal(0, body:seek("set"))
    body:close()
  end)

  it("never gives a stranger's file, wherever it leads before and afterwards", function()
    lead_to "own"
    lead_astray("strangers", "own")
    local content, message, err = files.read_private(folder .. "/keys.env")
    assert.is_nil(content)
    assert.equal("invalid_config", err.kind)
    assert.matches(IS_ROOT and "another user's" or "chmod 600", message)
  end)
end)
