-- r2creds inspect: what a session token says. Anybody can have written it.

local tc = require "r2.temp_credentials"
local files = require "r2.command.files"
local options = require "r2.command.options"
local session_token = require "r2.command.session_token"
local show = require "r2.command.show"

local function run(given)
  local content, message, err = files.read(given.file)
  if not content then
    return nil, message, err
  end
  return show(given.json, false, tc.inspect(session_token.find(content)))
end

return {
  name = "inspect",
  summary = "Show what a session token allows.",
  description = "Shows what a session token allows, and until when. It verifies nothing.",
  arguments = { session_token.ARGUMENT },
  options = { options.JSON },
  help = [[
Examples:
    r2creds mint upload my-bucket | r2creds inspect
    printf %s "$AWS_SESSION_TOKEN" | r2creds inspect --json]],
  run = run,
}
