-- What r2creds inspect and verify make of claims as other programs write them.

local cjson = require "cjson"
local make = require "spec.support.make"
local token = require "spec.support.token"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

teardown(support.remove_folders)

local NONE = make.ABSENT

-- Runs the command with a token of these claims, as of now, that the parent signed.
local function run(command, claims)
  local now = os.time()
  local folder = support.folder()
  local all = { iat = ("%d"):format(now), exp = ("%d"):format(now + 3600) }
  for name, value in pairs(claims) do
    all[name] = value
  end
  support.write(folder .. "/token", token.forge { payload = token.payload(all) })
  return r2creds.run("r2creds " .. command .. " token", nil, folder)
end

local function output_of(command, claims)
  local output, errors, status = run(command, claims)
  assert.equal("", errors)
  assert.equal(0, status)
  return output
end

describe("r2creds inspect and verify", function()
  it("show a token that has only one of the two lists of paths", function()
    for paths, shown in pairs {
      ['{"prefixPaths":["a/"]}'] = {
        text = "every object whose key begins with a/", prefixes = { "a/" }, objects = {},
      },
      ['{"objectPaths":["b","c"]}'] = {
        text = "the object b\n +the object c", prefixes = {}, objects = { "b", "c" },
      },
    } do
      for _, command in ipairs { "inspect", "verify" } do
        assert.matches("\non +" .. shown.text .. "\nissued ",
          output_of(command, { paths = paths }))
        local object = cjson.decode((output_of(command .. " --json", { paths = paths })))
        assert.same(shown.prefixes, object.prefixes)
        assert.same(shown.objects, object.objects)
      end
    end
  end)

  it("say of paths without any that this is not known", function()
    local output = output_of("inspect", { paths = "{}" })
    assert.matches("\non +empty lists of paths: what R2 makes of that is not known\n", output)
  end)

  it("answer 3 to other paths", function()
    for _, paths in ipairs {
      "null", '""', '{"prefixPaths":null}', '{"objectPaths":"a"}', '{"prefixPaths":[1]}',
      '{"prefixPaths":{"a":"b"}}',
    } do
      assert.equal(3, (select(3, run("inspect", { paths = paths }))), paths)
    end
  end)
end)

describe("A token with a scope and actions", function()
  local BOTH = { scope = '"object-read-only"', actions = '["PutObject"]' }

  it("is shown by inspect as it is, and that R2 refuses it", function()
    assert.matches("\nallows +both the scope object%-read%-only and these actions, and R2 "
      .. "refuses that %(400 InvalidArgument%):\n +PutObject\n", output_of("inspect", BOTH))
    local object = cjson.decode((output_of("inspect --json", BOTH)))
    assert.equal("object-read-only", object.permission)
    assert.same({ "PutObject" }, object.actions)
  end)

  it("is not good, says verify", function()
    local output, errors, status = run("verify", BOTH)
    assert.equal("", output)
    assert.matches("^r2creds: session_token must not hold both [^\n]+: R2 refuses it\n$",
      errors)
    assert.equal(3, status)
  end)

  it("is not good with neither", function()
    local neither = { scope = NONE, actions = NONE }
    assert.matches("\nallows +neither a scope nor actions, and R2 wants one of them\n",
      output_of("inspect", neither))
    assert.equal(3, (select(3, run("verify", neither))))
  end)
end)
