-- r2creds inspect and r2creds verify.

local cjson = require "cjson"
local r2 = require "r2"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local token = require "spec.support.token"
local times = require "r2.command.times"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local fails, output_of, run = r2creds.fails, r2creds.output_of, r2creds.run
local KEYS = r2creds.KEYS

teardown(support.remove_folders)

-- A token made at another time, and that time.
local function token_of(request, seconds_ago)
  local made_at = os.time() - seconds_ago
  local issuer = assert(r2.new(make.config { clock = function() return made_at end }))
  return assert(issuer:create(request)).session_token, made_at
end

-- Expects the duration that was told at some second since `from`, of what is seconds_from(then).
local function assert_told(duration, from, seconds_from)
  local told = {}
  for now = from, os.time() do
    told[times.duration(seconds_from(now))] = true
  end
  assert.is_true(told[duration], duration)
end

local READ = table.concat(r2.actions().READ, " ")

describe("r2creds inspect and verify", function()
  local function with_input(command, text)
    local folder = support.folder()
    support.write(folder .. "/token", text)
    return run("r2creds " .. command .. " <token", KEYS, folder)
  end

  local function fields(output)
    local result, label = {}, nil
    for line in output:gmatch("[^\n]+") do
      local name = line:sub(1, 12):match("^(.-) *$")
      label = name ~= "" and name or label
      result[label] = (result[label] and result[label] .. "\n" or "") .. line:sub(13)
    end
    return result
  end

  it("show what a token allows, and until when", function()
    local good, made_at = token_of(make.request {
      prefixes = { "users/123/" }, objects = { "a b", "ü" }, ttl_seconds = 7200,
    }, 60)
    for _, command in ipairs { "inspect", "verify" } do
      local before = os.time()
      local output, errors, status = with_input(command, good)
      assert.equal("", errors)
      assert.equal(0, status)
      local shown = fields(output)
      assert.equal("my-bucket", shown.bucket)
      assert.equal("what object-read-only allows: " .. READ, (shown.allows:gsub("%s+", " ")))
      assert.equal("every object whose key begins with users/123/\nthe object a b\n"
        .. "the object ü", shown.on)
      assert.equal(os.date("!%Y-%m-%d %H:%M:%S UTC", made_at), shown.issued)
      local moment, left = shown["until"]:match("^(.-), (.*) from now$")
      assert.equal(os.date("!%Y-%m-%d %H:%M:%S UTC", made_at + 7200), moment)
      assert_told(left, before, function(now) return made_at + 7200 - now end)
      assert.equal(keys.account_id, shown.account)
      assert.equal(keys.parent_access_key_id, shown["parent key"])
      assert.equal(keys.account_id .. ".r2.cloudflarestorage.com", shown.endpoint)
      assert.matches(command == "verify" and "^yes" or "^no", shown.verified)
    end
  end)

  it("print JSON", function()
    local good, made_at = token_of(make.request { objects = { 'a "b"\\\1' } }, 60)
    for _, command in ipairs { "inspect", "verify" } do
      local before = os.time()
      local shown = cjson.decode((with_input(command .. " --json", good)))
      local now = shown.expires_at - shown.expires_in
      assert.is_true(before <= now and now <= os.time())
      shown.expires_in = nil
      assert.same({
        verified = command == "verify", bucket = "my-bucket",
        permission = "object-read-only", actions = r2.actions().READ,
        prefixes = { "users/123/" }, objects = { 'a "b"\\\1' },
        issued_at = made_at, expires_at = made_at + 3600, account_id = keys.account_id,
        parent_access_key_id = keys.parent_access_key_id,
        audience = keys.account_id .. ".r2.cloudflarestorage.com",
      }, shown)
    end
    local output = with_input("inspect --json", token_of(make.request {
      prefixes = make.ABSENT, objects = { "a" },
    }, 0))
    assert.matches('"prefixes":[],', output, 1, true)
  end)

  it("say it when the whole bucket is open, and its settings", function()
    local shown = fields((with_input("verify", token_of(make.request {
      permission = "admin-read-write", prefixes = make.ABSENT,
    }, 0))))
    assert.equal("every object of the bucket", shown.on)
    assert.matches("\nand the bucket's settings$", shown.allows)
  end)

  it("take what mint prints, a file, and blanks around a token", function()
    for _, format in ipairs(r2.export.formats()) do
      output_of(("r2creds mint upload my-bucket --format %s >minted\nr2creds verify minted\n"
        .. "r2creds verify - <minted"):format(format.name))
    end
    local _, errors = with_input("verify", "\n  " .. token_of(make.request(), 0) .. " \r\n\n")
    assert.equal("", errors)
  end)

  it("take a token in the forms that other programs print", function()
    local good = token_of(make.request(), 0)
    for _, text in ipairs {
      '{\n  "SessionToken" : "' .. good .. '"\n}', '{"Token"\n:\t"' .. good .. '"}',
      '{"session_token": "' .. good:gsub("/", "\\/") .. '"}',
      "AWS_REGION=auto\nAWS_SESSION_TOKEN=" .. good .. "\nA=b\n",
      'export AWS_SESSION_TOKEN="' .. good .. '"; x=y',
      "AWS_SESSION_TOKEN=" .. good .. ";x=y",
    } do
      local _, errors = with_input("verify", text)
      assert.equal("", errors)
    end
    for _, words in ipairs { "", " --json", " | sed s/$/\\&x=y/" } do
      output_of("r2creds presign GET my-bucket a" .. words .. " | r2creds verify")
    end
  end)

  it("take time in proportion to what they read", function()
    for _, text in ipairs {
      (" "):rep(1e6) .. "x" .. (" "):rep(1e6) .. "y", ('"Token":"'):rep(2e5),
      ("_SESSION_TOKEN="):rep(1e5), ("_SESSION_TOKEN='"):rep(1e5), ('"Token"'):rep(2e5),
    } do
      local _, _, status = with_input("inspect", text)
      assert.equal(3, status) -- after a minute it would be timeout's
    end
  end)

  it("repeat no token or secret that is given in place of a file's name", function()
    local good = token_of(make.request(), 0)
    for _, secret in ipairs {
      good, keys.parent_secret_access_key, keys.api_token, "'" .. good,
      "AWS_SESSION_TOKEN='" .. good .. "'",
    } do
      for _, command in ipairs { "inspect ", "verify ", "verify --env-file ",
        "mint upload my-bucket --env-file " } do
        fails(2, { "standard input" }, "r2creds " .. command .. support.quote(secret))
      end
      for _, command in ipairs { "", "mint ", "mint upload --format=", "inspect x " } do
        local _, errors = run("r2creds " .. command .. support.quote(secret .. "'x'"))
        leaks.assert_none({ good, keys.parent_secret_access_key, keys.api_token }, errors)
      end
    end
    local folder = support.folder()
    support.write(folder .. "/" .. ("a"):rep(64), good)
    output_of("r2creds verify ./" .. ("a"):rep(64), KEYS, folder)
  end)

  it("do not read standard input twice", function()
    for _, words in ipairs { "--env-file -", "--env-file - -", "- --env-file=-" } do
      fails(2, { "standard input" }, "r2creds verify " .. words .. " </dev/null")
    end
  end)

  it("show no secret", function()
    local good = token_of(make.request(), 0)
    for _, command in ipairs { "inspect", "verify", "inspect --json", "verify --json" } do
      leaks.assert_none({ good, token.read(good).jwt, keys.parent_secret_access_key },
        (with_input(command, good)))
    end
  end)

  it("show control characters of a key in another form", function()
    local output = with_input("inspect", token_of(make.request {
      objects = { "\27[2Jx\n\194\155" },
    }, 0))
    assert.matches("the object \\x1b[2Jx\\x0a\\xc2\\x9b\n", output, 1, true)
  end)

  it("show what is no UTF-8 in another form, and print no such JSON", function()
    local payload = token.payload { bucket = '"a\\u009b\155\252\195\252\224\128\155ü€😀"' }
    local other = token.wrap(token.jwt { payload = payload })
    local output = with_input("inspect", other)
    assert.matches("bucket +a\\xc2\\x9b\\x9b\\xfc\\xc3\\xfc\\xe0\\x80\\x9bü€😀\n", output)
    local _, _, status = with_input("inspect --json", other)
    assert.equal(3, status)
  end)

  for seconds, text in pairs {
    [1] = "1 second", [59] = "59 seconds", [61] = "1 minute and 1 second", [3600] = "1 hour",
    [3660] = "1 hour and 1 minute", [7199] = "1 hour and 59 minutes",
    [86400] = "1 day", [90000] = "1 day and 1 hour", [604800] = "7 days",
  } do
    it("tell a duration: " .. text, function()
      assert.equal(text, times.duration(seconds))
    end)
  end

  it("say what R2 makes of a token that is not one of this library's", function()
    local function shown(changes, words)
      local payload = token.payload(changes)
      return (with_input("inspect" .. (words or ""),
        token.wrap(token.jwt { payload = payload })))
    end

    local none = make.ABSENT
    for text, changes in pairs {
      ["neither a scope nor actions, and R2 wants one of them"] = {
        scope = none, actions = none,
      },
      ["an empty list of actions: what R2 makes"] = { scope = none, actions = "[]" },
      ["the scope root, which is not known"] = { scope = '"root"', actions = none },
      ["the scope admin-root, which is not known"] = {
        scope = '"admin-root"', actions = none,
      },
      ["both the scope admin-read-write and these actions, and R2 refuses that (400 Inv"] = {
        scope = '"admin-read-write"', actions = '["GetObject"]',
      },
    } do
      local allows = fields(shown(changes)).allows
      assert.equal(text, allows:sub(1, #text))
      assert.is_nil(allows:find("settings", 1, true))
    end
    assert.equal("GetObject",
      fields(shown { scope = none, actions = '["GetObject"]' }).allows)
  end)

  local function bad(status, pieces, command, text)
    local output, errors, code = with_input(command, text)
    assert.equal(status, code, errors)
    assert.equal("", output)
    assert.matches("^r2creds: [^\n]+\n$", errors)
    for _, piece in ipairs(pieces) do
      assert.is_truthy(errors:find(piece, 1, true), errors)
    end
    leaks.assert_none({ #text > 1 and text or keys.api_token }, errors)
  end

  it("answer 3 to what is no token", function()
    for _, text in ipairs { "", "x", ("A"):rep(1000), "{}", '{"Token":"x"}', "\0\255" } do
      bad(3, { "session_token" }, "inspect", text)
      bad(3, { "session_token" }, "verify", text)
    end
  end)

  it("answer 3 to claims that are not R2's, whatever they are", function()
    for _, payload in ipairs {
      '{}', '{"bucket":1}', token.payload { paths = "1" }, token.payload { iat = '"x"' },
      token.payload { paths = '{"prefixPaths":[1],"objectPaths":[]}' },
      token.payload { exp = "1e300" }, token.payload { bucket = "null" },
      token.payload { actions = '"GetObject"', scope = make.ABSENT },
      token.payload { actions = '{"a":1}', scope = make.ABSENT },
      token.payload { actions = '{"a":"GetObject"}', scope = make.ABSENT },
    } do
      bad(3, { "session_token" }, "inspect", token.wrap(token.jwt { payload = payload }))
    end
  end)

  it("answer 3 to a token of another key, account or endpoint, and inspect shows it", function()
    for _, changes in ipairs {
      { parent_secret_access_key = keys.another_parent_secret_access_key },
      { parent_access_key_id = keys.another_parent_access_key_id },
      { account_id = keys.another_account_id }, { jurisdiction = "eu" },
    } do
      local issuer = assert(r2.new(make.config(changes)))
      local other = assert(issuer:create(make.request())).session_token
      bad(3, { "session_token" }, "verify", other)
      local _, errors, status = with_input("inspect", other)
      assert.equal("", errors)
      assert.equal(0, status)
    end
  end)

  it("answer 4 to one that has expired, and inspect says since when", function()
    local old, made_at = token_of(make.request(), 2 * 3600 + 30)
    bad(4, { "expired" }, "verify", old)
    local before = os.time()
    local output, _, status = with_input("inspect", old)
    assert.equal(0, status)
    assert_told(output:match("UTC, (.-) ago: it has expired\n"), before, function(now)
      return now - made_at - 3600
    end)
  end)

  it("say so when there is nothing to read", function()
    for _, command in ipairs { "inspect", "verify" } do
      fails(1, { "nowhere", "No such file" }, "r2creds " .. command .. " nowhere")
      fails(1, { "directory" }, "r2creds " .. command .. " .")
      fails(1, { "standard input" }, "r2creds " .. command .. " <&-")
      fails(1, { "too long" }, "head -c 3000000 /dev/zero | r2creds " .. command)
    end
  end)
end)
