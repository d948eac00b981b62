-- How the specs run the demo, and how they read what it prints.

local assert = require "luassert"
local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local sha256 = require "spec.support.sha256"
local support = require "spec.project.support"

local demo = {}

local BUILD = os.getenv("BUILD") or "build"

demo.OWN = {
  CLOUDFLARE_ACCOUNT_ID = keys.another_account_id,
  R2_ACCESS_KEY_ID = keys.another_parent_access_key_id,
  R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key,
}

demo.API_TOKEN = ("0f3a-T0k"):rep(5) -- of the right form

-- Writes each session token that the demo makes to a file.
demo.NOTE_TOKENS = [[
local tc = require "r2.temp_credentials"
local inspect = tc.inspect
function tc.inspect(token)
    local file = assert(io.open(os.getenv("TOKENS"), "a"))
    file:write(token, "\n")
    file:close()
    return inspect(token)
end
]]

-- Runs a command with these variables and no others that the demo knows. before: shell commands
-- that come first. Returns what it printed, to standard error too, and its exit status.
function demo.run_in(environment, before, command)
  local words = {
    before or "", "env", "-u PORT", "-u CLOUDFLARE_ACCOUNT_ID", "-u CLOUDFLARE_API_TOKEN",
    "-u R2_ACCESS_KEY_ID", "-u R2_SECRET_ACCESS_KEY", "-u R2_JURISDICTION", "-u R2_ENDPOINT",
    "-u CLOUDFLARE_BASE_URL", "-u R2_BUCKET", "-u VERBOSE",
    "LUA_PATH_5_4='lua/?.lua;lua/?/init.lua;;'",
    "LUA_CPATH_5_4=" .. support.quote(BUILD .. "/lua5.4/?.so;;"),
  }
  for name, value in pairs(environment) do
    words[#words + 1] = name .. "=" .. support.quote(value)
  end
  words[#words + 1] = command
  return support.try(table.concat(words, " "))
end

demo.COMMAND = "BUILD=" .. support.quote(BUILD) .. " examples/demo/run"

-- A command that puts a program in the place of another.
function demo.instead_of(name, program)
  local folder = support.folder()
  support.write(folder .. "/" .. name, program)
  support.run(("chmod +x %s/%s"):format(folder, name))
  return ("PATH=%s:$PATH; export PATH;"):format(folder)
end

-- The credentials that a run shows, in their order: what stands behind each label.
function demo.shown(output)
  local all, current, label = {}, nil, nil
  for line in output:gmatch("[^\n]*") do
    local title = line:match("^%d%. (.*)$")
    local name, value = line:match("^   (%l[%l_. ]-)%s%s+(%S.*)$")
    if title then
      current, label = { title = title }, nil
      all[#all + 1] = current
    elseif current and name then
      label = name
      current[label] = value
    elseif current and label and line:find("^            +%S") then
      current[label] = current[label] .. "\n" .. line:match("%S.*")
    else
      label = nil
    end
  end
  return all
end

function demo.utc(seconds)
  return os.date("!%Y-%m-%d %H:%M:%S UTC", seconds)
end

-- What the demo says a credential allows.
function demo.assert_limits(expected, use, started, ended)
  assert.equal(expected.title, use.title)
  assert.equal(expected.allows, (use.allows:gsub("%s+", " ")))
  assert.equal("my-bucket", use["in bucket"])
  assert.equal(expected.on, use.on)
  local moment, lasts = use["until"]:match("^(.*), (.*) from now$")
  assert.equal(expected.lasts, lasts)
  assert.is_true(moment >= demo.utc(started + expected.seconds)
    and moment <= demo.utc(ended + expected.seconds), moment)
end

function demo.parts_of(session_token)
  local jwt = assert(base64.decode(session_token):match("^jwt/(.*)$"))
  local signing_input, payload, signature = jwt:match("^([^.]*%.([^.]*))%.(.*)$")
  return {
    secret = sha256.hex(jwt), signing_input = signing_input, signature = signature,
    payload = base64.decode_url(payload),
  }
end

-- Every line of it can be read on a plain terminal; a URL is whole, to be copied.
function demo.assert_plain(output)
  assert.is_nil(output:find("\27", 1, true))
  for line in output:gmatch("[^\n]+") do
    assert.is_true(#line <= 100 or line:find("^http%S+$") ~= nil, line)
  end
end

return demo
