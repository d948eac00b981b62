-- r2creds verify: whether a session token is good, and what it allows.

local fail = require "r2.failure"
local files = require "r2.command.files"
local keys = require "r2.command.keys"
local options = require "r2.command.options"
local session_token = require "r2.command.session_token"
local show = require "r2.command.show"

local function run(given)
  if given.env_file == "-" and files.is_standard_input(given.file) then
    return fail("invalid_request", nil,
      "standard input cannot be both: name a file for the keys or for the token")
  end
  local client, message, err = keys.client(given)
  if not client then
    return nil, message, err
  end
  local content
  content, message, err = files.read(given.file)
  if not content then
    return nil, message, err
  end
  return show(given.json, true, client:verify(session_token.find(content)))
end

return {
  name = "verify",
  summary = "Verify a session token.",
  description = "Verifies a session token: its signature, its times, the account, the parent key "
    .. "and the endpoint; and shows what it allows. Exit code 3: it is not good; 4: it was, and "
    .. "has expired.",
  arguments = { session_token.ARGUMENT },
  options = { options.JSON, options.KEYS },
  help = options.KEYS_HELP .. [[


Example:
    r2creds mint upload my-bucket | r2creds verify]],
  run = run,
}
