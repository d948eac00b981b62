-- r2creds presign: a URL that opens one object, signed with a credential of its own.

local json = require "r2.json"
local keys = require "r2.command.keys"
local object = require "r2.issuer.object"
local options = require "r2.command.options"
local presigned = require "r2.issuer.presigned"

local function presign(given)
  local issuer, message, err = keys.issuer(given)
  if not issuer then
    return nil, message, err
  end
  local url, ends_at
  url, ends_at, err = presigned.make(object.open(issuer), given.method, given.bucket, given.key,
    { expires_seconds = given.expires_seconds })
  issuer:close()
  return url, ends_at, err
end

local function run(given)
  local url, ends_at, err = presign(given)
  if not url then
    return nil, ends_at, err
  elseif not given.json then
    return url .. "\n"
  end
  return json.object {
    { "method", given.method },
    { "url", url },
    { "expires_at", ends_at },
  } .. "\n"
end

return {
  name = "presign",
  summary = "Make a URL that opens one object.",
  description = "Makes a presigned URL, for curl or a browser: whoever has it may do this with "
    .. "this object. It is signed with a credential of its own, which allows nothing else.",
  arguments = {
    {
      name = "method", field = "method", choices = { "GET", "HEAD", "PUT", "DELETE" },
      about = "GET, HEAD, PUT or DELETE.",
    },
    { name = "bucket", field = "bucket", about = "The bucket." },
    { name = "key", field = "key", about = "The object." },
  },
  options = options.all({
    options.lifetime("--expires", "How long: 900, 15m, 12h, 7d; 15 minutes by default.",
      "expires_seconds"),
    {
      name = "--json", field = "json", about = "Print JSON, with the time at which it ends.",
    },
  }, options.ISSUER),
  help = [[
Only GET and HEAD without the parent's secret: the API makes no credential
narrow enough for others, and a presigned URL gives away the credential that
signed it.

]] .. options.KEYS_HELP .. [[


Examples:
    r2creds presign GET my-bucket reports/2026.pdf
    r2creds presign PUT my-bucket incoming/photo.jpg --expires 1h]],
  run = run,
}
