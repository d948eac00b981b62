-- Options of several commands, and what their help says of keys. See r2.command.parser.

local times = require "r2.command.times"

local options = {}

options.KEYS_HELP = [[
Keys come from the environment or from --env-file, never from an option:
    CLOUDFLARE_ACCOUNT_ID   the account
    R2_ACCESS_KEY_ID        the parent's access key id
    R2_SECRET_ACCESS_KEY    its secret: signs here
    CLOUDFLARE_API_TOKEN    asks Cloudflare's API, where there is no secret
    CLOUDFLARE_BASE_URL     where that is, if it is a sandbox's
    R2_JURISDICTION, or R2_ENDPOINT, where the bucket is not on the default one]]

--- For `convert`: any word but the empty one.
function options.filled(word)
  return word ~= "" and word or nil
end

--- How long what is made lives: an option of that name, for this field.
function options.lifetime(name, about, field)
  return {
    name = name, value = "TIME", field = field or "ttl_seconds", about = about,
    convert = times.seconds_of,
    must = "takes a whole number of seconds, or one with s, m, h or d: 900, 15m, 12h, 7d",
  }
end

options.JSON = { name = "--json", field = "json", about = "Print JSON." }

--- Where keys come from: for a command that needs them.
options.KEYS = {
  name = "--env-file", value = "FILE", field = "env_file",
  about = "Take the keys from this file of NAME=value lines, and none from the environment.",
  convert = options.filled, must = "must name a file",
}

--- How an issuer is made, keys and all.
options.ISSUER = {
  options.KEYS,
  {
    name = "--mode", value = "MODE", field = "mode", choices = { "auto", "local", "api" },
    about = "auto (sign when the secret is there, else ask the API), local, or api.",
  },
  {
    name = "--api-base-url", value = "URL", field = "api_base_url",
    about = "Ask the API there, and not where CLOUDFLARE_BASE_URL says.",
  },
  {
    name = "--ca-file", value = "FILE", field = "ca_file",
    about = "Trust the certificates in this file (PEM).",
  },
  {
    name = "--timeout", value = "TIME", field = "timeout_seconds",
    about = "Give up asking after this time; 30 seconds by default.", convert = times.timeout_of,
    must = "takes a number of seconds, or a whole one with s, m, h or d: 30, 0.5, 2m",
  },
}

--- Lists of options as one.
function options.all(...)
  local all = {}
  for _, list in ipairs { ... } do
    for _, option in ipairs(list) do
      all[#all + 1] = option
    end
  end
  return all
end

return options
