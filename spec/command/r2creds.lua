-- How the specs run the command of this tree, and what every failure of it looks like.

local assert = require "luassert"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local r2 = require "r2"
local sandbox_keys = require "sandbox.keys"
local server = require "spec.support.server"
local tc = require "r2.temp_credentials"
local support = require "spec.project.support"

local r2creds = {}

local ROOT = support.lines(support.run("pwd"))[1]
local BUILD = os.getenv("BUILD") or "build"

r2creds.KEYS = {
  CLOUDFLARE_ACCOUNT_ID = keys.account_id,
  R2_ACCESS_KEY_ID = keys.parent_access_key_id,
  R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
}

-- Shell words that put the command into the PATH, on a Lua that finds this library. Nothing else of
-- the environment is left: no keys, and nothing that would steer other programs; not what LuaSocket
-- does with SIGPIPE either.
r2creds.FOUND = ("env -i --default-signal=PIPE HOME=/nowhere PATH=%s:\"$PATH\" LUA_PATH=%s"
  .. " LUA_CPATH=%s"):format(
  support.quote(ROOT .. "/bin"),
  support.quote(ROOT .. "/lua/?.lua;" .. ROOT .. "/lua/?/init.lua;;"),
  support.quote((BUILD:find("^/") and BUILD or ROOT .. "/" .. BUILD) .. "/lua5.4/?.so;;"))

-- Variables as words for env.
function r2creds.words(variables)
  local words = {}
  for name, value in pairs(variables) do
    words[#words + 1] = name .. "=" .. support.quote(value)
  end
  return table.concat(words, " ")
end

-- Makes lines of a shell one command that finds r2creds and has these variables (default: KEYS).
function r2creds.shell(lines, variables)
  return ("%s %s sh -c %s"):format(r2creds.FOUND, r2creds.words(variables or r2creds.KEYS),
    support.quote(lines))
end

-- What a user of the command knows by another name: the library's fields.
local function assert_no_field(text)
  for _, field in ipairs(tc._config_fields()) do
    if field:find("_", 1, true) then
      assert.is_nil(text:find("%f[%w_]" .. field .. "%f[^%w_]"), text)
    end
  end
  assert.is_nil(text:find("ttl_seconds", 1, true), text)
end

local SECRETS = {
  keys.parent_secret_access_key, keys.another_parent_secret_access_key, keys.api_token,
}

-- Runs lines of a shell in a folder of their own. Returns what they wrote to standard output, to
-- standard error, and their exit code.
function r2creds.run(lines, variables, folder)
  folder = folder or support.folder()
  support.write(folder .. "/out", "")
  support.write(folder .. "/err", "")
  local command = ("cd %s && timeout 60 %s >out 2>err"):format(folder,
    r2creds.shell(lines, variables))
  local _, status = support.try(command)
  return support.read(folder .. "/out"), support.read(folder .. "/err"), status
end

-- The same for what has to succeed, in silence.
function r2creds.output_of(lines, variables, folder)
  local output, errors, status = r2creds.run(lines, variables, folder)
  assert.equal("", errors)
  assert.equal(0, status)
  return output
end

-- Expects a failure of this exit code, told in one line that has these pieces, and nothing more.
function r2creds.fails(status, pieces, lines, variables, folder)
  local output, errors, code = r2creds.run(lines, variables, folder)
  assert.equal(status, code, errors)
  assert.equal("", output)
  assert.matches("^r2creds: [^\n]+\n$", errors)
  for _, piece in ipairs(pieces) do
    assert.is_truthy(errors:find(piece, 1, true), errors .. " does not say " .. piece)
  end
  assert_no_field(errors)
  leaks.assert_none(SECRETS, errors)
end

-- Starts the sandbox as the command does. server.stop_all() stops it.
function r2creds.sandbox()
  return server.command {
    command = r2creds.FOUND .. " r2creds sandbox --port @port@", ready = "Ctrl-C ends it",
  }
end

-- Its bucket, for whoever may do all there.
function r2creds.bucket(sandbox)
  return assert(r2.bucket { credentials = {
    access_key_id = sandbox_keys.parent_access_key_id,
    secret_access_key = sandbox_keys.parent_secret_access_key,
    bucket = "my-bucket", endpoint = sandbox.url,
  } })
end

-- What a user of this sandbox has in the environment, for both modes.
function r2creds.sandbox_variables(sandbox, changes)
  return make.changed({
    CLOUDFLARE_ACCOUNT_ID = sandbox_keys.account_id,
    CLOUDFLARE_API_TOKEN = sandbox_keys.api_token,
    CLOUDFLARE_BASE_URL = sandbox.url .. "/client/v4",
    R2_ACCESS_KEY_ID = sandbox_keys.parent_access_key_id,
    R2_SECRET_ACCESS_KEY = sandbox_keys.parent_secret_access_key,
    R2_ENDPOINT = sandbox.url,
  }, changes)
end

return r2creds
