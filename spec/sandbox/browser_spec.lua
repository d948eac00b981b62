-- examples/browser-upload, started as `make demo-web` starts it, in a real browser.
-- From the environment: R2_PICTURE=file.png makes a picture of it, and no more.
local cjson = require "cjson"
local http = require "r2.http"
local keys = require "sandbox.keys"
local r2 = require "r2"
local server = require "spec.support.server"
local support = require "spec.project.support"

local function missing()
  if not server.has_nginx() then
    return "the sandbox needs nginx with its Lua module"
  elseif select(2, support.try("test -x /usr/bin/chromium")) ~= 0 then
    return "Chromium is not installed"
  elseif select(2, support.try("test -e spec/node_modules/playwright-core "
    .. "-a -e examples/browser-upload/node_modules/aws4fetch")) ~= 0 then
    return "playwright-core or aws4fetch is not installed"
  end
end

if missing() then
  pending(missing())
  return
end

local SMALL = {
  "empty", "a b", "a+b", "100%.txt", "%41", "ünï☃.txt", "e\204\129.txt", "日本語.png", "#hash",
  "q?a=b&c", "<img src=x onerror=alert(1)>.txt", "'quote'", '"double"', "semi;colon", "comma,",
  "(paren)!*", "~tilde", "-dash", "emoji😀", "dots...txt",
}

local demo, folder, seen, bucket

local function endpoint_of(output)
  return output:match("R2 is (%S+)")
end

setup(function()
  folder = support.folder()
  support.run(("cd %s && mkdir small && head -c 209715200 /dev/urandom >large && "
    .. "head -c 40000000 large >paused && head -c 60000000 large >cancelled && "
    .. "head -c 20000000 large >nonsense && echo one >one")
    :format(folder))
  for i, name in ipairs(SMALL) do
    support.write(folder .. "/small/" .. name, name == "empty" and "" or ("small %d"):format(i))
  end
  demo = server.command {
    command = "env WEB_PORT=@port@ TMPDIR=@folder@ examples/browser-upload/demo",
    ready = "Ctrl-C ends all",
  }
  bucket = assert(r2.bucket { name = "my-bucket", endpoint = endpoint_of(demo.read("output")),
    credentials = { access_key_id = keys.parent_access_key_id,
      secret_access_key = keys.parent_secret_access_key } })
  local picture = os.getenv("R2_PICTURE")
  if picture then
    support.run(("node spec/sdk/browser.mjs %s %s %s"):format(demo.url, folder, picture))
    error("the picture is made")
  end
  local output = support.run(("timeout 600 node spec/sdk/browser.mjs %s %s"):format(demo.url,
    folder))
  seen = cjson.decode(output:match("({.*})"))
end)

teardown(function()
  server.stop_all()
  support.remove_folders()
end)

-- The objects below the visitor's prefix, by their paths there.
local function objects()
  local found = {}
  for entry in bucket:list { prefix = "uploads/" } do
    local path = entry.key:match("^uploads/visitor%-42/[^/]+/(.*)$")
    assert(path, entry.key)
    found[path] = entry.key
  end
  return found
end

describe("the page", function()
  it("makes no mistake, and asks nobody but its server and R2", function()
    assert.same({}, seen.errors)
    assert.same({ [demo.url] = true, [endpoint_of(demo.read("output"))] = true }, seen.origins)
  end)

  it("gives a visitor who is not known nothing, and says so", function()
    assert.equal("You are not signed in any more. Sign in, then try again.", seen.unknown.notice)
    assert.equal(0, #seen.unknown.rows)
  end)

  it("uploads a large file in parts, through cuts and ends of credentials", function()
    assert.equal(25, seen.large.parts)
    assert.is_true(seen.large.cut)
    assert.is_true(seen.large.bars > 3, seen.large.bars)
    assert.is_true(seen.large.credentials >= 6, seen.large.credentials)
    local found = objects()
    for _, name in ipairs { "large", "paused", "one" } do
      assert(bucket:download((assert(found[name], name)), folder .. "/back"))
      support.run(("cmp %s/%s %s/back"):format(folder, name, folder))
    end
    assert.matches("^Paused at ", seen.paused)
  end)

  it("goes by the server's clock, whatever the visitor's says", function()
    assert.equal(2, #seen.early.states)
    for _, state in ipairs(seen.early.states) do
      assert.matches("^Uploaded", state)
    end
    assert.equal(1, seen.early.asked)
  end)

  it("does not believe a status of 200 that comes with an error", function()
    assert.matches("makes no sense", seen.nonsense)
    assert.is_nil(objects().nonsense)
  end)

  it("takes what was cancelled away", function()
    assert.equal(204, seen.cancelled)
    assert.is_nil(objects().cancelled)
    assert.equal(0, #assert(bucket:list_uploads {}))
  end)

  it("uploads names as they are, and shows them as text", function()
    local found = objects()
    for i, name in ipairs(SMALL) do
      name = name:gsub("e\204\129", "é")
      local got = assert(bucket:get((assert(found[name], name))))
      assert.equal(name == "empty" and "" or ("small %d"):format(i), got.body)
    end
    for _, row in ipairs(seen.rows) do
      assert.equal(0, row.markup)
      assert.is_true(row.state == "Uploaded" or row.name == "cancelled", row.name)
      assert.is_true(row.bar == 1 or row.name == "cancelled", row.name)
    end
    assert.equal("23 of 24 uploaded", seen.summary)
  end)

  it("says in words what failed, and lets one try again", function()
    assert.equal("The connection was lost.", seen.failed)
  end)

  it("can do nothing else with its credential, and says so", function()
    for name, told in pairs(seen.refused) do
      if name == "paths" then
        assert.same({ "x", "a/b", "etc/passwd", "a_b", "a_b", "", "" }, told)
      elseif name == "read" or name == "list" then -- which no page may ask at all
        assert.equal("The connection was lost.", told, name)
      else
        assert.equal("Storage did not let this through.", told, name)
      end
    end
  end)

  it("has a credential that reads and lists nothing, whoever asks", function()
    local h = assert(http.new())
    local cookie = assert(h:perform { method = "GET", url = demo.url .. "/login" })
      .headers["set-cookie"]:match("^[^;]+")
    local function ask(session)
      return assert(h:perform { method = "POST", url = demo.url .. "/credentials", body = "{}",
        headers = { origin = demo.url, cookie = session, ["content-type"] = "application/json" } })
    end
    local given = cjson.decode(ask(cookie).body)
    local visitor = assert(r2.bucket { name = given.bucket, endpoint = given.endpoint,
      credentials = { access_key_id = given.accessKeyId, session_token = given.sessionToken,
        secret_access_key = given.secretAccessKey } })
    assert.equal(403, select(3, visitor:get(objects().one)).status)
    assert.equal(403, select(3, visitor:list_page { prefix = "uploads/visitor-42/" }).status)
    assert.equal(403, select(3, visitor:delete(objects().one)).status)
    for _, wrong in ipairs { "session=", "session=visitor-42.9999999999.AAAA",
      (cookie:gsub("42%.", "43.")), cookie:sub(1, -2), (cookie:gsub("%.%d", ".9")) } do
      assert.equal(401, ask(wrong).status)
    end
    h:close()
  end)

  it("is for everybody: no violation of accessibility, in two widths and two schemes", function()
    assert.same({}, seen.axe)
    assert.is_falsy(seen.wide)
  end)
end)
